//! Compiles `proto/ops.proto` to Rust, without a protoc. The file is a link, so that the package has it within.

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let includes = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    println!("cargo:rerun-if-changed={}", includes.join("ops.proto").display());
    let files = protox::compile(["ops.proto"], [&includes])?;
    prost_build::Config::new().compile_fds(files)?;
    Ok(())
}
