//! What the adapters of this folder have in common: the protocol (../PROTOCOL.md), buffers, addresses; and the plug-in ABI.

#[cfg(feature = "nix")]
pub mod nix_receiver;
pub mod plugin;

use serde_json::{json, Value};
use std::io::{BufRead, IoSliceMut, Write};
use std::os::fd::RawFd;

/// One call, as it was asked for. What it receives descriptors into stays open: the suite closes them.
pub struct Call<'a, 'b> {
    pub fd: RawFd,
    pub is_blocking: bool,
    pub parts: &'a mut [IoSliceMut<'b>],
    pub ancbufsize: usize,
    pub flags: i32,
}

/// What came back.
#[derive(Default)]
pub struct Received {
    pub nbytes: usize,
    pub msg_flags: i32,
    pub items: Vec<(i32, i32, Vec<u8>)>,
    /// A sockaddr, as it lies in memory; empty: none.
    pub address: Vec<u8>,
}

/// An error: its class, and its number if it is the system's.
pub struct Failed(pub &'static str, pub Option<i32>);

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Failed("io::Error", error.raw_os_error())
    }
}

/// Answers requests until there are no more. `hello` is what is said of the implementation.
pub fn serve(hello: Value, mut receive: impl FnMut(Call) -> Result<Received, Failed>) {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let op = request["op"].as_str().expect("an op");
        let mut reply = match op {
            "hello" => hello.clone(),
            "recvmsg_into" => recvmsg_into(&request, &mut receive),
            "close" => {
                for fd in request["fds"].as_array().expect("fds") {
                    unsafe { libc::close(fd.as_i64().expect("a number") as RawFd) };
                }
                json!({})
            }
            "bye" => json!({}),
            _ => json!({ "unsupported": op }),
        };
        reply["id"] = request["id"].clone();
        writeln!(out, "{reply}").and_then(|()| out.flush()).expect("a reader");
        if op == "bye" {
            return;
        }
    }
}

fn recvmsg_into(request: &Value, receive: &mut impl FnMut(Call) -> Result<Received, Failed>) -> Value {
    let entries = request["buffers"].as_array().expect("buffers");
    let mut storages: Vec<Vec<u8>> = entries.iter().map(storage_of).collect();
    let mut parts: Vec<IoSliceMut> = std::iter::zip(entries, &mut storages)
        .map(|(entry, storage)| {
            let from = entry["from"].as_u64().unwrap_or(0) as usize;
            let to = entry["to"].as_u64().map_or(storage.len(), |to| to as usize);
            IoSliceMut::new(&mut storage[from..to])
        })
        .collect();
    let fd = request["fd"].as_i64().expect("fd") as RawFd;
    let is_blocking = request["timeout_ms"] != 0;
    set_blocking(fd, is_blocking);
    let outcome = receive(Call {
        fd,
        is_blocking,
        parts: &mut parts,
        ancbufsize: request["ancbufsize"].as_u64().unwrap_or(0) as usize,
        flags: request["flags"].as_i64().unwrap_or(0) as i32,
    });
    let mut reply = match outcome {
        Ok(received) => json!({
            "nbytes": received.nbytes,
            "msg_flags": received.msg_flags,
            "ancdata": received.items.iter().map(|(level, kind, data)| json!([level, kind, hex(data)])).collect::<Vec<_>>(),
            "address": address_of(&received.address),
        }),
        Err(Failed(class, number)) => {
            let message = number.map_or(String::new(), |number| std::io::Error::from_raw_os_error(number).to_string());
            json!({ "error": { "class": class, "errno": number, "message": message } })
        }
    };
    reply["buffers"] = storages.iter().map(|storage| hex(storage)).collect();
    reply
}

fn set_blocking(fd: RawFd, is_blocking: bool) {
    unsafe {
        let mode = libc::fcntl(fd, libc::F_GETFL);
        let wanted = if is_blocking { mode & !libc::O_NONBLOCK } else { mode | libc::O_NONBLOCK };
        if mode != -1 {
            libc::fcntl(fd, libc::F_SETFL, wanted);
        }
    }
}

fn storage_of(entry: &Value) -> Vec<u8> {
    let fill = entry["fill"].as_str().map_or(vec![0xee], unhex);
    fill.iter().cycle().take(entry["size"].as_u64().expect("a size") as usize).copied().collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal")).collect()
}

/// The bytes of a value, to be handed on.
pub fn bytes_of<T>(value: &T) -> Vec<u8> {
    unsafe { std::slice::from_raw_parts((value as *const T).cast(), size_of::<T>()) }.to_vec()
}

/// The sockaddr at `pointer`.
///
/// # Safety
/// `length` bytes are there.
pub unsafe fn sockaddr_at<T>(pointer: *const T, length: u32) -> Vec<u8> {
    std::slice::from_raw_parts(pointer.cast(), length as usize).to_vec()
}

fn address_of(name: &[u8]) -> Value {
    if name.len() <= 2 {
        return Value::Null; // none, or that of a unix socket without a name
    }
    let family = i32::from(u16::from_ne_bytes([name[0], name[1]]));
    let port = || u16::from_be_bytes([name[2], name[3]]);
    match family {
        libc::AF_UNIX => {
            let path = &name[2..];
            let end =
                if path[0] == 0 { path.len() } else { path.iter().position(|&byte| byte == 0).unwrap_or(path.len()) };
            json!({ "family": family, "path": hex(&path[..end]) })
        }
        libc::AF_INET if name.len() >= 16 => {
            let host = std::net::Ipv4Addr::new(name[4], name[5], name[6], name[7]);
            json!({ "family": family, "host": host.to_string(), "port": port() })
        }
        libc::AF_INET6 if name.len() >= 28 => {
            let host: [u8; 16] = name[8..24].try_into().expect("16 bytes");
            let number = |at: usize| -> [u8; 4] { name[at..at + 4].try_into().expect("4 bytes") };
            json!({ "family": family, "host": std::net::Ipv6Addr::from(host).to_string(), "port": port(),
                    "flowinfo": u32::from_be_bytes(number(4)), "scope_id": u32::from_ne_bytes(number(24)) })
        }
        libc::AF_INET | libc::AF_INET6 => Value::Null,
        _ => json!({ "family": family, "raw": hex(&name[2..]) }),
    }
}
