// Ancillary data of Rust's standard library: credentials and a descriptor in room for exactly both.
// RUSTC_BOOTSTRAP=1 rustc -O rust_std_ancillary.rs && ./rust_std_ancillary
#![feature(unix_socket_ancillary_data)]
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::AsRawFd;
use std::os::linux::net::UnixSocketExt;
use std::os::unix::net::{AncillaryData, SocketAncillary, UnixDatagram};

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn main() -> std::io::Result<()> {
    let (there, here) = UnixDatagram::pair()?;
    here.set_passcred(true)?;
    for size in [56, 52] {
        let mut room = [0_u64; 16]; // aligned
        let all = unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), 128) };
        let mut sent = SocketAncillary::new(&mut all[64..]);
        sent.add_fds(&[there.as_raw_fd()]);
        there.send_vectored_with_ancillary(&[IoSlice::new(b"abc")], &mut sent)?;
        let before = open_descriptors();
        let mut ancillary = SocketAncillary::new(&mut all[..size]);
        let (nbytes, _) = here.recv_vectored_with_ancillary(&mut [IoSliceMut::new(&mut [0; 3])], &mut ancillary)?;
        let kinds: Vec<_> = ancillary
            .messages()
            .map(|message| match message {
                Ok(AncillaryData::ScmRights(fds)) => format!("{} descriptors", fds.count()),
                Ok(_) => "credentials".to_string(),
                Err(error) => format!("{error:?}"),
            })
            .collect();
        println!(
            "room of {size}: {nbytes} bytes, truncated {}, {kinds:?}, {} more descriptors are open",
            ancillary.truncated(),
            open_descriptors() - before
        );
    }
    Ok(())
}
