//! Rust's standard library, the ancillary data of unix sockets, which is unstable: `ancillary datagram` or `ancillary stream`.
#![feature(unix_socket_ancillary_data)]

use recvmsg_adapters::{bytes_of, serve, Call, Failed, Received};
use serde_json::json;
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{AncillaryData, SocketAddr, SocketAncillary, UnixDatagram, UnixStream};

type Item = (i32, i32, Vec<u8>);

fn items(ancillary: &SocketAncillary) -> Vec<Item> {
    let mut found = vec![];
    for message in ancillary.messages() {
        match message {
            Ok(AncillaryData::ScmRights(fds)) => {
                let bytes = fds.flat_map(|fd| bytes_of(&fd)).collect();
                found.push((libc::SOL_SOCKET, libc::SCM_RIGHTS, bytes));
            }
            Ok(AncillaryData::ScmCredentials(senders)) => {
                let credentials =
                    senders.map(|one| libc::ucred { pid: one.get_pid(), uid: one.get_uid(), gid: one.get_gid() });
                let bytes: Vec<u8> = credentials.flat_map(|one| bytes_of(&one)).collect();
                if !bytes.is_empty() {
                    found.push((libc::SOL_SOCKET, libc::SCM_CREDENTIALS, bytes));
                    // else it was cut
                }
            }
            Err(_) => {} // of a kind that it does not know: neither level nor bytes can be had
        }
    }
    found
}

/// As a sockaddr_un.
fn address_of(name: &SocketAddr) -> Vec<u8> {
    let family = (libc::AF_UNIX as u16).to_ne_bytes();
    match (name.as_pathname(), name.as_abstract_name()) {
        (Some(path), _) => [&family, path.as_os_str().as_bytes(), b"\0"].concat(),
        (_, Some(name)) => [&family, &b"\0"[..], name].concat(),
        _ => vec![],
    }
}

fn receive(call: Call, is_datagram: bool) -> Result<Received, Failed> {
    let mut room = vec![0_u64; call.ancbufsize.div_ceil(8)]; // aligned as headers are, which it does not see to
    let control = unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), call.ancbufsize) };
    let mut ancillary = SocketAncillary::new(control);
    let mut received = Received::default();
    if is_datagram {
        let socket = ManuallyDrop::new(unsafe { UnixDatagram::from_raw_fd(call.fd) });
        let (nbytes, is_truncated, sender) = socket.recv_vectored_with_ancillary_from(call.parts, &mut ancillary)?;
        received.nbytes = nbytes;
        received.msg_flags = if is_truncated { libc::MSG_TRUNC } else { 0 };
        received.address = address_of(&sender);
    } else {
        let socket = ManuallyDrop::new(unsafe { UnixStream::from_raw_fd(call.fd) });
        received.nbytes = socket.recv_vectored_with_ancillary(call.parts, &mut ancillary)?;
    }
    received.msg_flags |= if ancillary.truncated() { libc::MSG_CTRUNC } else { 0 };
    received.items = items(&ancillary);
    Ok(received)
}

fn main() {
    let is_datagram = std::env::args().nth(1).as_deref() == Some("datagram");
    let (kind, flags, address) = if is_datagram {
        ("unix_datagram", json!(["MSG_TRUNC", "MSG_CTRUNC"]), Some("address"))
    } else {
        ("unix_stream", json!(["MSG_CTRUNC"]), None)
    };
    let mut capabilities = vec![
        "scatter",
        "no_buffers",
        "empty_buffers",
        "msg_flags",
        "ancillary",
        "rights",
        "ancbufsize",
        "nonblocking",
        "system_wait",
        "recvmsg",
        "pipelining",
    ];
    capabilities.extend(address);
    serve(
        json!({ "protocol": 1, "name": "Rust's std", "version": env!("RUSTC_VERSION"), "language": "Rust",
            "choices": { "msg_flags_known": flags }, "sockets": [kind], "items": ["rights", "credentials"],
            "capabilities": capabilities }),
        |call| receive(call, is_datagram),
    );
}
