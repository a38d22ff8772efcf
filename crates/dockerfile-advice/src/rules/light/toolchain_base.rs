//! An image that ships the compiler it was built with.

use std::collections::BTreeSet;

use shell_commands::Action;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::stages::Base;
use crate::subject::Adviser;

/// An image to build with.
struct Toolchain {
    /// The last part of its name.
    image: &'static str,
    /// The tools that build in it.
    tools: &'static [&'static str],
    /// What is made there.
    made: &'static str,
    /// What to write below it.
    below: &'static str,
}

const TOOLCHAINS: [Toolchain; 9] = [
    Toolchain {
        image: "golang",
        tools: &["go"],
        made: "one program",
        below: "`FROM scratch` and `COPY --from=build /path/of/program /usr/local/bin/`",
    },
    Toolchain {
        image: "rust",
        tools: &["cargo"],
        made: "one program",
        below: "`FROM debian:13-slim` and `COPY --from=build /path/of/program /usr/local/bin/`",
    },
    Toolchain {
        image: "gcc",
        tools: &["compiler"],
        made: "one program",
        below: "`FROM debian:13-slim` and `COPY --from=build /path/of/program /usr/local/bin/`",
    },
    Toolchain {
        image: "maven",
        tools: &["maven"],
        made: "one archive",
        below: "`FROM eclipse-temurin:…-jre` and `COPY --from=build /path/of/target/app.jar /app.jar`",
    },
    Toolchain {
        image: "gradle",
        tools: &["gradle"],
        made: "one archive",
        below: "`FROM eclipse-temurin:…-jre` and `COPY --from=build /path/of/build/libs/app.jar /app.jar`",
    },
    Toolchain {
        image: "sbt",
        tools: &["sbt"],
        made: "one archive",
        below: "`FROM eclipse-temurin:…-jre` and `COPY --from=build /path/of/target/app.jar /app.jar`",
    },
    Toolchain {
        image: "sdk",
        tools: &["dotnet"],
        made: "one program",
        below: "`FROM …/dotnet/aspnet:…` and `COPY --from=build /path/of/publish /app`",
    },
    Toolchain {
        image: "elixir",
        tools: &["mix"],
        made: "one release",
        below: "`FROM debian:13-slim` and `COPY --from=build /path/of/_build/prod/rel /opt/`",
    },
    Toolchain {
        image: "node",
        tools: &["npm", "yarn", "pnpm", "bun"],
        made: "what they bundle",
        below: "`FROM node:…-slim` or a web server's image, and `COPY --from=build /path/of/dist …`",
    },
];

pub(super) const RULE: Rule = Rule {
    name: "light/toolchain-base",
    description: "What is built in an image of compilers is copied into a small one",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "golang, rust, maven and their like are images to build in: compilers, package managers, sources and objects, a GB or more of it. What comes out is a program or an archive that needs little of that.",
    cost: "A second stage, and knowing what was built. A program with cgo or OpenSSL needs its libraries there: `debian` instead of `distroless/static`.",
    bad: "FROM golang:1.25\nWORKDIR /src\nCOPY . .\nRUN go build -o /usr/local/bin/app .\nCMD [\"app\"]\n",
    good: "FROM golang:1.25 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /usr/local/bin/app .\nFROM debian:13-slim\nCOPY --from=build /usr/local/bin/app /usr/local/bin/\nCMD [\"app\"]\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    // Which tools build something in which stage.
    let mut builds: BTreeSet<(usize, &str)> = BTreeSet::new();
    for step in adviser.steps() {
        let used = step.command.tool();
        let built = used.filter(|used| matches!(used.action, Action::Build | Action::Install));
        // For these an install only makes ready.
        let built =
            built.filter(|used| used.action == Action::Build || matches!(used.tool.name, "go" | "cargo"));
        builds.extend(built.map(|used| (step.run.stage, used.tool.name)));
    }
    for toolchain in &TOOLCHAINS {
        let mut at = adviser.stages.iter().position(|stage| stage.is_target);
        let mut is_built = false;
        while let Some(stage) = at.and_then(|index| adviser.stages.get(index)) {
            let of_stage = |tool: &&str| at.is_some_and(|index| builds.contains(&(index, *tool)));
            is_built |= toolchain.tools.iter().any(of_stage);
            match &stage.base {
                Base::Stage(base) if at.is_some_and(|index| *base < index) => at = Some(*base),
                Base::Image(image) if is_built && base_name(image) == toolchain.image => {
                    let message = format!(
                        "all of this image is shipped for {}: name it `AS build`, and end with {}",
                        toolchain.made, toolchain.below
                    );
                    findings.push(&stage.from.meta, stage.from.base.span, message);
                    break;
                }
                _ => break,
            }
        }
    }
}

/// The last part of an image's name, without tag and digest.
fn base_name(image: &str) -> &str {
    let name = image.rsplit('/').next().unwrap_or_default();
    name.split([':', '@']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn the_target_and_what_it_is_built_on() {
        for (file, found) in [
            ("FROM golang:1\nRUN go build .\n", Some("golang:1")),
            (
                "FROM x/golang:1 AS a\nRUN go install .\nFROM a\n",
                Some("x/golang:1"),
            ),
            ("FROM golang:1 AS a\nFROM a\nRUN go build .\n", Some("golang:1")),
            (
                "FROM golang:1 AS a\nRUN go build .\nFROM b\nCOPY --from=a /a /\n",
                None,
            ),
            ("FROM golang:1\nRUN go version\n", None),
            ("FROM golang:1\nRUN cargo build\n", None),
            ("FROM node:24\nRUN npm ci && npm run build\n", Some("node:24")),
            ("FROM node:24\nRUN npm ci\n", None),
            (
                "FROM registry.example/dotnet/sdk:9.0\nRUN dotnet publish\n",
                Some("registry.example/dotnet/sdk:9.0"),
            ),
            ("FROM debian\nRUN gcc x.c\n", None),
        ] {
            let found: Vec<&str> = found.into_iter().collect();
            assert_eq!(marked(&RULE, file), found, "{file}");
        }
    }
}
