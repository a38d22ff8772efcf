//! Files of the dialect that take in others: `examples/dialect/monorepo`, and files of every place that one may be in.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use plimsoll_engine::program::run as run_to_end;

use crate::common::{build_of, engine, example, image_of, run};
use crate::repository::{commit, serve};

#[test]
fn what_services_have_in_common_is_taken_in() -> Result<()> {
    let engine = engine()?;
    let image = image_of(engine, example(engine, "dialect/monorepo"))?;
    assert_eq!(run(&image, &[])?.stdout, "api, with certificates: true\n");
    Ok(())
}

#[test]
fn files_are_read_wherever_they_are() -> Result<()> {
    let engine = engine()?;
    let folder = tempfile::tempdir()?;
    let repository = folder.path().join("shared");
    fs::create_dir_all(repository.join("lib"))?;
    fs::write(
        repository.join("lib/tools"),
        "# plimsoll=1\nINCLUDE ../args\nFROM alpine:$V AS tools\nRUN echo of a repository >/tool\n",
    )?;
    fs::write(repository.join("args"), "ARG V=3\n")?;
    commit(&repository, "main")?;
    let mut git = Command::new("git");
    git.arg("-C").arg(&repository).args(["rev-parse", "HEAD"]);
    let told = run_to_end(&mut git)?;
    let commit = String::from_utf8(told.stdout)?.trim().to_owned();
    let (_server, port) = serve(folder.path())?;

    let named = folder.path().join("named");
    fs::create_dir(&named)?;
    fs::write(named.join("part"), "RUN echo of a context >/part\n")?;

    let project = folder.path().join("project");
    fs::create_dir(&project)?;
    let text = format!(
        "# syntax=registry.example/plimsoll:1\n# plimsoll=1\nFROM alpine:3\nINCLUDE named:part\n\
         COPY --from=git://127.0.0.1:{port}/shared#{commit}:lib/tools#tools /tool /tool\n\
         CMD [\"cat\", \"/part\", \"/tool\"]\n"
    );
    fs::write(project.join("Dockerfile"), text)?;
    let build = build_of(engine, &project).context("named", &named);
    let image = image_of(engine, build)?;
    assert_eq!(run(&image, &[])?.stdout, "of a context\nof a repository\n");
    Ok(())
}

#[test]
fn a_step_of_another_file_fails_there() -> Result<()> {
    let engine = engine()?;
    let folder = tempfile::tempdir()?;
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text);
    write(
        "Dockerfile",
        "# syntax=registry.example/plimsoll:1\n# plimsoll=1\nFROM alpine:3\nINCLUDE part\nCOPY --from=./other#x /a /a\n",
    )?;
    write("part", "\nRUN echo here; exit 7\n")?;
    write("other", "FROM alpine:3 AS x\nRUN touch /a\n")?;
    let failed = build_of(engine, folder.path()).run(engine)?;
    let told = &failed.stderr;
    let shown = told.contains("part:2") && told.contains(">>> RUN echo here; exit 7");
    assert!(shown, "{told}");

    write("part", "COPY nothing /\n")?;
    let failed = build_of(engine, folder.path()).run(engine)?;
    let hint = failed.stderr.lines().find(|line| line.contains("part:1:6"));
    hint.with_context(|| failed.stderr.clone())?;
    Ok(())
}
