//! A deletion that frees nothing, as a layer above has the files.

use std::collections::{BTreeMap, BTreeSet};

use dockerfile_syntax::InstructionKind;
use dockerfile_syntax::instruction::Sources;
use shell_commands::tools::{Cache, PackageKind, tools};
use shell_commands::{Action, Use};

use super::removed::removes;
use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::{Adviser, RunStep, Step};

pub(super) const RULE: Rule = Rule {
    name: "light/late-rm",
    description: "What is not needed is deleted by the RUN that made it",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A layer is stored as it was made. Deleting a file of a layer above writes a note that hides it: nobody sees it any more, everybody downloads it.",
    cost: "The lines that make, use and delete something are one RUN, and share one place in the cache. What is copied only to be used once comes by a mount: `RUN --mount=type=bind,source=a.deb,target=/a.deb …`.",
    bad: "FROM debian:13\nCOPY app.deb /tmp/\nRUN dpkg -i /tmp/app.deb\nRUN rm /tmp/app.deb\n",
    good: "FROM debian:13\nRUN --mount=type=bind,source=app.deb,target=/tmp/app.deb dpkg -i /tmp/app.deb\n",
    fix: None,
    hadolint: &[],
};

/// What the layers of a stage brought so far, and the lines that did.
#[derive(Default)]
struct Brought<'a> {
    paths: BTreeMap<String, usize>,
    /// What a tool fetched.
    tools: BTreeMap<&'static str, usize>,
    packages: BTreeMap<(&'static str, &'a str), usize>,
    /// The tools that fetched something, cleaned up or not.
    used: BTreeSet<&'static str>,
    /// Whether a file is run that may bring anything.
    runs_file: bool,
}

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    let mut runs = adviser.runs.iter().peekable();
    for (index, stage) in adviser.stages.iter().enumerate() {
        let mut brought = Brought::default();
        let mut directory = String::new();
        for (at, instruction) in stage.instructions.iter().enumerate() {
            let line = instruction.meta.lines.start;
            match &instruction.kind {
                InstructionKind::Workdir(path) => directory = absolute(&directory, path),
                InstructionKind::Copy(copy) => brought.copy(&copy.sources, &directory, line),
                InstructionKind::Add(add) => brought.copy(&add.sources, &directory, line),
                _ => {}
            }
            let Some(run) = runs.next_if(|run| (run.stage, run.index) == (index, at)) else {
                continue;
            };
            let here = Brought::of_run(adviser, run, &directory);
            let late = run
                .steps(adviser)
                .find_map(|step| Some((step, brought.deleted(&here, &step, &directory)?)));
            if let Some((step, line)) = late.filter(|_| stage.may_ship) {
                let line = adviser.told_line(line);
                let message = format!(
                    "the layer of {line} keeps what this deletes, so nothing is freed: delete it in the RUN that brings it, or bring it by a mount"
                );
                findings.push_step(&step, message);
            }
            brought.add(here);
        }
    }
}

impl<'a> Brought<'a> {
    fn of_run(adviser: &'a Adviser<'a>, run: &'a RunStep<'a>, directory: &str) -> Self {
        let line = run.instruction.meta.lines.start;
        let mut here = Self::default();
        for step in run.steps(adviser) {
            if let Some(path) = written(&step) {
                here.paths.insert(absolute(directory, path), line);
            }
            here.runs_file |= runs_file(&step);
            let used = step.command.tool();
            here.tools.retain(|tool, _| !empties(&step, used.as_ref(), tool));
            let Some(used) = used else { continue };
            if !matches!(used.action, Action::Install | Action::Update | Action::Upgrade) {
                continue;
            }
            here.tools.insert(used.tool.name, line);
            here.used.insert(used.tool.name);
            if used.action == Action::Install {
                let named = used
                    .packages()
                    .into_iter()
                    .filter(|package| package.kind == PackageKind::Name);
                here.packages
                    .extend(named.map(|package| ((used.tool.name, package.name), line)));
            }
        }
        here
    }

    /// Takes note of the files that are copied; those of a folder are not known by name.
    fn copy(&mut self, sources: &Sources<'_>, directory: &str, line: usize) {
        let dest = absolute(directory, &sources.dest);
        for source in &sources.paths {
            let source = source.trim_matches(['"', '\'']).trim_end_matches('/');
            let name = source.rsplit('/').next().unwrap_or_default();
            if name.contains('.') && !matches!(name, "." | "..") {
                self.paths.insert(format!("{dest}/{name}"), line);
            }
        }
        if !sources.dest.ends_with('/') && dest != directory {
            self.paths.insert(dest, line);
        }
    }

    fn add(&mut self, later: Self) {
        // `append` would go through all that was there.
        self.paths.extend(later.paths);
        self.tools.extend(later.tools);
        self.packages.extend(later.packages);
    }

    /// The line above that brought what a step deletes, unless its own RUN did.
    fn deleted(&self, here: &Self, step: &Step<'_>, directory: &str) -> Option<usize> {
        let used = step.command.tool();
        let mut tools = self.tools.iter().filter(|_| !here.runs_file);
        let cleaned =
            tools.find(|(tool, _)| !here.used.contains(*tool) && empties(step, used.as_ref(), tool));
        if let Some((_, line)) = cleaned {
            return Some(*line);
        }
        if let Some(used) = used.filter(|used| used.action == Action::Remove) {
            let packages = used.packages();
            let mut names = packages.iter().map(|package| (used.tool.name, package.name));
            return names.find_map(|key| {
                let line = self
                    .packages
                    .get(&key)
                    .filter(|_| !here.packages.contains_key(&key));
                line.copied()
            });
        }
        if step.command.program() != Some("rm") {
            return None;
        }
        let words = step.command.arguments().iter();
        let mut paths = words.filter(|word| !word.prefix().starts_with('-'));
        paths.find_map(|word| {
            let path = absolute(directory, word.raw);
            here.find(&path).is_none().then(|| self.find(&path)).flatten()
        })
    }

    /// The line that brought a path, or what is below it.
    fn find(&self, path: &str) -> Option<usize> {
        if path.matches('/').count() < 2 && !self.paths.contains_key(path) {
            // `rm -rf /tmp` and its like mean something else.
            return None;
        }
        let exact = self.paths.get(path);
        let below = || {
            let start = format!("{path}/");
            let (found, line) = self.paths.range(start.clone()..).next()?;
            found.starts_with(&start).then_some(line)
        };
        exact.or_else(below).copied()
    }
}

/// Whether a step empties a cache of a tool that stays in the layer.
fn empties(step: &Step<'_>, used: Option<&Use<'_, '_>>, tool: &str) -> bool {
    let is_tool = used.is_some_and(|used| used.tool.name == tool && used.action == Action::Clean);
    let is_rm = matches!(step.command.program(), Some("rm" | "find"));
    if !is_tool && !is_rm {
        return false;
    }
    let Some(known) = tools().find(|known| known.name == tool) else {
        return false;
    };
    let is_emptied =
        |cache: &Cache| removes(step, cache.folder) || used.is_some_and(|used| is_tool && used.cleans(cache));
    known.caches.iter().any(|cache| cache.stays && is_emptied(cache))
}

/// Whether a step runs a file, such as a script that was copied.
fn runs_file(step: &Step<'_>) -> bool {
    let command = step.command;
    let is_path = command
        .invocation()
        .first()
        .is_some_and(|word| word.raw.contains(['/', '$']));
    is_path || command.is_shell() || matches!(command.program(), Some("." | "source"))
}

/// The file or folder that a command makes, where it is named.
fn written<'a>(step: &Step<'a>) -> Option<&'a str> {
    let command = step.command;
    let last = || {
        let mut words = command.arguments().iter().rev();
        words
            .find(|word| !word.prefix().starts_with('-'))
            .map(|word| word.raw)
    };
    match command.program()? {
        "wget" => command.flag_value(&["-O", "--output-document"]),
        "curl" => command.flag_value(&["-o", "--output"]),
        "unzip" => command.flag_value(&["-d"]),
        "git" if command.arguments().first()?.literal() == Some("clone") => last(),
        "cp" | "mv" => last(),
        _ => None,
    }
}

/// A path below a directory, without quotes, patterns and slashes at its end; empty where a variable is in it.
fn absolute(directory: &str, path: &str) -> String {
    let path = path.trim_matches(['"', '\'']);
    let path = path.strip_suffix("/*").unwrap_or(path).trim_end_matches('/');
    if path.contains(['$', '`', '*', '~']) {
        return String::new();
    }
    if path.starts_with('/') {
        return path.to_owned();
    }
    match path.trim_start_matches("./") {
        "." | "" => directory.to_owned(),
        path => format!("{directory}/{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::findings;
    use super::*;

    #[test]
    fn what_a_layer_above_has() {
        for (lines, found) in [
            ("COPY a.deb /tmp/\nRUN rm /tmp/a.deb\n", Some("line 2")),
            (
                "COPY a.deb /tmp/b.deb\nRUN x && rm -f /tmp/b.deb\n",
                Some("line 2"),
            ),
            (
                "WORKDIR /app\nCOPY a.tar .\nRUN tar xf a.tar && rm a.tar\n",
                Some("line 3"),
            ),
            ("RUN wget -O /tmp/a u\nRUN rm /tmp/a\n", Some("line 2")),
            ("RUN wget -O /tmp/a u && rm /tmp/a\n", None),
            ("RUN git clone u /src/a\nRUN rm -rf /src/a\n", Some("line 2")),
            ("COPY a.deb /tmp/x/\nRUN rm -rf /tmp/x\n", Some("line 2")),
            ("COPY a.deb /tmp/\nRUN rm -rf /tmp/*\n", None),
            (
                "RUN apt-get update && apt-get install a\nRUN rm -rf /var/lib/apt/lists/*\n",
                Some("line 2"),
            ),
            ("RUN apt-get update && rm -rf /var/lib/apt/lists/*\n", None),
            ("RUN yum install a\nRUN yum clean all\n", Some("line 2")),
            ("RUN apt-get install a\nRUN apt-get clean\n", None),
            ("RUN apk add a b\nRUN apk del b\n", Some("line 2")),
            ("RUN apk add a && apk del a\n", None),
            ("RUN rm /etc/nginx/conf.d/default.conf\n", None),
            (
                "RUN apt-get update && rm -rf /var/lib/apt/lists/*\nRUN rm -rf /var/lib/apt/lists/*\n",
                None,
            ),
            (
                "RUN apt-get update\nRUN bash /x.sh && rm -rf /var/lib/apt/lists/*\n",
                None,
            ),
            ("COPY a.deb /tmp/\nFROM b\nRUN rm /tmp/a.deb\n", None),
        ] {
            let found_here = findings(&RULE, &format!("FROM a\n{lines}"));
            assert_eq!(found_here.len(), usize::from(found.is_some()), "{lines}");
            if let (Some(found), Some((_, _, message))) = (found, found_here.first()) {
                assert!(message.contains(found), "{message}");
            }
        }
    }
}
