//! quinn-udp, `UdpSocketState::recv`: into one buffer, without waiting, and of ancillary items what QUIC needs, decoded.

use quinn_udp::{RecvMeta, UdpSocketState};
use recvmsg_adapters::{bytes_of, serve, Call, Failed, Received};
use serde_json::json;
use std::mem::ManuallyDrop;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::FromRawFd;

/// As a sockaddr. std's numbers of an IPv6 address are as they lie in memory.
fn address_of(sender: &SocketAddr) -> Vec<u8> {
    match sender {
        SocketAddr::V4(sender) => bytes_of(&libc::sockaddr_in {
            sin_family: libc::AF_INET as u16,
            sin_port: sender.port().to_be(),
            sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(sender.ip().octets()) },
            sin_zero: [0; 8],
        }),
        SocketAddr::V6(sender) => bytes_of(&libc::sockaddr_in6 {
            sin6_family: libc::AF_INET6 as u16,
            sin6_port: sender.port().to_be(),
            sin6_flowinfo: sender.flowinfo(),
            sin6_addr: libc::in6_addr { s6_addr: sender.ip().octets() },
            sin6_scope_id: sender.scope_id(),
        }),
    }
}

/// What an event loop waits by: edge-triggered, for an unread error would end each wait at once.
struct Poller(i32);

impl Poller {
    fn new() -> Self {
        Poller(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })
    }
    fn watch(&self, fd: i32) {
        let mut event = libc::epoll_event { events: (libc::EPOLLIN | libc::EPOLLET) as u32, u64: 0 };
        unsafe { libc::epoll_ctl(self.0, libc::EPOLL_CTL_ADD, fd, &mut event) };
    }
    fn forget(&self, fd: i32) {
        unsafe { libc::epoll_ctl(self.0, libc::EPOLL_CTL_DEL, fd, std::ptr::null_mut()) };
    }
    fn wait(&self) {
        let mut event = libc::epoll_event { events: 0, u64: 0 };
        unsafe { libc::epoll_wait(self.0, &mut event, 1, -1) };
    }
}

fn receive_by(poller: &Poller, call: Call) -> Result<Received, Failed> {
    let (fd, is_blocking) = (call.fd, call.is_blocking);
    if is_blocking {
        poller.watch(fd);
    }
    let outcome = receive(poller, call);
    if is_blocking {
        poller.forget(fd);
    }
    outcome
}

fn receive(poller: &Poller, call: Call) -> Result<Received, Failed> {
    let socket = ManuallyDrop::new(unsafe { UdpSocket::from_raw_fd(call.fd) });
    let state = UdpSocketState::new((&*socket).into())?;
    let mut metas = [RecvMeta::default()];
    loop {
        match state.recv((&*socket).into(), call.parts, &mut metas) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock && call.is_blocking => poller.wait(),
            Err(error) => return Err(error.into()),
            Ok(count) => {
                assert_eq!(count, 1, "one message for one buffer");
                return Ok(Received {
                    nbytes: metas[0].len,
                    address: address_of(&metas[0].addr),
                    ..Received::default()
                });
            }
        }
    }
}

fn main() {
    let poller = Poller::new(); // opened before the suite counts
    serve(
        json!({ "protocol": 1, "name": "quinn-udp", "version": "0.6.3", "language": "Rust", "sockets": ["udp4", "udp6"],
            "capabilities": ["empty_buffers", "address", "nonblocking", "recvmsg", "pipelining"] }),
        |call| receive_by(&poller, call),
    );
}
