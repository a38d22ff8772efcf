//! Upgrading all packages.

use shell_commands::tools::Action;

use super::SYSTEM;
use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "sure/upgrade",
    description: "Upgrades come with the base image",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "What an upgrade brings depends on the day, and the step stays in the cache: the next build has the upgrades of last month and looks as if it had those of today. The packages of the base image are then in the image twice.",
    cost: "The base image has to be a current one: raise its tag or digest, and build with `--pull`. Where its publisher is slow with security fixes, upgrade the packages in question by name.",
    bad: "FROM debian:13\nRUN apt-get update && apt-get upgrade -y\n",
    good: "FROM debian:13\nRUN apt-get update && apt-get install -y --only-upgrade libssl3\n",
    fix: None,
    hadolint: &["DL3035"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for step in adviser.steps() {
        let Some(used) = step.command.tool() else { continue };
        // With names it is about these packages.
        if SYSTEM.contains(&used.tool.name) && used.action == Action::Upgrade && used.packages().is_empty() {
            let message = "what this brings depends on the day, and stays in the cache: take a newer base image, or upgrade the packages in question by name";
            findings.push_step(&step, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn whole_systems() {
        let file = "FROM a\nRUN apt-get -y dist-upgrade && apk upgrade --no-cache && yum update -y && yum update -y openssl\nRUN zypper dup; npm update; pip install --upgrade pip; apt-get update\n";
        let found = marked(&RULE, file);
        assert_eq!(
            found,
            [
                "apt-get -y dist-upgrade",
                "apk upgrade --no-cache",
                "yum update -y",
                "zypper dup"
            ]
        );
    }
}
