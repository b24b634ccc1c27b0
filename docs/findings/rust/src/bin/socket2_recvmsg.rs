//! socket2: the address of a sender with an abstract name, and of one that has none.
use socket2::{Domain, MaybeUninitSlice, MsgHdrMut, SockAddr, Socket, Type};

fn show_address(socket: &Socket, what: &str) {
    let mut data = [std::mem::MaybeUninit::uninit(); 8];
    let mut parts = [MaybeUninitSlice::new(&mut data)];
    let mut address = unsafe { SockAddr::new(std::mem::zeroed(), 128) };
    let mut header = MsgHdrMut::new().with_addr(&mut address).with_buffers(&mut parts);
    socket.recvmsg(&mut header, 0).unwrap();
    let name = address.as_abstract_namespace().map(<[u8]>::len);
    println!("{what}: recvmsg: length {}, as_abstract_namespace of {name:?} bytes", address.len());
}

fn main() {
    for name in [None, Some(b"\0name")] {
        let (there, here) = Socket::pair(Domain::UNIX, Type::DGRAM, None).unwrap();
        if let Some(name) = name {
            there.bind(&SockAddr::unix(std::str::from_utf8(name).unwrap()).unwrap()).unwrap();
        }
        let what = if name.is_some() { "sender \\0name" } else { "sender without a name" };
        there.send(b"abc").unwrap();
        show_address(&here, what);
        there.send(b"abc").unwrap();
        let mut data = [std::mem::MaybeUninit::uninit(); 8];
        println!("{what}: recv_from: length {}", here.recv_from(&mut data).unwrap().1.len());
    }
}
