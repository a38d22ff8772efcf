//! A download that nothing checks.

use dockerfile_syntax::InstructionKind;

use super::downloads::{is_download, url_of};
use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::{Adviser, Step};

/// What looks at a file before it is used.
const PROOFS: [&str; 14] = [
    "sha256sum",
    "sha512sum",
    "sha384sum",
    "sha1sum",
    "md5sum",
    "b2sum",
    "shasum",
    "gpg",
    "gpgv",
    "gpg2",
    "cosign",
    "minisign",
    "openssl",
    "apt-key",
];
/// How files end that some program checks later: keys, and what repositories sign.
const KEYS: [&str; 6] = [".asc", ".gpg", ".key", ".pub", ".deb", ".rpm"];

pub(super) const RULE: Rule = Rule {
    name: "safe/unchecked-download",
    description: "A downloaded file is checked against what it should be",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A URL may give another file tomorrow: because the server was broken into, or because somebody moved a tag. A checksum in the Dockerfile makes it the file that was looked at once, or an error.",
    cost: "The checksum has to be changed with each new version; that is what it is for.",
    bad: "FROM alpine:3.22\nRUN wget -q https://example.com/tool -O /usr/bin/tool && chmod +x /usr/bin/tool\n",
    good: "FROM alpine:3.22\nADD --checksum=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 --chmod=755 https://example.com/tool /usr/bin/tool\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for run in &adviser.runs {
        let is_proof = |step: &Step<'_>| {
            step.command
                .program()
                .is_some_and(|program| PROOFS.contains(&program))
        };
        if run.steps(adviser).any(|step| is_proof(&step)) {
            continue;
        }
        for step in run
            .steps(adviser)
            .filter(|step| is_download(step.command) && keeps(step))
        {
            let url = url_of(step.command);
            let is_signed = KEYS.iter().any(|end| url.ends_with(end));
            if !is_signed {
                let message = format!(
                    "nothing says which file this is to be: write `ADD --checksum=sha256:… {url} /path`, or check it with `sha256sum -c`"
                );
                findings.push_step(&step, message);
            }
        }
    }
    for (instruction, path) in copied_scripts(adviser) {
        findings.push(
            &instruction.meta,
            path.span,
            "nothing says which file this is to be: write `--checksum=sha256:…` behind ADD",
        );
    }
}

/// URLs of ADD that end in what is run or unpacked; the others are a matter of speed alone.
fn copied_scripts<'a>(
    adviser: &'a Adviser<'a>,
) -> impl Iterator<
    Item = (
        &'a dockerfile_syntax::Instruction<'a>,
        &'a dockerfile_syntax::Word<'a>,
    ),
> {
    let instructions = adviser.stages.iter().flat_map(|stage| stage.instructions);
    instructions.flat_map(|instruction| {
        let add = match &instruction.kind {
            InstructionKind::Add(add) if add.checksum.is_none() => Some(add),
            _ => None,
        };
        let paths = add.into_iter().flat_map(|add| &add.sources.paths);
        let is_file =
            |path: &str| path.starts_with("https://") && !path.ends_with(".git") && !path.contains(".git#");
        paths
            .filter(move |path| is_file(path))
            .map(move |path| (instruction, path))
    })
}

/// Whether what comes is used, rather than looked at; what a shell or a keyring gets is another rule's.
fn keeps(step: &Step<'_>) -> bool {
    let command = step.command;
    if command.has_flag(&["-I", "--head", "--spider"]) || step.is_condition() {
        return false;
    }
    let behind = step
        .pipeline()
        .find(|other| other.span.start > command.span.start);
    let is_read = matches!(
        behind.and_then(|other| other.program()),
        Some(
            "sh" | "bash"
                | "ash"
                | "dash"
                | "zsh"
                | "apt-key"
                | "gpg"
                | "grep"
                | "jq"
                | "sed"
                | "awk"
                | "python"
                | "python3"
                | "perl"
                | "cut"
                | "head"
                | "tail"
                | "tee"
        )
    );
    let in_words = step
        .levels()
        .any(|level| level.kind == shell_commands::LevelKind::Substitution);
    !is_read && !in_words
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn downloads() {
        for (line, found) in [
            (
                "RUN curl -fsSLo /x https://x/y",
                Some("curl -fsSLo /x https://x/y"),
            ),
            ("RUN curl https://x/y.tgz | tar xz", Some("curl https://x/y.tgz")),
            (
                "RUN curl -fsSLo /x https://x/y && echo '1 /x' | sha256sum -c",
                None,
            ),
            ("RUN curl https://x/y | sh", None),
            ("RUN V=$(curl -s https://x/version)", None),
            ("RUN curl -I https://x/y", None),
            ("RUN wget https://x/key.asc", None),
            ("RUN curl --version", None),
            ("ADD https://x/y /z", Some("https://x/y")),
            ("ADD --checksum=sha256:1 https://x/y /z", None),
            ("ADD https://x/y.git#v1 /z", None),
        ] {
            let found: Vec<&str> = found.into_iter().collect();
            assert_eq!(marked(&RULE, &format!("FROM a\n{line}\n")), found, "{line}");
        }
    }
}
