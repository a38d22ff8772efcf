//! COPY --parents: the folders above the sources come along.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use anyhow::Result;

use crate::image::{project, refused_with, same};

#[test]
fn folders_come_along() -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM alpine AS made\n\
             RUN mkdir -p /src/x/y && echo z > /src/x/y/z && chown -R 7:8 /src && chmod 711 /src/x\n\
             FROM scratch\n\
             COPY --parents a/b/one.txt c/two.txt /plain/\n\
             COPY --parents a/./b/*.txt /pivot/\n\
             COPY --parents ./a/*/one.txt /star/\n\
             COPY --parents **/*.txt /deep/\n\
             COPY --parents --exclude=**/two.txt a/**/*.txt c /except/\n\
             COPY --parents --from=made /src/./x/y/z /from/\n\
             COPY --parents --from=made /src/x/y /whole/\n\
             COPY --parents --link --chown=1:2 a/b/one.txt /linked/\n\
             COPY --parents=false a/b/one.txt /not/\n\
             COPY --parents absent*/file c/./two.txt /some/\n",
        ),
        ("a/b/one.txt", "1\n"),
        ("a/b/d/three.txt", "3\n"),
        ("a/other.md", ""),
        ("c/two.txt", "2\n"),
        ("top.txt", "0\n"),
    ])?;
    fs::set_permissions(folder.path().join("a/b"), Permissions::from_mode(0o750))?;
    let image = same(folder.path(), |build| build)?;
    for (path, expected) in [
        (
            "plain",
            "plain/ 755 0:0\nplain/a/ 755 0:0\nplain/a/b/ 750 0:0\nplain/a/b/one.txt 644 0:0 1\nplain/c/ 755 0:0\n\
             plain/c/two.txt 644 0:0 2\n",
        ),
        (
            "pivot",
            "pivot/ 755 0:0\npivot/b/ 750 0:0\npivot/b/one.txt 644 0:0 1\n",
        ),
        (
            "star",
            "star/ 755 0:0\nstar/a/ 755 0:0\nstar/a/b/ 750 0:0\nstar/a/b/one.txt 644 0:0 1\n",
        ),
        (
            "deep",
            "deep/ 755 0:0\ndeep/a/ 755 0:0\ndeep/a/b/ 750 0:0\ndeep/a/b/d/ 755 0:0\ndeep/a/b/d/three.txt 644 0:0 3\n\
             deep/a/b/one.txt 644 0:0 1\ndeep/c/ 755 0:0\ndeep/c/two.txt 644 0:0 2\ndeep/top.txt 644 0:0 0\n",
        ),
        (
            "except",
            "except/ 755 0:0\nexcept/a/ 755 0:0\nexcept/a/b/ 750 0:0\nexcept/a/b/d/ 755 0:0\n\
             except/a/b/d/three.txt 644 0:0 3\nexcept/a/b/one.txt 644 0:0 1\nexcept/c/ 755 0:0\n",
        ),
        (
            "from",
            "from/ 755 0:0\nfrom/x/ 711 7:8\nfrom/x/y/ 755 7:8\nfrom/x/y/z 644 7:8 z\n",
        ),
        (
            "whole",
            "whole/ 755 0:0\nwhole/src/ 755 7:8\nwhole/src/x/ 711 7:8\nwhole/src/x/y/ 755 7:8\n\
             whole/src/x/y/z 644 7:8 z\n",
        ),
        (
            "linked",
            "linked/ 755 1:2\nlinked/a/ 755 1:2\nlinked/a/b/ 750 1:2\nlinked/a/b/one.txt 644 1:2 1\n",
        ),
        ("not", "not/ 755 0:0\nnot/one.txt 644 0:0 1\n"),
        ("some", "some/ 755 0:0\nsome/two.txt 644 0:0 2\n"),
    ] {
        assert_eq!(image.show(path), expected);
    }
    Ok(())
}

#[test]
fn a_path_without_wildcards_must_be_there() -> Result<()> {
    refused_with("FROM scratch\nCOPY --parents absent/file /x/\n", &[], "absent")?;
    refused_with(
        "FROM scratch\nCOPY --parents there/./absent /x/\n",
        &[("there/is", "")],
        "absent",
    )
}
