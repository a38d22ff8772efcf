//! A download that anybody on the way can change.

use dockerfile_syntax::InstructionKind;

use super::downloads::urls;
use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

/// Programs whose arguments are what they fetch.
const FETCHING: [&str; 10] = [
    "curl", "wget", "aria2c", "axel", "git", "pip", "pip3", "npm", "gem", "go",
];
/// What proves a file whoever sent it.
const PROOFS: [&str; 8] = [
    "sha256sum",
    "sha512sum",
    "sha384sum",
    "sha1sum",
    "shasum",
    "gpg",
    "gpgv",
    "cosign",
];

pub(super) const RULE: Rule = Rule {
    name: "safe/plain-http",
    description: "Downloads come over https, or are checked",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Over http everybody between the build and the server can put another file in the place of the one that is meant.",
    cost: "None where the server has https; where it has not, a checksum does as well.",
    bad: "FROM alpine:3.22\nADD http://example.com/app.tar.gz /opt/\n",
    good: "FROM alpine:3.22\nADD https://example.com/app.tar.gz /opt/\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for stage in &adviser.stages {
        for instruction in stage.instructions {
            let InstructionKind::Add(add) = &instruction.kind else {
                continue;
            };
            for path in add
                .sources
                .paths
                .iter()
                .filter(|path| is_plain(path) && add.checksum.is_none())
            {
                findings.push(&instruction.meta, path.span, message(path));
            }
        }
    }
    for run in &adviser.runs {
        let is_proof = |program: &str| PROOFS.contains(&program);
        if run
            .steps(adviser)
            .any(|step| step.command.program().is_some_and(is_proof))
        {
            continue;
        }
        for step in run.steps(adviser) {
            if step
                .command
                .program()
                .is_some_and(|program| FETCHING.contains(&program))
            {
                for word in urls(step.command).filter(|word| is_plain(word.prefix())) {
                    let url = word.raw.trim_matches(['"', '\'']);
                    findings.push(step.meta(), step.span_of(&word.span), message(url));
                }
            }
        }
    }
}

fn message(url: &str) -> String {
    let at = url.find("http://").unwrap_or_default();
    let rest = url.get(at + "http://".len()..).unwrap_or_default();
    format!("anybody on the way can change this file: write `https://{rest}`, or check its sha256")
}

/// Whether a text names a URL of http on another machine.
fn is_plain(text: &str) -> bool {
    let Some(at) = text.find("http://") else {
        return false;
    };
    let host = text.get(at + "http://".len()..).unwrap_or_default();
    let host = host.split(['/', ':', '?']).next().unwrap_or_default();
    let is_here = host == "localhost" || host.starts_with("127.") || host.starts_with("[::1]");
    !is_here && !host.is_empty() && !host.starts_with('$')
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn who_fetches() {
        let file = "FROM a\nADD http://x/y https://x/z /d/\nADD --checksum=sha256:1 http://x/y /d/\nRUN curl -O \"http://x/y\" && curl http://localhost:80/ && echo http://x\nRUN wget http://x/y && echo 1 y | sha256sum -c\nRUN pip install --index-url=http://x/simple a\n";
        assert_eq!(
            marked(&RULE, file),
            ["http://x/y", "\"http://x/y\"", "--index-url=http://x/simple"]
        );
    }
}
