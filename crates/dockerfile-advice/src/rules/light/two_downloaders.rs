//! Two programs for the same purpose.

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

const PROGRAMS: [&str; 2] = ["curl", "wget"];

pub(super) const RULE: Rule = Rule {
    name: "light/two-downloaders",
    description: "One program downloads: curl or wget",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Each of them brings its libraries along, and does what the other does.",
    cost: "The flags differ: `curl -fsSLO` is `wget -q`, `curl -fsSL -o f` is `wget -q -O f`. Or leave both out: `ADD --checksum=… URL` downloads without any program in the image.",
    bad: "FROM debian:13\nRUN curl -fsSLO https://example.com/a\nRUN wget -q https://example.com/b\n",
    good: "FROM debian:13\nRUN curl -fsSLO https://example.com/a\nRUN curl -fsSLO https://example.com/b\n",
    fix: None,
    hadolint: &["DL4001"],
};

/// Where the second one is used, and where either is used again: only one of them may stay.
fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    let mut runs = adviser.runs.iter().peekable();
    for (index, stage) in adviser.stages.iter().enumerate() {
        // Where each was used first.
        let mut first: [Option<usize>; 2] = [None, None];
        while let Some(run) = runs.next_if(|run| run.stage == index) {
            if !stage.may_ship {
                continue;
            }
            let mut here = None;
            for step in run.steps(adviser) {
                let Some(which) = PROGRAMS
                    .iter()
                    .position(|program| step.command.program() == Some(program))
                else {
                    continue;
                };
                let [curl, wget] = &mut first;
                let (mine, other) = if which == 0 { (curl, wget) } else { (wget, curl) };
                mine.get_or_insert(run.instruction.meta.lines.start);
                if let Some(line) = *other {
                    here = Some((step, which, line));
                    break;
                }
            }
            if let Some((step, which, line)) = here {
                let (mine, other) = if which == 0 {
                    ("curl", "wget")
                } else {
                    ("wget", "curl")
                };
                let word = step.command.invocation().first();
                let span = word.and_then(|word| step.span_of(&word.span));
                let line = adviser.told_line(line);
                let message = format!("{line} uses {other}, and this {mine}: one of the two is enough");
                findings.push(step.meta(), span, message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::findings;
    use super::*;

    #[test]
    fn of_a_stage() {
        for (file, lines) in [
            ("RUN curl a\nRUN wget b\n", vec![3]),
            ("RUN curl a && wget b\n", vec![2]),
            ("RUN curl a\nRUN wget b\nRUN curl c\nRUN x\n", vec![3, 4]),
            ("RUN curl a\nFROM b\nRUN wget b\n", vec![]),
            ("RUN apt-get install curl wget\nRUN curl a\n", vec![]),
        ] {
            let found = findings(&RULE, &format!("FROM a\n{file}"));
            let found: Vec<usize> = found.into_iter().map(|(line, ..)| line).collect();
            assert_eq!(found, lines, "{file}");
        }
    }
}
