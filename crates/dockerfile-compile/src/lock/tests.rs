use super::*;

const ONE: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const TWO: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const HEAD: &str = "plimsoll-lock 1\nplatforms linux/amd64 linux/arm64\n";

fn found(kind: SourceKind, name: &str, pin: Result<&str, &str>, line: &str) -> FoundSource {
    FoundSource {
        kind,
        name: name.to_owned(),
        pin: pin.map(str::to_owned).map_err(str::to_owned),
        line: line.to_owned(),
    }
}

fn lock() -> Lock {
    let base = || found(SourceKind::Image, "docker.io/library/a:1", Ok(ONE), "FROM a:1");
    let git = found(
        SourceKind::Git,
        "https://h/a.git#v1",
        Ok(COMMIT),
        "ADD https://h/a.git#v1 /",
    );
    let http = found(
        SourceKind::Http,
        "https://h/a",
        Err("too old"),
        "ADD https://h/a /",
    );
    Lock::of(&[
        (
            "linux/arm64".to_owned(),
            vec![
                found(
                    SourceKind::Image,
                    "docker.io/library/b:arm64",
                    Ok(TWO),
                    "FROM b:$TARGETARCH",
                ),
                base(),
            ],
        ),
        (
            "linux/amd64".to_owned(),
            vec![
                git,
                http,
                found(
                    SourceKind::Image,
                    "docker.io/library/b:amd64",
                    Ok(ONE),
                    "FROM b:$TARGETARCH",
                ),
                base(),
                found(
                    SourceKind::Image,
                    "docker.io/library/a:1",
                    Ok(TWO),
                    "COPY --from=a:1 \u{1b} / /",
                ),
            ],
        ),
    ])
}

#[test]
fn what_is_printed() {
    let printed = lock().print("Dockerfile");
    let expected = format!(
        "# What Dockerfile is built from. `plimsoll lock --check` says what has moved since, `plimsoll lock --update` moves it.
plimsoll-lock 1
platforms linux/amd64 linux/arm64

# FROM a:1
# COPY --from=a:1   / /
image docker.io/library/a:1 {ONE}

# FROM b:$TARGETARCH
image docker.io/library/b:amd64 {ONE} linux/amd64

# FROM b:$TARGETARCH
image docker.io/library/b:arm64 {TWO} linux/arm64

# ADD https://h/a /
# not locked: http https://h/a: too old linux/amd64

# ADD https://h/a.git#v1 /
git https://h/a.git#v1 {COMMIT} linux/amd64
"
    );
    assert_eq!(printed, expected);
}

#[test]
fn what_is_printed_is_read() {
    let lock = lock();
    let mut read = Lock::parse(lock.print("Dockerfile").as_bytes()).unwrap();
    assert_eq!(read.platforms, lock.platforms);
    let known: Vec<&Entry> = lock.entries.iter().filter(|entry| entry.pin.is_ok()).collect();
    assert_eq!(read.entries.len(), known.len());
    for (read, known) in read.entries.iter_mut().zip(known) {
        read.lines.clone_from(&known.lines);
        assert_eq!(read, known);
    }
}

#[test]
fn what_is_pinned() {
    let lock = lock();
    for (kind, name, platform, pin) in [
        (
            SourceKind::Image,
            "docker.io/library/a:1",
            "linux/amd64",
            Some(ONE),
        ),
        (
            SourceKind::Image,
            "docker.io/library/a:1",
            "linux/riscv64",
            Some(ONE),
        ),
        (
            SourceKind::Image,
            "docker.io/library/b:arm64",
            "linux/arm64",
            Some(TWO),
        ),
        (
            SourceKind::Image,
            "docker.io/library/b:arm64",
            "linux/amd64",
            None,
        ),
        (SourceKind::Http, "https://h/a", "linux/amd64", None),
        (SourceKind::Http, "docker.io/library/a:1", "linux/amd64", None),
        (SourceKind::Git, "https://h/a.git#v1", "linux/amd64", Some(COMMIT)),
    ] {
        assert_eq!(lock.pin(kind, name, platform), pin, "{name} {platform}");
    }
}

#[test]
fn what_is_refused() {
    for (text, at, part) in [
        ("", (1, 1), "a lock begins with"),
        ("# a\n\nFROM a\n", (3, 1), "a lock begins with"),
        ("plimsoll-lock 2\n", (1, 15), "version 1"),
        ("plimsoll-lock 1 2\n", (1, 17), "nothing stands behind"),
        ("plimsoll-lock 1\nimage a b\n", (2, 1), "the second line is"),
        ("plimsoll-lock 1\nplatforms\n", (2, 10), "there is no platform"),
        (
            "plimsoll-lock 1\nplatforms linux/amd64 arm\n",
            (2, 23),
            "`arm` is no platform",
        ),
        (&format!("{HEAD}oci a {ONE}\n"), (3, 1), "not with `oci`"),
        (&format!("{HEAD}image a\n"), (3, 8), "write `image NAME sha256:"),
        (&format!("{HEAD}image a sha256:11\n"), (3, 9), "is no digest"),
        (&format!("{HEAD}git ä v1\n"), (3, 7), "is no commit"),
        (
            &format!("{HEAD}http a {ONE} linux/s390x\n"),
            (3, 80),
            "none of the platforms",
        ),
        (
            &format!("{HEAD}http a {ONE}\n# x\nhttp a {TWO}\n"),
            (5, 6),
            "stands on line 3 already",
        ),
        (
            &format!("{HEAD}http a {TWO} linux/arm64\nhttp a {ONE}\n"),
            (4, 6),
            "stands on line 3 already",
        ),
    ] {
        let error = Lock::parse(text.as_bytes()).unwrap_err();
        assert_eq!((error.line, error.column), at, "{text}: {error}");
        assert!(error.message.contains(part), "{text}: {error}");
    }
    let twice = format!("{HEAD}http a {TWO} linux/arm64\nhttp a {ONE} linux/amd64\n");
    assert!(Lock::parse(twice.as_bytes()).is_ok());
    let error = Lock::parse(b"plimsoll-lock 1\n\xff").unwrap_err();
    assert_eq!((error.line, error.start), (2, 16));
    assert!(Lock::parse(&vec![b'\n'; 5 << 20]).is_err());
}

#[test]
fn names_hold_no_credentials() {
    for (url, name) in [
        ("https://h/a b", "https://h/a%20b"),
        ("https://me:secret@h/a", "https://xxxxx:xxxxx@h/a"),
        ("https://h/a?x=1&token=t", "https://h/a?x=1&token=xxxxx"),
        ("git@h:a.git#v1", "git@h:a.git#v1"),
    ] {
        assert_eq!(url_name(url), name);
    }
}

#[test]
fn what_a_lock_must_have() {
    let mut lock = LockInUse {
        lock: lock(),
        filename: "Dockerfile.lock".to_owned(),
        is_required: false,
    };
    let find = |lock: &LockInUse, platform: &str| {
        let found = lock.find(SourceKind::Http, "https://h/b", platform);
        found.map(|pin| pin.map(str::to_owned))
    };
    assert_eq!(find(&lock, "linux/amd64"), Ok(None));
    lock.is_required = true;
    let refused = find(&lock, "linux/amd64").unwrap_err();
    assert!(
        refused.contains("http `https://h/b` is not in Dockerfile.lock, which"),
        "{refused}"
    );
    let refused = find(&lock, "linux/s390x").unwrap_err();
    assert!(
        refused.contains("is not in Dockerfile.lock for linux/s390x"),
        "{refused}"
    );
}
