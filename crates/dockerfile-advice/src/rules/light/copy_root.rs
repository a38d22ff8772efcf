//! A stage's whole file system, copied.

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "light/copy-root",
    description: "Of another stage only what is needed is copied",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A copy of the whole file system brings the tools and caches of the other stage along, and puts its system files over those that are there.",
    cost: "One has to know which files the program needs. Where all are meant, `FROM build` starts from that stage and copies nothing.",
    bad: "FROM golang:1.25 AS build\nRUN go build -o /app .\nFROM alpine:3.22\nCOPY --from=build / /\n",
    good: "FROM golang:1.25 AS build\nRUN go build -o /app .\nFROM alpine:3.22\nCOPY --from=build /app /app\n",
    fix: None,
    hadolint: &["DL3067"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for (instruction, copy) in adviser.stages.iter().flat_map(|stage| stage.copies()) {
        let is_root = |path: &str| path.trim_matches(['"', '\'']) == "/";
        let source = copy.sources.paths.iter().find(|path| is_root(path));
        if let (Some(source), Some(from)) = (source, &copy.from)
            && is_root(&copy.sources.dest)
        {
            let message = format!("all of `{from}` lands in the image: name the files that are needed");
            findings.push(&instruction.meta, source.span, message);
        }
    }
}
