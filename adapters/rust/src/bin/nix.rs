//! nix by the adapter protocol.

use recvmsg_adapters::{nix_receiver, serve};
use serde_json::json;

fn main() {
    let capabilities = [&nix_receiver::CAPABILITIES[..], &["pipelining"]].concat();
    serve(
        json!({ "protocol": 1, "name": "nix", "version": nix_receiver::VERSION, "language": "Rust",
            "capabilities": capabilities }),
        nix_receiver::receive,
    );
}
