//! Instructions in upper and in lower case.

use dockerfile_syntax::{Dockerfile, Meta};

use super::{Broken, Check, Edit, Example, Findings, Fix, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "ConsistentInstructionCasing",
    description: "All instructions of a file are written in the same case, upper or lower",
    key: "consistent-instruction-casing",
    is_experimental: false,
    check: Check::Keywords(check),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Keywords may be in any case. One case throughout keeps them apart from their arguments. What most instructions have counts; `ARG` before the first `FROM` does not.",
    bad: Example::new("FROM alpine\nRUN make\ncopy a /a\n"),
    good: Example::new("FROM alpine\nRUN make\nCOPY a /a\n"),
};

/// Which case most instructions have.
fn is_mostly_lower(file: &Dockerfile<'_>) -> bool {
    let (mut lower, mut upper) = (0, 0);
    for meta in metas(file) {
        if is_plain_upper(meta) {
            upper += 1;
        } else if *meta.keyword == *meta.keyword.to_lowercase() {
            lower += 1;
        } else if *meta.keyword == *meta.keyword.to_uppercase() {
            upper += 1;
        }
    }
    lower > upper
}

fn check(file: &Dockerfile<'_>) -> Findings {
    let is_lower = is_mostly_lower(file);
    let word = |meta: &Meta<'_>| {
        if !is_lower && is_plain_upper(meta) {
            return None;
        }
        let (wanted, case) = if is_lower {
            (meta.keyword.to_lowercase(), "lower")
        } else {
            (meta.keyword.to_uppercase(), "upper")
        };
        let message = || format!("most of this file is in {case} case: write `{wanted}` for `{}`", meta.keyword);
        (*meta.keyword != *wanted).then(|| (meta.lines, message()))
    };
    metas(file).filter_map(word).collect()
}

/// Nearly all keywords are written so; they need no other form made to compare with.
fn is_plain_upper(meta: &Meta<'_>) -> bool {
    meta.keyword.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// What instructions have in common, stage by stage.
fn metas<'f>(file: &'f Dockerfile<'_>) -> impl Iterator<Item = &'f Meta<'f>> {
    file.stages.iter().flat_map(|stage| {
        let instructions = stage.instructions.iter().map(|instruction| &instruction.meta);
        std::iter::once(&stage.from.meta).chain(instructions)
    })
}

/// The `AS` of a FROM goes along, or another rule would find it.
pub(super) fn fix(broken: Broken<'_>) -> Option<Fix> {
    let keyword = &broken.item()?.meta().keyword;
    // A keyword that is all in one case is not in that of the others.
    let is_lower = if **keyword == *keyword.to_uppercase() {
        true
    } else {
        **keyword != *keyword.to_lowercase() && is_mostly_lower(broken.file)
    };
    let in_case = |text: &str| if is_lower { text.to_lowercase() } else { text.to_uppercase() };
    let mut edits = vec![broken.replace(keyword, in_case(keyword))?];
    if let Some(span) = broken.as_keyword()
        && broken.bytes(span) != in_case("as").as_bytes()
    {
        edits.push(Edit::new(span, in_case("as")));
    }
    Fix::safe(edits)
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    fn lines(file: &str) -> Vec<usize> {
        findings(&RULE, file).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn the_majority_counts() {
        assert_eq!(lines("from a\nrun b\nENV c=d\n"), [3]);
        assert_eq!(lines("FROM a\nrun b\n"), [2]);
        assert_eq!(lines("From a\nRun b\n"), [1, 2]);
        assert!(lines("arg x\nFROM a\n").is_empty());
    }
}
