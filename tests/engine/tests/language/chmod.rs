//! COPY and ADD with --chmod and --chown.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use anyhow::Result;

use crate::add::archive;
use crate::fixture::write;
use crate::image::{project, refused_with, same};

#[test]
fn modes_octal_and_symbolic() -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM scratch\n\
             ARG MODE=g+w,o-r\n\
             COPY --chmod=640 f /octal\n\
             COPY --chmod=0 f /none\n\
             COPY --chmod=04755 f /suid\n\
             COPY --chmod=1777 tree /sticky\n\
             COPY --chmod=u=rwX,go=rX tree /x\n\
             COPY --chmod=+x f /plus\n\
             COPY --chmod=a-w f /minus\n\
             COPY --chmod=go= f /empty\n\
             COPY --chmod=u+s,g+s f /set\n\
             COPY --chmod=g=u f /like\n\
             COPY --chmod=$MODE f /by-argument\n\
             COPY --chmod=u=rwX,g=rX,o= --chown=7:8 tree /both\n\
             COPY --chmod=go-r --link f /linked/f\n\
             COPY --chmod=700 <<END /text\n\
             hi\n\
             END\n\
             ADD --chmod=600 f /added\n\
             ADD --chmod=o-rx,g+w archive.tar /unpacked/\n",
        ),
        ("f", "f\n"),
        ("tree/file", "1\n"),
        ("tree/tool", "2\n"),
        ("tree/sub/deep", "3\n"),
    ])?;
    write(folder.path(), "archive.tar", &archive()?)?;
    fs::set_permissions(folder.path().join("tree/tool"), Permissions::from_mode(0o711))?;
    fs::set_permissions(folder.path().join("tree/sub"), Permissions::from_mode(0o700))?;
    let image = same(folder.path(), |build| build)?;
    for (path, expected) in [
        ("octal", "octal 640 0:0 f\n"),
        ("none", "none 0 0:0 f\n"),
        ("suid", "suid 4755 0:0 f\n"),
        (
            "sticky",
            "sticky/ 777 0:0\nsticky/file 1777 0:0 1\nsticky/sub/ 1777 0:0\nsticky/sub/deep 1777 0:0 3\n\
             sticky/tool 1777 0:0 2\n",
        ),
        (
            "x",
            "x/ 755 0:0\nx/file 644 0:0 1\nx/sub/ 755 0:0\nx/sub/deep 644 0:0 3\nx/tool 755 0:0 2\n",
        ),
        ("plus", "plus 755 0:0 f\n"),
        ("minus", "minus 444 0:0 f\n"),
        ("empty", "empty 600 0:0 f\n"),
        ("set", "set 6644 0:0 f\n"),
        ("like", "like 664 0:0 f\n"),
        ("by-argument", "by-argument 660 0:0 f\n"),
        (
            "both",
            "both/ 755 7:8\nboth/file 640 7:8 1\nboth/sub/ 750 7:8\nboth/sub/deep 640 7:8 3\nboth/tool 750 7:8 2\n",
        ),
        ("linked", "linked/ 755 0:0\nlinked/f 600 0:0 f\n"),
        ("text", "text 700 0:0 hi\n"),
        ("added", "added 600 0:0 f\n"),
        (
            "unpacked",
            "unpacked/ 755 0:0\nunpacked/top/ 750 12:34\nunpacked/top/link -> plain 12:34\nunpacked/top/plain 640 12:34 p\n\
             unpacked/top/tool 4755 12:34 t\n",
        ),
    ] {
        assert_eq!(image.show(path), expected);
    }
    Ok(())
}

#[test]
fn owners_by_id_and_by_the_names_of_the_stage() -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM alpine\n\
             ARG WHO=bin\n\
             RUN echo 'made:x:4321:99::/:' >> /etc/passwd && echo 'crew:x:77:' >> /etc/group\n\
             COPY --chown=app f /name\n\
             COPY --chown=app:daemon f /names\n\
             COPY --chown=1234 f /id\n\
             COPY --chown=1234:5678 f /ids\n\
             COPY --chown=1234:crew f /mixed\n\
             COPY --chown=made:7 tree /made/of/tree\n\
             COPY --chown=made f /made/f\n\
             COPY --chown=$WHO:${WHO} f /by-argument\n\
             ADD --chown=nobody f /added\n\
             USER app\n\
             COPY f /still-root\n\
             COPY --chown=root tree/deep /home/app/deep\n",
        ),
        ("f", "f\n"),
        ("tree/deep/file", "1\n"),
    ])?;
    let image = same(folder.path(), |build| build)?;
    for (path, expected) in [
        ("name", "name 644 1000:1000 f\n"),
        ("names", "names 644 1000:2 f\n"),
        ("id", "id 644 1234:1234 f\n"),
        ("ids", "ids 644 1234:5678 f\n"),
        ("mixed", "mixed 644 1234:77 f\n"),
        (
            "made",
            "made/ 755 4321:7\nmade/f 644 4321:99 f\nmade/of/ 755 4321:7\nmade/of/tree/ 755 4321:7\n\
             made/of/tree/deep/ 755 4321:7\nmade/of/tree/deep/file 644 4321:7 1\n",
        ),
        ("by-argument", "by-argument 644 1:1 f\n"),
        ("added", "added 644 65534:65534 f\n"),
        ("still-root", "still-root 644 0:0 f\n"),
        (
            "home/app/deep",
            "home/app/deep/ 755 0:0\nhome/app/deep/file 644 0:0 1\n",
        ),
    ] {
        assert_eq!(image.show(path), expected);
    }
    Ok(())
}

#[test]
fn names_that_nobody_has() -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM alpine\n\
             COPY --chown=ghost f /user\n\
             COPY --chown=app:ghosts f /group\n",
        ),
        ("f", "f\n"),
    ])?;
    // It is the daemon that looks the names up, and it does without them.
    let image = same(folder.path(), |build| build)?;
    assert_eq!(image.show("user"), "user 644 0:0 f\n");
    assert_eq!(image.show("group"), "group 644 1000:1000 f\n");
    refused_with(
        "FROM scratch\nCOPY --chown=app f /\n",
        &[("f", "")],
        "invalid user index",
    )
}
