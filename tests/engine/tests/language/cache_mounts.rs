//! RUN --mount=type=cache: who shares what with whom.

use anyhow::Result;

use crate::image::{dockerfile, same};

/// Two steps that meet by way of a shared folder, if they run at the same time.
fn two_steps(sharing: &str, script: &str) -> String {
    let step = |name: &str| {
        format!(
            "FROM alpine AS {name}\n\
             RUN --mount=type=cache,id=meet-{sharing},target=/meet \\\n\
             --mount=type=cache,id=held-{sharing},target=/held,sharing={sharing} <<'EOF'\n\
             mkdir /out; me={name}\n{script}\nEOF\n"
        )
    };
    let end = "FROM scratch\nCOPY --from=a /out /a\nCOPY --from=b /out /b\n";
    step("a") + &step("b") + end
}

/// Waits for the other step; fails when it does not come.
const MEET: &str = "touch /meet/$me /held/$me\n\
    for try in $(seq 600); do [ -e /meet/a ] && [ -e /meet/b ] && break; sleep 0.1; done\n\
    [ -e /meet/a ] && [ -e /meet/b ] || exit 1\n";

#[test]
fn a_shared_folder_is_one_for_both() -> Result<()> {
    let script = format!(
        "{MEET}for try in $(seq 600); do [ -e /held/a ] && [ -e /held/b ] && break; sleep 0.1; done\nls /held > /out/held"
    );
    let image = same(dockerfile(&two_steps("shared", &script))?.path(), |build| build)?;
    assert_eq!(image.lines("a/held")?, ["a", "b"]);
    assert_eq!(image.lines("b/held")?, ["a", "b"]);
    Ok(())
}

#[test]
fn private_folders_are_apart() -> Result<()> {
    let script = format!("{MEET}ls /held > /out/held");
    let image = same(dockerfile(&two_steps("private", &script))?.path(), |build| build)?;
    assert_eq!(image.lines("a/held")?, ["a"]);
    assert_eq!(image.lines("b/held")?, ["b"]);
    Ok(())
}

#[test]
fn a_locked_folder_makes_the_steps_take_turns() -> Result<()> {
    // A second is enough for the other step to begin, if it could.
    let script = "touch /meet/$me\nsleep 1\nls /meet > /out/beside\nrm /meet/$me\ntouch /held/$me\nls /held > /out/held";
    let image = same(dockerfile(&two_steps("locked", script))?.path(), |build| build)?;
    assert_eq!(image.lines("a/beside")?, ["a"]);
    assert_eq!(image.lines("b/beside")?, ["b"]);
    // Whoever came second found what the first one left.
    let mut held = [image.lines("a/held")?.len(), image.lines("b/held")?.len()];
    held.sort_unstable();
    assert_eq!(held, [1, 2]);
    Ok(())
}

const OPTIONS: &str = r"FROM alpine AS seed
RUN mkdir -p /data/sub && echo seeded > /data/file && echo below > /data/sub/file && chown -R 5:6 /data
FROM alpine AS build
ENV PLACE=/by-variable
RUN mkdir /out # cache
RUN --mount=type=cache,id=owned,target=/c,uid=1000,gid=50,mode=0750 stat -c '%a %u:%g' /c > /out/owned && echo kept > /c/file
RUN --mount=type=cache,id=owned,target=/elsewhere,uid=1000,gid=50,mode=0750 cat /elsewhere/file > /out/kept
RUN --mount=type=cache,target=/plain stat -c '%a %u:%g' /plain > /out/plain && echo target > /plain/file
RUN --mount=type=cache,id=/plain,dst=/other cat /other/file > /out/by-target
RUN --mount=type=cache,id=seeded,from=seed,source=/data,target=/s cat /s/file /s/sub/file > /out/seeded && echo changed > /s/file
RUN --mount=type=cache,id=seeded,from=seed,source=data,target=/s,ro cat /s/file > /out/changed && ! touch /s/more 2> /dev/null
RUN --mount=type=cache,id=part,from=seed,source=/data/sub,target=/s ls /s > /out/part
RUN --mount=type=cache,target=${PLACE} echo $PLACE > $PLACE/file
RUN --mount=type=cache,id=/by-variable,target=rel cat rel/file > /out/variable
WORKDIR /work
RUN --mount=type=cache,id=/by-variable,target=rel cat /work/rel/file > /out/relative
RUN --mount=type=cache,id=one,target=/1 --mount=type=cache,id=two,target=/1/2 touch /1/2/x && ls /1 > /out/nested
RUN ls -d /c /elsewhere /plain /s 2> /dev/null > /out/left || true
";

#[test]
fn names_owners_and_first_contents() -> Result<()> {
    let image = same(dockerfile(OPTIONS)?.path(), |build| build)?;
    for (path, expected) in [
        ("owned", "750 1000:50"),
        ("kept", "kept"),
        ("plain", "755 0:0"),
        ("by-target", "target"),
        ("seeded", "seeded|below"),
        ("changed", "changed"),
        ("part", "file"),
        ("variable", "/by-variable"),
        ("relative", "/by-variable"),
        ("nested", "2"),
    ] {
        assert_eq!(image.lines(&format!("out/{path}"))?.join("|"), expected, "{path}");
    }
    for folder in ["c/file", "plain/file", "s/file", "by-variable/file"] {
        assert!(!image.files.contains_key(folder), "{folder} is in the image");
    }
    Ok(())
}
