//! socket2, `Socket::recvmsg`. It hands the control buffer on as it is, and tells of MSG_TRUNC, MSG_EOR and MSG_OOB (and of
//! two that mean something for CAN only), but not of MSG_CTRUNC.

use recvmsg_adapters::{serve, sockaddr_at, Call, Failed, Received};
use serde_json::json;
use socket2::{MaybeUninitSlice, MsgHdrMut, SockAddr, Socket};
use std::mem::{ManuallyDrop, MaybeUninit};
use std::os::fd::FromRawFd;

/// Every item, as the bytes of its buffer. What a length says that lies beyond the end is cut there.
fn items(mut control: &[u8]) -> Vec<(i32, i32, Vec<u8>)> {
    let header = size_of::<libc::cmsghdr>();
    let mut found = vec![];
    while control.len() >= header {
        let message: libc::cmsghdr = unsafe { std::ptr::read_unaligned(control.as_ptr().cast()) };
        let length = message.cmsg_len as usize;
        if length < header {
            break;
        }
        found.push((message.cmsg_level, message.cmsg_type, control[header..length.min(control.len())].to_vec()));
        let next = length.checked_next_multiple_of(size_of::<usize>()).unwrap_or(usize::MAX);
        control = control.get(next..).unwrap_or(&[]);
    }
    found
}

fn receive(call: Call) -> Result<Received, Failed> {
    let socket = ManuallyDrop::new(unsafe { Socket::from_raw_fd(call.fd) });
    let mut control = vec![MaybeUninit::<u8>::uninit(); call.ancbufsize];
    let mut parts: Vec<MaybeUninitSlice> = call
        .parts
        .iter_mut()
        .map(|part| {
            MaybeUninitSlice::new(unsafe { std::slice::from_raw_parts_mut(part.as_mut_ptr().cast(), part.len()) })
        })
        .collect();
    let mut name = unsafe { SockAddr::new(std::mem::zeroed(), size_of::<libc::sockaddr_storage>() as u32) };
    let mut header = MsgHdrMut::new().with_addr(&mut name).with_buffers(&mut parts);
    if call.ancbufsize != 0 {
        header = header.with_control(&mut control);
    }
    let nbytes = socket.recvmsg(&mut header, call.flags)?;
    let reported = header.flags();
    let mut msg_flags = 0;
    for (is_set, flag) in [
        (reported.is_truncated(), libc::MSG_TRUNC),
        (reported.is_end_of_record(), libc::MSG_EOR),
        (reported.is_out_of_band(), libc::MSG_OOB),
    ] {
        msg_flags |= if is_set { flag } else { 0 };
    }
    let length = header.control_len().min(call.ancbufsize);
    drop(header);
    let control = unsafe { std::slice::from_raw_parts(control.as_ptr().cast(), length) };
    let address = unsafe { sockaddr_at(name.as_ptr(), name.len().min(size_of::<libc::sockaddr_storage>() as u32)) };
    Ok(Received { nbytes, msg_flags, items: items(control), address })
}

fn main() {
    serve(
        json!({ "protocol": 1, "name": "socket2", "version": "0.6.5", "language": "Rust",
            "choices": { "msg_flags_known": ["MSG_TRUNC", "MSG_EOR", "MSG_OOB"] },
            "capabilities": ["scatter", "no_buffers", "empty_buffers", "flags", "msg_flags", "address", "ancillary", "rights",
            "all_items", "ancbufsize", "nonblocking", "system_wait", "recvmsg", "pipelining"] }),
        receive,
    );
}
