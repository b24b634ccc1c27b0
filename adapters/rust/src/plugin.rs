//! The plug-in ABI (../include/recvinto/plugin.h), as far as a receiver of this folder needs it.

use crate::{Call, Failed, Received};
use std::ffi::{c_char, c_int, c_uchar, CString};
use std::io::IoSliceMut;
use std::ptr;

/// The implementation that is judged. All pointers are to texts, or lists of texts, that end with a zero.
#[repr(C)]
pub struct Hello {
    size: usize,
    name: *const c_char,
    version: *const c_char,
    language: *const c_char,
    capabilities: *const *const c_char,
    choices: *const *const c_char,
    sockets: *const *const c_char,
    items: *const *const c_char,
}

// It is never changed.
unsafe impl Send for Hello {}
unsafe impl Sync for Hello {}

impl Hello {
    /// Its texts stay for as long as the process.
    pub fn new(name: &str, version: &str, capabilities: &[&str]) -> Self {
        let words = capabilities.iter().map(|word| text(word)).chain([ptr::null()]).collect::<Vec<_>>();
        Hello {
            size: size_of::<Hello>(),
            name: text(name),
            version: text(version),
            language: text("Rust"),
            capabilities: words.leak().as_ptr(),
            choices: ptr::null(),
            sockets: ptr::null(),
            items: ptr::null(),
        }
    }
}

fn text(of: &str) -> *const c_char {
    CString::new(of).expect("a text without a zero").into_raw()
}

#[repr(C)]
pub struct Asked {
    size: usize,
    fd: c_int,
    buffers: *const libc::iovec,
    buffer_count: usize,
    ancbufsize: *const i64,
    flags: *const i64,
    timeout_ms: *const i64,
    warnings_are_errors: c_int,
    handler_has_raised: Option<extern "C" fn() -> c_int>,
}

#[repr(C)]
struct Item {
    level: c_int,
    kind: c_int,
    data_begin: usize,
    data_size: usize,
}

#[repr(C)]
struct Address {
    form: c_int,
    family: c_int,
    bytes: [c_uchar; 128],
    bytes_size: usize,
    host: [c_char; 64],
    port: u32,
    flowinfo: u32,
    scope_id: u32,
}

#[repr(C)]
pub struct Answer {
    size: usize,
    nbytes: i64,
    msg_flags: c_int,
    items: *mut Item,
    items_room: usize,
    item_count: usize,
    data: *mut c_uchar,
    data_room: usize,
    address: Address,
    warnings: [[c_char; 64]; 8],
    warning_count: usize,
    error_class: [c_char; 64],
    error_number: c_int,
    message: [c_char; 256],
}

#[repr(C)]
pub struct Plugin {
    size: usize,
    version: c_int,
    hello: extern "C" fn() -> *const Hello,
    call: extern "C" fn(*const Asked, *mut Answer) -> c_int,
    reset: Option<extern "C" fn()>,
}

impl Plugin {
    pub const fn new(
        hello: extern "C" fn() -> *const Hello,
        call: extern "C" fn(*const Asked, *mut Answer) -> c_int,
    ) -> Self {
        Plugin { size: size_of::<Plugin>(), version: 1, hello, call, reset: None }
    }
}

const RECEIVED: c_int = 0;
const FAILED: c_int = 1;
const SOCKADDR: c_int = 1;

/// Makes the call. A panic of the implementation ends the process, as it ends an adapter.
///
/// # Safety
/// Both point to what the suite made for a call.
pub unsafe fn perform(
    asked: *const Asked,
    answer: *mut Answer,
    receive: impl FnOnce(Call) -> Result<Received, Failed>,
) -> c_int {
    let (asked, answer) = (&*asked, &mut *answer);
    let mut parts: Vec<IoSliceMut> = (0..asked.buffer_count)
        .map(|at| {
            let part = &*asked.buffers.add(at);
            let base = if part.iov_base.is_null() { ptr::dangling_mut() } else { part.iov_base.cast() };
            IoSliceMut::new(std::slice::from_raw_parts_mut(base, part.iov_len))
        })
        .collect();
    let is_blocking = asked.timeout_ms.as_ref() != Some(&0);
    crate::set_blocking(asked.fd, is_blocking);
    let outcome = receive(Call {
        fd: asked.fd,
        is_blocking,
        parts: &mut parts,
        ancbufsize: asked.ancbufsize.as_ref().map_or(0, |&size| size as usize),
        flags: asked.flags.as_ref().map_or(0, |&flags| flags as i32),
    });
    match outcome {
        Ok(received) => answer.take(&received),
        Err(Failed(class, number)) => {
            answer.error_number = number.unwrap_or(0);
            copy_text(class, &mut answer.error_class);
            copy_text(&std::io::Error::from_raw_os_error(answer.error_number).to_string(), &mut answer.message);
            FAILED
        }
    }
}

impl Answer {
    unsafe fn take(&mut self, received: &Received) -> c_int {
        self.nbytes = received.nbytes as i64;
        self.msg_flags = received.msg_flags;
        let mut begin = 0;
        for (level, kind, data) in &received.items {
            assert!(self.item_count < self.items_room && data.len() <= self.data_room - begin, "no room for an item");
            ptr::copy_nonoverlapping(data.as_ptr(), self.data.add(begin), data.len());
            let item = Item { level: *level, kind: *kind, data_begin: begin, data_size: data.len() };
            self.items.add(self.item_count).write(item);
            self.item_count += 1;
            begin += data.len();
        }
        if !received.address.is_empty() {
            self.address.form = SOCKADDR;
            self.address.bytes_size = received.address.len().min(self.address.bytes.len());
            self.address.bytes[..self.address.bytes_size].copy_from_slice(&received.address[..self.address.bytes_size]);
        }
        RECEIVED
    }
}

/// The zero behind it is there already.
fn copy_text(text: &str, room: &mut [c_char]) {
    let most = room.len() - 1;
    for (to, from) in std::iter::zip(&mut room[..most], text.bytes()) {
        *to = from as c_char;
    }
}
