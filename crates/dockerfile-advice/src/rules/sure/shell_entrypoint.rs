//! An ENTRYPOINT in shell form beside a CMD.

use dockerfile_syntax::InstructionKind;
use dockerfile_syntax::instruction::CommandLine;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "sure/shell-entrypoint",
    description: "An ENTRYPOINT that is given a CMD is a JSON array",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "An ENTRYPOINT in shell form becomes `/bin/sh -c \"…\"`, and a shell does not pass on what comes behind that: neither the CMD nor the arguments of `docker run` reach the program.",
    cost: "None. Where the shell is needed, `[\"sh\", \"-c\", \"exec app \\\"$@\\\"\", \"--\"]` passes arguments on.",
    bad: "FROM alpine:3.22\nENTRYPOINT ping\nCMD [\"-c1\", \"localhost\"]\n",
    good: "FROM alpine:3.22\nENTRYPOINT [\"ping\"]\nCMD [\"-c1\", \"localhost\"]\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for stage in &adviser.stages {
        let last = |is_it: fn(&InstructionKind<'_>) -> bool| {
            stage
                .instructions
                .iter()
                .rfind(|instruction| is_it(&instruction.kind))
        };
        let entrypoint = last(|kind| matches!(kind, InstructionKind::Entrypoint(_)));
        let has_cmd = last(|kind| matches!(kind, InstructionKind::Cmd(_))).is_some();
        if let Some(instruction) = entrypoint.filter(|_| has_cmd)
            && let InstructionKind::Entrypoint(CommandLine::Shell(text)) = &instruction.kind
            && !text.is_empty()
        {
            let message =
                "in shell form the CMD never reaches it: write `ENTRYPOINT [\"program\", \"argument\"]`";
            findings.push(&instruction.meta, text.span, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn only_beside_a_cmd() {
        let file = "FROM a\nENTRYPOINT x\nFROM b\nCMD y\nENTRYPOINT z z\nFROM c\nENTRYPOINT\nCMD [\"a\"]\n";
        assert_eq!(marked(&RULE, file), ["z z"]);
    }
}
