//! Compiles the gateway's protocol to Rust, without a protoc.

// A link, so that the package has it within.
#[path = "build/shapes.rs"]
mod shapes;

use std::error::Error;
use std::path::{Path, PathBuf};

use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet};
use shapes::Shapes;

/// In these packages bytes are copied when they are decoded.
const COPYING: [&str; 2] = ["pb", "google.protobuf"];

fn main() -> Result<(), Box<dyn Error>> {
    let includes = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    println!("cargo:rerun-if-changed={}", includes.display());
    println!("cargo:rerun-if-changed=build/shapes.rs");
    leave_out_unwinding();
    let files = protox::compile(["gateway.proto"], [&includes])?;
    refuse_maps_of_messages(&files)?;
    let shapes = answers(&files)?;
    std::fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("shapes.rs"), shapes)?;

    let mut prost = prost_build::Config::new();
    // Maps have one order everywhere, and what goes out is the same twice.
    prost.btree_map(["."]);
    // Blobs share the memory that they were received in.
    prost.bytes(["."]);
    tonic_prost_build::configure()
        // src/gateway/client.rs calls by name: the compiler would make all of gRPC once more for each call.
        .build_client(false)
        .build_server(false)
        .include_file("protocol.rs")
        .extern_path(".pb", "::llb_graph::proto")
        .extern_path(".pb.Definition", "::llb_graph::RawDefinition")
        .compile_fds_with_config(files, prost)?;
    Ok(())
}

/// A program that ends with a panic needs no tables for unwinding, but Rust's own library brings its own, and with them the
/// compiler makes all others, too.
fn leave_out_unwinding() {
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    let script = "build/without-unwinding.ld";
    println!("cargo:rerun-if-changed={script}");
    if is("CARGO_CFG_TARGET_ENV", "musl") && is("PROFILE", "release") {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
        println!("cargo:rustc-link-arg-bins=--script={}", script.display());
        println!("cargo:rustc-link-arg-bins=--no-eh-frame-hdr");
    }
}

/// The shapes of all that the daemon answers with, and which answer has which.
fn answers(files: &FileDescriptorSet) -> Result<String, String> {
    let mut shapes = Shapes::new(
        files,
        |package| !COPYING.contains(&package),
        Some(".pb.Definition"),
    );
    let mut code = String::new();
    let services = files.file.iter().flat_map(|file| &file.service);
    let methods = services.flat_map(|service| &service.method);
    let outputs = methods.map(|method| method.output_type().to_owned());
    for message in outputs.chain([".google.rpc.Status".to_owned()]) {
        let number = shapes.number(&message)?;
        let path = message.replace('.', "::");
        code += &format!("impl Answered for protocol{path} {{ const SHAPE: u16 = {number}; }}\n");
    }
    Ok(code + &shapes.table()?)
}

/// Refuses protobuf maps whose values are messages: prost leaves an empty value out of its entry, and the daemon reads
/// the entry as nil.
fn refuse_maps_of_messages(files: &FileDescriptorSet) -> Result<(), String> {
    let mut messages: Vec<&DescriptorProto> = files.file.iter().flat_map(|file| &file.message_type).collect();
    while let Some(message) = messages.pop() {
        let is_map = message
            .options
            .as_ref()
            .is_some_and(|options| options.map_entry());
        if is_map && message.field.iter().any(|field| field.r#type() == Type::Message) {
            return Err(format!(
                "proto/: {} is a protobuf map of messages; write it as a list of entries with `optional` fields",
                message.name()
            ));
        }
        messages.extend(&message.nested_type);
    }
    Ok(())
}
