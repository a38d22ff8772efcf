//! Two commands that share a cache directory, the first one with a secret.
//!
//! ```console
//! $ echo secret > token
//! $ cargo run --example two_commands | buildctl build --secret id=token,src=token --output type=local,dest=out
//! $ cat out/greeting
//! hello world: a token of 7 bytes
//! ```

use std::error::Error;
use std::io::{Write, stdout};

use llb_graph::{MarshalOptions, copy, image, scratch, shell};

fn main() -> Result<(), Box<dyn Error>> {
    let alpine = image("alpine").dir("/work").env("NAME", "world");
    let asked = alpine
        .run(shell("wc -c < /run/secrets/token > /cache/size"))
        .cache("/cache")
        .secret("token");
    let made = asked
        .run(shell(
            "echo hello $NAME: a token of $(cat /cache/size) bytes > greeting",
        ))
        .cache("/cache");
    let result = scratch().file(copy(made, "/work/greeting", "/"));

    let definition = result.marshal(&MarshalOptions::default())?;
    stdout().write_all(&definition.bytes())?;
    Ok(())
}
