//! Who answers: the frontend that was asked, or the one that the Dockerfile or the client names.

use anyhow::{Result, ensure};
use plimsoll_engine::{Build, FRONTEND, Record};

use crate::common::REFERENCE;
use crate::fixture::{engine, failures, pair, project};

const FILE: &str = "FROM alpine\nRUN echo built > /there\n";

/// How often the daemon fetched a frontend's image in a build.
fn fetched(record: &Record, name: &str) -> usize {
    let fetch = format!("docker-image://{name}");
    record
        .vertices
        .iter()
        .filter(|vertex| vertex.name.starts_with(&fetch))
        .count()
}

#[test]
fn the_line_hands_over_to_the_reference() -> Result<()> {
    let engine = engine()?;
    let folder = project(&[("Dockerfile", &format!("# syntax={REFERENCE}\n{FILE}"))])?;
    let built = Build::new(folder.path()).run_ok(engine)?;
    assert_eq!(
        fetched(&built.record, REFERENCE),
        1,
        "{:?}",
        built.record.started()
    );
    // Both frontends read the file, and one of them compiled it.
    let reads = built
        .record
        .vertices
        .iter()
        .filter(|vertex| vertex.name.contains("load build definition"));
    ensure!(reads.count() >= 1, "nobody read the Dockerfile");

    // The other's own error, at its own place, comes through.
    let folder = project(&[(
        "Dockerfile",
        &format!("# syntax={REFERENCE}\nFROM alpine\nRUM echo\n"),
    )])?;
    let built = Build::new(folder.path()).run(engine)?;
    ensure!(
        built.stderr.contains("unknown instruction: RUM"),
        "{}",
        built.stderr
    );
    ensure!(built.stderr.contains(">>> RUM echo"), "{}", built.stderr);
    Ok(())
}

#[test]
fn the_argument_wins_over_the_line() -> Result<()> {
    let engine = engine()?;
    let folder = project(&[("Dockerfile", &format!("# syntax={FRONTEND}\n{FILE}"))])?;
    let built = Build::new(folder.path())
        .arg("BUILDKIT_SYNTAX", REFERENCE)
        .run_ok(engine)?;
    assert_eq!(
        fetched(&built.record, REFERENCE),
        1,
        "{:?}",
        built.record.started()
    );

    // And the other way round, from the daemon's own frontend.
    let folder = project(&[("Dockerfile", &format!("# syntax={REFERENCE}\n{FILE}"))])?;
    let built = Build::new(folder.path())
        .built_in()
        .arg("BUILDKIT_SYNTAX", FRONTEND)
        .run_ok(engine)?;
    assert_eq!(
        fetched(&built.record, FRONTEND),
        1,
        "{:?}",
        built.record.started()
    );
    assert_eq!(
        fetched(&built.record, REFERENCE),
        0,
        "{:?}",
        built.record.started()
    );
    Ok(())
}

#[test]
fn an_image_that_names_itself_builds() -> Result<()> {
    let engine = engine()?;
    let folder = project(&[("Dockerfile", &format!("# syntax={FRONTEND}\n{FILE}"))])?;
    let direct = Build::new(folder.path()).run_ok(engine)?;
    ensure!(
        fetched(&direct.record, FRONTEND) <= 2,
        "{:?}",
        direct.record.started()
    );
    let by_line = Build::new(folder.path()).built_in().run_ok(engine)?;
    assert_eq!(
        fetched(&by_line.record, FRONTEND),
        1,
        "{:?}",
        by_line.record.started()
    );
    let by_argument = Build::new(folder.path())
        .arg("BUILDKIT_SYNTAX", FRONTEND)
        .run_ok(engine)?;
    ensure!(
        by_argument.record.find("RUN echo built").is_some(),
        "{:?}",
        by_argument.record.started()
    );
    Ok(())
}

#[test]
fn a_frontend_that_is_not_there_is_marked() -> Result<()> {
    let engine = engine()?;
    let folder = project(&[(
        "Dockerfile",
        &format!("# syntax=docker.io/plimsoll/absent:1\n{FILE}"),
    )])?;
    let built = Build::new(folder.path()).run(engine)?;
    ensure!(!built.status.success());
    ensure!(
        built.stderr.contains("docker.io/plimsoll/absent:1"),
        "{}",
        built.stderr
    );
    ensure!(built.stderr.contains("Dockerfile:1"), "{}", built.stderr);
    let built = Build::new(folder.path())
        .arg("BUILDKIT_SYNTAX", "docker.io/plimsoll/missing:1")
        .run(engine)?;
    ensure!(!built.status.success());
    ensure!(
        built
            .stderr
            .contains("BUILDKIT_SYNTAX=docker.io/plimsoll/missing:1"),
        "{}",
        built.stderr
    );
    Ok(())
}

#[test]
fn features_are_negotiated() -> Result<()> {
    let engine = engine()?;
    let plain = project(&[("Dockerfile", FILE)])?;
    let known = "moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts,\
                 moby.buildkit.frontend.gitquerystring+forward";
    for build in pair(plain.path()) {
        build.opt("frontend.caps", known).run_ok(engine)?;
    }
    for cap in [
        "moby.buildkit.frontend.sails",
        "moby.buildkit.frontend.sails+forward",
    ] {
        let [ours, reference] = failures(plain.path(), |build| build.opt("frontend.caps", cap))?;
        for text in [&ours.stderr, &reference.stderr] {
            ensure!(text.contains("moby.buildkit.frontend.sails"), "{text}");
        }
    }
    // What is to be forwarded waits for the frontend of the line, which then answers for itself.
    let forwarded = project(&[("Dockerfile", &format!("# syntax={FRONTEND}\n{FILE}"))])?;
    let built = Build::new(forwarded.path())
        .built_in()
        .opt("frontend.caps", "moby.buildkit.frontend.sails+forward")
        .run(engine)?;
    ensure!(!built.status.success());
    ensure!(
        built.stderr.contains("moby.buildkit.frontend.sails"),
        "{}",
        built.stderr
    );
    ensure!(
        built.record.find(FRONTEND).is_some(),
        "{:?}",
        built.record.started()
    );
    Ok(())
}
