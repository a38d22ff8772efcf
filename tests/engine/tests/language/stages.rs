//! Stages: which are built, and what they take from one another.

use anyhow::Result;

use crate::image::{dockerfile, same};

const GRAPH: &str = r#"ARG CHOICE=left
ARG BASE=alpine
FROM ${BASE:-scratch} AS base
RUN echo base > /log # stages
FROM base AS left
RUN echo left >> /log
FROM base AS right
RUN echo right >> /log
FROM busybox:1.36 AS broken
RUN exit 7
FROM ${CHOICE} AS chosen
ARG TARGETSTAGE
ARG TARGETPLATFORM
ARG BUILDPLATFORM
ARG TARGETARCH
RUN echo "$TARGETSTAGE $([ $TARGETPLATFORM = $BUILDPLATFORM ] && echo same) $([ $TARGETPLATFORM = linux/$TARGETARCH ] && echo arch)" >> /log
FROM scratch AS joined
COPY --from=left /log /left
COPY --from=right /log /right
COPY --from=chosen /log /chosen
FROM joined AS again
COPY --from=joined /left /copy
FROM scratch AS metadata
LABEL only=this
FROM broken AS last
COPY --from=again / /
"#;

#[test]
fn only_what_the_target_needs_is_built() -> Result<()> {
    let folder = dockerfile(GRAPH)?;
    let image = same(folder.path(), |build| build.target("again"))?;
    for (path, expected) in [
        ("left", "base|left"),
        ("right", "base|right"),
        ("chosen", "base|left|again same arch"),
        ("copy", "base|left"),
    ] {
        assert_eq!(image.lines(path)?.join("|"), expected, "{path}");
    }
    let steps = |text: &str| {
        image
            .built
            .record
            .vertices
            .iter()
            .filter(|step| step.name.contains(text))
            .count()
    };
    assert_eq!((steps("echo base"), steps("exit 7")), (1, 0));

    let other = same(folder.path(), |build| {
        build.target("JOINED").arg("CHOICE", "right")
    })?;
    assert_eq!(other.lines("chosen")?.join("|"), "base|right|JOINED same arch");
    assert!(!other.files.contains_key("copy"));

    let empty = same(folder.path(), |build| build.target("metadata"))?;
    assert!(empty.files.is_empty() && empty.layers().is_empty());
    assert_eq!(empty.config["config"]["Labels"]["only"], "this");
    Ok(())
}
