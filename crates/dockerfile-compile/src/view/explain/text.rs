//! The explanation for people.

use std::fmt::Write as _;

use super::bounds::one_line;
use super::{Borrowed, Explanation, Origin, Read, Stage, Step, Variable, told_line};
use crate::view::View;
use crate::view::json::pretty;

/// Steps that are told; more are counted.
const MOST_STEPS: usize = 400;
/// Entries of a list in a line.
const MOST_LISTED: usize = 12;
/// Characters of an instruction, and of what stands below it.
const CHARACTERS: usize = 120;

/// What stands below the text.
const CLOSING: &str = "\
A step runs again when something that stands with it changes, or a step that it works on or reads.
* is on the longest chain. Caches, secrets and ssh agents are in no key.
";

impl Explanation {
    /// What the build does, for programs and for people.
    #[must_use]
    pub fn explain_view(&self) -> View {
        View {
            json: pretty(&self.bounded()),
            text: self.text().into_bytes(),
        }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        let built = self.steps.iter().filter(|step| !step.pruned).count();
        let longest = self.steps.iter().filter(|step| step.longest).count();
        let target = self.stages.get(self.target).map_or("", |stage| &stage.name);
        let _ = writeln!(out, "TARGET:   {target}\nPLATFORM: {}", self.platform);
        let _ = writeln!(
            out,
            "STEPS:    {built} of {}; the longest chain has {longest}\n",
            self.steps.len()
        );
        let mut told = 0;
        let mut stage = None;
        for step in self.steps.iter().filter(|step| !step.pruned).take(MOST_STEPS) {
            if stage != Some(step.stage) {
                stage = Some(step.stage);
                self.tell_stage(step.stage, &mut out);
            }
            self.tell_step(step, &mut out);
            told += 1;
        }
        if told > 0 {
            out.push('\n');
        }
        if built > told {
            let _ = writeln!(out, "… and {} more steps\n", built - told);
        }
        self.tell_pruned(&mut out);
        self.tell_order(&mut out);
        out.push_str(CLOSING);
        out
    }

    fn tell_stage(&self, at: usize, out: &mut String) {
        let Some(stage) = self.stages.get(at) else { return };
        if !out.ends_with("\n\n") {
            out.push('\n');
        }
        let no_cache = if stage.no_cache { ", without the cache" } else { "" };
        let _ = writeln!(
            out,
            "STAGE {} ({}{no_cache})",
            one_line(&stage.name, CHARACTERS),
            told_line(&stage.file, stage.line)
        );
        let base = match stage.base {
            None => "nothing (scratch)".to_owned(),
            Some(Origin::Source(at)) => self
                .sources
                .get(at)
                .map_or_else(String::new, |source| match source.digest.is_empty() {
                    true => source.name.clone(),
                    false => format!("{}@{}", source.name, source.digest),
                }),
            Some(base) => self.name_of(base),
        };
        detail(out, "base", &base);
        for variable in &stage.variables {
            detail(out, "arg", &told(variable));
        }
        if !stage.required_by.is_empty() {
            let by = stage.required_by.iter().filter_map(|at| self.stages.get(*at));
            let by = listed(by.map(|stage| one_line(&stage.name, CHARACTERS)));
            detail(out, "required", &format!("by {by}"));
        }
    }

    fn tell_step(&self, step: &Step, out: &mut String) {
        let mark = if step.longest { '*' } else { ' ' };
        let text = one_line(&step.label(), CHARACTERS);
        let place = match step.file.as_str() {
            "" => step.line.to_string(),
            file => format!("{file}:{}", step.line),
        };
        let _ = writeln!(out, "{mark} {place:>4}  {text}");
        if step.no_cache {
            detail(out, "runs", "in every build, without the cache");
        }
        let mut from: Vec<Origin> = Vec::new();
        for read in &step.reads {
            if !from.contains(&read.from) {
                from.push(read.from);
            }
        }
        for origin in from.into_iter().take(MOST_LISTED) {
            let reads = step.reads.iter().filter(|read| read.from == origin);
            let paths = listed(reads.map(Read::shown));
            detail(out, "reads", &format!("{paths} of {}", self.name_of(origin)));
        }
        if !step.variables.is_empty() {
            detail(out, "variables", &listed(step.variables.iter().map(told)));
        }
        for (name, borrowed) in [
            ("cache", &step.caches),
            ("secret", &step.secrets),
            ("ssh", &step.ssh),
        ] {
            if !borrowed.is_empty() {
                let lend = |one: &Borrowed| match (name, one.required) {
                    ("cache", _) => one.target.clone(),
                    (_, true) => format!("{} (required)", one.id),
                    (_, false) => one.id.clone(),
                };
                detail(out, name, &listed(borrowed.iter().map(lend)));
            }
        }
        detail(out, "key", step.key.get(7..19).unwrap_or_default());
    }

    fn tell_pruned(&self, out: &mut String) {
        let pruned: Vec<&Stage> = self
            .stages
            .iter()
            .filter(|stage| !stage.pruned.is_empty())
            .collect();
        if pruned.is_empty() {
            return;
        }
        out.push_str("NOT BUILT\n");
        for stage in pruned.iter().take(MOST_STEPS) {
            let name = one_line(&stage.name, CHARACTERS);
            let _ = writeln!(out, "{:>6}  {name}: {}", stage.line, stage.pruned);
        }
        if pruned.len() > MOST_STEPS {
            let _ = writeln!(out, "        … and {} more stages", pruned.len() - MOST_STEPS);
        }
        out.push('\n');
    }

    /// Which steps can run at the same time.
    fn tell_order(&self, out: &mut String) {
        let last = self.steps.iter().map(|step| step.wave).max().unwrap_or_default();
        let mut waves: Vec<Vec<&Step>> = vec![Vec::new(); last];
        for step in self.steps.iter().filter(|step| step.wave > 0) {
            waves[step.wave - 1].push(step);
        }
        let shared = waves.iter().filter(|wave| wave.len() > 1);
        for (count, wave) in shared.take(MOST_STEPS).enumerate() {
            if count == 0 {
                out.push_str("SIDE BY SIDE\n");
            }
            let names = wave.iter().map(|step| {
                let name = self.stages.get(step.stage).map_or("", |stage| &stage.name);
                format!("{name} {}", told_line(&step.file, step.line))
            });
            let _ = writeln!(out, "  {}", one_line(&listed(names), 2 * CHARACTERS));
        }
        if waves.iter().any(|wave| wave.len() > 1) {
            out.push('\n');
        }
    }
}

/// A line below a step or stage.
fn detail(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "          {name:<9}  {}", one_line(text, 2 * CHARACTERS));
}

/// As many as fit a line.
fn listed(all: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = all.collect();
    let shown = all.iter().take(MOST_LISTED).map(String::as_str);
    let mut text = shown.collect::<Vec<&str>>().join(", ");
    if all.len() > MOST_LISTED {
        let _ = write!(text, " and {} more", all.len() - MOST_LISTED);
    }
    text
}

/// A variable with its value, or a digest of that, and its line.
pub(super) fn told(variable: &Variable) -> String {
    let value = match &variable.value {
        Some(value) => format!("={}", one_line(value, CHARACTERS / 2)),
        None if variable.digest.is_empty() => String::new(),
        None => format!(" (not shown, {})", variable.digest),
    };
    let place = match variable.line {
        0 => "given".to_owned(),
        line => told_line(&variable.file, line),
    };
    format!("{}{value} ({place})", variable.name)
}
