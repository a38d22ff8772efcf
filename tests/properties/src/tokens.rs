//! The words of Dockerfiles: a dictionary for the fuzzers, and an alphabet in which a byte is a word.

/// Words by number. The fuzzers' inputs count on the order: add new ones at the end.
pub const TOKENS: [&str; 128] = [
    "\n", " ", "\nFROM ", "\nRUN ", "\nCOPY ", "\nADD ", "\nARG ", "\nENV ", "\nCMD ", "\nENTRYPOINT ", "\nEXPOSE ",
    "\nHEALTHCHECK ", "\nLABEL ", "\nMAINTAINER ", "\nONBUILD ", "\nSHELL ", "\nSTOPSIGNAL ", "\nUSER ", "\nVOLUME ",
    "\nWORKDIR ", " AS ", "alpine", "scratch", "one", "two", "three", "$A", "${A}", "${A:-", "${A:+", "${A:?", "${A-",
    "${A+", "${A?", "${A#", "${A##", "${A%", "${A%%", "${A/", "${A//", "}", "A", "B", "=", "/", ":", ",", "\\\n", "`\n",
    "\"", "'", "\\", "$", "*", "?", ".", "..", "-", "--", "<<EOF", "<<-EOF", "<<'EOF'", "\nEOF\n", "3<<", "[\"", "\", \"",
    "\"]", "--from=", "--platform=", "--chown=", "--chmod=", "--link", "--parents", "--exclude=", "--checksum=",
    "--keep-git-dir", "--unpack", "--mount=", "--network=", "--security=", "--device=", "--interval=", "--timeout=",
    "--start-period=", "--start-interval=", "--retries=", "type=cache", "type=bind", "type=tmpfs", "type=secret",
    "type=ssh", "target=", "source=", "from=", "id=", "ro", "rw=true", "required", "sharing=locked", "mode=", "uid=",
    "gid=", "size=", "env=", "host", "none", "insecure", "linux/amd64", "linux/arm/v7", "$TARGETPLATFORM",
    "$BUILDPLATFORM", "TARGETARCH", "https://example.org/a.git#main:sub", "https://example.org/a.tar", "git@host:a/b.git",
    "sha256:0000000000000000000000000000000000000000000000000000000000000000", "8080-8082/tcp", "NONE", "CMD ", "10s",
    "0755", "u+x", "a:b", "\n# comment\n", "# escape=`\n", "# check=skip=all\n", "# syntax=x\n", "SOURCE_DATE_EPOCH",
];

/// Further words for the fuzzers' dictionary: of options, ignore files, image configs and URLs.
pub const OTHERS: [&str; 56] = [
    "build-arg:", "label:", "context:", "target", "platform", "no-cache", "filename", "ulimit", "add-hosts", "shm-size",
    "force-network-mode", "image-resolve-mode", "cache-from", "cache-imports", "attest:sbom", "requestid",
    "frontend.outline", "frontend.targets", "frontend.lint", "frontend.convertllb", "frontend.caps", "contextkey",
    "contextsubdir", "dockerfilekey", "multi-platform", "cgroup-parent", "hostname", "memory", "cpu-quota",
    "build-arg:BUILDKIT_SYNTAX", "build-arg:SOURCE_DATE_EPOCH", "build-arg:BUILDKIT_DOCKERFILE_CHECK", "input:",
    "docker-image://", "oci-layout://", "local:", "git://", "http://", "**/", "!", "[a-z]", "[^a]", "\"config\":{",
    "\"Env\":[\"A=b\"]", "\"OnBuild\":[\"RUN x\"]", "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}", "\"history\":[{",
    "\"architecture\":\"amd64\"", "\"os\":\"linux\"", "\"created\":\"2020-01-01T00:00:00Z\"", "?ref=", "&subdir=",
    "%2F", "docker.io/library/", "@sha256:", "localhost:5000/",
];

/// Writes a Dockerfile in which each byte is a word; from 0x80 on it is a character.
#[must_use]
pub fn spell(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in bytes {
        match TOKENS.get(usize::from(*byte)) {
            Some(token) => out.extend_from_slice(token.as_bytes()),
            None => out.push(byte & 0x7f),
        }
    }
    out
}

/// All words as libFuzzer reads them, a line each.
#[must_use]
pub fn dictionary() -> String {
    let mut out = String::new();
    for token in TOKENS.iter().chain(&OTHERS) {
        out.push('"');
        for byte in token.bytes() {
            match byte {
                b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
                b' '..=b'~' => out.push(char::from(byte)),
                _ => out.push_str(&format!("\\x{byte:02X}")),
            }
        }
        out.push_str("\"\n");
    }
    out
}
