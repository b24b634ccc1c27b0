//! nix, `sys::socket::recvmsg`. Its items are decoded, and put together again here.

use crate::{bytes_of, sockaddr_at, Call, Failed, Received};
use nix::sys::socket::{recvmsg, ControlMessageOwned, MsgFlags, SockaddrLike, SockaddrStorage};

pub const VERSION: &str = "0.31.4";
pub const CAPABILITIES: [&str; 13] = [
    "scatter",
    "no_buffers",
    "empty_buffers",
    "flags",
    "msg_flags",
    "address",
    "ancillary",
    "rights",
    "all_items",
    "ancbufsize",
    "nonblocking",
    "system_wait",
    "recvmsg",
];

fn item(message: ControlMessageOwned) -> (i32, i32, Vec<u8>) {
    use ControlMessageOwned::*;
    match message {
        ScmRights(fds) => (libc::SOL_SOCKET, libc::SCM_RIGHTS, fds.iter().flat_map(bytes_of).collect()),
        ScmCredentials(sender) => (libc::SOL_SOCKET, libc::SCM_CREDENTIALS, bytes_of(&libc::ucred::from(sender))),
        ScmTimestamp(time) => (libc::SOL_SOCKET, libc::SCM_TIMESTAMP, bytes_of(&time)),
        ScmTimestampsns(times) => (libc::SOL_SOCKET, libc::SCM_TIMESTAMPING, bytes_of(&times)),
        ScmTimestampns(time) => (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS, bytes_of(&time)),
        RxqOvfl(count) => (libc::SOL_SOCKET, libc::SO_RXQ_OVFL, bytes_of(&count)),
        Ipv4PacketInfo(info) => (libc::IPPROTO_IP, libc::IP_PKTINFO, bytes_of(&info)),
        Ipv4OrigDstAddr(name) => (libc::IPPROTO_IP, libc::IP_ORIGDSTADDR, bytes_of(&name)),
        Ipv4Ttl(ttl) => (libc::IPPROTO_IP, libc::IP_TTL, bytes_of(&ttl)),
        Ipv4Tos(tos) => (libc::IPPROTO_IP, libc::IP_TOS, bytes_of(&tos)),
        Ipv4RecvErr(error, name) => (
            libc::IPPROTO_IP,
            libc::IP_RECVERR,
            [bytes_of(&error), name.as_ref().map_or(vec![0; 16], bytes_of)].concat(),
        ),
        Ipv6PacketInfo(info) => (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, bytes_of(&info)),
        Ipv6OrigDstAddr(name) => (libc::IPPROTO_IPV6, libc::IPV6_ORIGDSTADDR, bytes_of(&name)),
        Ipv6HopLimit(limit) => (libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT, bytes_of(&limit)),
        Ipv6TClass(class) => (libc::IPPROTO_IPV6, libc::IPV6_TCLASS, bytes_of(&class)),
        Ipv6RecvErr(error, name) => (
            libc::IPPROTO_IPV6,
            libc::IPV6_RECVERR,
            [bytes_of(&error), name.as_ref().map_or(vec![0; 28], bytes_of)].concat(),
        ),
        UdpGroSegments(size) => (libc::IPPROTO_UDP, libc::UDP_GRO, bytes_of(&size)),
        Unknown(other) => (other.cmsg_header.cmsg_level, other.cmsg_header.cmsg_type, other.data_bytes),
        other => panic!("the adapter does not know {other:?}"),
    }
}

/// Leaves something on the stack, as every program does: what nix hands on uninitialised is the same in every run.
#[inline(never)]
fn dirty_the_stack() {
    std::hint::black_box([0x5a_u8; 8192]);
}

#[inline(never)]
fn receive_once(call: Call) -> Result<Received, Failed> {
    // The buffer must be aligned as headers are, which nix does not see to.
    let mut room = vec![0_u64; call.ancbufsize.div_ceil(8)];
    let control = unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), call.ancbufsize) };
    let flags = MsgFlags::from_bits_retain(call.flags);
    let failed = |errno: nix::Error| Failed("nix::Error", Some(errno as i32));
    let received = recvmsg::<SockaddrStorage>(call.fd, call.parts, Some(control), flags).map_err(failed)?;
    let items = match received.cmsgs() {
        Ok(messages) => messages.map(item).collect(),
        Err(nix::Error::ENOBUFS) => vec![], // MSG_CTRUNC: cmsgs() gives none of those that came
        Err(errno) => return Err(failed(errno)),
    };
    let address = received.address.map_or(vec![], |name| unsafe { sockaddr_at(name.as_ptr(), name.len()) });
    Ok(Received { nbytes: received.bytes, msg_flags: received.flags.bits(), items, address })
}

pub fn receive(call: Call) -> Result<Received, Failed> {
    dirty_the_stack();
    receive_once(call)
}
