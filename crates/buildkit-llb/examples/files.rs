//! Files of the client, and some that are made, in one operation and without any container.
//!
//! ```console
//! $ cargo run --example files | buildctl build --local context=. --output type=local,dest=out
//! ```

use std::error::Error;
use std::io::{Write, stdout};
use std::time::{SystemTime, UNIX_EPOCH};

use llb_graph::{MarshalOptions, copy, local, mkdir, mkfile, rm, scratch, symlink};

fn main() -> Result<(), Box<dyn Error>> {
    let context = local("context");
    let files = mkdir("/app/bin", 0o755)
        .with_parents()
        .then(
            copy(&context, "/", "/app/docs/")
                .contents_only()
                .include(["*.md"])
                .exclude(["draft*"]),
        )
        .then(rm("/app/docs/old*").allow_wildcard().allow_not_found())
        .then(mkfile("/app/bin/version", 0o644, "1.2.3\n").with_owner("1000:1000"))
        .then(symlink("bin/version", "/app/VERSION"));
    let result = scratch().file(files).named("gather the files");

    // Two clients' directories of one name are not the same, so this is to be unlike any other build's.
    let unique = SystemTime::now()
        .duration_since(UNIX_EPOCH)?
        .as_nanos()
        .to_string();
    let definition = result.marshal(&MarshalOptions::default().with_local_unique_id(unique))?;
    stdout().write_all(&definition.bytes())?;
    Ok(())
}
