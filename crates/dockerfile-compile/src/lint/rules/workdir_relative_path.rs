//! A working directory below one that the base image chooses.

use dockerfile_syntax::{Instruction, InstructionKind};

use super::{Broken, Check, Example, Fact, Fix, Item, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "WorkdirRelativePath",
    description: "The first WORKDIR of a stage is an absolute path",
    key: "workdir-relative-path",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A relative path starts from the working directory of the base image. When a new version of the image has another one, files silently go elsewhere.",
    bad: Example::new("FROM nginx\nWORKDIR html\n"),
    good: Example::new("FROM nginx\nWORKDIR /usr/share/nginx/html\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::WorkdirRelativePath { path } = fact else { return None };
    if path.is_empty() {
        return Some("the path is empty once its variables are filled in, so it is whatever directory the base image has".to_owned());
    }
    Some(format!("`{path}` is relative to whatever directory the base image has: write the whole path, from `/` on"))
}

/// As if the base image had no directory of its own.
pub(super) fn fix(broken: Broken<'_>) -> Option<Fix> {
    let Item::Other(Instruction { kind: InstructionKind::Workdir(path), .. }) = broken.item()? else { return None };
    let is_name = path.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    // `C:` is no name in a folder.
    let edit = broken.replace(path, format!("/{path}"))?;
    (is_name && !path.contains(':')).then_some(edit).and_then(Fix::not_safe)
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn only_the_first_one() {
        assert_eq!(findings(&RULE, "FROM a AS b\nWORKDIR /x\nWORKDIR y\nFROM b\nWORKDIR z\n"), []);
        assert_eq!(findings(&RULE, "FROM a\nWORKDIR y\nWORKDIR z\n").len(), 1);
    }
}
