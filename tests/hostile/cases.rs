//! The inputs.

use plimsoll_fake_bridge::{Bytes, Case, Image, Script};

/// One input and how it must end.
pub struct Hostile {
    pub name: &'static str,
    pub case: fn() -> Case,
    pub expect: Expect,
    /// Has the frontend on a connection, whose other end answers by this script.
    pub wire: Option<fn() -> Script>,
}

/// How a case must end.
#[derive(Debug)]
pub enum Expect {
    Built,
    /// With an error that has this in it.
    Refused(&'static str),
}

use Expect::{Built, Refused};

/// What a message holds, less some room.
const FULL: usize = (16 << 20) - 4096;

/// What a file may have, less some room.
const LARGEST: usize = (48 << 20) - 4096;

const TOO_LARGE: &str = "the build gets larger than";

macro_rules! cases {
    ($($name:literal => $expect:expr, $case:expr;)*) => {
        /// All of them.
        pub const CASES: &[Hostile] = &[$(Hostile { name: $name, case: || $case, expect: $expect, wire: None }),*];
    };
}

cases! {
    // Texts that grow.
    "env-doubling" => Refused("Dockerfile:23:"), file(&format!("FROM scratch\nENV A=0123456789\n{}", "ENV A=$A$A\n".repeat(40)));
    "env-replaced" => Refused("Dockerfile:3:"), file(&format!("FROM scratch\nENV A={}\nENV B=${{A//a/$A}}\n", "a".repeat(60_000)));
    "env-replaced-first" => Refused(TOO_LARGE), file(&format!("FROM scratch\nENV A={}\n{}", "a".repeat(60_000), "ENV A=${A/a/$A}\n".repeat(40)));
    "arg-doubling" => Refused("Dockerfile:"), file(&format!("ARG A=0123456789\n{}FROM $A\n", "ARG A=$A$A\n".repeat(40)));
    "expose-ranges" => Refused(TOO_LARGE), file(&format!("FROM scratch\n{}", "EXPOSE 1-65535/tcp 1-65535/udp\n".repeat(200)));
    "labels" => Refused(TOO_LARGE), file(&format!("FROM scratch\nENV A={}\n{}", "a".repeat(60_000), lines(500, |n| format!("LABEL l{n}={}", "$A".repeat(10)))));
    "names" => Refused(TOO_LARGE), file(&format!("FROM alpine\nENV A={}\n{}", "a".repeat(60_000), lines(5_000, |n| format!("RUN {n} $A"))));
    "copies" => Refused(TOO_LARGE), file(&format!("FROM alpine\nENV A={}\n{}", "a".repeat(60_000), lines(500, |_| "COPY a b c d e f g h $A/".to_owned())));
    "excludes" => Refused(TOO_LARGE), file(&format!("FROM alpine\nCOPY --exclude={} {} /\n", "a".repeat(60_000), "a \\\n".repeat(100_000)));
    "patterns" => Refused("takes too long"), file(&format!("FROM alpine\nENV A={}\nENV B=${{A%%{}}}\n", "a".repeat(60_000), "*a".repeat(20_000)));
    "long-pattern" => Refused("takes too long"), file(&format!("FROM alpine\nENV A={}\nENV B={}\nENV C=${{B#$B}}\n", "a".repeat(60_000), "$A".repeat(20)));
    // Many of everything.
    "args-and-runs" => Refused("the build graph is 16.9 MiB"), file(&format!("FROM alpine\n{}{}", lines(4_000, |n| format!("ARG A{n}=v")), lines(500, |n| format!("RUN {n}"))));
    "envs-and-runs" => Refused(TOO_LARGE), file(&format!("FROM alpine\n{}{}", lines(3_000, |n| format!("ENV A{n}=v")), lines(3_000, |n| format!("RUN {n}"))));
    "workdirs" => Built, file(&format!("FROM alpine\n{}", lines(5_000, |n| format!("WORKDIR /{n}"))));
    "relative-workdirs" => Refused(TOO_LARGE), file(&format!("FROM alpine\n{}", "WORKDIR some-folder\n".repeat(20_000)));
    "stages-in-a-chain" => Built, file(&format!("FROM alpine AS s0\n{}RUN x\n", lines(20_000, |n| format!("FROM s{n} AS s{}", n + 1))));
    "runs-in-a-chain" => Built, file(&format!("FROM alpine AS s0\n{}", lines(20_000, |n| format!("FROM s{n} AS s{}\nRUN x", n + 1))));
    "envs-in-a-chain" => Built, file(&format!("FROM alpine AS s0\n{}", lines(20_000, |n| format!("FROM s{n} AS s{}\nENV A{n}=b\nLABEL l{n}=b\nARG B{n}=b\nEXPOSE {n}", n + 1))));
    "stages-on-a-chain" => Built, file(&format!(
        "FROM alpine AS s0\n{}{}FROM scratch\n{}",
        lines(4_000, |n| format!("FROM s{n} AS s{}\nENV A{n}=b", n + 1)),
        lines(4_000, |n| format!("FROM s{n} AS t{n}\nENV B=b")),
        lines(4_000, |n| format!("COPY --from=t{n} / /")),
    ));
    "platforms-and-stages" => Built, file(&format!("FROM alpine AS s0\n{}RUN x\n", lines(4_000, |n| format!("FROM s{n} AS s{}", n + 1)))).opt("platform", &platforms(256));
    "platforms-and-runs" => Refused(TOO_LARGE), file(&format!("FROM alpine\n{}", lines(4_000, |n| format!("RUN {n}")))).opt("platform", &platforms(256));
    "platforms-and-a-large-file" => Refused(TOO_LARGE), file(&format!("FROM alpine\nRUN x\n{}", comment_lines(FULL / 2))).opt("platform", &platforms(256));
    "platforms-and-the-largest-file" => Built, file(&format!("FROM alpine\nRUN x\n{}", comment_lines(LARGEST - 65_000))).opt("platform", &platforms(256));
    "words-in-the-largest-file" => Refused("Dockerfile:"), file(&format!("FROM a\n{}", format!("COPY \\\n{} b\n", "a a a a a a a a \\\n".repeat(FULL / 19)).repeat(3)));
    "an-instruction-as-large-as-a-file" => Refused("the instruction has 50"), largest("FROM a\nCOPY \\\n", "a a a a a a a a \\\n");
    "too-large-a-file" => Refused("a file that is read may have"), file(&format!("FROM alpine\nRUN x\n{}", comment_lines(LARGEST + 80_000)));
    "the-largest-file-of-steps" => Refused(TOO_LARGE), file(&format!("FROM alpine\n{}", format!("RUN {}\n", "x".repeat(60_000)).repeat(LARGEST / 60_005)));
    "the-largest-file-of-stages" => Built, file(&format!("FROM alpine\n{}FROM alpine\nRUN x\n", format!("RUN {}\n", "x".repeat(60_000)).repeat(LARGEST / 60_005)));
    "questions-about-the-largest-file" => Built, file(&format!("FROM alpine as x\nRUN x\n{}", comment_lines(LARGEST - 65_000))).opt("requestid", "frontend.lint");
    "advice-on-the-largest-file" => Refused(TOO_LARGE), advised(&format!("FROM debian\n{}", format!("RUN {}\n", "cd x; ".repeat(10_000)).repeat(LARGEST / 60_005)));
    "undefined-variables" => Built, file(&format!("FROM alpine\n{}{}", lines(5_000, |n| format!("ENV variable{n}=b")), lines(5_000, |n| format!("ENV A=$other{n}"))));
    "copies-from-all" => Built, file(&format!("{}FROM scratch\n{}", lines(10_000, |n| format!("FROM scratch AS s{n}\nCOPY {n} /")), lines(10_000, |n| format!("COPY --from=s{n} / /"))));
    "bases-that-are-none" => Refused("Dockerfile:1:6:"), file(&lines(100_000, |n| format!("FROM :x AS a{n}")));
    "bases-of-undeclared-arguments" => Refused("no ARG before the first FROM"), file(&format!("{}{}", lines(50_000, |n| format!("ARG v{n}=1")), lines(50_000, |n| format!("FROM x:${{w{n}}} AS a{n}"))));
    "arguments-of-other-places" => Built, file(&format!("{}FROM alpine
{}", lines(50_000, |n| format!("ARG v{n}=1")), lines(50_000, |n| format!("LABEL x=$v{n}"))));
    // A full file of the shortest lines, or a full message of one instruction.
    "a-million-stages" => Refused("Dockerfile:"), largest("", "FROM a\n");
    "stages-of-a-million" => Refused("Dockerfile:"), largest("", "FROM scratch\n");
    "tiny-runs" => Refused("Dockerfile:"), largest("FROM a\n", "RUN a\n");
    "tiny-users" => Refused("Dockerfile:"), largest("FROM a\n", "USER a\n");
    "tiny-envs" => Refused("Dockerfile:"), largest("FROM a\n", "ENV a=$b\n");
    "tiny-args" => Refused("Dockerfile:"), largest("", "ARG a\n");
    "tiny-onbuilds" => Refused("Dockerfile:"), largest("FROM a\n", "ONBUILD RUN a\n");
    "tiny-comments" => Built, largest("FROM a\nRUN b\n", "#a\n");
    "tiny-documented" => Refused("Dockerfile:"), largest("FROM a\n", "#\nRUN b\n#a\n");
    "tiny-continuations" => Refused("Dockerfile:"), full("FROM a\nRUN \\\n", "a\\\n");
    "tiny-empty-continuations" => Refused("Dockerfile:"), full("FROM a\n", "RUN a\\\n\n\n");
    "tiny-errors" => Refused("Dockerfile:"), largest("FROM a\n", "x\n");
    "tiny-heredocs" => Refused("Dockerfile:"), largest("FROM a\n", "RUN <<a\na\n");
    "empty-lines" => Built, largest("FROM a\nRUN b\n", "\n");
    "words-exposed" => Refused("Dockerfile:"), full("FROM a\nEXPOSE \\\n", "1 1 1 1 1 1 1 1\\\n");
    "words-copied" => Refused("Dockerfile:"), full("FROM a\nCOPY \\\n", "a a a a a a a a \\\n");
    "words-in-json" => Refused("Dockerfile:"), full("FROM a\nRUN [\\\n", "\"a\",\"a\",\"a\",\"a\",\\\n");
    "words-labelled" => Refused("Dockerfile:"), full("FROM a\nLABEL \\\n", "a=b a=b a=b a=b \\\n");
    "words-of-heredocs" => Refused("Dockerfile:"), full("FROM a\nRUN \\\n", "<<a <<a <<a <<a \\\n");
    "flags" => Refused("Dockerfile:"), full("FROM a\nRUN \\\n", "--mount=a --mount=a \\\n");
    "heredoc-lines" => Refused("Dockerfile:"), file(&format!("FROM a\nRUN <<EOF\n{}EOF\n", "\n".repeat(FULL - 64)));
    "heredoc-without-end" => Refused("Dockerfile:"), full("FROM a\nRUN <<EOF\n", "a\n");
    "one-long-text" => Refused("Dockerfile:"), full("FROM a\nRUN \\\n", &format!("{}\\\n", "a".repeat(60_000)));
    "dollars" => Refused("Dockerfile:"), full("FROM a\nENV A=\\\n", &format!("{}\\\n", "${a:-".repeat(1_000)));
    "quotes" => Refused("the result of the build is"), full("FROM a\nENV A=\\\n", &format!("{}\\\n", "\\\"'".repeat(1_000)));
    "null-bytes" => Refused("Dockerfile:"), largest("FROM a\n", "\0\0\0\n");
    // Odd texts.
    "a-long-line" => Built, file(&format!("FROM a\nRUN {}\n", "x".repeat(60_000)));
    "too-long-a-line" => Refused("Dockerfile:2"), file(&format!("FROM a\nRUN {}\n", "x".repeat(70_000)));
    "null-in-a-name" => Refused("Dockerfile:1"), file("FROM a\0b\n");
    "null-in-a-command" => Built, file("FROM a\nRUN echo \0\nENV A=\0\nCOPY \0 /\0\n");
    "climbing-out" => Built, file("FROM a\nCOPY ../../etc/passwd /../../x\nWORKDIR ../../..\nRUN --mount=target=../../x,source=../../.. x\n");
    "climbing-dockerfile" => Refused("no Dockerfile"), file("FROM a\n").opt("filename", "../../../etc/passwd");
    "json-in-an-instruction" => Built, file(&format!("FROM a\nRUN {}{}\n", "[".repeat(30_000), "]".repeat(30_000)));
    "json-of-a-million" => Refused("Dockerfile:"), full("FROM a\nSHELL \\\n", &format!("{}\\\n", "[".repeat(60_000)));
    "json-in-a-config" => Refused("Dockerfile:1"), image(format!(r#"{{"os":"linux","x":{}}}"#, "[".repeat(1_000_000)));
    "config-of-labels" => Refused("Dockerfile:1"), image(format!(r#"{{"os":"linux","config":{{"Labels":{{{}"a":""}}}}}}"#, lines(1_000_000, |n| format!("\"{n}\":\"\","))));
    "config-of-history" => Refused("Dockerfile:1"), image(format!(r#"{{"os":"linux","history":[{}{{}}]}}"#, "{},".repeat(FULL / 3 - 100)));
    "config-of-words" => Refused("Dockerfile:1"), image(format!(r#"{{"os":"linux","config":{{"Cmd":[{}""]}}}}"#, "\"\",".repeat(FULL / 3 - 100)));
    "config-of-one-label" => Refused("the result of the build is"), image(format!(r#"{{"os":"linux","config":{{"Labels":{{"a":"{}"}}}}}}"#, "b".repeat(FULL - 200)));
    "config-of-triggers" => Refused("Dockerfile:"), image_of(&format!("FROM a AS s0\n{}FROM scratch\n{}", lines(2_000, |n| format!("FROM a AS t{n}")), lines(2_000, |n| format!("COPY --from=t{n} / /"))), format!(r#"{{"os":"linux","config":{{"OnBuild":[{}"USER a"]}}}}"#, "\"USER a\",".repeat(100_000)));
    "config-of-another-type" => Refused("Dockerfile:1"), image(r#"{"os":[],"config":1}"#.to_owned());
    "triggers-of-triggers" => Refused("Dockerfile:1"), image(r#"{"os":"linux","config":{"OnBuild":["ONBUILD ONBUILD RUN x"]}}"#.to_owned());
    "triggers-without-end" => Refused("Dockerfile:1"), image(r#"{"os":"linux","config":{"OnBuild":["COPY --from=a /a /b"]}}"#.to_owned());
    "triggers-without-end-and-wide" => Refused("Dockerfile:1"), image(format!(r#"{{"os":"linux","config":{{"OnBuild":[{}"USER a"]}}}}"#, "\"COPY --from=a /a /b\",".repeat(50)));
    "triggers-in-a-chain" => Built, file(&format!("FROM alpine AS s0\n{}", lines(2_000, |n| format!("FROM s{n} AS s{}\nONBUILD COPY --from=alpine:{n} / /", n + 1))));
    "a-circle-of-stages" => Refused("circle"), file(&lines(20_000, |n| format!("FROM scratch AS s{n}\nCOPY --from=s{} / /", (n + 1) % 20_000)));
    "a-circle-of-contexts" => Built, file("FROM a\n").opt("context:a", "docker-image://b").opt("context:b", "docker-image://a").opt("context:docker.io/library/b", "docker-image://a");
    // Questions.
    "graph-of-stages" => Built, file(&format!("{}FROM scratch\n{}", lines(10_000, |n| format!("FROM alpine AS s{n}\nRUN {n}")), lines(10_000, |n| format!("COPY --from=s{n} /a /b")))).opt("requestid", "frontend.graph");
    "graph-of-a-chain" => Built, file(&format!("FROM alpine AS s0\n{}", lines(20_000, |n| format!("FROM s{n} AS s{}\nENV A{n}=b\nCOPY a /{n}", n + 1)))).opt("requestid", "frontend.graph");
    "graph-of-steps-not-built" => Built, file(&format!("FROM alpine AS s0\n{}FROM scratch\n", "RUN x\n".repeat(200_000))).opt("requestid", "frontend.graph");
    "graph-of-steps" => Refused(TOO_LARGE), file(&format!("FROM alpine AS s0\n{}", "RUN x\n".repeat(100_000))).opt("requestid", "frontend.graph");
    "graph-with-secrets" => Built, file(&format!("FROM alpine\n{}{}", lines(2_000, |n| format!("ARG TOKEN_{n}=value{n}")), lines(5_000, |n| format!("COPY a{n} /b{n}")))).opt("requestid", "frontend.graph");
    "explain-a-chain" => Built, file(&format!("FROM alpine AS s0\n{}", lines(20_000, |n| format!("FROM s{n} AS s{}\nARG A{n}=b\nCOPY $A{n} /{n}", n + 1)))).opt("requestid", "frontend.explain");
    "explain-many-readers" => Built, file(&format!("FROM alpine AS s\nRUN x\n{}FROM scratch\nCOPY a /\n", lines(20_000, |n| format!("FROM s AS t{n}\nCOPY --from=s a b")))).opt("requestid", "frontend.explain");
    "explain-many-paths" => Built, file(&format!("FROM alpine\nCOPY {} /b/\n", "aaa \\\n".repeat(50_000))).opt("requestid", "frontend.explain");
    // Advice and cache mounts, where they are asked for.
    "advice-on-runs" => Built, advised(&format!("FROM debian\n{}", lines(20_000, |n| format!("RUN apt-get install p{n} | tee $L && cd $X && wget http://a/{n} -O- | tar x"))));
    "advice-on-users-and-variables" => Built, advised(&format!("FROM debian\n{}", lines(800, |n| format!("ENV V{n}=$V TOKEN{n}=a\nUSER $V{n}\nRUN pip install a==$V{n} $TOKEN{n}"))));
    "advice-on-stages" => Built, advised(&lines(5_000, |n| format!("FROM debian AS s{n}\nARG TOKEN\nCOPY . .\nRUN npm ci && rm -rf /a $TOKEN\nCMD [\"a\"]\nENTRYPOINT a")));
    "advice-on-a-chain" => Built, advised(&format!("FROM debian AS s0\n{}", lines(5_000, |n| format!("FROM s{n} AS s{}\nADD a.tar /\nRUN pip install a{n} $V && chown -R a /b", n + 1))));
    "advice-on-one-run" => Built, advised(&format!("FROM debian\nRUN {}true\n", "pip install $A | cat && cd /x && \\\n".repeat(50_000)));
    "advice-on-levels" => Built, advised(&format!("FROM debian\nRUN {}a\n", "sudo sh -c 'x | (y; $(z' $( \\\n".repeat(50_000)));
    "advice-on-triggers" => Built, advised(&format!("FROM debian\n{}", lines(20_000, |n| format!("ONBUILD RUN apk add p{n}"))));
    "advice-on-copies" => Built, advised(&format!("FROM debian\n{}", lines(10_000, |n| format!("COPY --from=x{n} a.tar b{n} /{n}"))));
    "advice-on-heredocs" => Built, advised(&format!("FROM debian\n{}", lines(10_000, |n| format!("RUN <<E\ncd /a{n}\napt-get install b\nE"))));
    "caches-on-runs" => Built, cached(&format!("FROM debian\n{}", lines(20_000, |n| format!("RUN apt-get update && pip install p{n} && npm ci"))));
    "caches-on-a-chain" => Built, cached(&format!("FROM debian AS s0\n{}", lines(5_000, |n| format!("FROM s{n} AS s{}\nENV HOME=/h{n}\nUSER u{n}\nRUN pip install a{n}", n + 1))));
    "caches-on-one-run" => Built, cached(&format!("FROM debian\nRUN {}true\n", "pip install $A && \\\n".repeat(100_000)));
    // Ignore files.
    "ignore-wildcards" => Built, ignoring(&lines(20_000, |n| format!("*{n}*/**/x?[a-z]")), 280);
    "ignore-backtracking" => Built, ignoring(&"a*a*a*a*a*a*a*a*a*a*a*a*a*b\n**/**/**/**/**/**/a*/**/b\n".repeat(5_000), 280);
    "ignore-many" => Built, ignoring(&lines(10_000, |n| format!("folder/{n}")), 1_000);
    "ignore-full" => Refused(".dockerignore"), ignoring(&"*a\n".repeat(FULL / 3), 10);
    "ignore-repeated" => Refused(".dockerignore"), ignoring(&"a{1000}*b{1000}?\n".repeat(FULL / 17), 10);
    // Files that take in others.
    "files-doubling" => Refused("instructions; name fewer"), doubling(60, "RUN x\n");
    "files-doubling-of-nothing" => Refused("instructions; name fewer"), doubling(60, "");
    "files-in-a-row" => Refused("in a row"), (0..100).fold(
        file("# plimsoll=1\nINCLUDE f0\nFROM alpine\n"),
        |case, n| case.file("dockerfile", &format!("f{n}"), &format!("# plimsoll=1\nINCLUDE f{}\n", n + 1)),
    );
    "files-of-stages" => Built, (0..60).fold(
        file("# plimsoll=1\nFROM ./f0#x\nRUN x\n"),
        |case, n| case.file("dockerfile", &format!("f{n}"), &match n {
            59 => "FROM alpine AS x\n".to_owned(),
            _ => format!("# plimsoll=1\nFROM ./f{}#x AS x\n{}", n + 1, lines(200, |m| format!("RUN --mount=from=./f{}#0,target=/x {m}", n + 1))),
        }),
    );
    "files-many" => Refused("one of more than 1000 files"), (0..1_200).fold(
        file(&format!("# plimsoll=1\n{}FROM alpine\n", lines(1_200, |n| format!("INCLUDE f{n}")))),
        |case, n| case.file("dockerfile", &format!("f{n}"), "ARG A\n"),
    );
    "files-large" => Refused("have more than 48 MiB"), (0..5).fold(
        file(&format!("# plimsoll=1\n{}FROM alpine\n", lines(5, |n| format!("INCLUDE f{n}")))),
        |case, n| case.file("dockerfile", &format!("f{n}"), &comment_lines(11 << 20)),
    );
    "ignore-brackets" => Refused(".dockerignore"), ignoring(&"[".repeat(60_000), 1);
}

pub fn file(text: &str) -> Case {
    Case::dockerfile(text)
}

fn advised(text: &str) -> Case {
    file(text).opt("build-arg:PLIMSOLL_ADVICE", "1")
}

fn cached(text: &str) -> Case {
    file(text).opt("build-arg:PLIMSOLL_CACHE", "1")
}

pub fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(|n| line(n) + "\n").collect()
}

/// Files in a row of which each names the next one twice; in all of them that.
fn doubling(count: usize, what: &str) -> Case {
    let text = |next: usize| format!("# plimsoll=1\n{what}INCLUDE f{next} f{next}\n");
    let start = file("# plimsoll=1\nFROM alpine\nINCLUDE f0\n");
    let last = start.file("dockerfile", &format!("f{count}"), what);
    (0..count).fold(last, |case, n| {
        case.file("dockerfile", &format!("f{n}"), &text(n + 1))
    })
}

fn comment_lines(bytes: usize) -> String {
    format!("# {}\n", "x".repeat(60_000)).repeat(bytes / 60_003)
}

/// `line` as often as a message holds it, behind `start`.
fn full(start: &str, line: &str) -> Case {
    file(&(start.to_owned() + &line.repeat((FULL - start.len()) / line.len())))
}

/// `line` as often as a file holds it, behind `start`.
fn largest(start: &str, line: &str) -> Case {
    file(&(start.to_owned() + &line.repeat((LARGEST - start.len()) / line.len())))
}

fn platforms(count: usize) -> String {
    let names: Vec<String> = (0..count).map(|n| format!("linux/arm64/v{n}")).collect();
    names.join(",")
}

/// A build on an image with this config.
fn image(config: String) -> Case {
    image_of("FROM a\nRUN x\n", config)
}

fn image_of(text: &str, config: String) -> Case {
    let mut case = file(text);
    let image = Image {
        config_base64: Bytes(config.into_bytes()),
        ..Image::default()
    };
    case.images.insert("docker.io/library/a:latest".to_owned(), image);
    case
}

/// So many copies, with this ignore file.
fn ignoring(patterns: &str, copies: usize) -> Case {
    let text = format!(
        "FROM a\n{}",
        lines(copies, |n| format!(
            "COPY aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/{n}/file /"
        ))
    );
    file(&text).file("context", ".dockerignore", patterns)
}
