//! Compiles the gateway's protocol to Rust, without a protoc.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let includes = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    println!("cargo:rerun-if-changed={}", includes.display());
    let files = protox::compile(["gateway.proto"], [&includes])?;

    let mut prost = prost_build::Config::new();
    // Maps have one order everywhere, and what goes out is the same twice.
    prost.btree_map(["."]);
    // Blobs share the memory that they were received in.
    prost.bytes(["."]);
    tonic_prost_build::configure()
        .build_server(false)
        .build_transport(false)
        .include_file("protocol.rs")
        .extern_path(".pb", "::buildkit_llb::proto")
        .compile_fds_with_config(files, prost)?;
    Ok(())
}
