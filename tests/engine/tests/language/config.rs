//! What a stage's state means to its commands, and what becomes of it in the image's config.

use anyhow::Result;
use serde_json::json;

use crate::image::{dockerfile, same};

const STATE: &str = r#"ARG GLOBAL=global
FROM alpine AS base
ARG INHERITED=from-base
ENV KEPT=kept
FROM base AS build
ARG GLOBAL
ARG DEFAULT=default GIVEN=default EMPTY
ARG LATE=$DEFAULT-and-more
ENV FIRST=argument
ARG FIRST=ignored
ARG SECOND=argument
ENV SECOND=environment
ENV OLD=1
ENV OLD=2 SEEN=$OLD
ENV QUOTED="two  words" ESCAPED=a\ b SINGLE='$OLD' legacy=x
ENV LEGACY all of the $OLD line
RUN mkdir /out && env | grep -v -E '^(HOSTNAME|SHLVL|PWD|HOME|PATH|OTEL|TRACEPARENT)' | sort > /out/env
RUN OLD=3 && echo "$OLD ${OLD} $$OLD" | sed 's/^3 3 [0-9]*OLD/dollars/' > /out/shell
RUN echo "${UNSET:-from the shell} ${DEFAULT%ult}" > /out/operators
RUN ["/bin/sh", "-c", "echo $DEFAULT $0 \"$1\" > /out/exec", "zero", "one  $DEFAULT"]
SHELL ["/bin/sh", "-eu", "-x", "-c"]
RUN echo $- | sed 's/[^eux]//g' > /out/shell-flags
SHELL ["/bin/busybox", "sh", "-c"]
RUN readlink /proc/self/exe > /out/busybox
RUN echo first && \
    # a comment in between
    echo "joined   line" \
    > /out/continued
USER 1234
RUN echo $(id -u):$(id -g) > /tmp/by-id
USER 1234:5678
RUN echo $(id -u):$(id -g) > /tmp/by-ids
USER app
RUN echo $(id -u):$(id -g) $HOME > /tmp/by-name
USER app:bin
RUN echo $(id -u):$(id -g) $(id -G) > /tmp/by-names
ARG ROLE=nobody
USER ${ROLE}
RUN echo $(id -u):$(id -g) > /tmp/by-argument
"#;

#[test]
fn what_commands_see() -> Result<()> {
    let folder = dockerfile(STATE)?;
    let image = same(folder.path(), |build| {
        build.arg("GIVEN", "given").arg("FIRST", "given too")
    })?;
    assert_eq!(
        image.lines("out/env")?,
        [
            "DEFAULT=default",
            "ESCAPED=a b",
            "FIRST=given too",
            "GIVEN=given",
            "GLOBAL=global",
            "INHERITED=from-base",
            "KEPT=kept",
            "LATE=default-and-more",
            "LEGACY=all of the 2 line",
            "OLD=2",
            "QUOTED=two  words",
            "SECOND=environment",
            "SEEN=1",
            "SINGLE=$OLD",
            "legacy=x",
        ]
    );
    for (path, expected) in [
        ("out/shell", "dollars"),
        ("out/operators", "from the shell defa"),
        ("out/exec", "default zero one  $DEFAULT"),
        ("out/shell-flags", "uxe"),
        ("out/busybox", "/bin/busybox"),
        ("out/continued", "joined   line"),
        ("tmp/by-id", "1234:0"),
        ("tmp/by-ids", "1234:5678"),
        ("tmp/by-name", "1000:1000 /home/app"),
        ("tmp/by-names", "1000:1 1"),
        ("tmp/by-argument", "65534:65534"),
    ] {
        assert_eq!(image.lines(path)?.join("|"), expected, "{path}");
    }
    let env = &image.config["config"]["Env"];
    assert!(
        !env.to_string().contains("DEFAULT=") && !env.to_string().contains("GIVEN="),
        "{env}"
    );
    Ok(())
}

#[test]
fn what_the_proxy_arguments_do() -> Result<()> {
    let folder = dockerfile("FROM alpine\nRUN echo $http_proxy $HTTP_PROXY $no_proxy > /seen\n")?;
    let proxied = |build: plimsoll_engine::Build| {
        build
            .arg("http_proxy", "http://127.0.0.1:9")
            .arg("NO_PROXY", "127.0.0.1")
    };
    let image = same(folder.path(), proxied)?;
    assert_eq!(
        image.lines("seen")?,
        ["http://127.0.0.1:9 http://127.0.0.1:9 127.0.0.1"]
    );
    assert!(!image.config["config"]["Env"].to_string().contains("roxy"));
    Ok(())
}

const CONFIG: &str = r#"FROM alpine
LABEL one=1 "two words"="a  b" multi="line \
continued"
LABEL one=again version="${PATH:+set}"
EXPOSE 80 443/tcp 53/UDP 8000-8002
VOLUME /data ["/odd"]
VOLUME ["/var/lib/a b", "/more"]
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=5s --timeout=1m30s --start-period=100ms --start-interval=1s --retries=3 CMD test -e /ready || exit 1
USER app:bin
WORKDIR /srv/app
WORKDIR sub
ENTRYPOINT ["/bin/sh", "-c"]
CMD echo $PWD
ONBUILD RUN true
SHELL ["/bin/sh", "-ec"]
MAINTAINER someone@example.com
"#;

#[test]
fn what_goes_into_the_config() -> Result<()> {
    let image = same(dockerfile(CONFIG)?.path(), |build| build)?;
    let config = &image.config["config"];
    for (key, expected) in [
        ("User", json!("app:bin")),
        ("WorkingDir", json!("/srv/app/sub")),
        ("StopSignal", json!("SIGQUIT")),
        ("Entrypoint", json!(["/bin/sh", "-c"])),
        ("Cmd", json!(["/bin/sh", "-c", "echo $PWD"])),
        ("Shell", json!(["/bin/sh", "-ec"])),
        ("OnBuild", json!(["RUN true"])),
        (
            "ExposedPorts",
            json!({"80/tcp": {}, "443/tcp": {}, "53/udp": {}, "8000/tcp": {}, "8001/tcp": {}, "8002/tcp": {}}),
        ),
        (
            "Volumes",
            json!({"/data": {}, "[/odd]": {}, "/var/lib/a b": {}, "/more": {}}),
        ),
        (
            "Labels",
            json!({"one": "again", "two words": "a  b", "multi": "line continued", "version": "set"}),
        ),
        (
            "Healthcheck",
            json!({
                "Test": ["CMD-SHELL", "test -e /ready || exit 1"],
                "Interval": 5_000_000_000_u64,
                "Timeout": 90_000_000_000_u64,
                "StartPeriod": 100_000_000,
                "StartInterval": 1_000_000_000,
                "Retries": 3,
            }),
        ),
    ] {
        assert_eq!(config[key], expected, "{key}");
    }
    assert_eq!(image.config["author"], "someone@example.com");
    Ok(())
}
