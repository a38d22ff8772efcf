//! Three commands that run side by side, and what they made as layers over each other: to change one runs no other.
//!
//! ```console
//! $ cargo run --example layers | buildctl build --output type=local,dest=out
//! ```

use std::error::Error;
use std::io::{Write, stdout};

use llb_graph::{MarshalOptions, diff, image, merge, scratch, shell};

fn main() -> Result<(), Box<dyn Error>> {
    let alpine = image("alpine");
    let tool = diff(
        &alpine,
        alpine.run(shell("mkdir -p /opt && echo tool > /opt/tool")),
    );
    let data = diff(
        &alpine,
        alpine.run(shell("mkdir -p /opt && echo data > /opt/data")),
    );
    let written = alpine
        .run(shell("echo here > /out/here"))
        .mount("/out", scratch());
    let result = merge([tool, data, written.output_of("/out")]).named("put together");

    let definition = result.marshal(&MarshalOptions::default())?;
    stdout().write_all(&definition.bytes())?;
    Ok(())
}
