//! Caches of package managers that stay in a layer: a rule for each, made from the rows of a table.

mod rows;

use std::borrow::Cow;

use dockerfile_compile::{Edit, Fix};
use dockerfile_syntax::Span;
use shell_commands::tools::{Cache, Sharing};
use shell_commands::{Action, Use};

use super::removed::removes;
use crate::environment::{is_asked_for, is_mounted};
use crate::rule::{Advice, Findings, Rule, RuleDoc};
use crate::subject::{Adviser, RunStep, Step};
use rows::{Mending, ROWS, Row};

pub(super) use rows::{APK, APT, CARGO, COMPOSER, DNF, GEM, GO, MAVEN, NPM, PIP, PNPM, YARN, ZYPPER};

/// Variables that images set, by the last part of their names.
const OF_IMAGES: [(&str, &str, &str); 4] = [
    ("golang", "GOPATH", "/go"),
    ("rust", "CARGO_HOME", "/usr/local/cargo"),
    ("ruby", "GEM_HOME", "/usr/local/bundle"),
    ("composer", "COMPOSER_HOME", "/tmp"),
];

/// How many RUN lines below one are looked at for what they take from it.
const MOST_BELOW: usize = 200;

pub(super) const fn rule<const ROW: usize>() -> Rule {
    Rule {
        name: ROWS[ROW].name,
        description: ROWS[ROW].description,
        check: check::<ROW>,
    }
}

pub(super) const fn doc<const ROW: usize>(rule: &'static Rule) -> RuleDoc {
    let row = &ROWS[ROW];
    RuleDoc {
        rule,
        why: row.why,
        cost: row.cost,
        bad: row.bad,
        good: row.good,
        fix: Some(fix),
        hadolint: row.hadolint,
    }
}

/// What a step leaves in its layer.
struct Left<'a> {
    step: Step<'a>,
    used: Use<'a, 'a>,
    folders: Vec<Folder>,
}

/// A cache, and where it is, if that is known.
struct Folder {
    cache: &'static Cache,
    path: Option<String>,
}

fn check<const ROW: usize>(adviser: &Adviser<'_>, findings: &mut Findings) {
    let row = &ROWS[ROW];
    for run in &adviser.runs {
        let is_wanted = adviser.stages.get(run.stage).is_some_and(|stage| stage.may_ship);
        let left = is_wanted.then(|| left(adviser, row, run)).flatten();
        if let Some(left) = left {
            let mounts: Vec<Cow<'_, str>> = left.folders.iter().map(|folder| mount(folder)).collect();
            let message = format!("{}: write {}`RUN {} …`", row.what, row.instead, mounts.join(" "));
            findings.push_step(&left.step, message);
        }
    }
}

/// A cache mount over a folder.
fn mount(folder: &Folder) -> Cow<'static, str> {
    let path = match &folder.path {
        Some(path) => path.clone(),
        None => folder.cache.folder.replace('~', "/home/…"),
    };
    let sharing = match folder.cache.sharing {
        Sharing::Shared => "",
        Sharing::Locked => ",sharing=locked",
    };
    format!("--mount=type=cache,target={path}{sharing}").into()
}

/// What is left in the layer when all steps of a RUN are done.
fn left<'a>(adviser: &'a Adviser<'a>, row: &Row, run: &'a RunStep<'a>) -> Option<Left<'a>> {
    let mut last: Option<Left<'a>> = None;
    for step in run.steps(adviser) {
        let used = step.command.tool();
        if let Some(left) = &mut last {
            left.clean(row, &step, used.as_ref());
        }
        last = last.filter(|left| !left.folders.is_empty());
        let Some(used) = used.filter(|used| row.fills(used)) else {
            continue;
        };
        if avoids_cache(&step, &used) {
            continue;
        }
        let folders = folders(adviser, row, &step, &used);
        if !folders.is_empty() {
            last = Some(Left { step, used, folders });
        }
    }
    last
}

impl Left<'_> {
    /// Takes out what a step behind it deletes.
    fn clean(&mut self, row: &Row, step: &Step<'_>, used: Option<&Use<'_, '_>>) {
        let of_tool = used.filter(|used| row.tools.contains(&used.tool.name));
        let is_clean = |folder: &Folder| {
            let path = folder.path.as_deref().unwrap_or(folder.cache.folder);
            let is_removed = removes(step, folder.cache.folder) || removes(step, path);
            is_removed || of_tool.is_some_and(|used| used.cleans(folder.cache))
        };
        let others = || of_tool.is_some_and(|used| used.tool.caches.iter().any(|cache| used.cleans(cache)));
        if row.is_any && (self.folders.iter().any(is_clean) || others()) {
            self.folders.clear();
        }
        self.folders.retain(|folder| !is_clean(folder));
    }
}

impl Row {
    fn fills(&self, used: &Use<'_, '_>) -> bool {
        self.tools.contains(&used.tool.name) && self.actions.contains(&used.action)
    }
}

/// Whether a flag or a variable has it leave no cache.
fn avoids_cache(step: &Step<'_>, used: &Use<'_, '_>) -> bool {
    let is_set = |name: &&str| {
        let value = step.variable(name);
        value.is_some_and(|value| !value.is_empty())
    };
    used.avoids_cache() || used.tool.no_cache_variables.iter().any(is_set)
}

/// The folders of a tool that no mount keeps out of the layer.
fn folders(adviser: &Adviser<'_>, row: &Row, step: &Step<'_>, used: &Use<'_, '_>) -> Vec<Folder> {
    let caches = used
        .tool
        .caches
        .iter()
        .filter(|cache| row.caches.contains(&cache.id));
    let mut folders: Vec<Folder> = caches
        .map(|cache| Folder {
            cache,
            path: path(adviser, step, used, cache),
        })
        .collect();
    let is_covered = |folder: &Folder| is_covered(step.run, folder);
    if row.is_any && folders.iter().any(is_covered) {
        return Vec::new();
    }
    folders.retain(|folder| !is_covered(folder));
    if row.is_any {
        // The first is what most versions use.
        folders.truncate(1);
    }
    folders
}

/// Where a cache of a tool is for one of its commands.
fn path(adviser: &Adviser<'_>, step: &Step<'_>, used: &Use<'_, '_>, cache: &Cache) -> Option<String> {
    if let Some(folder) = used.flag_value(cache.flags).filter(|_| !cache.flags.is_empty()) {
        return folder.starts_with('/').then(|| folder.to_owned());
    }
    let image = adviser.image_of(step.run.stage).unwrap_or_default();
    let image = image.rsplit('/').next().unwrap_or_default();
    let image = image.split([':', '@']).next().unwrap_or_default();
    let variable = |name: &str| {
        let of_image = || {
            let found = OF_IMAGES.iter().find(|(of, key, _)| *of == image && *key == name);
            found.map(|(_, _, value)| *value)
        };
        step.variable(name).or_else(of_image).map(str::to_owned)
    };
    let user = user(adviser, step.run);
    let is_root = matches!(user, "root" | "0");
    let home = match variable("HOME") {
        Some(home) => home,
        None if is_root => "/root".to_owned(),
        None if user.starts_with(|c: char| c.is_ascii_lowercase()) => format!("/home/{user}"),
        None => {
            return cache
                .path("", false, &variable)
                .filter(|_| !cache.folder.starts_with('~'));
        }
    };
    cache
        .path(&home, is_root, &variable)
        .filter(|path| path.starts_with('/'))
}

/// Who runs a RUN; where no USER says so it most often is root.
fn user<'a>(adviser: &'a Adviser<'_>, run: &RunStep<'_>) -> &'a str {
    adviser.environment.user((run.stage, run.index)).unwrap_or("root")
}

/// Whether a mount keeps a folder out of the layer.
fn is_covered(run: &RunStep<'_>, folder: &Folder) -> bool {
    folder
        .path
        .as_deref()
        .is_some_and(|path| run.has_mount_over(path))
        || is_mounted(&run.mounts, folder.cache)
        || is_asked_for(run.run, folder.cache)
}

/// The caches that are left out may have been of use to a step below.
fn fix(adviser: &Adviser<'_>, advice: &Advice) -> Option<Fix> {
    let row = ROWS.iter().find(|row| row.name == advice.rule)?;
    let run = adviser.run_at(advice.lines)?;
    let left = left(adviser, row, run)?;
    let (at, text) = match row.mending {
        Mending::Flag(flag) => (behind_command(&left)?, format!(" {flag}")),
        Mending::Mount => {
            let is_root = matches!(user(adviser, run), "root" | "0");
            let is_known = left.folders.iter().all(|folder| folder.path.is_some());
            if !is_root || !is_known || !feeds_itself(adviser, row, run) {
                return None;
            }
            let mounts: Vec<String> = left
                .folders
                .iter()
                .map(|folder| format!(" {}", mount(folder)))
                .collect();
            (run.instruction.meta.keyword.span.end, mounts.concat())
        }
    };
    Some(Fix {
        edits: vec![Edit {
            span: Span::new(at, at),
            text,
        }],
        is_safe: false,
    })
}

/// Where the flag goes: behind the word that says what to do.
fn behind_command(left: &Left<'_>) -> Option<usize> {
    let command = left.used.command?.split(' ').next_back()?;
    let mut words = left.used.arguments.iter();
    let word = words.find(|word| word.literal() == Some(command))?;
    Some(left.step.span_of(&word.span)?.end)
}

/// Whether no RUN below lives on what this one left.
fn feeds_itself(adviser: &Adviser<'_>, row: &Row, run: &RunStep<'_>) -> bool {
    let Some(filled_by) = row.needs else { return true };
    let mut below = adviser.runs_behind(run).take(MOST_BELOW);
    below.all(|run| {
        let mut is_filled = false;
        run.steps(adviser).all(|step| {
            let used = step
                .command
                .tool()
                .filter(|used| row.tools.contains(&used.tool.name));
            let Some(used) = used else { return true };
            is_filled |= used.action == filled_by;
            is_filled || used.action != Action::Install
        })
    })
}

#[cfg(test)]
mod tests;
