//! Compilers in an image that only runs what they made.

use std::collections::BTreeSet;

use shell_commands::Action;
use shell_commands::tools::PackageKind;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::{Adviser, RunStep, Step};

/// The tools whose packages are looked at.
const MANAGERS: [&str; 6] = ["apt", "apk", "dnf", "yum", "microdnf", "zypper"];

/// Packages that build.
const PACKAGES: [&str; 32] = [
    "autoconf",
    "automake",
    "bison",
    "build-base",
    "build-essential",
    "cargo",
    "clang",
    "cmake",
    "cpp",
    "flex",
    "g++",
    "gcc",
    "gcc-c++",
    "gfortran",
    "go",
    "golang",
    "golang-go",
    "gradle",
    "libtool",
    "linux-headers",
    "make",
    "maven",
    "meson",
    "ninja",
    "ninja-build",
    "pkg-config",
    "pkgconf",
    "pkgconfig",
    "rust",
    "rustc",
    "alpine-sdk",
    "dpkg-dev",
];

/// How the names of packages with headers and compilers end.
const ENDINGS: [&str; 4] = ["-dev", "-devel", "-jdk", "-jdk-headless"];

/// How many packages a message names.
const MOST_NAMED: usize = 4;

pub(super) const RULE: Rule = Rule {
    name: "light/build-tools",
    description: "Compilers and headers stay in a stage that builds",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A compiler with its headers is some hundred MB, and whoever gets into a container finds it there. A stage of its own can have all of them: only what is copied from it is in the image.",
    cost: "One has to know what was built: a program, a folder such as /usr/local, a virtual environment. In an image for developers compilers are the purpose.",
    bad: "FROM debian:13\nRUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev\nCOPY app.c .\nRUN gcc -o /usr/bin/app app.c\n",
    good: "FROM debian:13 AS build\nRUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev\nCOPY app.c .\nRUN gcc -o /usr/bin/app app.c\nFROM debian:13\nCOPY --from=build /usr/bin/app /usr/bin/\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for run in &adviser.runs {
        let ships = adviser.stages.get(run.stage).is_some_and(|stage| stage.may_ship);
        let Some((step, names)) = ships.then(|| left(adviser, run)).flatten() else {
            continue;
        };
        let mut named: Vec<&str> = names.iter().copied().take(MOST_NAMED).collect();
        if names.len() > MOST_NAMED {
            named.push("…");
        }
        let message = format!(
            "this stays in the image, and only builds: {}; build in a stage above, `FROM … AS build`, and take what is made with `COPY --from=build`",
            named.join(", ")
        );
        findings.push_step(&step, message);
    }
}

/// What a RUN installs to build with, and does not uninstall again, and where.
fn left<'a>(adviser: &'a Adviser<'a>, run: &'a RunStep<'a>) -> Option<(Step<'a>, BTreeSet<&'a str>)> {
    let mut names: BTreeSet<&'a str> = BTreeSet::new();
    let mut group = None;
    let mut first = None;
    for step in run.steps(adviser) {
        let Some(used) = step
            .command
            .tool()
            .filter(|used| MANAGERS.contains(&used.tool.name))
        else {
            continue;
        };
        let packages = used.packages();
        match used.action {
            Action::Install => {
                group = used
                    .flag_value(&["-t", "--virtual"])
                    .filter(|_| used.tool.name == "apk")
                    .or(group);
                let is_builder =
                    |name: &&str| PACKAGES.contains(name) || ENDINGS.iter().any(|end| name.ends_with(end));
                let named = packages
                    .iter()
                    .filter(|package| package.kind == PackageKind::Name);
                let before = names.len();
                names.extend(named.map(|package| package.name).filter(is_builder));
                if names.len() > before {
                    first.get_or_insert(step);
                }
            }
            Action::Remove => {
                // Names from a variable may be all of them.
                let is_all = |kind| kind == PackageKind::Expanded;
                let has_group = packages.iter().any(|package| group == Some(package.name));
                if has_group || packages.iter().any(|package| is_all(package.kind)) {
                    names.clear();
                }
                for package in &packages {
                    names.remove(package.name);
                }
            }
            _ => {}
        }
    }
    first.filter(|_| !names.is_empty()).map(|step| (step, names))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::findings;
    use super::*;

    #[test]
    fn packages() {
        for (run, named) in [
            ("apt-get install -y gcc curl libpq-dev", Some(": gcc, libpq-dev;")),
            (
                "apk add a-dev b-dev c-dev d-dev e-dev",
                Some(": a-dev, b-dev, c-dev, d-dev, …;"),
            ),
            ("apt-get install curl make-guile", None),
            ("apt-get install gcc && x && apt-get purge -y gcc", None),
            ("apk add -t .deps gcc && x && apk del .deps", None),
            ("apk add --virtual .deps gcc && x", Some(": gcc;")),
            ("apt-get install $DEPS gcc && apt-get purge $DEPS", None),
            ("yum install -y gcc-c++", Some(": gcc-c++;")),
            ("apt-get install openjdk-21-jdk", Some(": openjdk-21-jdk;")),
            ("pip install gcc", None),
        ] {
            let found = findings(&RULE, &format!("FROM a\nRUN {run}\n"));
            assert_eq!(found.len(), usize::from(named.is_some()), "{run}");
            if let (Some(named), Some((_, _, message))) = (named, found.first()) {
                assert!(message.contains(named), "{message}");
            }
        }
    }
}
