//! A user with a high number, for whom useradd makes a long log file.

use dockerfile_compile::{Edit, Fix};
use dockerfile_syntax::Span;

use crate::rule::{Advice, Findings, Rule, RuleDoc};
use crate::subject::{Adviser, Step};

/// Below it the logs stay small.
const HIGH: u64 = 100_000;

pub(super) const RULE: Rule = Rule {
    name: "light/useradd-log",
    description: "A user with a high number is made without an entry in the login logs",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "useradd writes into /var/log/lastlog and /var/log/faillog at a place that the user's number says. On disk the hole in front of it takes no room; in a layer it may be written out, and is gigabytes long.",
    cost: "None: nobody logs into a container.",
    bad: "FROM debian:13\nRUN useradd -u 1234567 app\n",
    good: "FROM debian:13\nRUN useradd -l -u 1234567 app\n",
    fix: Some(fix),
    hadolint: &["DL3046"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for step in adviser.steps().filter(|step| step.stage().may_ship) {
        let command = step.command;
        if command.program() != Some("useradd") || command.has_flag(&["-l", "--no-log-init"]) {
            continue;
        }
        let Some(number) = number(&step) else { continue };
        let Some(word) = command.invocation().first() else {
            continue;
        };
        if number.parse().is_ok_and(|number: u64| number >= HIGH) {
            let message =
                format!("the login logs get a hole as long as the number {number} says: write `useradd -l`");
            findings.push(step.meta(), step.span_of(&word.span), message);
        }
    }
}

/// The number that the user gets; `-u` may end a cluster of flags.
fn number<'a>(step: &Step<'a>) -> Option<&'a str> {
    let value = step.command.flag_value(&["-u", "--uid"]);
    value.or_else(|| {
        let mut words = step.command.arguments().iter().map(|word| word.prefix());
        words.find(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('u'))?;
        words.next()
    })
}

/// The user is the same; the logs differ.
fn fix(_: &Adviser<'_>, advice: &Advice) -> Option<Fix> {
    let end = advice.span?.end;
    Some(Fix {
        edits: vec![Edit {
            span: Span::new(end, end),
            text: " -l".to_owned(),
        }],
        is_safe: false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{marked, mended};
    use super::*;

    #[test]
    fn numbers() {
        for (run, count) in [
            ("useradd -u 100000 a", 1),
            ("useradd -mu 100000 a", 1),
            ("useradd --uid=1000000 a", 1),
            ("useradd -l -u 100000 a", 0),
            ("useradd --no-log-init -u 100000 a", 0),
            ("useradd -u 99999 a", 0),
            ("useradd -u $UID a", 0),
            ("adduser -u 100000 a", 0),
        ] {
            assert_eq!(
                marked(&RULE, &format!("FROM a\nRUN {run}\n")).len(),
                count,
                "{run}"
            );
        }
    }

    #[test]
    fn flag_in_front() {
        let file = "FROM a\nRUN x; sudo useradd -u 100000 a\n";
        assert_eq!(mended(&RULE, file), file.replace("useradd", "useradd -l"));
    }
}
