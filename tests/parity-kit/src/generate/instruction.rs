//! One instruction of a stage.

use super::Random;
use super::sources::{add, copy, heredoc, mount};
use super::word::{NAMES, json, path, word, words};

/// An instruction as it is written, heredoc bodies and all, without the final line end.
pub(super) fn instruction(random: &mut Random, stages: &[String]) -> String {
    match random.below(40) {
        0..9 => run(random, stages),
        9..15 => copy(random, stages),
        15..18 => add(random),
        18..22 => arg(random),
        22..26 => pairs(random, "ENV"),
        26 | 27 => pairs(random, "LABEL"),
        28..30 => format!("WORKDIR {}", path(random)),
        30 => command(random, "CMD"),
        31 => command(random, "ENTRYPOINT"),
        32 => user(random),
        33 => expose(random),
        34 => match random.one_in(3) {
            true => format!("VOLUME {}", json(random)),
            false => format!("VOLUME {}", words(random, 3)),
        },
        35 => healthcheck(random),
        36 => rare(random),
        37 => match random.one_in(4) {
            true => "SHELL".to_owned() + random.pick(&["", " bash", " []", " [\"a\"", " [\"/bin/ash\", 1]"]),
            false => random
                .pick(&[
                    "SHELL [\"/bin/bash\", \"-c\"]",
                    "SHELL [\"sh\"]",
                    "SHELL [\"a b\",\"\\\"\"]",
                ])
                .to_owned(),
        },
        38 => format!("ONBUILD {}", trigger(random, stages)),
        _ => comment(random),
    }
}

fn trigger(random: &mut Random, stages: &[String]) -> String {
    match random.below(12) {
        0 => "ONBUILD RUN x".to_owned(),
        1 => random.pick(&["FROM x", "MAINTAINER y", "", "NOPE z"]).to_owned(),
        _ => instruction(random, stages),
    }
}

fn comment(random: &mut Random) -> String {
    random
        .pick(&[
            "# words",
            "#",
            "  # indented",
            "# check=skip=JSONArgsRecommended",
            "# escape=`",
            "",
            "   ",
            "\t",
            "# syntax=x",
            "# check=error=true",
        ])
        .to_owned()
}

fn run(random: &mut Random, stages: &[String]) -> String {
    let mut out = String::from("RUN");
    while random.one_in(4) {
        let flag = match random.below(14) {
            0 => random
                .pick(&[
                    "--network=none",
                    "--network=host",
                    "--network=default",
                    "--network=x",
                    "--network",
                    "--network=$A",
                ])
                .to_owned(),
            1 => random
                .pick(&["--security=insecure", "--security=sandbox", "--security=x"])
                .to_owned(),
            2 => random
                .pick(&[
                    "--device=a/b=c",
                    "--device=x,required=false",
                    "--device=a,b",
                    "--device=name=q",
                    "--device=",
                    "--device=a/b=*,required",
                ])
                .to_owned(),
            3 if random.one_in(3) => random
                .pick(&[
                    "--nope",
                    "--",
                    "--mount",
                    "--mount='type=bind,target=/q'",
                    "--mount=",
                    "--link",
                ])
                .to_owned(),
            _ => format!("--mount={}", mount(random, stages)),
        };
        out.push_str(&format!(" {flag}"));
    }
    match random.below(12) {
        0 | 1 => {
            let mut bodies = String::new();
            let before = random.pick(&["", "", " cat", " python3", " cat <a", " \"x", " a && "]);
            out.push_str(before);
            heredoc(random, "EOF", &mut out, &mut bodies);
            if random.one_in(4) {
                heredoc(random, "TWO", &mut out, &mut bodies);
            }
            if random.one_in(4) {
                out.push_str(random.pick(&[" > /x", " | sh", " \\\n y", " # z"]));
            }
            out.push('\n');
            out.push_str(bodies.trim_end_matches('\n'));
        }
        2 | 3 => {
            out.push(' ');
            out.push_str(&json(random));
        }
        4 => out.push_str(random.pick(&[
            "",
            " ",
            " a \\\n  b",
            " a \\\n# c\n  b",
            " a \\\n\n b",
            " a \\  \n b",
            " \\\n a",
            " a \\\\\n",
            " a `\n b",
            " x \\",
        ])),
        _ => {
            out.push(' ');
            out.push_str(&words(random, 5));
        }
    }
    out
}

fn arg(random: &mut Random) -> String {
    let mut out = String::from("ARG");
    for _ in 0..(random.below(12) / 6 + 1) {
        let name = random.pick(&NAMES);
        out.push_str(&match random.below(5) {
            0 => format!(" {name}"),
            _ => format!(" {name}={}", word(random)),
        });
    }
    if random.one_in(30) {
        out.push_str(random.pick(&[" =", " =x", " --flag", " \"q\"=1", " a\\ b=c"]));
    }
    out
}

fn pairs(random: &mut Random, keyword: &str) -> String {
    if random.one_in(6) {
        return format!("{keyword} {} {}", random.pick(&NAMES), words(random, 3));
    }
    let mut out = keyword.to_owned();
    for _ in 0..(random.below(9) / 4 + 1) {
        let key = match random.below(12) {
            0 => word(random),
            _ => random.pick(&NAMES).to_owned(),
        };
        out.push_str(&format!(" {key}={}", word(random)));
    }
    out
}

fn command(random: &mut Random, keyword: &str) -> String {
    match random.one_in(2) {
        true => format!("{keyword} {}", json(random)),
        false => format!("{keyword} {}", words(random, 4)),
    }
}

fn user(random: &mut Random) -> String {
    let user = random.pick(&[
        "root",
        "1000:1000",
        "u:g",
        "u",
        "$A",
        "5",
        "a b",
        "",
        "0",
        "0:0",
        "root:root",
        ":g",
        "u:",
        "-1",
        "1:x",
        "99999999999",
    ]);
    format!("USER {user}")
}

fn expose(random: &mut Random) -> String {
    let ports = [
        "80",
        "443/TCP",
        "53/udp",
        "1000-1002",
        "127.0.0.1:8080:80",
        "9:10/sctp",
        "$A",
        "${V}",
        "/tcp",
        "1/icmp",
        "x",
        "65535",
        "65536",
        "0",
        "1-2:3-4",
        "1-2:3-5",
        "5-4",
        "[::1]:1:1",
        "::1:80:80",
        "80:",
        ":80",
        "1:2:3:4",
        "\"81 82\"",
        "080",
        "+1",
        "80/tcp/udp",
        "a-b",
        "1-",
        "8080:80/udp",
    ];
    format!("EXPOSE {}", random.some(3, &ports, " "))
}

fn healthcheck(random: &mut Random) -> String {
    let mut out = String::from("HEALTHCHECK");
    while random.one_in(2) {
        out.push_str(" --");
        out.push_str(random.pick(&[
            "interval=5s",
            "interval=1ms",
            "interval=1us",
            "timeout=1m30s",
            "timeout=1.5h",
            "start-period=0s",
            "start-interval=2ms",
            "retries=3",
            "retries=-1",
            "retries=x",
            "interval=x",
            "interval=",
            "timeout=-1s",
            "nope=1",
            "retries=0",
            "interval=1d",
            "timeout=.5s",
            "interval=1h1m1s1ms1us1ns",
            "retries=+3",
        ]));
    }
    out.push(' ');
    match random.below(6) {
        0 => out.push_str(random.pick(&["NONE", "none", "NONE x", "", "FOO a", "CMD", "cmd x", "CMD []"])),
        1 => out.push_str(&format!("CMD {}", json(random))),
        _ => out.push_str(&format!("CMD {}", words(random, 4))),
    }
    out
}

fn rare(random: &mut Random) -> String {
    match random.below(4) {
        0 => format!(
            "STOPSIGNAL {}",
            random.pick(&[
                "SIGINT",
                "int",
                "9",
                "0",
                "-1",
                "rtmin+3",
                "SIGRTMAX-14",
                "NOPE",
                "$A",
                "${B:-KILL}",
                "",
                "65",
                "007",
                "RTMIN+16",
                "SIGRTMIN",
                "1 2"
            ])
        ),
        1 => "MAINTAINER A <b@c>".to_owned(),
        2 => random
            .pick(&[
                "NOPE x",
                "RNU y",
                "ENV",
                "ARG",
                "CMD",
                "ENTRYPOINT",
                "RUN",
                "COPY",
                "COPY a",
                "ADD",
                "LABEL a",
                "USER",
                "EXPOSE",
                "VOLUME",
                "FROM",
            ])
            .to_owned(),
        _ => format!(
            "{} {}",
            random.pick(&["run", "Env", "cOpY", "workdir", "LabEl"]),
            words(random, 3)
        ),
    }
}
