//! .dockerignore: which files a client sends.

use anyhow::{Context, Result};

use crate::image::{project, same};

const FILES: [&str; 16] = [
    "a.txt",
    "b.md",
    "keep.md",
    "!bang",
    "#hash",
    "x y",
    "sub/a.txt",
    "sub/b.md",
    "sub/deep/a.txt",
    "sub/deep/c.go",
    "sub/deep/er/c.go",
    "node/index.js",
    "node/lib/index.js",
    "vendor/x/y",
    "vendor/keep/z",
    "1/2/3/4",
];

/// What is left of [`FILES`] in an image with all of the context.
fn left(ignore: &str) -> Result<String> {
    let mut files = vec![
        ("Dockerfile", "FROM scratch\nCOPY . /all/\n"),
        (".dockerignore", ignore),
    ];
    files.extend(FILES.map(|path| (path, path)));
    let folder = project(&files)?;
    let image = same(folder.path(), |build| build)?;
    let paths = image.files.keys().filter_map(|path| path.strip_prefix("all/"));
    let own = paths.filter(|path| ![".dockerignore", "Dockerfile"].contains(path));
    let lasting: Vec<&str> = own.collect();
    Ok(lasting.join(" "))
}

#[test]
fn patterns() -> Result<()> {
    let cases = [
        (
            "*\n!sub/deep\n!*.md\nsub/deep/er\n",
            "b.md keep.md sub sub/deep sub/deep/a.txt sub/deep/c.go",
        ),
        (
            "\u{feff}sub/\r\n# c\r\n/vendor\r\n./node\r\n\r\n1/./2\r\n\\!bang\r\n\\#hash\r\n  x y \r\n",
            "1 a.txt b.md keep.md",
        ),
        (
            "**/*.txt\n!sub/a.txt\n[a-b].*\n**/deep/*.go\n*/*/y\nnode/**\n?/2/3\n",
            "!bang #hash 1 1/2 keep.md node sub sub/a.txt sub/b.md sub/deep sub/deep/er sub/deep/er/c.go vendor \
             vendor/keep vendor/keep/z vendor/x x y",
        ),
        (
            "..\n../sub\n1/../node\n.\n#hash\n!bang\nDockerfile\n.dockerignore\nvendor/*\n! vendor/keep/\n",
            "!bang #hash 1 1/2 1/2/3 1/2/3/4 a.txt b.md keep.md sub sub/a.txt sub/b.md sub/deep sub/deep/a.txt \
             sub/deep/c.go sub/deep/er sub/deep/er/c.go vendor vendor/keep vendor/keep/z x y",
        ),
    ];
    for (ignore, expected) in cases {
        let found = left(ignore).with_context(|| format!("{ignore:?}"))?;
        assert_eq!(found, expected, "{ignore:?}");
    }
    Ok(())
}
