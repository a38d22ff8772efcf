//! The whole context in a stage that has its files from another one.

use dockerfile_syntax::{Instruction, InstructionKind};

use crate::rule::{Findings, Rule, RuleDoc};
use crate::stages::Base;
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "light/copy-all",
    description: "The last stage takes what was built, and not the whole context",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Where another stage builds, the last one needs what comes out. `COPY . .` brings sources, tests, `.git` and whatever lies there on some machine, and each change of any of it makes another image.",
    cost: "The files that the program needs when it runs have to be named.",
    bad: "FROM node:24 AS build\nCOPY . .\nRUN npm run build\nFROM nginx:1.29\nWORKDIR /usr/share/nginx/html\nCOPY . .\nCOPY --from=build /dist .\n",
    good: "FROM node:24 AS build\nCOPY . .\nRUN npm run build\nFROM nginx:1.29\nWORKDIR /usr/share/nginx/html\nCOPY --from=build /dist .\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    // Whether a stage, or what it is built on, takes files from another stage.
    let mut has_built: Vec<Option<&str>> = Vec::with_capacity(adviser.stages.len());
    for stage in &adviser.stages {
        let inherited = match stage.base {
            Base::Stage(base) => has_built.get(base).copied().flatten(),
            _ => None,
        };
        let own = stage.copies().find_map(|(_, copy)| {
            let from = copy.from.as_ref()?;
            adviser.stage_of(stage, from).map(|_| from.as_str())
        });
        let built = own.or(inherited);
        has_built.push(built);
        let Some(from) = built.filter(|_| stage.may_ship) else {
            continue;
        };
        for instruction in stage.instructions {
            if is_all(instruction) {
                let message = format!(
                    "this brings the whole context into the image beside what `{from}` built: name the files that are needed there, such as `COPY config.json ./`"
                );
                findings.push(&instruction.meta, instruction.meta.keyword.span, message);
            }
        }
    }
}

/// Whether an instruction copies all of the context.
fn is_all(instruction: &Instruction<'_>) -> bool {
    let InstructionKind::Copy(copy) = &instruction.kind else {
        return false;
    };
    let is_whole = |path: &str| matches!(path.trim_matches(['"', '\'']), "." | "./" | "*" | "./*" | "/");
    copy.from.is_none() && copy.exclude.is_empty() && copy.sources.paths.iter().any(|path| is_whole(path))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::findings;
    use super::*;

    #[test]
    fn beside_a_stage() {
        for (file, line) in [
            (
                "FROM a AS b\nCOPY . .\nFROM a\nCOPY --from=b /x /\nCOPY . /y\n",
                Some(5),
            ),
            (
                "FROM a AS b\nFROM a AS c\nCOPY --from=b /x /\nFROM c\nCOPY ./ /y\n",
                Some(5),
            ),
            (
                "FROM a AS b\nFROM a\nCOPY --from=b /x /\nCOPY --exclude=src . /y\n",
                None,
            ),
            ("FROM a\nCOPY --from=img /x /\nCOPY . .\n", None),
            ("FROM a\nCOPY . .\n", None),
            ("FROM a AS b\nFROM a\nCOPY --from=b /x /\nCOPY app /y\n", None),
        ] {
            let lines: Vec<usize> = findings(&RULE, file).into_iter().map(|(line, ..)| line).collect();
            assert_eq!(lines, line.into_iter().collect::<Vec<usize>>(), "{file}");
        }
    }
}
