//! `# plimsoll=1`: what its additions do when a build runs. The reference knows none of them.

use std::path::Path;

use anyhow::{Result, ensure};
use plimsoll_engine::Build;
use tempfile::TempDir;

use crate::add::archive;
use crate::fixture::{engine, write};
use crate::image::{Image, project, settle};

fn folder(dockerfile: &str, files: &[(&str, &str)]) -> Result<TempDir> {
    let text = format!("# syntax=registry.example/plimsoll:1\n# plimsoll=1\n{dockerfile}");
    let mut all = vec![("Dockerfile", text.as_str())];
    all.extend(files);
    project(&all)
}

fn image(folder: &Path) -> Result<Image> {
    Image::build(engine()?, Build::new(folder))
}

/// What the client is told of a build that fails.
fn failure(dockerfile: &str) -> Result<String> {
    let folder = folder(dockerfile, &[])?;
    let built = Build::new(folder.path()).run(engine()?)?;
    ensure!(!built.status.success(), "{dockerfile} is built");
    Ok(built.stderr)
}

const OPTIONAL: &str = "FROM alpine AS below
RUN mkdir -p /real/there && echo 1 > /real/there/f
FROM scratch
COPY --if-exists a /file/
COPY --if-exists missing /none/
COPY --if-exists a missing dir/missing gone/missing dir /some/
COPY --if-exists dir/x gone/x gone/deeper/x /deep/
COPY --if-exists gone /gone/
COPY --if-exists --link a missing /linked/
COPY --if-exists --parents dir/sub/y gone/z gone/*.x /parents/
COPY --if-exists --parents dir/./sub/y gone/./z /pivot/
ADD --if-exists one.tar gone.tar /unpacked/
COPY --if-exists odd[[]name missing[[]name it- /odd/
COPY --if-exists --from=below /real/there/f /gone/f /bin/busybox-is-not-there /stage/
COPY --if-exists <<HERE missing /text/
always
HERE
";

#[test]
fn sources_that_are_not_there_are_left_out() -> Result<()> {
    let files = [
        ("a", "a\n"),
        ("dir/x", "x\n"),
        ("dir/sub/y", "y\n"),
        ("odd[name", "odd\n"),
        ("it-", "it\n"),
    ];
    let folder = folder(OPTIONAL, &files)?;
    write(folder.path(), "one.tar", &archive()?)?;
    settle(folder.path())?;
    let image = image(folder.path())?;
    for (path, expected) in [
        ("file", "file/ 755 0:0\nfile/a 644 0:0 a\n"),
        ("none", ""),
        (
            "some",
            "some/ 755 0:0\nsome/a 644 0:0 a\nsome/sub/ 755 0:0\nsome/sub/y 644 0:0 y\nsome/x 644 0:0 x\n",
        ),
        ("deep", "deep/ 755 0:0\ndeep/x 644 0:0 x\n"),
        ("gone", ""),
        ("linked", "linked/ 755 0:0\nlinked/a 644 0:0 a\n"),
        (
            "odd",
            "odd/ 755 0:0\nodd/it- 644 0:0 it\nodd/odd[name 644 0:0 odd\n",
        ),
        ("stage", "stage/ 755 0:0\nstage/f 644 0:0 1\n"),
        ("text", "text/ 755 0:0\ntext/HERE 644 0:0 always\n"),
    ] {
        assert_eq!(image.show(path), expected, "{path}");
    }
    assert_eq!(image.text("parents/dir/sub/y")?, "y\n");
    assert_eq!(image.text("pivot/sub/y")?, "y\n");
    assert_eq!(image.text("unpacked/top/plain")?, "p\n");
    assert!(image.show("parents/gone").is_empty() && image.show("pivot/gone").is_empty());
    Ok(())
}

const RANDOM: &str = "cat /proc/sys/kernel/random/uuid";

#[test]
fn what_stands_on_a_step_that_always_runs_runs_too() -> Result<()> {
    for step in [
        "RUN --no-cache true",
        "COPY --no-cache a /a",
        "ADD --no-cache --link a /a",
    ] {
        // No other test has these steps.
        let dockerfile = format!(
            "FROM alpine\nRUN {RANDOM} > /before # {step}\n{step}\nRUN {RANDOM} > /behind\nFROM scratch\nCOPY --from=0 /before /behind /\n"
        );
        let folder = folder(&dockerfile, &[("a", "a\n")])?;
        let (first, second) = (image(folder.path())?, image(folder.path())?);
        assert_eq!(first.text("before")?, second.text("before")?, "{step}");
        assert_ne!(first.text("behind")?, second.text("behind")?, "{step}");
    }
    Ok(())
}

#[test]
fn a_strict_shell_stops_at_the_first_command_that_fails() -> Result<()> {
    let good = "FROM alpine
RUN --strict printf 'a\\nb\\n' | tail -n 1 > /one; test -s /one
RUN --strict <<EOF
cat /one | tr b c > /two
EOF
RUN --strict <<EOF
#!/bin/sh
cat /two | tr c d > /three
EOF
RUN --strict sh <<EOF
cat /three > /four
EOF
RUN --strict=false false | cat; false; true
FROM scratch
COPY --from=0 /one /two /three /four /
";
    let image = image(folder(good, &[])?.path())?;
    for (path, text) in [("one", "b\n"), ("two", "c\n"), ("three", "d\n"), ("four", "d\n")] {
        assert_eq!(image.text(path)?, text, "{path}");
    }
    for run in [
        "RUN --strict false; true",
        "RUN --strict false | cat",
        "RUN --strict <<EOF\nfalse\ntrue\nEOF",
        "RUN --strict <<EOF\nfalse | cat\ntrue\nEOF",
        "RUN --strict <<EOF\n#!/bin/sh\nfalse\ntrue\nEOF",
        "RUN --strict sh <<EOF\nfalse\ntrue\nEOF",
    ] {
        let said = failure(&format!("FROM alpine\n{run}\n"))?;
        assert!(said.contains("did not complete successfully"), "{run}: {said}");
    }
    Ok(())
}

/// dash of Debian 12 has no pipefail: there a pipe can't be strict, and the shell says so.
#[test]
fn a_shell_without_pipefail_is_told_of() -> Result<()> {
    let image = image(folder("FROM debian:12-slim\nRUN --strict true; echo fine > /fine\n", &[])?.path())?;
    assert_eq!(image.text("fine")?, "fine\n");
    let said = failure("FROM debian:12-slim\nRUN --strict true | cat\n")?;
    assert!(said.contains("pipefail"), "{said}");
    Ok(())
}

#[test]
fn settings_of_the_base_are_taken_out() -> Result<()> {
    let dockerfile = "FROM alpine AS base
ENV A=1 B=2
LABEL one=1 two=2
EXPOSE 80 81
ENTRYPOINT [\"/bin/false\"]
USER 1000
FROM base
UNSET ENV A
UNSET LABEL one
UNSET EXPOSE 80
UNSET ENTRYPOINT
UNSET USER
RUN echo \"${A-none} $B $(id -u)\" > /seen
";
    let image = image(folder(dockerfile, &[])?.path())?;
    assert_eq!(image.text("seen")?, "none 2 0\n");
    let config = &image.config["config"];
    assert_eq!(config["Labels"].to_string(), r#"{"two":"2"}"#);
    assert_eq!(config["ExposedPorts"].to_string(), r#"{"81/tcp":{}}"#);
    assert!(config["Entrypoint"].is_null() && config["User"].as_str().unwrap_or_default().is_empty());
    Ok(())
}

#[test]
fn a_cache_of_a_tool_is_its_users() -> Result<()> {
    let dockerfile = "FROM alpine AS build
USER 1234:2345
ENV HOME=/home/app
RUN --cache=pip stat -c '%u:%g' $HOME/.cache/pip > /tmp/owner && touch $HOME/.cache/pip/kept
RUN --cache=pip ls $HOME/.cache/pip > /tmp/kept
FROM scratch
COPY --from=build /tmp/owner /tmp/kept /
";
    let image = image(folder(dockerfile, &[])?.path())?;
    assert_eq!(image.text("owner")?, "1234:2345\n");
    assert_eq!(image.text("kept")?, "kept\n");
    Ok(())
}

#[test]
fn sources_named_by_variables_are_read() -> Result<()> {
    let dockerfile = "ARG TOOLS=alpine
ARG STAGE=made
FROM alpine AS made
RUN echo made > /made
FROM scratch AS read
COPY --from=$TOOLS /bin/busybox /bb
COPY --from=${STAGE} /made /made
FROM alpine
RUN --mount=from=$STAGE,target=/m cp /m/made /mounted
COPY --from=read /made /made
";
    let image = image(folder(dockerfile, &[])?.path())?;
    assert_eq!(
        (image.text("made")?, image.text("mounted")?),
        ("made\n".to_owned(), "made\n".to_owned())
    );
    Ok(())
}
