//! A COPY to wherever the base image's directory is.

use dockerfile_syntax::InstructionKind;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::stages::Base;
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "sure/copy-relative",
    description: "A COPY to a relative path comes below a WORKDIR",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A relative destination starts from the working directory, and without a WORKDIR that is whatever the base image has. When a new version of it has another one, the files silently go elsewhere.",
    cost: "None.",
    bad: "FROM nginx:1.29\nCOPY site html/\n",
    good: "FROM nginx:1.29\nWORKDIR /usr/share/nginx\nCOPY site html/\n",
    fix: None,
    hadolint: &["DL3045"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    let mut has_directory: Vec<bool> = Vec::with_capacity(adviser.stages.len());
    for stage in &adviser.stages {
        let mut is_set = match stage.base {
            Base::Stage(base) => has_directory.get(base).copied().unwrap_or_default(),
            _ => false,
        };
        for instruction in stage.instructions {
            match &instruction.kind {
                InstructionKind::Workdir(_) => is_set = true,
                InstructionKind::Copy(copy) if !is_set && is_relative(&copy.sources.dest) => {
                    let dest = &copy.sources.dest;
                    let message = format!(
                        "`{dest}` starts from whatever directory the base image has: write the whole path, or a WORKDIR above"
                    );
                    findings.push(&instruction.meta, dest.span, message);
                }
                _ => {}
            }
        }
        has_directory.push(is_set);
    }
}

/// Whether a path is surely relative, on Linux and on Windows.
fn is_relative(path: &str) -> bool {
    let path = path.trim_start_matches(['"', '\'']);
    let has_drive = path.as_bytes().get(1) == Some(&b':');
    !path.starts_with(['/', '\\', '$']) && !has_drive
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::marked;
    use super::*;

    #[test]
    fn destinations() {
        let file = "FROM a AS a\nCOPY x .\nCOPY x \"b/\"\nCOPY x /b\nCOPY x $Y/b\nCOPY x c:/b\nWORKDIR /x\nCOPY x .\nFROM a\nCOPY x .\nFROM b\nCOPY x .\n";
        assert_eq!(marked(&RULE, file), [".", "\"b/\"", "."]);
    }
}
