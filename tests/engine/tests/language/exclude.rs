//! COPY and ADD with --exclude.

use anyhow::Result;

use crate::image::{project, same};

#[test]
fn patterns_are_left_out() -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM scratch AS all\n\
             COPY src /all/\n\
             FROM scratch\n\
             COPY --exclude=*.md src /one/\n\
             COPY --exclude=*.md --exclude=!keep.md src /but/\n\
             COPY --exclude=**/*.md --exclude=docs/deep src /two/\n\
             COPY --exclude=docs src/* /wild/\n\
             COPY --exclude=docs/* --link src /linked/\n\
             COPY --from=all --exclude=*.txt --exclude=docs /all /stage/\n\
             ADD --exclude=*.md --exclude=docs --chown=3:4 src /added/\n\
             COPY --exclude=a.txt src/a.txt src/keep.md /named/\n",
        ),
        ("src/a.txt", "a\n"),
        ("src/read.md", "r\n"),
        ("src/keep.md", "k\n"),
        ("src/docs/index.md", "i\n"),
        ("src/docs/deep/b.txt", "b\n"),
    ])?;
    let image = same(folder.path(), |build| build)?;
    let names = |folder: &str| -> String {
        let below = format!("{folder}/");
        let names = image.files.keys().filter_map(|name| name.strip_prefix(&below));
        names.collect::<Vec<_>>().join(" ")
    };
    for (folder, expected) in [
        ("one", "a.txt docs docs/deep docs/deep/b.txt docs/index.md"),
        (
            "but",
            "a.txt docs docs/deep docs/deep/b.txt docs/index.md keep.md",
        ),
        ("two", "a.txt docs"),
        ("wild", "a.txt deep deep/b.txt index.md keep.md read.md"),
        ("linked", "a.txt docs keep.md read.md"),
        ("stage", "keep.md read.md"),
        ("added", "a.txt"),
        ("named", "a.txt keep.md"),
    ] {
        assert_eq!(names(folder), expected, "{folder}");
    }
    assert_eq!(image.show("added"), "added/ 755 3:4\nadded/a.txt 644 3:4 a\n");
    Ok(())
}
