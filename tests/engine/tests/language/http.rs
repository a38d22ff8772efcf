//! ADD from a web server.

use anyhow::{Context, Result, ensure};
use plimsoll_engine::WebServer;
use plimsoll_engine::layer::digest;

use crate::add::{PACKED, archive, filtered};
use crate::image::{dockerfile, refused, same};

/// When the server says that its files were changed last.
const SERVED: u64 = 1_700_000_000;

#[test]
fn files_from_the_web() -> Result<()> {
    let server = WebServer::start()?;
    let (one, packed) = (b"from the web\n", filtered("gzip", "gzip", &archive()?)?);
    let url = server.put("files/one.txt", one)?;
    let archive = server.put("one.tar.gz", &packed)?;
    let (sum, packed_sum) = (digest(one), digest(&packed));
    let folder = dockerfile(&format!(
        "FROM alpine\n\
         ARG FILE=one.txt\n\
         ADD --checksum={sum} {url} /checked/\n\
         ADD {url} /named\n\
         ADD --chmod=755 --chown=app:bin {url}?a=b /tool\n\
         ADD --link {base}/$FILE /linked/\n\
         ADD {archive} /kept/\n\
         ADD --unpack=true --checksum={packed_sum} {archive} /open/\n\
         ADD --unpack --chown=5:6 {archive} /owned/\n\
         ADD {url} {archive} /two/\n\
         WORKDIR /work\n\
         ADD {url} .\n",
        base = url.trim_end_matches("/one.txt"),
    ))?;
    let image = same(folder.path(), |build| build)?;
    for (path, expected) in [
        (
            "checked",
            "checked/ 755 0:0\nchecked/one.txt 600 0:0 from the web\n",
        ),
        ("named", "named 600 0:0 from the web\n"),
        ("tool", "tool 755 1000:1 from the web\n"),
        ("linked", "linked/ 755 0:0\nlinked/one.txt 600 0:0 from the web\n"),
        ("work", "work/ 755 0:0\nwork/one.txt 600 0:0 from the web\n"),
        (
            "open",
            "open/ 755 0:0\nopen/top/ 750 12:34\nopen/top/link -> plain 12:34\nopen/top/plain 640 12:34 p\n\
             open/top/tool 4755 12:34 t\n",
        ),
    ] {
        assert_eq!(image.show(path), expected);
    }
    for path in [
        "checked/one.txt",
        "named",
        "tool",
        "kept/one.tar.gz",
        "two/one.txt",
    ] {
        assert_eq!(image.mtime(path)?, SERVED, "{path}");
    }
    assert_eq!(image.mtime("open/top/plain")?, PACKED);
    assert!(image.show("owned").contains("owned/top/plain 640 5:6 p\n"));
    assert!(image.files.contains_key("two/one.tar.gz") && !image.files.contains_key("kept/top"));
    Ok(())
}

#[test]
fn what_does_not_match_is_refused() -> Result<()> {
    let server = WebServer::start()?;
    let url = server.put("two.txt", b"two\n")?;
    let wrong = digest(b"other");
    let cases = [
        (format!("ADD --checksum={wrong} {url} /\n"), wrong.as_str()),
        (format!("ADD {url}.absent /\n"), "404"),
    ];
    for (line, said) in cases {
        let folder = dockerfile(&format!("FROM scratch\n{line}"))?;
        let words = refused(folder.path(), |build| build).context(line)?;
        ensure!(words.contains(said), "{said} is not in\n{words}");
    }
    Ok(())
}
