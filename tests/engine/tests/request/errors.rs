//! What goes wrong reaches the client with its place and its typed details, and what is doubtful as a warning.

use std::fs;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::{Build, FRONTEND};

use crate::fixture::{both, engine, failures, project};
use crate::hints;

/// The lines of the Dockerfile that a client marks with `>>>`.
fn marked(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.split_once(">>> "));
    lines.map(|(_, line)| line.trim().to_owned()).collect()
}

#[test]
fn a_failed_step_is_shown_with_its_line_and_exit_code() -> Result<()> {
    let folder = project(&[(
        "Dockerfile",
        "FROM alpine AS base\nRUN echo first\n\nFROM base\nRUN echo about to fail && \\\n    exit 42\nRUN echo never\n",
    )])?;
    let [ours, reference] = failures(folder.path(), |build| build.no_cache())?;
    for built in [&ours, &reference] {
        let text = &built.stderr;
        ensure!(text.contains("exit code: 42"), "{text}");
        assert_eq!(
            marked(text),
            ["RUN echo about to fail && \\", "exit 42"],
            "{text}"
        );
        let failed = built.record.find("exit 42").context("no such step")?;
        ensure!(failed.output.contains("about to fail"), "{}", failed.output);
        ensure!(failed.error.contains("exit code: 42"), "{}", failed.error);
    }
    // Errors of the daemon are passed on as they are, so the client says the same but for the file's name and the like.
    let core = |text: &str| {
        text.lines()
            .find(|line| line.contains("exit code: 42"))
            .map(str::to_owned)
    };
    assert_eq!(core(&ours.stderr), core(&reference.stderr));
    Ok(())
}

#[test]
fn the_marked_lines_are_the_reference_s() -> Result<()> {
    let cases = [
        ("FROM alpine\nCOPY absent /\n", "no such file"),
        (
            "FROM alpine\nCOPY --from=nowhere/absent:1 a /\n",
            "absent from the registry",
        ),
        ("FROM docker.io/test/absent:1\nRUN true\n", "absent base"),
        ("FROM alpine\nRUM true\n", "unknown instruction"),
        ("FROM alpine\nENV a\nRUN true\n", "malformed ENV"),
        (
            "FROM alpine\nWORKDIR /a\nADD https://127.0.0.1:1/absent /\n",
            "no server",
        ),
        (
            "FROM alpine\nUSER nobody\nRUN --mount=type=secret,id=absent,required=true cat /run/secrets/absent\n",
            "no secret",
        ),
        ("FROM alpine AS a\nRUN --mount=from=a,target=/a true\n", "itself"),
        (
            "FROM alpine\nONBUILD RUN exit 3\nRUN --mount=type=bnd true\n",
            "unknown mount type",
        ),
        ("FROM alpine AS Base\nFROM Base\n", "capitals"),
        ("FROM ${absent:?must be given}\n", "argument"),
    ];
    for (dockerfile, what) in cases {
        let folder = project(&[("Dockerfile", dockerfile)])?;
        let [ours, reference] = failures(folder.path(), |build| build).context(what)?;
        assert_eq!(
            marked(&ours.stderr),
            marked(&reference.stderr),
            "{what}: ours:\n{}\nthe reference's:\n{}",
            ours.stderr,
            reference.stderr
        );
    }
    Ok(())
}

#[test]
fn every_trigger_of_a_base_names_where_it_was_used() -> Result<()> {
    let engine = engine()?;
    let base = project(&[("Dockerfile", "FROM alpine\nONBUILD RUN exit 3\n")])?;
    let push = plimsoll_engine::Output::Push("docker.io/test/onbuild:1".to_owned());
    Build::new(base.path()).output(push).run_ok(engine)?;
    let folder = project(&[("Dockerfile", "# a child\nFROM test/onbuild:1\n")])?;
    let [ours, reference] = failures(folder.path(), |build| build)?;
    assert_eq!(marked(&ours.stderr), marked(&reference.stderr));
    ensure!(ours.stderr.contains("exit code: 3"), "{}", ours.stderr);
    Ok(())
}

#[test]
fn warnings_reach_the_client() -> Result<()> {
    let engine = engine()?;
    let folder = project(&[(
        "Dockerfile",
        "from alpine as Base\nWORKDIR there\nMAINTAINER me\nFROM alpine\nENV a b\nCMD echo hi\n",
    )])?;
    let warnings = both(
        folder.path(),
        |build| build,
        |build| {
            let warnings = build.run_ok(engine)?.record.warnings;
            let mut names: Vec<_> = warnings
                .into_iter()
                .map(|warning| {
                    let name = warning.short.split(':').next().unwrap_or_default().to_owned();
                    (warning.line, name, warning.url)
                })
                .collect();
            names.sort();
            Ok(names)
        },
    )?;
    ensure!(warnings.len() >= 4, "{warnings:?}");

    // buildx counts them for the person at the terminal.
    let mut build = engine.buildx()?;
    build.args(["build", "--progress=plain", "--output=type=cacheonly"]);
    build.arg(format!("--build-arg=BUILDKIT_SYNTAX={FRONTEND}"));
    let output = build.arg(folder.path()).output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{text}");
    let count = format!("{} warnings found", warnings.len());
    ensure!(text.contains(&count), "{count} is not in\n{text}");
    Ok(())
}

#[test]
fn warnings_turn_into_errors_on_request() -> Result<()> {
    let folder = project(&[(
        "Dockerfile",
        "# check=error=true\nFROM alpine as base\nRUN true\n",
    )])?;
    let [ours, reference] = failures(folder.path(), |build| build)?;
    for built in [&ours, &reference] {
        let rules: Vec<&str> = built
            .record
            .warnings
            .iter()
            .filter_map(|warning| warning.short.split(':').next())
            .collect();
        assert_eq!(rules, ["FromAsCasing"]);
    }
    Ok(())
}

#[test]
fn an_absent_dockerfile_is_named() -> Result<()> {
    let folder = project(&[("other", "FROM alpine\n")])?;
    let [ours, _] = failures(folder.path(), |build| build)?;
    ensure!(
        ours.stderr.contains("Dockerfile") && ours.stderr.contains("--file"),
        "{}",
        ours.stderr
    );
    fs::write(folder.path().join("dockerfile"), "FROM alpine\n")?;
    Build::new(folder.path()).run_ok(engine()?)?;
    Ok(())
}

#[test]
fn the_cause_of_a_failed_step_is_told_below_it() -> Result<()> {
    hints::told_by(engine()?, true)
}

#[test]
fn a_failed_step_without_a_known_cause_is_the_daemon_s_to_tell() -> Result<()> {
    hints::others_are_the_daemon_s(engine()?)
}

#[test]
fn the_cause_is_that_of_the_platform_that_failed() -> Result<()> {
    hints::of_one_platform(engine()?)
}

/// The blocks of a page that are in a language, each with its text.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((_, begin)) = rest.split_once("```") {
        let Some((language, body)) = begin.split_once('\n') else {
            break;
        };
        let Some((text, after)) = body.split_once("```") else {
            break;
        };
        blocks.push((language, text.to_owned()));
        rest = after;
    }
    blocks
}

/// Names that differ from build to build.
fn without_names(text: &str) -> String {
    let words = text.split(' ').map(|word| match word.contains("::") {
        true => "…:",
        false => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_page_on_errors_shows_what_is_printed() -> Result<()> {
    let page = fs::read_to_string(plimsoll_engine::frontend_image::project().join("docs/errors.md"))?;
    let blocks = blocks(&page);
    let pairs = blocks
        .windows(2)
        .filter(|pair| pair[0].0 == "dockerfile" && pair[1].0 == "text");
    let mut count = 0;
    let mut wrong = Vec::new();
    for pair in pairs {
        count += 1;
        let built = hints::build_of(engine()?, &pair[0].1)?;
        let said = without_names(&built.stderr);
        if !said.trim_end().ends_with(pair[1].1.trim_end()) {
            wrong.push(format!("{}\n--- is told\n{said}", pair[0].1));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n==========\n"));
    ensure!(count >= 7, "the page has {count} examples");
    Ok(())
}
