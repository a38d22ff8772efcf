//! COPY --link: layers that do not depend on what is below them.

use anyhow::{Context, Result, ensure};
use plimsoll_engine::Vertex;

use crate::image::{CHANGED, project, same};

#[test]
fn a_linked_layer_outlives_its_base() -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM alpine AS base\n\
             ARG VERSION\n\
             RUN mkdir -p /real && ln -s /real /link && echo $VERSION > /version\n\
             FROM base\n\
             COPY --link --chown=12:34 a /link/\n\
             COPY --link dir /deep/er/\n\
             COPY --link=true --from=base /etc/shells /shells\n\
             ADD --link dir /added/\n\
             COPY --link=false a /real/plain\n\
             WORKDIR /work\n\
             COPY --link a ./relative\n",
        ),
        ("a", "a\n"),
        ("dir/b", "b\n"),
    ])?;
    let first = same(folder.path(), |build| build.arg("VERSION", "1"))?;
    // The link of the base gives way to a folder: the layer was made without a look at it.
    assert_eq!(first.show("link"), "link/ 755 12:34\nlink/a 644 12:34 a\n");
    assert_eq!(first.show("real"), "real/ 755 0:0\nreal/plain 644 0:0 a\n");
    assert_eq!(
        first.show("deep"),
        "deep/ 755 0:0\ndeep/er/ 755 0:0\ndeep/er/b 644 0:0 b\n"
    );
    assert_eq!(first.show("added"), "added/ 755 0:0\nadded/b 644 0:0 b\n");
    assert_eq!(first.show("work"), "work/ 755 0:0\nwork/relative 644 0:0 a\n");
    assert_eq!(first.mtime("link/a")?, CHANGED);

    let second = same(folder.path(), |build| build.arg("VERSION", "2"))?;
    assert_eq!(second.lines("version")?, ["2"]);
    let step = |text: &str| -> Result<&Vertex> { second.built.record.find(text).context(text.to_owned()) };
    // The steps named LINK put what these made over the base.
    for linked in [
        "] COPY --link --chown",
        "] COPY --link dir",
        "] ADD --link dir",
        "] COPY --link a",
    ] {
        let step = step(linked)?;
        ensure!(step.cached, "{} ran again", step.name);
    }
    for other in ["RUN mkdir", "] COPY --link=false"] {
        let step = step(other)?;
        ensure!(!step.cached, "{} did not run again", step.name);
    }
    // The same layers lie on the other base: all but those of the base's RUN, of the other COPY and of WORKDIR.
    let (before, layers) = (first.layers(), second.layers());
    assert_eq!((before.len(), layers.len()), (9, 9));
    for linked in [2, 3, 4, 5, 8] {
        assert_eq!(before[linked], layers[linked], "layer {linked}");
    }
    assert_ne!(before[1], layers[1]);
    Ok(())
}
