//! rustix, `net::recvmsg`: with its own system calls, or with the C library's (`--features rustix-libc`).

use recvmsg_adapters::{bytes_of, serve, sockaddr_at, Call, Failed, Received};
use rustix::net::{recvmsg, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags};
use serde_json::json;
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, IntoRawFd};

fn receive(call: Call) -> Result<Received, Failed> {
    // RecvAncillaryBuffer aligns what it is given, so this is aligned already, lest it use less.
    let mut room = vec![MaybeUninit::<u64>::uninit(); call.ancbufsize.div_ceil(8)];
    let bytes = unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast(), call.ancbufsize) };
    let mut control = RecvAncillaryBuffer::new(bytes);
    let socket = unsafe { BorrowedFd::borrow_raw(call.fd) };
    let flags = RecvFlags::from_bits_retain(call.flags as u32);
    let received = recvmsg(socket, call.parts, &mut control, flags)
        .map_err(|errno| Failed("rustix::io::Errno", Some(errno.raw_os_error())))?;
    let items = control
        .drain()
        .map(|message| match message {
            RecvAncillaryMessage::ScmRights(fds) => {
                (libc::SOL_SOCKET, libc::SCM_RIGHTS, fds.flat_map(|fd| bytes_of(&fd.into_raw_fd())).collect())
            }
            RecvAncillaryMessage::ScmCredentials(sender) => {
                (libc::SOL_SOCKET, libc::SCM_CREDENTIALS, bytes_of(&sender))
            }
            _ => panic!("the adapter does not know this message"),
        })
        .collect();
    let address = received.address.map_or(vec![], |name| unsafe { sockaddr_at(name.as_ptr(), name.addr_len()) });
    Ok(Received { nbytes: received.bytes, msg_flags: received.flags.bits() as i32, items, address })
}

fn main() {
    serve(
        json!({ "protocol": 1, "name": "rustix", "version": "1.1.6", "language": "Rust", "items": ["rights", "credentials"],
            "capabilities": ["scatter", "no_buffers", "empty_buffers", "flags", "msg_flags", "address", "ancillary", "rights",
            "ancbufsize", "nonblocking", "system_wait", "recvmsg", "pipelining"] }),
        receive,
    );
}
