//! `CMD` and `ENTRYPOINT` in shell form.

use dockerfile_syntax::InstructionKind;
use dockerfile_syntax::instruction::CommandLine;

use super::{Broken, Check, Edit, Example, Fact, Fix, Item, Rule, RuleDoc};

/// What only a shell has.
const BUILT_IN: [&str; 12] = [
    ".", ":", "cd", "eval", "exec", "exit", "export", "set", "source", "trap", "ulimit", "umask",
];

pub(super) const RULE: Rule = Rule {
    name: "JSONArgsRecommended",
    description: "CMD and ENTRYPOINT are JSON arrays, so that signals reach the program",
    key: "json-args-recommended",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "In shell form a shell is the first process of the container and does not pass signals on: `docker stop` waits for its timeout and then kills the program. Where the shell is meant, a `SHELL` instruction says so.",
    bad: Example::new("FROM alpine\nCMD my-app --listen\n"),
    good: Example::new("FROM alpine\nCMD [\"my-app\", \"--listen\"]\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::JsonArgsRecommended { instruction, quote } = fact else { return None };
    if let Some((quote, column)) = quote {
        let column = column.map(|column| format!(" at column {column}")).unwrap_or_default();
        return Some(format!(
            "`{instruction}` looks like a JSON array and is none, for its strings stand in {quote}{column} instead of \"; so it runs below a shell: write `{instruction} [\"program\", \"argument\"]`"
        ));
    }
    Some(format!(
        "`{instruction}` runs below a shell, which does not pass signals on: write `{instruction} [\"program\", \"argument\"]`, or a SHELL instruction if the shell is meant"
    ))
}

/// Only a command that needs nothing of its shell; it runs without the shell's variables and search for aliases then.
pub(super) fn fix(broken: Broken<'_>) -> Option<Fix> {
    let Item::Other(instruction) = broken.item()? else { return None };
    let (InstructionKind::Cmd(CommandLine::Shell(text)) | InstructionKind::Entrypoint(CommandLine::Shell(text))) =
        &instruction.kind
    else {
        return None;
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '@' | '+' | ',' | '%' | ' ');
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    let program = words.next().filter(|program| !BUILT_IN.contains(program))?;
    if !broken.says(text) || !text.chars().all(is_plain) {
        return None;
    }
    let words: Vec<String> = std::iter::once(program).chain(words).map(|word| format!("\"{word}\"")).collect();
    Fix::not_safe(Edit::new(text.span, format!("[{}]", words.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn a_shell_of_ones_own() {
        assert_eq!(findings(&RULE, "FROM a\nSHELL [\"bash\"]\nCMD x\n"), []);
        assert_eq!(findings(&RULE, "FROM a\nENTRYPOINT x\nCMD y\n").len(), 2);
    }
}
