//! Packages that are installed from lists of another step.

use std::collections::BTreeMap;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::stages::Base;
use crate::subject::{Adviser, Step};

pub(super) const RULE: Rule = Rule {
    name: "fast/apt-update-alone",
    description: "`apt-get update` and `apt-get install` are one RUN",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "The lists of packages come from the cache for as long as the line above stays as it is. When a package is added below months later, the lists name versions that the mirrors no longer have, and the build ends with 404 until somebody builds without the cache.",
    cost: "The lists are fetched again where the packages change; with `RUN --mount=type=cache,target=/var/lib/apt/lists,sharing=locked` only what is new in them.",
    bad: "FROM debian:13\nRUN apt-get update\nRUN apt-get install -y curl\n",
    good: "FROM debian:13\nRUN apt-get update && apt-get install -y curl\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    // Of each stage the line that fetched the lists, unless it was spoken of.
    let mut updated: BTreeMap<usize, usize> = BTreeMap::new();
    let mut runs = adviser.runs.iter().peekable();
    for (index, stage) in adviser.stages.iter().enumerate() {
        let mut line = match stage.base {
            Base::Stage(base) => updated.get(&base).copied(),
            _ => None,
        };
        while let Some(run) = runs.next_if(|run| run.stage == index) {
            let mut is_updated = false;
            for step in run.steps(adviser) {
                match apt_command(&step) {
                    Some("update") => is_updated = true,
                    Some("install" | "build-dep") if !is_updated => {
                        if let Some(line) = line.take() {
                            findings.push_step(&step, message(&adviser.told_line(line)));
                        }
                    }
                    _ => {}
                }
            }
            if is_updated {
                line = Some(run.instruction.meta.lines.start);
            }
        }
        updated.extend(line.map(|line| (index, line)));
    }
}

fn message(line: &str) -> String {
    format!(
        "the lists of packages are those that {line} fetched, maybe months ago: write `apt-get update && apt-get install …` in one RUN"
    )
}

/// What apt is to do.
fn apt_command<'a>(step: &Step<'a>) -> Option<&'a str> {
    matches!(step.command.program(), Some("apt-get" | "apt" | "aptitude")).then_some(())?;
    let mut words = step.command.arguments().iter();
    words.find_map(|word| {
        word.literal()
            .filter(|word| matches!(*word, "update" | "install" | "build-dep"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{findings, marked};
    use super::*;

    #[test]
    fn lists_of_another_step() {
        for (file, found) in [
            (
                "RUN apt-get update\nRUN apt-get install a\nRUN apt-get install b\n",
                Some("apt-get install a"),
            ),
            ("RUN apt-get update && apt-get install a\n", None),
            (
                "RUN apt update && apt install a\nRUN apt install b\n",
                Some("apt install b"),
            ),
            ("RUN apt-get install a\n", None),
            ("RUN apt-get update\nFROM b\nRUN apt-get install b\n", None),
            ("RUN apt-get install b && apt-get update\n", None),
        ] {
            let found: Vec<&str> = found.into_iter().collect();
            assert_eq!(marked(&RULE, &format!("FROM a\n{file}")), found, "{file}");
        }
    }

    #[test]
    fn lists_of_a_stage_above() {
        let file = "FROM a AS a\nRUN apt-get -qq update\nFROM a\nRUN apt-get install a\n";
        assert!(findings(&RULE, file)[0].2.contains("line 2"));
    }
}
