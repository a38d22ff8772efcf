//! A Dockerfile that no message of the daemon's holds.

use std::fs;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::Build;
use tempfile::TempDir;

use crate::common::REFERENCE;
use crate::fixture::{digest, engine, failures, files, image_digest, project, ran};

const STEPS: &str = "FROM alpine AS a\nRUN echo built >/out\nFROM scratch\nCOPY --from=a /out /\n";

/// 40 MiB, most of it comments, and behind them these lines.
fn large(lines: &str) -> Result<TempDir> {
    let comment = format!("# {}\n", "x".repeat(1021));
    project(&[("Dockerfile", &(comment.repeat(40 << 10) + lines))])
}

#[test]
fn is_built_as_a_small_one_is() -> Result<()> {
    let engine = engine()?;
    let folder = large(STEPS)?;
    let small = project(&[("Dockerfile", STEPS)])?;
    let expected = image_digest(engine, Build::new(small.path()))?;
    let place = tempfile::tempdir()?;
    let build = Build::new(folder.path()).oci(place.path().join("image.tar"));
    let built = build.run_ok(engine)?;
    assert_eq!(digest(&built)?, expected);
    // Its steps are the same.
    assert!(ran(&built.record).is_empty(), "{:?}", ran(&built.record));
    let found = files(engine, Build::new(folder.path()))?;
    assert_eq!(found, [("out".to_owned(), "built\n".to_owned())]);

    let refused = Build::new(folder.path()).frontend(REFERENCE).run(engine)?;
    ensure!(
        !refused.status.success() && refused.stderr.contains("exceeds maximum allowed size"),
        "{}",
        refused.stderr
    );
    Ok(())
}

#[test]
fn is_taken_in_where_the_daemon_s_own_frontend_refuses_it() -> Result<()> {
    // That one looks for the line `# syntax=`.
    let engine = engine()?;
    let folder = large(STEPS)?;
    let built = Build::new(folder.path()).built_in().run(engine)?;
    ensure!(!built.status.success(), "the built-in frontend reads large files");
    let path = |name| folder.path().join(name);
    fs::rename(path("Dockerfile"), path("generated"))?;
    let text = "# syntax=registry.example/plimsoll:1\n# plimsoll=1\nFROM ./generated#1\n";
    fs::write(path("Dockerfile"), text)?;
    let found = files(engine, Build::new(folder.path()).built_in())?;
    assert_eq!(found, [("out".to_owned(), "built\n".to_owned())]);
    Ok(())
}

#[test]
fn attestations_do_without_its_text() -> Result<()> {
    let folder = large(STEPS)?;
    let place = tempfile::tempdir()?;
    let build = Build::new(folder.path()).opt("attest:provenance", "mode=max,version=v1");
    build
        .oci(place.path().join("image.tar"))
        .run_ok(engine()?)
        .map(drop)
}

#[test]
fn what_fails_in_it_is_told_with_its_line() -> Result<()> {
    let engine = engine()?;
    let line = (40 << 10) + 2;
    for (lines, words) in [
        ("FROM alpine\nRUN exit 7\n", "exit code: 7".to_owned()),
        ("FROM alpine\nCOPY missing /\n", format!("Dockerfile:{line}:6: ")),
        ("FROM alpine\nCOPY a\n", format!("Dockerfile:{line}:")),
    ] {
        let built = Build::new(large(lines)?.path()).run(engine)?;
        ensure!(!built.status.success(), "{lines} is built");
        ensure!(built.stderr.contains(&words), "{words}: {}", built.stderr);
    }
    Ok(())
}

#[test]
fn one_that_is_too_large_is_told_with_sizes() -> Result<()> {
    let folder = large(&format!("# {}\n", "y".repeat(1021)).repeat(10 << 10))?;
    let [ours, _] = failures(folder.path(), |build| build)?;
    let words = "`Dockerfile` has 50.0 MiB, and a file that is read may have 48.0 MiB; keep data in files of their own, for \
                 COPY to read";
    ours.stderr
        .contains(words)
        .then_some(())
        .with_context(|| ours.stderr.clone())
}
