//! Files that everybody may change.

use dockerfile_syntax::InstructionKind;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "safe/world-writable",
    description: "Files belong to who writes them; not everybody may",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "After `chmod 777` any program in the container can put another one in the place of yours. It is nearly always meant to let one user write, and that one can be named.",
    cost: "One has to know which user the program runs as: `COPY --chown=app`, or `RUN install -d -o app /data`. A folder like /tmp keeps the sticky bit: 1777.",
    bad: "FROM alpine:3.22\nRUN mkdir /data && chmod -R 777 /data\nUSER app\n",
    good: "FROM alpine:3.22\nRUN mkdir /data && chown app /data\nUSER app\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for step in adviser
        .steps()
        .filter(|step| step.command.program() == Some("chmod"))
    {
        let mode = step
            .command
            .arguments()
            .iter()
            .find(|word| !word.prefix().starts_with("--") && !is_flags(word.prefix()));
        if let Some(word) = mode.filter(|word| word.literal().is_some_and(is_for_all)) {
            let message = "everybody may change these files: give them to the user that writes (`chown app`), or write a mode such as 755";
            findings.push(step.meta(), step.span_of(&word.span), message);
        }
    }
    for stage in &adviser.stages {
        for instruction in stage.instructions {
            let chmod = match &instruction.kind {
                InstructionKind::Copy(copy) => copy.chmod.as_ref(),
                InstructionKind::Add(add) => add.chmod.as_ref(),
                _ => None,
            };
            if let Some(word) = chmod.filter(|word| is_for_all(word)) {
                let message = "everybody may change these files: write `--chown` with the user that does, or a mode such as 755";
                findings.push(&instruction.meta, word.span, message);
            }
        }
    }
}

/// Whether a word is flags and not a mode such as `-w`.
fn is_flags(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|flags| {
        !flags.is_empty() && flags.chars().all(|flag| matches!(flag, 'R' | 'f' | 'v' | 'c'))
    })
}

/// Whether a mode lets everybody write; the sticky bit makes it a folder as /tmp is.
fn is_for_all(mode: &str) -> bool {
    if !mode.is_empty() && mode.bytes().all(|byte| byte.is_ascii_digit()) {
        let sticky = mode.len() == 4 && matches!(mode.as_bytes().first(), Some(b'1' | b'3' | b'5' | b'7'));
        return !sticky
            && mode.len() >= 3
            && matches!(mode.as_bytes().last(), Some(b'2' | b'3' | b'6' | b'7'));
    }
    mode.split(',').any(|clause| {
        let Some((who, what)) = clause.split_once(['+', '=']) else {
            return false;
        };
        who.contains(['a', 'o']) && what.contains('w') && !what.contains('t')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        for mode in ["777", "0777", "666", "a+rwx", "o+w", "ugo=rw", "u+x,o+w"] {
            assert!(is_for_all(mode), "{mode}");
        }
        for mode in ["755", "1777", "+x", "u+w", "g+w", "o-w", "644", "a+rx", "7"] {
            assert!(!is_for_all(mode), "{mode}");
        }
        assert!(is_flags("-R") && !is_flags("-w") && !is_flags("777"));
    }
}
