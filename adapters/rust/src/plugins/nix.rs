//! nix as a plug-in.

use recvmsg_adapters::nix_receiver;
use recvmsg_adapters::plugin::{perform, Answer, Asked, Hello, Plugin};
use std::ffi::c_int;
use std::sync::LazyLock;

extern "C" fn hello() -> *const Hello {
    static HELLO: LazyLock<Hello> =
        LazyLock::new(|| Hello::new("nix", nix_receiver::VERSION, &nix_receiver::CAPABILITIES));
    &*HELLO
}

extern "C" fn call(asked: *const Asked, answer: *mut Answer) -> c_int {
    unsafe { perform(asked, answer, nix_receiver::receive) }
}

#[no_mangle]
pub extern "C" fn recvinto_plugin_v1() -> *const Plugin {
    static PLUGIN: Plugin = Plugin::new(hello, call);
    &PLUGIN
}
