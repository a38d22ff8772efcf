//! WORKDIR: whose the folder is, and when it was made.

use anyhow::Result;

use crate::image::{CHANGED, project, same};

#[test]
fn folders_are_made_for_root() -> Result<()> {
    let folder = project(&[(
        "Dockerfile",
        "FROM alpine\n\
         ARG WHERE=deep\n\
         WORKDIR /one\n\
         WORKDIR two/$WHERE/\n\
         WORKDIR ../up\n\
         RUN pwd > /pwd\n\
         USER app\n\
         WORKDIR /home/app/own\n\
         RUN pwd > /tmp/own && stat -c %u . >> /tmp/own\n\
         USER root\n\
         RUN mkdir /closed && chmod 700 /closed && chown 9:9 /closed && ln -s /closed /link\n\
         WORKDIR /closed\n\
         WORKDIR /link/below\n",
    )])?;
    let image = same(folder.path(), |build| build)?;
    assert_eq!(
        image.show("one"),
        "one/ 755 0:0\none/two/ 755 0:0\none/two/deep/ 755 0:0\none/two/up/ 755 0:0\n"
    );
    assert_eq!(image.lines("pwd")?, ["/one/two/up"]);
    assert_eq!(image.lines("tmp/own")?, ["/home/app/own", "1000"]);
    assert_eq!(image.show("closed"), "closed/ 700 9:9\nclosed/below/ 755 0:0\n");
    assert_eq!(image.config["config"]["WorkingDir"], "/link/below");
    Ok(())
}

#[test]
fn an_epoch_is_the_time_of_new_folders_and_of_the_image() -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM alpine AS base\n\
             ARG SOURCE_DATE_EPOCH\n\
             RUN echo $SOURCE_DATE_EPOCH > /ran\n\
             FROM scratch\n\
             COPY --from=base /ran /ran\n\
             WORKDIR /work/there\n\
             COPY a /a\n",
        ),
        ("a", "a\n"),
    ])?;
    let epoch = 1_111_111_111;
    let image = same(folder.path(), |build| {
        build.arg("SOURCE_DATE_EPOCH", &epoch.to_string())
    })?;
    assert_eq!(image.mtime("work/there")?, epoch);
    assert_eq!(image.lines("ran")?, [epoch.to_string()]);
    assert_eq!(image.mtime("a")?, CHANGED);
    assert_eq!(image.config["created"], "2005-03-18T01:58:31Z");
    Ok(())
}
