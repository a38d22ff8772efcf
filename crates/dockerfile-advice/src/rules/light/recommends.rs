//! Packages that apt installs because others recommend them.

use dockerfile_compile::{Edit, Fix};
use dockerfile_syntax::Span;

use crate::rule::{Advice, Findings, Rule, RuleDoc};
use crate::subject::{Adviser, Step};

pub(super) const RULE: Rule = Rule {
    name: "light/recommends",
    description: "apt installs what is asked for, and nothing that goes well with it",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "apt also installs what packages recommend: manuals, fonts, mail servers, compilers. Often that is several times the size of what was asked for, and it takes time in every stage.",
    cost: "What the program does need has to be named: `ca-certificates` for curl is the one that is missed most.",
    bad: "FROM debian:13\nRUN apt-get update && apt-get install -y curl\n",
    good: "FROM debian:13\nRUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl\n",
    fix: Some(fix),
    hadolint: &["DL3015"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for run in &adviser.runs {
        let is_set = run.steps(adviser).any(|step| configures(&step));
        for step in run.steps(adviser).filter(|_| !is_set) {
            let Some(word) = install(&step).filter(|_| !is_told(&step)) else {
                continue;
            };
            let message = "this also installs what the packages only recommend: write `install --no-install-recommends`";
            findings.push(step.meta(), step.span_of(&word), message);
        }
    }
}

/// The word `install`, where it is apt's.
fn install(step: &Step<'_>) -> Option<std::ops::Range<usize>> {
    matches!(step.command.program(), Some("apt-get" | "apt")).then_some(())?;
    let mut words = step.command.arguments().iter();
    let word = words.find(|word| word.literal() == Some("install"))?;
    Some(word.span.clone())
}

/// Whether a flag says that it shall not, or that it shall.
fn is_told(step: &Step<'_>) -> bool {
    let flags = ["--no-install-recommends", "--install-recommends"];
    let words = step.command.arguments();
    words.iter().any(|word| {
        let text = word.prefix();
        flags.contains(&text) || text.contains("APT::Install-Recommends")
    })
}

/// Whether it writes a configuration that says so.
fn configures(step: &Step<'_>) -> bool {
    let is_written = matches!(step.command.program(), Some("echo" | "printf" | "tee" | "cat"));
    let mut words = step.command.arguments().iter();
    is_written && words.any(|word| word.prefix().contains("Install-Recommends"))
}

/// Something may have been needed after all.
fn fix(_: &Adviser<'_>, advice: &Advice) -> Option<Fix> {
    let end = advice.span?.end;
    Some(Fix {
        edits: vec![Edit {
            span: Span::new(end, end),
            text: " --no-install-recommends".to_owned(),
        }],
        is_safe: false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{marked, mended};
    use super::*;

    #[test]
    fn installs() {
        for (run, count) in [
            ("apt-get install a", 1),
            ("sudo apt -qy install a", 1),
            ("apt-get install --no-install-recommends a", 0),
            ("apt-get --no-install-recommends -y install a", 0),
            ("apt-get install --install-recommends a", 0),
            ("apt-get -o APT::Install-Recommends=0 install a", 0),
            (
                "echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/x; apt-get install a",
                0,
            ),
            ("apt-get update; apt-get upgrade", 0),
            ("x && apt-get install a && apt-get install b", 2),
            ("echo apt-get install", 0),
        ] {
            assert_eq!(
                marked(&RULE, &format!("FROM debian:13\nRUN {run}\n")).len(),
                count,
                "{run}"
            );
        }
    }

    #[test]
    fn behind_install() {
        let file = "FROM a\nRUN apt-get update \\\n && apt-get -y install \\\n    b\n";
        assert_eq!(
            mended(&RULE, file),
            file.replace("install ", "install --no-install-recommends ")
        );
    }
}
