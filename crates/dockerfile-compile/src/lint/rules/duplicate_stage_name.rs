//! Two stages of one name.

use std::collections::BTreeMap;

use dockerfile_syntax::{Dockerfile, LineRange};

use super::{Check, Example, Findings, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "DuplicateStageName",
    description: "No two stages have the same name",
    key: "duplicate-stage-name",
    is_experimental: false,
    check: Check::Stages(check),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A name means the last stage above that has it, so a stage whose name is used again can only be reached by its number. Case does not count.",
    bad: Example::new("FROM alpine AS base\nFROM debian AS base\n"),
    good: Example::new("FROM alpine AS base\nFROM debian AS final\n"),
};

fn check(file: &Dockerfile<'_>) -> Findings {
    let mut seen: BTreeMap<(usize, &str), LineRange> = BTreeMap::new();
    let mut findings = Findings::new();
    for stage in &file.stages {
        let Some(name) = stage.from.name.as_deref() else { continue };
        let lines = stage.from.meta.lines;
        if let Some(earlier) = seen.insert((stage.module, name), lines) {
            let message = format!("the stage of {} is called `{name}` too: rename one of them", file.told_line(earlier.start));
            findings.push((lines, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn case_does_not_count() {
        let found = findings(&RULE, "FROM a AS b\nFROM c AS d\nFROM e AS B\n");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, 3);
        assert!(found[0].1.contains("line 1"));
    }
}
