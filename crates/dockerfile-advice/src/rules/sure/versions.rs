//! Packages without a version: a rule for each package manager, so that one can choose.

use shell_commands::Word;
use shell_commands::tools::{Action, Package, PackageKind, Use, Versions};

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::{Adviser, Step};

/// A package manager.
struct Row {
    /// Its tools, as [`shell_commands::tools`] calls them.
    tools: &'static [&'static str],
    /// What stands behind the name of a package to choose its version.
    version: &'static str,
    /// Flags that take the versions from a file.
    constraints: &'static [&'static str],
}

const APK: usize = 0;
const APT: usize = 1;
const CARGO: usize = 2;
const DNF: usize = 3;
const GEM: usize = 4;
const GO: usize = 5;
const NPM: usize = 6;
const PIP: usize = 7;
const YUM: usize = 8;
const ZYPPER: usize = 9;

const ROWS: [Row; 10] = [
    row(&["apk"], "=1.2.3-r0"),
    row(&["apt"], "=1.2.*"),
    row(&["cargo"], "@1.2.3"),
    row(&["dnf", "microdnf"], "-1.2.3"),
    row(&["gem"], ":1.2.3"),
    row(&["go"], "@v1.2.3"),
    Row {
        constraints: &["--package-lock-only"],
        ..row(&["npm"], "@1.2.3")
    },
    Row {
        constraints: &["-c", "--constraint"],
        ..row(&["pip"], "==1.2.3")
    },
    row(&["yum"], "-1.2.3"),
    row(&["zypper"], "=1.2.3"),
];

const fn row(tools: &'static [&'static str], version: &'static str) -> Row {
    Row {
        tools,
        version,
        constraints: &[],
    }
}

const fn rule(name: &'static str, check: fn(&Adviser<'_>, &mut Findings)) -> Rule {
    Rule {
        name,
        description: "A package that is installed by name has a version",
        check,
    }
}

pub(super) const APK_RULE: Rule = rule("sure/apk-version", check::<APK>);
pub(super) const APT_RULE: Rule = rule("sure/apt-version", check::<APT>);
pub(super) const CARGO_RULE: Rule = rule("sure/cargo-version", check::<CARGO>);
pub(super) const DNF_RULE: Rule = rule("sure/dnf-version", check::<DNF>);
pub(super) const GEM_RULE: Rule = rule("sure/gem-version", check::<GEM>);
pub(super) const GO_RULE: Rule = rule("sure/go-version", check::<GO>);
pub(super) const NPM_RULE: Rule = rule("sure/npm-version", check::<NPM>);
pub(super) const PIP_RULE: Rule = rule("sure/pip-version", check::<PIP>);
pub(super) const YUM_RULE: Rule = rule("sure/yum-version", check::<YUM>);
pub(super) const ZYPPER_RULE: Rule = rule("sure/zypper-version", check::<ZYPPER>);

const WHY: &str = "Without a version the build takes the newest one of the day it runs on. Two machines get two images from one file, and what worked yesterday fails when the cache is gone.";
/// Of a distribution, which keeps one version of each package.
const SYSTEM_COST: &str = "The distribution takes old versions away, so the build fails one day instead of changing: a base image by digest, or a snapshot of the archive, does as well. Where a distribution's release is as sure as it needs to be, leave this rule out.";
const LANGUAGE_COST: &str = "Somebody has to raise the version. A lock file in the project is the better place for anything but tools.";

pub(super) const APK_DOC: RuleDoc = RuleDoc {
    rule: &APK_RULE,
    why: WHY,
    cost: SYSTEM_COST,
    bad: "FROM alpine:3.22\nRUN apk add --no-cache curl\n",
    good: "FROM alpine:3.22\nRUN apk add --no-cache curl=~8.14\n",
    fix: None,
    hadolint: &["DL3018"],
};
pub(super) const APT_DOC: RuleDoc = RuleDoc {
    rule: &APT_RULE,
    why: WHY,
    cost: SYSTEM_COST,
    bad: "FROM debian:13\nRUN apt-get update && apt-get install -y curl\n",
    good: "FROM debian:13\nRUN apt-get update && apt-get install -y curl=8.14.*\n",
    fix: None,
    hadolint: &["DL3008"],
};
pub(super) const CARGO_DOC: RuleDoc = RuleDoc {
    rule: &CARGO_RULE,
    why: WHY,
    cost: LANGUAGE_COST,
    bad: "FROM rust:1.90\nRUN cargo install ripgrep\n",
    good: "FROM rust:1.90\nRUN cargo install --locked ripgrep@14.1.1\n",
    fix: None,
    hadolint: &[],
};
pub(super) const DNF_DOC: RuleDoc = RuleDoc {
    rule: &DNF_RULE,
    why: WHY,
    cost: SYSTEM_COST,
    bad: "FROM fedora:42\nRUN dnf install -y httpd\n",
    good: "FROM fedora:42\nRUN dnf install -y httpd-2.4.63\n",
    fix: None,
    hadolint: &["DL3041"],
};
pub(super) const GEM_DOC: RuleDoc = RuleDoc {
    rule: &GEM_RULE,
    why: WHY,
    cost: LANGUAGE_COST,
    bad: "FROM ruby:3.4\nRUN gem install bundler\n",
    good: "FROM ruby:3.4\nRUN gem install bundler:2.7.1\n",
    fix: None,
    hadolint: &["DL3028"],
};
pub(super) const GO_DOC: RuleDoc = RuleDoc {
    rule: &GO_RULE,
    why: WHY,
    cost: LANGUAGE_COST,
    bad: "FROM golang:1.25\nRUN go install golang.org/x/tools/cmd/goimports@latest\n",
    good: "FROM golang:1.25\nRUN go install golang.org/x/tools/cmd/goimports@v0.36.0\n",
    fix: None,
    hadolint: &["DL3062"],
};
pub(super) const NPM_DOC: RuleDoc = RuleDoc {
    rule: &NPM_RULE,
    why: WHY,
    cost: LANGUAGE_COST,
    bad: "FROM node:22\nRUN npm install -g typescript\n",
    good: "FROM node:22\nRUN npm install -g typescript@5.9.2\n",
    fix: None,
    hadolint: &["DL3016"],
};
pub(super) const PIP_DOC: RuleDoc = RuleDoc {
    rule: &PIP_RULE,
    why: WHY,
    cost: LANGUAGE_COST,
    bad: "FROM python:3.13\nRUN pip install flask\n",
    good: "FROM python:3.13\nRUN pip install flask==3.1.2\n",
    fix: None,
    hadolint: &["DL3013"],
};
pub(super) const YUM_DOC: RuleDoc = RuleDoc {
    rule: &YUM_RULE,
    why: WHY,
    cost: SYSTEM_COST,
    bad: "FROM amazonlinux:2\nRUN yum install -y httpd\n",
    good: "FROM amazonlinux:2\nRUN yum install -y httpd-2.4.65\n",
    fix: None,
    hadolint: &["DL3033"],
};
pub(super) const ZYPPER_DOC: RuleDoc = RuleDoc {
    rule: &ZYPPER_RULE,
    why: WHY,
    cost: SYSTEM_COST,
    bad: "FROM opensuse/leap:15.6\nRUN zypper install -y curl\n",
    good: "FROM opensuse/leap:15.6\nRUN zypper install -y curl=8.6.0\n",
    fix: None,
    hadolint: &["DL3037"],
};

fn check<const ROW: usize>(adviser: &Adviser<'_>, findings: &mut Findings) {
    let Some(row) = ROWS.get(ROW) else { return };
    for step in adviser.steps() {
        let Some(used) = step.command.tool() else { continue };
        // `apt` is told to be apt-get first.
        let is_apt = step.command.program() == Some("apt");
        if is_apt
            || !row.tools.contains(&used.tool.name)
            || used.action != Action::Install
            || used.has_flag(row.constraints)
        {
            continue;
        }
        let open = open_packages(&step, &used);
        let Some((name, word)) = open.first() else {
            continue;
        };
        let named = match open.as_slice() {
            [_] => format!("`{name}` comes"),
            [_, (second, _)] => format!("`{name}` and `{second}` come"),
            [_, (second, _), rest @ ..] => format!("`{name}`, `{second}` and {} more come", rest.len()),
            [] => continue,
        };
        let message = format!(
            "{named} in whatever version there is that day: write `{name}{}`",
            row.version
        );
        findings.push(step.meta(), step.span_of(&word.span), message);
    }
}

/// The packages without a version, and the words that name them.
fn open_packages<'c, 'a>(step: &Step<'_>, used: &Use<'c, 'a>) -> Vec<(String, &'c Word<'a>)> {
    let mut open = Vec::new();
    for package in used.packages() {
        match package.kind {
            PackageKind::Name if is_open(&package, used) => {
                open.push((package.name.to_owned(), package.word));
            }
            // A variable that the same RUN or stage sets is as good as its value.
            PackageKind::Expanded => {
                let value = step.value_of(package.word.raw).unwrap_or_default();
                let names = value.split_ascii_whitespace().filter(|name| is_bare(name, used));
                open.extend(names.map(|name| (name.to_owned(), package.word)));
            }
            _ => {}
        }
    }
    open
}

/// Whether a package is named without a version.
fn is_open(package: &Package<'_, '_>, used: &Use<'_, '_>) -> bool {
    let is_virtual = used.tool.name == "apk" && package.name.starts_with('.');
    // What Go calls by one word is no module.
    let is_pattern = package.name == "*" || (used.tool.name == "go" && !package.name.contains('/'));
    let is_newest = package
        .version
        .is_some_and(|version| matches!(version, "latest" | "none"));
    !is_virtual && !is_pattern && (package.version.is_none() || is_newest)
}

/// Whether a word in the value of a variable names a package without a version.
fn is_bare(name: &str, used: &Use<'_, '_>) -> bool {
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    let has_version = match used.tool.versions {
        Versions::Signs(signs) => signs.iter().any(|sign| name.contains(sign)),
        Versions::Dash => name
            .split('-')
            .skip(1)
            .any(|part| part.starts_with(|c: char| c.is_ascii_digit()) && part.contains('.')),
    };
    is_name && !has_version && !name.contains(['/', '\\', '$'])
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{findings, marked};
    use super::*;

    #[test]
    fn packages() {
        for (rule, run, found) in [
            (
                &APT_RULE,
                "apt-get -y --no-install-recommends install a=1 b c d",
                Some("b"),
            ),
            (&APT_RULE, "apt-get install ./a.deb $B", None),
            (&APK_RULE, "apk add --virtual .deps gcc=~1 'a>2' b", Some("b")),
            (&PIP_RULE, "pip install -r x.txt", None),
            (&PIP_RULE, "pip3 install 'a>=1' b[c]", Some("b[c]")),
            (&PIP_RULE, "python3 -m pip install -c c.txt a", None),
            (&NPM_RULE, "npm install", None),
            (&NPM_RULE, "npm ci && npm i -g @a/b @c/d@1", Some("@a/b")),
            (&GEM_RULE, "gem install a -v 1", None),
            (&GO_RULE, "go install ./... && go install a/b@v1", None),
            (&APT_RULE, "A='a b=1' && apt-get install -y $A", Some("$A")),
            (&APT_RULE, "apt-get install -y $E $F", Some("$F")),
            (&GO_RULE, "go install tool", None),
            (&DNF_RULE, "dnf -y install a-1.2 b", Some("b")),
            (
                &CARGO_RULE,
                "cargo install --path . && cargo install a --version 1",
                None,
            ),
        ] {
            let found: Vec<&str> = found.into_iter().collect();
            assert_eq!(
                marked(rule, &format!("FROM a\nENV E=e=1 F=f\nRUN {run}\n")),
                found,
                "{run}"
            );
        }
        let message = &findings(&APT_RULE, "FROM a\nRUN apt-get install a b c d\n")[0].2;
        assert!(
            message.contains("`a`, `b` and 2 more") && message.contains("`a=1.2.*`"),
            "{message}"
        );
    }
}
