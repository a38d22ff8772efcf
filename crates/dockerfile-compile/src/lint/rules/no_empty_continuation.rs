//! A blank line inside an instruction that goes on.

use dockerfile_syntax::{Dockerfile, LineRange, Span};

use super::{Broken, Check, Edit, Example, Findings, Fix, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "NoEmptyContinuation",
    description: "An instruction should not go on across a blank line: later versions will refuse it",
    key: "no-empty-continuation",
    is_experimental: false,
    check: Check::Lines(check),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A backslash at the end of a line continues the instruction on the next one. A blank line there is passed over today, but one expects it to end the instruction, and a later version of the language will refuse it. A comment between the lines is fine.",
    bad: Example::new("FROM alpine\nRUN apk add \\\n\n    curl\n"),
    good: Example::new("FROM alpine\nRUN apk add \\\n    # for the health check\n    curl\n"),
};

fn check(file: &Dockerfile<'_>) -> Findings {
    let message = "a blank line stands inside this instruction: remove it, or put a `#` comment in its place";
    let lines = file.empty_continuations.iter();
    lines.map(|line| (LineRange::line(*line), message.to_owned())).collect()
}

/// The instruction's text is the same without the blank lines in it.
pub(super) fn fix(broken: Broken<'_>) -> Option<Fix> {
    let first = broken.item()?.meta().lines.start;
    let mut edits = Vec::new();
    let mut start = 0;
    for (number, line) in (1..).zip(broken.source.split_inclusive(|byte| *byte == b'\n')) {
        let end = start + line.len();
        if (first..=broken.lines.start).contains(&number) && line.trim_ascii().is_empty() {
            edits.push(Edit::new(Span::new(start, end), ""));
        }
        start = end;
    }
    Fix::safe(edits)
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn the_last_line_is_told() {
        assert_eq!(findings(&RULE, "FROM a\nRUN x \\\n\n\n y\nRUN z\n")[0].0, 5);
    }
}
