//! An adapter of the recvmsg conformance suite: README.md says what to change.
use serde_json::{json, Value};
use std::io::{self, BufRead, IoSliceMut, Write};

/// Who is judged, and what its interface can express.
fn hello() -> Value {
    json!({"protocol": 1, "name": "libc::recvmsg", "version": "0.2", "language": "Rust",
           "capabilities": ["scatter", "flags", "msg_flags", "nonblocking", "system_wait"]})
}

// ---- YOUR IMPLEMENTATION: its call takes the place of recvmsg here.
/// Fills `parts`. Returns the number of bytes, and the flags that came back.
fn receive(fd: i32, parts: &mut [IoSliceMut], flags: i32, wait: bool) -> io::Result<(usize, i32)> {
    // SAFETY: an IoSliceMut has the layout of an iovec, and all zeros is an empty msghdr.
    unsafe {
        let status = libc::fcntl(fd, libc::F_GETFL);
        if status >= 0 {
            let blocking = status & !libc::O_NONBLOCK;
            libc::fcntl(fd, libc::F_SETFL, if wait { blocking } else { status | libc::O_NONBLOCK });
        }
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = parts.as_mut_ptr().cast();
        message.msg_iovlen = parts.len() as _;
        match libc::recvmsg(fd, &mut message, flags) {
            -1 => Err(io::Error::last_os_error()),
            nbytes => Ok((nbytes as usize, message.msg_flags)),
        }
    }
}
// ---- What follows need not change, until you declare more.

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn hex_of(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| DIGITS[digit as usize] as char).collect()
}

fn number(object: &Value, name: &str, otherwise: i64) -> i64 {
    object[name].as_i64().unwrap_or(otherwise)
}

fn recvmsg_into(request: &Value) -> Value {
    let entries = request["buffers"].as_array().unwrap();
    let mut storages: Vec<Vec<u8>> = Vec::new();
    for entry in entries {
        let fill = bytes_of(entry["fill"].as_str().unwrap_or("ee"));
        storages.push(fill.into_iter().cycle().take(number(entry, "size", 0) as usize).collect());
    }
    let mut parts = Vec::new();
    for (entry, storage) in entries.iter().zip(&mut storages) {
        let to = number(entry, "to", storage.len() as i64) as usize;
        parts.push(IoSliceMut::new(&mut storage[number(entry, "from", 0) as usize..to]));
    }
    let fd = number(request, "fd", -1) as i32;
    let wait = request["timeout_ms"] != 0;
    let mut reply = match receive(fd, &mut parts, number(request, "flags", 0) as i32, wait) {
        Ok((nbytes, msg_flags)) => json!({"nbytes": nbytes, "msg_flags": msg_flags}),
        Err(error) => json!({"error": {"class": format!("{:?}", error.kind()), "errno": error.raw_os_error(),
                                       "message": error.to_string()}}),
    };
    reply["buffers"] = storages.iter().map(|storage| hex_of(storage)).collect();
    reply
}

fn close(request: &Value) -> Value {
    for fd in request["fds"].as_array().unwrap() {
        unsafe { libc::close(fd.as_i64().unwrap() as i32) }; // passes over what is not open
    }
    json!({})
}

fn main() -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let op = request["op"].as_str().unwrap_or("");
        let mut reply = match op {
            "hello" => hello(),
            "recvmsg_into" => recvmsg_into(&request),
            "close" => close(&request),
            "bye" => json!({}),
            _ => json!({"unsupported": op}),
        };
        reply["id"] = request["id"].clone();
        let mut output = io::stdout().lock();
        writeln!(output, "{reply}")?;
        output.flush()?;
        if op == "bye" {
            break;
        }
    }
    Ok(())
}
