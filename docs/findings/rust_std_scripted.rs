// Ancillary data of Rust's standard library, as scripted_recvmsg.c answers. RUSTC_BOOTSTRAP=1 rustc -O rust_std_scripted.rs
// && RECVMSG=rights-0 LD_PRELOAD=./scripted_recvmsg.so ./rust_std_scripted
#![feature(unix_socket_ancillary_data)]
use std::io::IoSliceMut;
use std::os::unix::net::{AncillaryData, SocketAncillary, UnixDatagram};

fn main() -> std::io::Result<()> {
    let (_there, here) = UnixDatagram::pair()?;
    let mut room = [0_u64; 8]; // aligned
    let control = unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), 64) };
    let mut ancillary = SocketAncillary::new(control);
    let mut data = *b"----";
    let received = here.recv_vectored_with_ancillary_from(&mut [IoSliceMut::new(&mut data)], &mut ancillary);
    println!("{received:?}; data {:?}", std::str::from_utf8(&data));
    for message in ancillary.messages() {
        match message {
            Ok(AncillaryData::ScmRights(fds)) => {
                let fds: Vec<_> = fds.take(50).collect();
                println!("{} descriptors: {:?}", fds.len(), &fds[..fds.len().min(6)]);
            }
            Ok(_) => println!("another item"),
            Err(error) => println!("{error:?}"),
        }
    }
    Ok(())
}
