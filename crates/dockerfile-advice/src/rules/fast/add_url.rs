//! A download whose contents the build can't know beforehand.

use dockerfile_syntax::InstructionKind;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "fast/add-url",
    description: "An ADD of a URL says what it expects there",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Without a checksum each build asks the server whether the file is still the same, and fails when the server is away; when the file has changed, all below is built again. With a checksum the file comes from the cache, and another one is refused.",
    cost: "The checksum has to be changed with the version. `sha256sum FILE` says what it is.",
    bad: "FROM debian:13\nADD https://example.com/tool-1.2 /usr/bin/tool\n",
    good: "FROM debian:13\nADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/tool-1.2 /usr/bin/tool\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for stage in &adviser.stages {
        for instruction in stage.instructions {
            let InstructionKind::Add(add) = &instruction.kind else {
                continue;
            };
            let mut paths = add.sources.paths.iter();
            if add.checksum.is_none()
                && let Some(url) = paths.find(|path| is_download(path))
            {
                let message = format!(
                    "each build asks the server for this file again: write `ADD --checksum=sha256:… {url} {}`",
                    add.sources.dest
                );
                findings.push(&instruction.meta, url.span, message);
            }
        }
    }
}

/// Whether a source is fetched over HTTP, and is no git repository.
fn is_download(source: &str) -> bool {
    let lower = source.trim_start_matches(['"', '\'']).to_ascii_lowercase();
    let is_http = lower.starts_with("http://") || lower.starts_with("https://");
    let path = lower.split(['#', '?']).next().unwrap_or_default();
    is_http && !path.ends_with(".git")
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn sources() {
        let file = "FROM a\nADD http://x/a /b\nADD HTTPS://x/$V /b\nADD --checksum=sha256:0 http://x/a /b\nADD https://x/y.git#main /b\nADD git@x:y /b\nADD a /b\n";
        assert_eq!(marked(&RULE, file), ["http://x/a", "HTTPS://x/$V"]);
    }
}
