//! A file with secrets in a layer.

use dockerfile_syntax::instruction::PairsFile;
use dockerfile_syntax::{Instruction, InstructionKind, Meta, Word};

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

/// Files that hold passwords and tokens by their use, and where programs look for them.
const FILES: [(&str, &str); 12] = [
    (".env", "/run/secrets/env"),
    (".npmrc", "/root/.npmrc"),
    (".yarnrc", "/root/.yarnrc"),
    (".pypirc", "/root/.pypirc"),
    (".netrc", "/root/.netrc"),
    (".git-credentials", "/root/.git-credentials"),
    (".pgpass", "/root/.pgpass"),
    (".my.cnf", "/root/.my.cnf"),
    (".htpasswd", "/run/secrets/htpasswd"),
    ("kubeconfig", "/root/.kube/config"),
    ("credentials.json", "/run/secrets/credentials.json"),
    ("service-account.json", "/run/secrets/service-account.json"),
];
/// The same in folders of their own.
const PATHS: [(&str, &str); 4] = [
    (".aws/credentials", "/root/.aws/credentials"),
    (".docker/config.json", "/root/.docker/config.json"),
    (".kube/config", "/root/.kube/config"),
    (".m2/settings.xml", "/root/.m2/settings.xml"),
];

pub(super) const RULE: Rule = Rule {
    name: "safe/secret-file",
    description: "Files with passwords and tokens are mounted, not copied",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "What a COPY brings is in a layer for good. Removing it in a later step hides it, and `docker save` brings it back, as does the build cache of everybody who has it.",
    cost: "The build is called with `--secret id=npmrc,src=.npmrc`; the secret is there for one RUN and leaves no trace, not in the cache's key either.",
    bad: "FROM node:22\nCOPY .npmrc /root/.npmrc\nRUN npm ci\n",
    good: "FROM node:22\nRUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for (meta, path) in copied(adviser) {
        if let Some((id, target)) = secret(path) {
            let message = format!(
                "`{path}` stays in the image for whoever has it: write `RUN --mount=type=secret,id={id},target={target} …` and build with `--secret id={id},src={path}`"
            );
            findings.push(meta, path.span, message);
        }
    }
    for (instruction, file) in read(adviser) {
        let path = &file.path;
        if let Some((id, target)) = secret(path) {
            let keyword = file.of.name();
            let message = format!(
                "{keyword} leaves all that is in `{path}` in the image for whoever has it: name a file without secrets, and for those write `RUN --mount=type=secret,id={id},target={target} …` and build with `--secret id={id},src={path}`"
            );
            findings.push(&instruction.meta, path.span, message);
        }
    }
}

/// The files of the context whose pairs an instruction takes.
fn read<'a>(adviser: &'a Adviser<'a>) -> impl Iterator<Item = (&'a Instruction<'a>, &'a PairsFile<'a>)> {
    let instructions = adviser.stages.iter().flat_map(|stage| stage.instructions);
    instructions.filter_map(|instruction| match &instruction.kind {
        InstructionKind::PairsFile(file) if file.from.is_none() => Some((instruction, &**file)),
        _ => None,
    })
}

/// The files of the context that are copied.
pub(super) fn copied<'a>(adviser: &'a Adviser<'a>) -> impl Iterator<Item = (&'a Meta<'a>, &'a Word<'a>)> {
    let instructions = adviser.stages.iter().flat_map(|stage| stage.instructions);
    instructions.flat_map(|instruction| {
        let sources = match &instruction.kind {
            InstructionKind::Copy(copy) if copy.from.is_none() => Some(&copy.sources),
            InstructionKind::Add(add) => Some(&add.sources),
            _ => None,
        };
        let paths = sources.into_iter().flat_map(|sources| &sources.paths);
        paths.map(move |path| (&instruction.meta, path))
    })
}

/// What the secret may be called, and where it is looked for.
fn secret(path: &str) -> Option<(String, &'static str)> {
    let path = path.trim_matches(['"', '\'']).trim_end_matches('/');
    let name = path.rsplit('/').next().unwrap_or_default();
    let by_path = PATHS.iter().find(|(end, _)| path.ends_with(end));
    let by_name = FILES.iter().find(|(file, _)| *file == name);
    let is_env = name.starts_with(".env.")
        && !["example", "sample", "template", "dist", "test"]
            .iter()
            .any(|end| name.ends_with(end));
    let env = is_env.then_some(&FILES[0]);
    let (_, target) = by_path.or(by_name).or(env)?;
    let id: String = name.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    Some((id, target))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::findings;
    use super::*;

    #[test]
    fn files_of_pairs() {
        let file = "# plimsoll=1\nFROM a\nENV --file=.env\nENV --file=app.env\nARG --file=.env.production\nENV --file=.env --from=b\n";
        let found = findings(&RULE, file);
        let marked: Vec<(usize, &str)> = found
            .iter()
            .map(|(line, marked, _)| (*line, marked.as_str()))
            .collect();
        assert_eq!(marked, [(3, ".env"), (5, ".env.production")]);
        assert!(found[0].2.starts_with("ENV leaves all that is in `.env`"));
    }

    #[test]
    fn files() {
        let file = "FROM a\nCOPY .env app/.npmrc /x/\nCOPY --from=b .env /\nCOPY .env.example .env.production /\nADD .aws/credentials /root/.aws/\nCOPY . .\n";
        let found: Vec<(usize, String)> = findings(&RULE, file)
            .into_iter()
            .map(|(line, marked, _)| (line, marked))
            .collect();
        let wanted = [
            (2, ".env"),
            (2, "app/.npmrc"),
            (4, ".env.production"),
            (5, ".aws/credentials"),
        ];
        assert_eq!(found, wanted.map(|(line, path)| (line, path.to_owned())));
        assert!(
            findings(&RULE, file)[1]
                .2
                .contains("id=npmrc,target=/root/.npmrc")
        );
    }
}
