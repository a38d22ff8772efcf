//! ONBUILD: what a base image wants done, and what a stage wants done.

use anyhow::Result;
use plimsoll_engine::{Build, Output};

use crate::fixture::engine;
use crate::image::{dockerfile, project, refused_with, same};

const BASE: &str = r#"FROM alpine
WORKDIR /app
ONBUILD ARG WHO=nobody
ONBUILD COPY --from=docker.io/test/payload:1 /payload /out/copied
ONBUILD RUN --mount=from=docker.io/test/payload:1,target=/m cp /m/payload /out/mounted
ONBUILD RUN echo "$WHO" > /out/who
ONBUILD COPY --chown=app --chmod=640 own* ./
ONBUILD ENV FROM_TRIGGER=yes
ONBUILD COPY <<EOF /out/text
	by $WHO
EOF
ONBUILD RUN <<-SCRIPT
	echo script > /out/script
	SCRIPT
ONBUILD LABEL by=trigger
ONBUILD USER app
"#;

#[test]
fn triggers_of_a_base_image() -> Result<()> {
    let engine = engine()?;
    let push = |text: &str, name: &str| -> Result<()> {
        let folder = dockerfile(text)?;
        let build = Build::new(folder.path()).output(Output::Push(name.to_owned()));
        build.run_ok(engine).map(drop)
    };
    push(
        "FROM scratch\nCOPY <<E /payload\ncargo\nE\n",
        "docker.io/test/payload:1",
    )?;
    push(BASE, "docker.io/test/with-triggers:1")?;
    let folder = project(&[
        (
            "Dockerfile",
            "FROM test/with-triggers:1 AS child\n\
             RUN id -u > own.user 2> /dev/null || id -u > /tmp/user\n\
             RUN echo $FROM_TRIGGER > /tmp/variable\n\
             FROM child\n\
             RUN echo second > /tmp/second\n",
        ),
        ("own.txt", "mine\n"),
    ])?;
    let image = same(folder.path(), |build| build.arg("WHO", "me"))?;
    assert_eq!(
        image.show("out"),
        "out/ 755 0:0\nout/copied 644 0:0 cargo\nout/mounted 644 0:0 cargo\nout/script 644 0:0 script\n\
         out/text 644 0:0 \tby me\nout/who 644 0:0 me\n"
    );
    assert_eq!(
        image.show("app"),
        "app/ 755 0:0\napp/own.txt 640 1000:1000 mine\n"
    );
    assert_eq!(image.lines("tmp/user")?, ["1000"]);
    assert_eq!(image.lines("tmp/variable")?, ["yes"]);
    let config = &image.config["config"];
    assert!(config["OnBuild"].is_null(), "{config}");
    assert_eq!(config["Labels"]["by"], "trigger");
    Ok(())
}

#[test]
fn triggers_of_a_stage() -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM alpine AS parent\n\
             RUN mkdir /out # triggers\n\
             ONBUILD RUN echo $PWD >> /out/log\n\
             ONBUILD COPY a /out/\n\
             WORKDIR /after\n\
             FROM parent AS child\n\
             RUN echo child >> /out/log\n\
             FROM child\n\
             RUN echo grandchild >> /out/log\n\
             ONBUILD RUN echo never\n",
        ),
        ("a", "a\n"),
    ])?;
    let image = same(folder.path(), |build| build)?;
    assert_eq!(image.lines("out/log")?, ["/after", "child", "grandchild"]);
    assert_eq!(image.show("out/a"), "out/a 644 0:0 a\n");
    assert_eq!(image.config["config"]["OnBuild"][0], "RUN echo never");
    Ok(())
}

#[test]
fn a_trigger_may_fail() -> Result<()> {
    refused_with(
        "FROM alpine AS p\nONBUILD RUN exit 3\nFROM p\n",
        &[],
        "exit code: 3",
    )
}
