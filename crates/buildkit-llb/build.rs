//! Compiles `proto/ops.proto` to Rust, without a protoc. The file is a link, so that the package has it within.

#[path = "build/shapes.rs"]
mod shapes;

use std::error::Error;
use std::path::{Path, PathBuf};

use shapes::Shapes;

fn main() -> Result<(), Box<dyn Error>> {
    let includes = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    println!("cargo:rerun-if-changed={}", includes.join("ops.proto").display());
    println!("cargo:rerun-if-changed=build/shapes.rs");
    let files = protox::compile(["ops.proto"], [&includes])?;

    let mut shapes = Shapes::new(&files, |_| false, None);
    let mut code = String::new();
    for (constant, message) in [("DEFINITION", ".pb.Definition"), ("OP", ".pb.Op")] {
        let number = shapes.number(message)?;
        code += &format!("/// The number of `{message}`.\npub const {constant}: u16 = {number};\n");
    }
    code += &shapes.table()?;
    std::fs::write(PathBuf::from(std::env::var("OUT_DIR")?).join("shapes.rs"), code)?;

    prost_build::Config::new().compile_fds(files)?;
    Ok(())
}
