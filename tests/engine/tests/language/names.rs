//! COPY: odd names, odd paths, and destinations that are there already.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use anyhow::Result;

use crate::image::{project, refused_with, same};

const ODD: &str = r#"FROM scratch
ENV TO=/by-variable EMPTY=
COPY a\*b /star
COPY ["a*b", "/star-json/"]
COPY [[]x]* /brackets/
COPY [^a-z.D]* /negated/
COPY \$cost /dollar
COPY ${EMPTY}-dash /dash
COPY ["-dash", "ü ñ", "c,d", "/json/"]
COPY --link -- -dash /after-flags
COPY "quo"ted 'quo'te\d /quoted/
COPY /rooted ../../rooted ./rooted /rooted
COPY dir/../rooted /up
COPY dir/. /dot/
COPY ./dir/./sub// /slashes//
COPY rooted $TO/
COPY rooted ${TO}/$EMPTY./named
COPY rooted //double///slash
COPY rooted /a/../cleaned
COPY *d /mixed
WORKDIR /work
COPY rooted ..
COPY rooted ./
COPY rooted sub/../other
COPY dir .
"#;

#[test]
fn odd_names_and_paths() -> Result<()> {
    let folder = project(&[
        ("Dockerfile", ODD),
        ("a*b", "star\n"),
        ("aXb", "no star\n"),
        ("[x]y", "brackets\n"),
        ("$cost", "dollar\n"),
        ("-dash", "dash\n"),
        ("ü ñ", "letters\n"),
        ("c,d", "comma\n"),
        ("quoted", "quotes\n"),
        ("rooted", "rooted\n"),
        ("0", "zero\n"),
        ("dir/f", "f\n"),
        ("dir/sub/g", "g\n"),
    ])?;
    let image = same(folder.path(), |build| build)?;
    for (path, expected) in [
        // The backslash is gone before the daemon looks for files, so this star is a wildcard.
        ("star", "star 644 0:0 no star\n"),
        (
            "star-json",
            "star-json/ 755 0:0\nstar-json/a*b 644 0:0 star\nstar-json/aXb 644 0:0 no star\n",
        ),
        ("brackets", "brackets/ 755 0:0\nbrackets/[x]y 644 0:0 brackets\n"),
        (
            "negated",
            "negated/ 755 0:0\nnegated/$cost 644 0:0 dollar\nnegated/-dash 644 0:0 dash\nnegated/0 644 0:0 zero\n\
             negated/[x]y 644 0:0 brackets\nnegated/ü ñ 644 0:0 letters\n",
        ),
        ("dollar", "dollar 644 0:0 dollar\n"),
        ("dash", "dash 644 0:0 dash\n"),
        (
            "json",
            "json/ 755 0:0\njson/-dash 644 0:0 dash\njson/c,d 644 0:0 comma\njson/ü ñ 644 0:0 letters\n",
        ),
        ("after-flags", "after-flags 644 0:0 dash\n"),
        ("quoted", "quoted/ 755 0:0\nquoted/quoted 644 0:0 quotes\n"),
        ("rooted", "rooted 644 0:0 rooted\n"),
        ("up", "up 644 0:0 rooted\n"),
        (
            "dot",
            "dot/ 755 0:0\ndot/f 644 0:0 f\ndot/sub/ 755 0:0\ndot/sub/g 644 0:0 g\n",
        ),
        ("slashes", "slashes/ 755 0:0\nslashes/g 644 0:0 g\n"),
        (
            "by-variable",
            "by-variable/ 755 0:0\nby-variable/named 644 0:0 rooted\nby-variable/rooted 644 0:0 rooted\n",
        ),
        ("double", "double/ 755 0:0\ndouble/slash 644 0:0 rooted\n"),
        ("cleaned", "cleaned 644 0:0 rooted\n"),
        ("mixed", "mixed 644 0:0 rooted\n"),
        (
            "work",
            "work/ 755 0:0\nwork/f 644 0:0 f\nwork/other 644 0:0 rooted\nwork/rooted 644 0:0 rooted\nwork/sub/ 755 0:0\n\
             work/sub/g 644 0:0 g\n",
        ),
    ] {
        assert_eq!(image.show(path), expected);
    }
    Ok(())
}

const OVER: &str = r"FROM alpine AS made
RUN mkdir -p /there/dir /real && echo old > /there/file && chmod 700 /there/dir && ln -s /real /to-real \
 && ln -s /there/file /to-file && ln -s ../../outside /there/escape && chown 9:9 /there/dir
COPY one /there/dir
COPY one /there/file
COPY tree /there
COPY one /to-real
COPY one /to-real/named
COPY two /to-file
COPY tree /to-real/
COPY one /there/escape/x
FROM made
COPY --from=made /to-real /from-link
COPY --from=made /to-real/named /through-link
COPY setuid /setuid
COPY modes /modes/
";

#[test]
fn what_is_there_already() -> Result<()> {
    let folder = project(&[
        ("Dockerfile", OVER),
        ("one", "1\n"),
        ("two", "2\n"),
        ("tree/dir/new", "new\n"),
        ("setuid", "s\n"),
        ("modes/hard", "h\n"),
        ("modes/closed/file", "c\n"),
    ])?;
    let mode =
        |path: &str, mode: u32| fs::set_permissions(folder.path().join(path), Permissions::from_mode(mode));
    mode("setuid", 0o6755)?;
    mode("modes/closed", 0o1700)?;
    mode("modes/closed/file", 0o200)?;
    mode("tree/dir", 0o711)?;
    fs::hard_link(
        folder.path().join("modes/hard"),
        folder.path().join("modes/linked"),
    )?;
    symlink("hard", folder.path().join("modes/soft"))?;
    let image = same(folder.path(), |build| build)?;
    for (path, expected) in [
        (
            "there",
            "there/ 755 0:0\nthere/dir/ 711 0:0\nthere/dir/new 644 0:0 new\nthere/dir/one 644 0:0 1\n\
             there/escape -> ../../outside 0:0\nthere/file 644 0:0 2\n",
        ),
        // A link is followed, and never out of the image.
        (
            "real",
            "real/ 755 0:0\nreal/dir/ 711 0:0\nreal/dir/new 644 0:0 new\nreal/named 644 0:0 1\nreal/one 644 0:0 1\n",
        ),
        ("outside", "outside/ 755 0:0\noutside/x 644 0:0 1\n"),
        ("to-file", "to-file -> /there/file 0:0\n"),
        (
            "from-link",
            "from-link/ 755 0:0\nfrom-link/dir/ 711 0:0\nfrom-link/dir/new 644 0:0 new\nfrom-link/named 644 0:0 1\n\
             from-link/one 644 0:0 1\n",
        ),
        ("through-link", "through-link 644 0:0 1\n"),
        ("setuid", "setuid 6755 0:0 s\n"),
        (
            "modes",
            "modes/ 755 0:0\nmodes/closed/ 1700 0:0\nmodes/closed/file 200 0:0 c\nmodes/hard 644 0:0 h\n\
             modes/linked 644 0:0 h\nmodes/soft -> hard 0:0\n",
        ),
    ] {
        assert_eq!(image.show(path), expected);
    }
    Ok(())
}

#[test]
fn a_folder_is_no_file() -> Result<()> {
    refused_with(
        "FROM alpine\nCOPY tree /etc/passwd\n",
        &[("tree/a", "")],
        "/etc/passwd",
    )?;
    refused_with("FROM alpine\nCOPY a /etc/passwd/b\n", &[("a", "")], "passwd")?;
    refused_with(
        "FROM scratch\nCOPY tree /x\nCOPY a /x/b/c\n",
        &[("a", ""), ("tree/b", "")],
        "c",
    )
}
