//! COPY: which files, under which names.

use std::os::unix::fs::symlink;

use anyhow::Result;

use crate::image::{CHANGED, project, refused_with, same};

const FILES: [(&str, &str); 10] = [
    (
        "Dockerfile",
        "FROM scratch\n\
             COPY a.txt /renamed\n\
             COPY a.txt dir/\n\
             COPY *.txt /wild/\n\
             COPY [ab].tx? /class/\n\
             COPY dir /contents\n\
             COPY dir/sub a.txt /mixed/\n\
             COPY [\"with space.txt\", \"/spaces to/\"]\n\
             COPY links /links\n\
             COPY links/to-file /followed\n\
             COPY links/to-dir/ /followed-dir/\n\
             COPY .h* /dots/\n\
             COPY absent* a.txt /none/\n\
             COPY absent* /nothing/\n\
             COPY d*/s*/t* /deep/\n\
             WORKDIR /work\n\
             COPY b.txt ./relative/\n\
             COPY b.txt .\n",
    ),
    ("a.txt", "a\n"),
    ("b.txt", "b\n"),
    ("c.md", "c\n"),
    (".hidden", "h\n"),
    ("with space.txt", "s\n"),
    ("dir/one", "1\n"),
    ("dir/.dot", "d\n"),
    ("dir/sub/two", "2\n"),
    ("links/file", "f\n"),
];

#[test]
fn names_wildcards_and_links() -> Result<()> {
    let folder = project(&FILES)?;
    let links = folder.path().join("links");
    symlink("../a.txt", links.join("to-file"))?;
    symlink("../dir", links.join("to-dir"))?;
    symlink("/absent", links.join("dangling"))?;
    let image = same(folder.path(), |build| build)?;
    for (path, expected) in [
        ("renamed", "renamed 644 0:0 a\n"),
        ("dir", "dir/ 755 0:0\ndir/a.txt 644 0:0 a\n"),
        (
            "wild",
            "wild/ 755 0:0\nwild/a.txt 644 0:0 a\nwild/b.txt 644 0:0 b\nwild/with space.txt 644 0:0 s\n",
        ),
        (
            "class",
            "class/ 755 0:0\nclass/a.txt 644 0:0 a\nclass/b.txt 644 0:0 b\n",
        ),
        (
            "contents",
            "contents/ 755 0:0\ncontents/.dot 644 0:0 d\ncontents/one 644 0:0 1\ncontents/sub/ 755 0:0\n\
             contents/sub/two 644 0:0 2\n",
        ),
        (
            "mixed",
            "mixed/ 755 0:0\nmixed/a.txt 644 0:0 a\nmixed/two 644 0:0 2\n",
        ),
        (
            "spaces to",
            "spaces to/ 755 0:0\nspaces to/with space.txt 644 0:0 s\n",
        ),
        (
            "links",
            "links/ 755 0:0\nlinks/dangling -> /absent 0:0\nlinks/file 644 0:0 f\nlinks/to-dir -> ../dir 0:0\n\
             links/to-file -> ../a.txt 0:0\n",
        ),
        ("followed", "followed 644 0:0 a\n"),
        (
            "followed-dir",
            "followed-dir/ 755 0:0\nfollowed-dir/.dot 644 0:0 d\nfollowed-dir/one 644 0:0 1\n\
             followed-dir/sub/ 755 0:0\nfollowed-dir/sub/two 644 0:0 2\n",
        ),
        ("dots", "dots/ 755 0:0\ndots/.hidden 644 0:0 h\n"),
        ("none", "none/ 755 0:0\nnone/a.txt 644 0:0 a\n"),
        ("deep", "deep/ 755 0:0\ndeep/two 644 0:0 2\n"),
        (
            "work",
            "work/ 755 0:0\nwork/b.txt 644 0:0 b\nwork/relative/ 755 0:0\nwork/relative/b.txt 644 0:0 b\n",
        ),
    ] {
        assert_eq!(image.show(path), expected);
    }
    for path in ["renamed", "contents/sub/two", "followed", "work/b.txt"] {
        assert_eq!(image.mtime(path)?, CHANGED, "{path}");
    }
    Ok(())
}

#[test]
fn ignored_files_do_not_reach_the_image() -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM scratch\nCOPY . /all/\nCOPY build/kept *.md /some/\n",
        ),
        (
            ".dockerignore",
            "# what is not shipped\n*.md\n!keep.md\n\nbuild\n!build/kept\n**/*.tmp\n/deep/*/x\n  spaced  \n",
        ),
        ("read.md", ""),
        ("keep.md", "k\n"),
        ("sub/read.md", "below\n"),
        ("build/out", ""),
        ("build/kept", "b\n"),
        ("a.tmp", ""),
        ("sub/deep/b.tmp", ""),
        ("deep/1/x", ""),
        ("deep/1/y", "y\n"),
        ("spaced", ""),
        (".env", "e\n"),
    ])?;
    let image = same(folder.path(), |build| build)?;
    let names: Vec<&str> = image
        .files
        .keys()
        .map(String::as_str)
        .filter(|name| name.starts_with("all/"))
        .collect();
    assert_eq!(
        names,
        [
            "all/.dockerignore",
            "all/.env",
            "all/Dockerfile",
            "all/build",
            "all/build/kept",
            "all/deep",
            "all/deep/1",
            "all/deep/1/y",
            "all/keep.md",
            "all/sub",
            "all/sub/deep",
            "all/sub/read.md",
        ]
    );
    assert_eq!(
        image.show("some"),
        "some/ 755 0:0\nsome/keep.md 644 0:0 k\nsome/kept 644 0:0 b\n"
    );
    Ok(())
}

#[test]
fn from_stages_and_images() -> Result<()> {
    let folder = project(&[(
        "Dockerfile",
        "FROM alpine AS Made\n\
         RUN mkdir -p /out/sub && echo 1 > /out/one && echo 2 > /out/sub/two && ln -s one /out/link && chown -R 5:6 /out \\\n\
         && chmod 750 /out/sub && touch -d @1500000000 /out/one\n\
         FROM scratch AS second\n\
         COPY --from=made /out /by-name/\n\
         COPY --from=0 out/one /by-index\n\
         COPY --from=busybox:1.36 /etc/group /image/\n\
         FROM second\n\
         COPY --from=SECOND /by-name/link /linked\n",
    )])?;
    let image = same(folder.path(), |build| build)?;
    assert_eq!(
        image.show("by-name"),
        "by-name/ 755 0:0\nby-name/link -> one 5:6\nby-name/one 644 5:6 1\nby-name/sub/ 750 5:6\nby-name/sub/two 644 5:6 2\n"
    );
    assert_eq!(image.show("by-index"), "by-index 644 5:6 1\n");
    assert_eq!(image.show("linked"), "linked 644 5:6 1\n");
    assert_eq!(image.mtime("by-index")?, 1_500_000_000);
    assert!(
        image
            .show("image/group")
            .starts_with("image/group 644 0:0 root:x:0:")
    );
    Ok(())
}

#[test]
fn what_is_not_there_is_refused() -> Result<()> {
    refused_with("FROM scratch\nCOPY absent /\n", &[], "absent")?;
    refused_with(
        "FROM scratch\nCOPY gone /\n",
        &[("gone", ""), (".dockerignore", "gone\n")],
        "gone",
    )?;
    refused_with(
        "FROM scratch AS x\nFROM scratch\nCOPY --from=x /absent /\n",
        &[],
        "absent",
    )
}
