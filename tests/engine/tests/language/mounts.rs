//! RUN --mount=type=bind and tmpfs.

use anyhow::Result;

use crate::image::{project, refused_with, same};

const BINDS: &str = r"FROM alpine AS other
RUN mkdir -p /data/sub && echo from-stage > /data/sub/file && ln -s data /link
FROM alpine
RUN mkdir /out # binds
RUN --mount=target=/src cat /src/a > /out/default && ! touch /src/more 2> /dev/null
RUN --mount=type=bind,target=/src,rw echo leak > /src/a && cat /src/a > /out/written && touch /src/more
RUN --mount=type=bind,target=/src cat /src/a > /out/unchanged && ls /src > /out/names
RUN --mount=type=bind,source=dir,target=/src cat /src/b > /out/folder
RUN --mount=type=bind,source=dir/b,target=/single cat /single > /out/file
RUN --mount=type=bind,from=other,source=/data/sub,target=/src cat /src/file > /out/stage
RUN --mount=from=other,src=link/sub,dst=/src cat /src/file > /out/through-link
RUN --mount=from=busybox:1.36,source=/etc/group,target=/src head -n1 /src > /out/image
RUN --mount=from=other,target=/src,rw rm -r /src/data && ls -d /src/data 2>/dev/null > /out/removed || true
RUN --mount=from=other,target=/src,readonly=true ls -d /src/data > /out/still
RUN --mount=type=bind,target=/etc/hidden ls /etc/hidden/a > /out/inner
WORKDIR /work
RUN --mount=type=bind,source=a,target=rel cat /work/rel > /out/relative
RUN --mount=type=bind,target=. ls > /out/here
USER app
RUN --mount=type=bind,target=/src ! touch /src/a 2> /dev/null && cat /src/a > /dev/null
";

#[test]
fn binds_are_not_in_the_image() -> Result<()> {
    let folder = project(&[
        ("Dockerfile", BINDS),
        (".dockerignore", "Dockerfile\n.dockerignore\n"),
        ("a", "from the context\n"),
        ("dir/b", "in a folder\n"),
    ])?;
    let image = same(folder.path(), |build| build)?;
    for (path, expected) in [
        ("default", "from the context"),
        ("written", "leak"),
        ("unchanged", "from the context"),
        ("names", "a|dir"),
        ("folder", "in a folder"),
        ("file", "in a folder"),
        ("stage", "from-stage"),
        ("through-link", "from-stage"),
        ("image", "root:x:0:root"),
        ("removed", ""),
        ("still", "/src/data"),
        ("inner", "/etc/hidden/a"),
        ("relative", "from the context"),
        ("here", "a|dir"),
    ] {
        assert_eq!(image.lines(&format!("out/{path}"))?.join("|"), expected, "{path}");
    }
    for file in ["src/a", "src/more", "src/data", "etc/hidden/a", "work/a"] {
        assert!(!image.files.contains_key(file), "{file} is in the image");
    }
    Ok(())
}

const TMPFS: &str = r"FROM alpine
RUN mkdir /out && echo below > /opt/file
RUN --mount=type=tmpfs,target=/t,size=64m df -k /t | tail -n1 | awk '{ print $1, $2 }' > /out/size && echo x > /t/file
RUN --mount=type=tmpfs,target=/t,size=1048576 df -k /t | tail -n1 | awk '{ print $1, $2 }' > /out/bytes
RUN --mount=type=tmpfs,target=/t ls /t > /out/empty
RUN --mount=type=tmpfs,target=/opt ls /opt > /out/covered && touch /opt/more
RUN ls /opt > /out/uncovered
";

#[test]
fn folders_in_memory() -> Result<()> {
    let image = same(project(&[("Dockerfile", TMPFS)])?.path(), |build| build)?;
    for (path, expected) in [
        ("size", "tmpfs 65536"),
        ("bytes", "tmpfs 1024"),
        ("empty", ""),
        ("covered", ""),
        ("uncovered", "file"),
    ] {
        assert_eq!(image.lines(&format!("out/{path}"))?.join("|"), expected, "{path}");
    }
    Ok(())
}

#[test]
fn what_is_not_there_is_refused() -> Result<()> {
    refused_with(
        "FROM alpine\nRUN --mount=source=absent,target=/x true\n",
        &[],
        "absent",
    )?;
    refused_with(
        "FROM alpine\nRUN --mount=type=bind,size=1m,target=/x true\n",
        &[],
        "size",
    )?;
    refused_with(
        "FROM alpine\nRUN --mount=type=tmpfs,target=/x,size=some true\n",
        &[],
        "some",
    )
}
