//! ADD for what COPY does.

use dockerfile_compile::{Edit, Fix};
use dockerfile_syntax::InstructionKind;

use crate::rule::{Advice, Findings, Rule, RuleDoc};
use crate::subject::Adviser;

/// What ADD unpacks, as names end.
const ARCHIVES: [&str; 12] = [
    ".tar", ".tgz", ".tbz", ".tbz2", ".tb2", ".txz", ".tlz", ".tzst", ".gz", ".bz2", ".xz", ".zst",
];

pub(super) const RULE: Rule = Rule {
    name: "sure/add-file",
    description: "Files of the context are copied with COPY",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "ADD looks into each file and unpacks what is an archive. A file that becomes one some day is suddenly a folder in the image; COPY copies.",
    cost: "None. ADD stays right for archives that are to be unpacked, for URLs and for git repositories.",
    bad: "FROM alpine:3.22\nADD app.conf /etc/\n",
    good: "FROM alpine:3.22\nCOPY app.conf /etc/\n",
    fix: Some(fix),
    hadolint: &["DL3020"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for stage in &adviser.stages {
        for instruction in stage.instructions {
            let InstructionKind::Add(add) = &instruction.kind else {
                continue;
            };
            let sources = &add.sources;
            let is_plain = sources.paths.iter().all(|path| is_file(path))
                && add.unpack.is_none()
                && add.checksum.is_none()
                && add.keep_git_dir.is_none();
            if is_plain && !sources.paths.is_empty() {
                let message = "ADD would unpack an archive that stands there one day: write COPY";
                findings.push(&instruction.meta, instruction.meta.keyword.span, message);
            }
        }
    }
}

/// Whether a source is surely neither URL nor repository nor archive.
fn is_file(source: &str) -> bool {
    let source = source.trim_matches(['"', '\'']);
    let lower = source.to_ascii_lowercase();
    let is_remote = lower.contains("://") || lower.starts_with("git@") || source.starts_with('$');
    !is_remote && !ARCHIVES.iter().any(|end| lower.ends_with(end))
}

/// Some archive may be among the files after all.
fn fix(adviser: &Adviser<'_>, advice: &Advice) -> Option<Fix> {
    let span = advice.span?;
    let is_lower = adviser.bytes(span).first()?.is_ascii_lowercase();
    let text = if is_lower { "copy" } else { "COPY" }.to_owned();
    Some(Fix {
        edits: vec![Edit { span, text }],
        is_safe: false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{marked, mended};
    use super::*;

    #[test]
    fn sources() {
        let file = "FROM a\nadd a /b\nADD a.tar.gz /b\nADD http://x/y /b\nADD $X /b\nADD --unpack=true a /b\nADD a b.TGZ /d/\nADD \"c\" /d\n";
        assert_eq!(marked(&RULE, file), ["add", "ADD"]);
        assert_eq!(
            mended(&RULE, file),
            file.replace("add a", "copy a").replace("ADD \"c\"", "COPY \"c\"")
        );
    }
}
