//! nix: the address of a sender that has none, and of one with an abstract name; descriptors that do not fit.
use nix::sys::socket::*;
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, OwnedFd};

#[inline(never)]
fn leave_on_the_stack(byte: u8) {
    std::hint::black_box([byte; 8192]);
}

#[inline(never)]
fn show_address(fd: i32, what: &str) {
    let mut data = [0; 8];
    let mut parts = [IoSliceMut::new(&mut data)];
    let received = recvmsg::<SockaddrStorage>(fd, &mut parts, None, MsgFlags::empty()).unwrap();
    let address = received.address.unwrap();
    let bytes = unsafe { std::slice::from_raw_parts(address.as_ptr().cast::<u8>(), address.len() as usize) };
    println!(
        "{what}: {} bytes, {:02x?}..., as_unix_addr {:?}",
        bytes.len(),
        &bytes[..bytes.len().min(12)],
        address.as_unix_addr()
    );
}

fn pair(kind: SockType) -> (OwnedFd, OwnedFd) {
    socketpair(AddressFamily::Unix, kind, None, SockFlag::empty()).unwrap()
}

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn main() {
    let (there, here) = pair(SockType::Stream);
    sendmsg::<()>(there.as_raw_fd(), &[IoSlice::new(b"abc")], &[], MsgFlags::empty(), None).unwrap();
    leave_on_the_stack(0x5a);
    show_address(here.as_raw_fd(), "sender without a name");

    let (there, here) = pair(SockType::Datagram);
    bind(there.as_raw_fd(), &UnixAddr::new_abstract(b"name").unwrap()).unwrap();
    for byte in [0x5a, 0] {
        sendmsg::<()>(there.as_raw_fd(), &[IoSlice::new(b"abc")], &[], MsgFlags::empty(), None).unwrap();
        leave_on_the_stack(byte);
        show_address(here.as_raw_fd(), &format!("sender \\0name, {byte:02x} on the stack"));
    }

    let (there, here) = pair(SockType::Stream);
    let three = [ControlMessage::ScmRights(&[0, 0, 0])];
    sendmsg::<()>(there.as_raw_fd(), &[IoSlice::new(b"abc")], &three, MsgFlags::empty(), None).unwrap();
    let before = open_descriptors();
    let mut room = nix::cmsg_space!([std::os::fd::RawFd; 2]);
    let mut data = [0; 8];
    let mut parts = [IoSliceMut::new(&mut data)];
    let received = recvmsg::<()>(here.as_raw_fd(), &mut parts, Some(&mut room), MsgFlags::empty()).unwrap();
    let items = received.cmsgs().err();
    println!("3 descriptors, room for 2: cmsgs() {items:?}, {} more are open", open_descriptors() - before);
}
