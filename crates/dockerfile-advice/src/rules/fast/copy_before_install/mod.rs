//! All sources in front of the dependencies, which do not depend on them.

mod manifests;

use dockerfile_syntax::instruction::Sources;
use dockerfile_syntax::{Instruction, InstructionKind};
use shell_commands::Action;
use shell_commands::tools::PackageKind;

use crate::environment::{is_asked_for, is_mounted};
use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::{Adviser, RunStep, Step};
use manifests::{MANIFESTS, Manifest};

pub(super) const RULE: Rule = Rule {
    name: "fast/copy-before-install",
    description: "Dependencies are installed before the sources are copied",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A step comes from the cache when nothing above it has changed. Below `COPY . .` that is never so: each changed line of any file installs all dependencies again. The files that list them change rarely.",
    cost: "The files with the dependencies are named in the Dockerfile. Where the project has parts with lists of their own, each is copied to its place: `COPY --parents **/package.json ./`.",
    bad: "FROM node:24\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
    good: "FROM node:24\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n",
    fix: None,
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    let mut runs = adviser.runs.iter().peekable();
    for (index, stage) in adviser.stages.iter().enumerate() {
        let mut copy: Option<(&Instruction<'_>, &Sources<'_>)> = None;
        // Whose dependencies are there already.
        let mut installed: Vec<&str> = Vec::new();
        for (at, instruction) in stage.instructions.iter().enumerate() {
            if let Some(sources) = all_sources(instruction) {
                copy.get_or_insert((instruction, sources));
            }
            let Some(run) = runs.next_if(|run| (run.stage, run.index) == (index, at)) else {
                continue;
            };
            for step in run.steps(adviser) {
                let Some((manifest, files)) = dependencies(&step, run) else {
                    continue;
                };
                let is_known = installed.contains(&manifest.tool);
                if !is_known {
                    installed.push(manifest.tool);
                }
                let Some((instruction, sources)) = copy.filter(|_| !is_known) else {
                    continue;
                };
                let message = message(adviser, manifest, (&files, sources), run);
                findings.push(
                    &instruction.meta,
                    sources.paths.first().map(|path| path.span),
                    message,
                );
                // What is moved above is no reason any more.
                copy = None;
                break;
            }
        }
    }
}

fn message(
    adviser: &Adviser<'_>,
    manifest: &Manifest,
    (files, sources): (&str, &Sources<'_>),
    run: &RunStep<'_>,
) -> String {
    let line = adviser.told_line(run.instruction.meta.lines.start);
    if manifest.mount.is_empty() {
        let folder = match sources.dest.trim_end_matches('/') {
            "." => "./".to_owned(),
            dest => format!("{dest}/"),
        };
        let step = match manifest.step {
            "" => format!("the RUN of {line}"),
            step => format!("`RUN {step}`"),
        };
        return format!(
            "any changed file has {line} fetch all dependencies again: write `COPY {files} {folder}` and {step} above this"
        );
    }
    format!(
        "any changed file has {line} fetch all dependencies again: write `RUN {} …` there",
        manifest.mount
    )
}

/// The sources and the destination of an instruction that copies all of the context.
fn all_sources<'a>(instruction: &'a Instruction<'a>) -> Option<&'a Sources<'a>> {
    let sources = match &instruction.kind {
        InstructionKind::Copy(copy) if copy.from.is_none() => &copy.sources,
        InstructionKind::Add(add) => &add.sources,
        _ => return None,
    };
    let is_whole = |path: &str| matches!(path.trim_matches(['"', '\'']), "." | "./" | "*" | "./*" | "/");
    sources.paths.iter().any(|path| is_whole(path)).then_some(sources)
}

/// What a step fetches its dependencies by, and the files that list them.
fn dependencies(step: &Step<'_>, run: &RunStep<'_>) -> Option<(&'static Manifest, String)> {
    let used = step.command.tool()?;
    let manifest = MANIFESTS
        .iter()
        .find(|manifest| manifest.tool == used.tool.name)?;
    let is_build = used.action == Action::Build;
    let is_fetched =
        matches!(used.action, Action::Install | Action::Download) || (is_build && manifest.builds_fetch);
    let is_cached = is_build
        && used
            .tool
            .caches
            .iter()
            .any(|cache| is_mounted(&run.mounts, cache) || is_asked_for(run.run, cache));
    if !is_fetched || is_cached || used.command.is_some_and(|command| command.starts_with("global")) {
        return None;
    }
    let packages = used.packages();
    if manifest.files.is_empty() {
        // pip: the files are named, and what they list is all that is installed.
        let lists = packages
            .iter()
            .filter(|package| package.kind == PackageKind::List);
        let lists: Vec<&str> = lists
            .map(|package| package.name)
            .filter(|name| !name.is_empty())
            .collect();
        let is_relative = lists.iter().all(|name| !name.starts_with('/'));
        let has_path = packages.iter().any(|package| package.kind == PackageKind::Path);
        return (!lists.is_empty() && is_relative && !has_path).then(|| (manifest, lists.join(" ")));
    }
    let names_packages = used.action == Action::Install && !packages.is_empty();
    (!names_packages).then(|| (manifest, manifest.files.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::findings;
    use super::*;

    #[test]
    fn files_to_copy_first() {
        for (lines, wanted) in [
            (
                "COPY . .\nRUN npm ci\n",
                Some("`COPY package.json package-lock.json ./`"),
            ),
            (
                "ADD . /app\nRUN yarn\n",
                Some("`COPY package.json yarn.lock /app/`"),
            ),
            (
                "COPY . .\nRUN pip install -r requirements.txt -r dev.txt\n",
                Some("`COPY requirements.txt dev.txt ./`"),
            ),
            ("COPY . .\nRUN pip install flask\n", None),
            ("COPY . .\nRUN npm install -g x\n", None),
            ("COPY . .\nRUN pip install .\n", None),
            ("COPY . .\nRUN go mod download\n", Some("`COPY go.mod go.sum ./`")),
            ("COPY . .\nRUN go build .\n", Some("`RUN go mod download` above")),
            (
                "COPY . .\nRUN --mount=type=cache,target=/go/pkg/mod go build .\n",
                None,
            ),
            (
                "COPY go.mod .\nRUN go mod download\nCOPY . .\nRUN go build .\n",
                None,
            ),
            (
                "COPY pom.xml .\nRUN mvn dependency:go-offline\nCOPY . .\nRUN mvn package\n",
                None,
            ),
            (
                "COPY . .\nRUN mvn package\n",
                Some("`RUN mvn dependency:go-offline`"),
            ),
            (
                "COPY . .\nRUN cargo build\n",
                Some("--mount=type=cache,target=/usr/local/cargo/registry"),
            ),
            ("COPY --from=x . .\nRUN npm ci\n", None),
            ("COPY src src\nRUN npm ci\n", None),
            ("RUN npm ci\nCOPY . .\n", None),
            (
                "COPY . .\nRUN bundle install && npm ci\n",
                Some("`COPY Gemfile Gemfile.lock ./`"),
            ),
        ] {
            let found = findings(&RULE, &format!("FROM a\n{lines}"));
            assert_eq!(found.len(), usize::from(wanted.is_some()), "{lines}");
            if let (Some(wanted), Some((line, _, message))) = (wanted, found.first()) {
                assert!(message.contains(wanted) && *line == 2, "{message}");
            }
        }
    }
}
