//! quinn-udp: a datagram without an address. This program's recvmmsg takes the place of the C library's.

use quinn_udp::{RecvMeta, UdpSocketState};
use std::io::IoSliceMut;
use std::net::UdpSocket;

/// One message of 4 bytes; of its name nothing is written.
#[no_mangle]
unsafe extern "C" fn recvmmsg(_: i32, messages: *mut libc::mmsghdr, _: u32, _: i32, _: *mut libc::timespec) -> i32 {
    let message = &mut *messages;
    std::ptr::copy_nonoverlapping(b"abcd".as_ptr(), (*message.msg_hdr.msg_iov).iov_base.cast(), 4);
    message.msg_hdr.msg_namelen = 0;
    message.msg_hdr.msg_controllen = 0;
    message.msg_len = 4;
    1
}

#[inline(never)]
fn leave_on_the_stack(byte: u8) {
    std::hint::black_box([byte; 32768]);
}

#[inline(never)]
fn receive(socket: &UdpSocket, state: &UdpSocketState) {
    let mut data = *b"----";
    let mut metas = [RecvMeta::default()];
    let count = state.recv(socket.into(), &mut [IoSliceMut::new(&mut data)], &mut metas);
    println!("{count:?}, from {}, data {:?}", metas[0].addr, String::from_utf8_lossy(&data));
}

fn main() -> std::io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let state = UdpSocketState::new((&socket).into())?;
    for byte in [0, 2, 0x5a] {
        leave_on_the_stack(byte);
        receive(&socket, &state);
    }
    Ok(())
}
