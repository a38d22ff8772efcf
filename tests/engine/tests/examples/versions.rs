//! `examples/versions`: a build argument chooses the branch.

use std::fs;

use anyhow::Result;

use crate::common::{engine, example, image_of, run};
use crate::repository::{commit, serve};

#[test]
fn an_argument_chooses_the_branch() -> Result<()> {
    let engine = engine()?;
    let folder = tempfile::tempdir()?;
    let repository = folder.path().join("greet");
    fs::create_dir(&repository)?;
    let script = repository.join("greet.sh");
    for (branch, greeting) in [("master", "Hello"), ("v2", "Ahoy")] {
        fs::write(
            &script,
            format!("#!/bin/sh\necho \"{greeting} from $(basename \"$0\")\"\n"),
        )?;
        fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        commit(&repository, branch)?;
    }
    let (_server, port) = serve(folder.path())?;
    let build = || example(engine, "versions").arg("repository", &format!("git://127.0.0.1:{port}/greet"));

    let master = image_of(engine, build())?;
    assert_eq!(run(&master, &[])?.stdout, "Hello from greet\n");
    let v2 = image_of(engine, build().arg("branch", "v2"))?;
    assert_eq!(run(&v2, &[])?.stdout, "Ahoy from greet\n");
    for (image, branch) in [(&master, "master"), (&v2, "v2")] {
        assert_eq!(
            image.config["config"]["Labels"]["org.opencontainers.image.version"],
            branch
        );
    }

    let again = build().run_ok(engine)?;
    assert!(
        again.record.find("RUN git clone").is_some_and(|step| step.cached),
        "{:?}",
        again.record.vertices
    );
    Ok(())
}
