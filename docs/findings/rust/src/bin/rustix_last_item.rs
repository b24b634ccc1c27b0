//! rustix: credentials and a descriptor, in room with and without the padding behind the last item, and where not every
//! message is taken. cargo run --release --bin rustix_last_item; with --features rustix-libc by the C library.
use rustix::net::{
    recvmsg, sendmsg, socketpair, sockopt, AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn main() -> rustix::io::Result<()> {
    let (there, here) = socketpair(AddressFamily::UNIX, SocketType::DGRAM, SocketFlags::empty(), None)?;
    sockopt::set_socket_passcred(&here, true)?;
    for (size, taken) in [(56, 2), (52, 2), (56, 1)] {
        let mut room = [MaybeUninit::<u64>::uninit(); 16]; // aligned
        let all = unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast::<MaybeUninit<u8>>(), 128) };
        let files = [there.as_fd()];
        let mut sent = SendAncillaryBuffer::new(&mut all[64..]);
        sent.push(SendAncillaryMessage::ScmRights(&files));
        sendmsg(&there, &[IoSlice::new(b"abc")], &mut sent, SendFlags::empty())?;
        let before = open_descriptors();
        let mut ancillary = RecvAncillaryBuffer::new(&mut all[..size]);
        let received = recvmsg(&here, &mut [IoSliceMut::new(&mut [0; 3])], &mut ancillary, RecvFlags::empty())?;
        let kinds: Vec<_> = ancillary
            .drain()
            .take(taken)
            .map(|message| match message {
                RecvAncillaryMessage::ScmRights(files) => format!("{} descriptors", files.count()),
                _ => "credentials".to_string(),
            })
            .collect();
        drop(ancillary); // closes what was not taken
        let more = open_descriptors() - before;
        println!("room of {size}: {:?}, {kinds:?}, {more} more descriptors are open", received.flags);
    }
    Ok(())
}
