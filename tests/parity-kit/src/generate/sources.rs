//! What COPY and ADD take from, and the mounts of RUN.

use super::Random;
use super::word::{path, word};

pub(super) const IMAGES: [&str; 22] = [
    "alpine",
    "alpine:3.20",
    "busybox",
    "scratch",
    "base",
    "empty",
    "onbuild",
    "trigger",
    "localhost:5000/a/b:c",
    "ghcr.io/o/i",
    "Alpine",
    "alpine@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    "arm",
    "a:b:c",
    "$A",
    "${B:-alpine}",
    "noenv",
    "win",
    "docker.io/library/alpine",
    "index.docker.io/x/y:1",
    "nested",
    "quoted",
];

const REMOTES: [&str; 30] = [
    "https://example.com/a",
    "https://example.com/a/b.tar.gz?x=1",
    "http://example.com/",
    "https://example.com",
    "HTTPS://Example.com/x",
    "https://example.com/r.git",
    "https://example.com/r.git#v1",
    "https://example.com/r.git#v1:sub",
    "https://example.com/r.git#:sub",
    "https://example.com/r.git?tag=v1&subdir=s",
    "https://example.com/r.git?branch=b&commit=abcdef0&submodules=false",
    "git@example.com:o/r.git#main",
    "ssh://git@example.com:22/r.git",
    "git://example.com/r.git",
    "https://u:p@example.com/r.git",
    "github.com/o/r",
    "github.com/o/r#x:y",
    "https://example.com/r.git?ref=a#b",
    "https://example.com/r.git?nope=1",
    "https://example.com/r.git?keep-git-dir=1",
    "https://example.com/r.git?checksum=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "https://e.com/${V}/f",
    "https://e.com/%20x",
    "git@h:r",
    "ftp://x/y",
    "https://example.com/r.git?mtime=commit",
    "https://example.com/a.git/b",
    "https://example.com/x#frag",
    "https://[::1]/x",
    "https:///x",
];

/// The words of COPY, with its flags.
pub(super) fn copy(random: &mut Random, stages: &[String]) -> String {
    let mut out = String::from("COPY");
    if random.one_in(3) {
        let from = from(random, stages);
        out.push_str(&format!(" --from={from}"));
    }
    out.push_str(&common_flags(random));
    if random.one_in(10) {
        out.push_str(random.pick(&[" --parents", " --parents=false", " --parents=1"]));
    }
    tail(random, &mut out, false);
    out
}

/// The words of ADD, with its flags.
pub(super) fn add(random: &mut Random) -> String {
    let mut out = String::from("ADD");
    out.push_str(&common_flags(random));
    if random.one_in(8) {
        out.push_str(random.pick(&[" --keep-git-dir", " --keep-git-dir=false", " --keep-git-dir=true"]));
    }
    if random.one_in(8) {
        out.push_str(random.pick(&[" --unpack", " --unpack=false", " --unpack=true"]));
    }
    if random.one_in(8) {
        out.push_str(random.pick(&[
            " --checksum=sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
            " --checksum=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            " --checksum=sha256:zz",
            " --checksum=$A",
            " --checksum=abc",
            " --checksum=",
        ]));
    }
    tail(random, &mut out, true);
    out
}

fn common_flags(random: &mut Random) -> String {
    let mut out = String::new();
    if random.one_in(6) {
        let owner = random.pick(&[
            "1:2",
            "1",
            "u",
            "u:g",
            "u:0",
            ":g",
            ":",
            "root:root",
            "$A:$B",
            "99999999999",
            "",
            "'a b'",
            "-1",
            "01:02",
            "0:0",
            "a:b:c",
            "1:",
            "+1",
        ]);
        out.push_str(&format!(" --chown={owner}"));
    }
    if random.one_in(6) {
        let mode = random.pick(&[
            "755",
            "0755",
            "1777",
            "u=rwX,go-w",
            "+x",
            "a+r",
            "999",
            "77777",
            "foo",
            "u=",
            "",
            "$A",
            "u+s",
            "g=u",
            "-w",
            "o=t",
            "0",
            "07777",
            "u=rw,u+x",
            "+",
            "go=u-w",
            "=",
            "u=rwx,",
            "00644",
            "7",
            "12",
            "017777",
            "0o755",
            "u+X",
        ]);
        out.push_str(&format!(" --chmod={mode}"));
    }
    if random.one_in(6) {
        out.push_str(random.pick(&[" --link", " --link=true", " --link=false", " --link=", " --LINK"]));
    }
    for _ in 0..random.below(3) {
        if random.one_in(4) {
            let pattern = random.pick(&[
                "*.md", "!a", "b/**", "$A", "", "'x y'", "/abs", "../up", "a,b", "[",
            ]);
            out.push_str(&format!(" --exclude={pattern}"));
        }
    }
    if random.one_in(40) {
        out.push_str(random.pick(&[
            " --chwon=1",
            " --",
            " --link --link",
            " --from",
            " -x",
            " --checksum",
            " --chown",
        ]));
    }
    out
}

fn tail(random: &mut Random, out: &mut String, remote: bool) {
    if random.one_in(12) {
        out.push(' ');
        out.push_str(&super::word::json(random));
        return;
    }
    let sources = if random.one_in(4) { random.below(4) } else { 1 };
    let mut bodies = String::new();
    for index in 0..sources {
        let source = match random.below(12) {
            0 | 1 => {
                let name = ["F", "G.txt", "H", "I"][index % 4];
                heredoc(random, name, out, &mut bodies);
                continue;
            }
            2..5 if remote => random.pick(&REMOTES).to_owned(),
            2 if random.one_in(5) => random.pick(&REMOTES).to_owned(),
            _ => path(random),
        };
        out.push_str(&format!(" {source}"));
    }
    let destination = path(random);
    out.push_str(&format!(" {destination}"));
    if !bodies.is_empty() {
        out.push('\n');
        out.push_str(bodies.trim_end_matches('\n'));
    }
}

/// Puts a heredoc's word into `out` and its body into `bodies`.
pub(super) fn heredoc(random: &mut Random, name: &str, out: &mut String, bodies: &mut String) {
    let chomp = random.one_in(4);
    let dash = if chomp { "-" } else { "" };
    let quote = random.pick(&["", "", "", "'", "\""]);
    let digit = random.pick(&["", "", "", "", "3"]);
    out.push_str(&format!(" {digit}<<{dash}{quote}{name}{quote}"));
    for _ in 0..random.below(4) {
        let line = random.pick(&[
            "echo $A",
            "\ttabbed ${B:-x}",
            "# comment",
            "#!/bin/bash",
            "",
            "a \\",
            "  spaces",
            "\"quoted $A\"",
            "'single $A'",
            "\\$A \\\\ \\n",
            "<<EOF",
            "${A",
            "${C:?bad}",
            "RUN x",
            "$",
            "é ${V//b/x}",
            "\t\ta\tb",
            "`",
        ]);
        bodies.push_str(line);
        bodies.push('\n');
    }
    let end = if chomp {
        random.pick(&["", "\t", "\t\t"])
    } else {
        ""
    };
    bodies.push_str(&format!("{end}{name}\n"));
}

fn from(random: &mut Random, stages: &[String]) -> String {
    match random.below(10) {
        0..5 if !stages.is_empty() => stages
            .get(random.below(stages.len()))
            .cloned()
            .unwrap_or_default(),
        0..7 => random.pick(&IMAGES).to_owned(),
        7 => random
            .pick(&["0", "1", "9", "-1", "00", "1x", "", "$A", "scratch", "context"])
            .to_owned(),
        8 => random.pick(&["ctx", "img", "remote", "CTX", "oci"]).to_owned(),
        _ => word(random),
    }
}

/// The value of `--mount`.
pub(super) fn mount(random: &mut Random, stages: &[String]) -> String {
    let kind = random.pick(&[
        "bind", "cache", "tmpfs", "secret", "ssh", "", "bind", "cache", "secret",
    ]);
    let mut fields: Vec<String> = Vec::new();
    if !kind.is_empty() {
        fields.push(format!("type={kind}"));
    }
    let wanted: &[&str] = match kind {
        "cache" => &[
            "target", "target", "target", "id", "sharing", "mode", "uid", "gid", "ro", "from", "source",
        ],
        "tmpfs" => &["target", "target", "size"],
        "secret" => &[
            "target", "id", "id", "env", "mode", "uid", "gid", "required", "source",
        ],
        "ssh" => &["target", "id", "mode", "uid", "gid", "required"],
        _ => &["target", "target", "target", "from", "source", "rw", "ro"],
    };
    let any = [
        "target", "id", "sharing", "mode", "uid", "gid", "ro", "from", "source", "size", "env", "required",
        "nope", "type", "",
    ];
    let count = random.below(5) + 1;
    for index in 0..count {
        let key = match index {
            0 if !random.one_in(12) => wanted.first().copied().unwrap_or_default(),
            _ if random.one_in(15) => random.pick(&any),
            _ => random.pick(wanted),
        };
        fields.push(mount_field(random, key, stages));
    }
    if random.one_in(10) {
        fields.reverse();
    }
    fields.join(",")
}

fn mount_field(random: &mut Random, key: &str, stages: &[String]) -> String {
    match key {
        "target" => {
            let key = random.pick(&["target", "target", "dst", "destination", "TARGET"]);
            let path = random.pick(&[
                "/t",
                "/a/b",
                "rel",
                "$A",
                "/",
                "",
                "/x/../y",
                "/c",
                "t/",
                "/run/secrets/x",
                "C:\\\\t",
                ".",
            ]);
            format!("{key}={path}")
        }
        "source" => {
            let path = random.pick(&["/s", "s/t", "../u", "$B", "", ".", "/"]);
            format!("{}={path}", random.pick(&["source", "src"]))
        }
        "id" => format!("id={}", random.pick(&["i", "a/b", "$A", "", "k1", "TOKEN"])),
        "sharing" => format!(
            "sharing={}",
            random.pick(&["shared", "private", "locked", "x", "$A", "LOCKED", ""])
        ),
        "mode" => format!(
            "mode={}",
            random.pick(&["0600", "755", "9", "", "$A", "0777", "37777777777", "-1"])
        ),
        "uid" | "gid" => format!(
            "{key}={}",
            random.pick(&["0", "1", "1000", "x", "-1", "$B", "4294967296", "01"])
        ),
        "from" => format!("from={}", from(random, stages)),
        "size" => format!(
            "size={}",
            random.pick(&["1", "10m", "1.5g", "x", "64k", "1KiB", "-1", "0", "1 m", ""])
        ),
        "env" => format!("env={}", random.pick(&["TOK", "A", "", "a-b"])),
        "ro" | "rw" => random
            .pick(&[
                "ro",
                "rw",
                "readonly",
                "readwrite",
                "ro=true",
                "rw=false",
                "ro=maybe",
                "readonly=0",
                "RW",
            ])
            .to_owned(),
        "required" => random
            .pick(&["required", "required=true", "required=false", "required=x"])
            .to_owned(),
        "type" => format!("type={}", random.pick(&["bind", "cahce", "CACHE", "$A", ""])),
        "nope" => random
            .pick(&["nope=1", "nope", "\"target=/q\"", "=x", "readonly=", "a b"])
            .to_owned(),
        _ => String::new(),
    }
}
