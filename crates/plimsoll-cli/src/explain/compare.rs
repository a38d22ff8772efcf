//! Which steps of two explanations have another key, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use dockerfile_compile::view::Explanation;
use dockerfile_compile::view::explain::{Origin, Source, Step, Variable, one_line, told_line};
use serde::Serialize;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Entries of a list that are told; more are counted.
const MOST_TOLD: usize = 8;
/// Characters of an instruction.
const CHARACTERS: usize = 100;

/// What came of a comparison.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Compared {
    version: u32,
    /// Steps with the key that they had.
    unchanged: usize,
    changed: Vec<Changed>,
    /// Steps that are not there any more.
    gone: Vec<String>,
}

/// A step with another key.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    /// Its place among the steps of the newer explanation.
    step: usize,
    stage: String,
    line: usize,
    /// The file of that line, where it is not the Dockerfile itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    file: String,
    text: String,
    /// What is other about the step itself.
    causes: Vec<String>,
    /// Where it began: the step itself, or the first one above it that changed.
    first: usize,
}

/// Compares an earlier explanation with a newer one.
pub(super) fn compare(before: &Explanation, after: &Explanation) -> Compared {
    let pairs = pairs(before, after);
    let mut compared = Compared {
        version: 1,
        unchanged: 0,
        changed: Vec::new(),
        gone: Vec::new(),
    };
    // By changed step, where that began.
    let mut first: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, step) in after.steps.iter().enumerate().filter(|(_, step)| !step.pruned) {
        let old = pairs.get(&at).and_then(|old| before.steps.get(*old));
        if old.is_some_and(|old| old.key == step.key) {
            compared.unchanged += 1;
            continue;
        }
        let inherited = step.inputs.iter().find_map(|input| match input {
            Origin::Step(input) => first.get(input).copied(),
            _ => None,
        });
        let mut causes = match old {
            None => {
                let mut causes = vec!["it is new".to_owned()];
                sources((before, None), (after, step), &mut causes);
                causes
            }
            Some(old) if old.pruned => vec!["it was not built".to_owned()],
            Some(old) => causes((before, old), (after, step)),
        };
        if causes.is_empty() && inherited.is_none() {
            causes.push("another step is what it works on".to_owned());
        }
        // What changed above it comes first, whatever else is new about it.
        let began = inherited.unwrap_or(at);
        first.insert(at, began);
        compared.changed.push(Changed {
            step: at,
            stage: stage_name(after, step),
            line: step.line,
            file: step.file.clone(),
            text: one_line(&step.label(), CHARACTERS),
            causes,
            first: began,
        });
    }
    let kept: BTreeSet<usize> = pairs.values().copied().collect();
    let gone = before.steps.iter().enumerate();
    let gone = gone.filter(|(at, step)| !step.pruned && !kept.contains(at));
    compared.gone = gone
        .map(|(_, step)| {
            let text = one_line(&step.label(), CHARACTERS);
            format!(
                "{} {}: {text}",
                stage_name(before, step),
                told_line(&step.file, step.line)
            )
        })
        .collect();
    compared
}

fn stage_name(model: &Explanation, step: &Step) -> String {
    model
        .stages
        .get(step.stage)
        .map_or_else(String::new, |stage| stage.name.clone())
}

/// By step of the newer one, the step of the earlier one that it was.
fn pairs(before: &Explanation, after: &Explanation) -> BTreeMap<usize, usize> {
    let steps = |model: &Explanation| {
        let mut steps: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, step) in model.steps.iter().enumerate() {
            steps.entry(step.stage).or_default().push(at);
        }
        steps
    };
    let (old_steps, new_steps) = (steps(before), steps(after));
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, stage) in before.stages.iter().enumerate() {
        by_name.insert(&stage.name, at);
    }
    let mut pairs = BTreeMap::new();
    for (at, stage) in after.stages.iter().enumerate() {
        let old = by_name
            .get(stage.name.as_str())
            .and_then(|old| old_steps.get(old));
        let (Some(old), Some(new)) = (old, new_steps.get(&at)) else {
            continue;
        };
        let old_texts: Vec<&str> = old.iter().map(|at| before.steps[*at].text.as_str()).collect();
        let new_texts: Vec<&str> = new.iter().map(|at| after.steps[*at].text.as_str()).collect();
        for op in capture_diff_slices(Algorithm::Myers, &old_texts, &new_texts) {
            if let DiffOp::Equal { .. } | DiffOp::Replace { .. } = op {
                // Of lines that were replaced, each is what the one in its place was.
                let both = op.old_range().zip(op.new_range());
                pairs.extend(both.map(|(from, to)| (new[to], old[from])));
            }
        }
    }
    pairs
}

/// What is other about a step itself, and not about what it works on.
fn causes((before, old): (&Explanation, &Step), (after, new): (&Explanation, &Step)) -> Vec<String> {
    let mut causes = Vec::new();
    if old.text != new.text {
        causes.push(format!(
            "the instruction was `{}`",
            one_line(&old.text, CHARACTERS)
        ));
    }
    variables(&old.variables, &new.variables, &mut causes);
    sources((before, Some(old)), (after, new), &mut causes);
    files(old, new, &mut causes);
    let digested = |name: &str| matches!(name, "command" | "environment" | "heredoc");
    for (name, value) in &new.parts {
        let was = old.parts.iter().find(|(known, _)| known == name);
        match was {
            Some((_, was)) if was != value && !digested(name) => {
                causes.push(format!("its {name} was {was} and is {value}"));
            }
            None if !digested(name) => causes.push(format!("its {name} is {value}, and it had none")),
            _ => {}
        }
    }
    if causes.is_empty() && old.own != new.own {
        let changed = new.parts.iter().filter(|part| !old.parts.contains(part));
        let names: Vec<&str> = changed.map(|(name, _)| name.as_str()).collect();
        causes.push(match names.is_empty() {
            true => "its options are others, such as its mounts or its network".to_owned(),
            false => format!("its {} is another", names.join(", ")),
        });
    }
    causes
}

fn variables(old: &[Variable], new: &[Variable], causes: &mut Vec<String>) {
    let shown = |variable: &Variable| match &variable.value {
        Some(value) => format!("`{}`", one_line(value, CHARACTERS)),
        None => "a value that is not shown".to_owned(),
    };
    for variable in new {
        let name = &variable.name;
        let place = match variable.line {
            0 => String::new(),
            line => format!(" ({})", told_line(&variable.file, line)),
        };
        match old.iter().find(|old| old.name == *name) {
            None => causes.push(format!("{name}{place} is new: {}", shown(variable))),
            Some(was) if was.value != variable.value || was.digest != variable.digest => {
                causes.push(match (&was.value, &variable.value) {
                    (None, None) => format!("{name}{place} has another value, which is not shown"),
                    _ => format!("{name}{place} was {} and is {}", shown(was), shown(variable)),
                });
            }
            Some(_) => {}
        }
    }
    for variable in old {
        if !new.iter().any(|new| new.name == variable.name) {
            causes.push(format!("{} is gone", variable.name));
        }
    }
}

/// What comes from outside, by its name.
fn sources(
    (before, old): (&Explanation, Option<&Step>),
    (after, new): (&Explanation, &Step),
    causes: &mut Vec<String>,
) {
    let of = |model: &Explanation, step: &Step| {
        let sources = step.inputs.iter().filter_map(|input| match *input {
            Origin::Source(at) => model.sources.get(at).cloned(),
            _ => None,
        });
        sources.collect::<Vec<_>>()
    };
    let was = old.map(|old| of(before, old)).unwrap_or_default();
    let is = of(after, new);
    let same = |a: &Source, b: &Source| (&a.kind, &a.name) == (&b.kind, &b.name);
    let mut replaced = was.iter().filter(|was| !is.iter().any(|is| same(was, is)));
    for source in &is {
        let known = was
            .iter()
            .chain(&before.sources)
            .find(|known| same(known, source));
        match known {
            Some(known) if known.key != source.key => causes.push(other_image(known, source)),
            _ if old.is_none() || was.iter().any(|was| same(was, source)) => {}
            _ => causes.push(match replaced.next() {
                Some(was) => format!("the {} was {} and is {}", source.kind, was.name, source.name),
                None => format!("it reads {}, which it did not", source.name),
            }),
        }
    }
}

/// What is other about an image of the same name.
fn other_image(was: &Source, is: &Source) -> String {
    match (was.digest.as_str(), is.digest.as_str()) {
        (was, now) if was == now => format!("{} is for another platform", is.name),
        ("", digest) | (digest, "") => {
            format!(
                "the digest of {} is known in one of the two alone: {digest}",
                is.name
            )
        }
        (was, now) => format!("the digest of {} was {was} and is {now}", is.name),
    }
}

/// The files of contexts that it reads.
fn files(old: &Step, new: &Step, causes: &mut Vec<String>) {
    let of = |step: &Step| {
        let files = step.reads.iter().flat_map(|read| read.files.iter().flatten());
        files.cloned().collect::<BTreeMap<String, String>>()
    };
    let are_known = |step: &Step| step.reads.iter().any(|read| read.files.is_some());
    match (are_known(old), are_known(new)) {
        (false, false) => return,
        (true, true) => {}
        _ => {
            causes.push("the files of the context are known in one of the two alone".to_owned());
            return;
        }
    }
    let (old, new) = (of(old), of(new));
    let mut tell = |what: &str, paths: Vec<&String>| {
        if paths.is_empty() {
            return;
        }
        let told: Vec<&str> = paths.iter().take(MOST_TOLD).map(|path| path.as_str()).collect();
        let more = match paths.len() - told.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        causes.push(format!("{what} in the context: {}{more}", told.join(", ")));
    };
    let changed = new
        .iter()
        .filter(|(path, digest)| old.get(*path).is_some_and(|was| was != *digest));
    tell("changed", changed.map(|(path, _)| path).collect());
    tell(
        "new",
        new.keys().filter(|path| !old.contains_key(*path)).collect(),
    );
    tell(
        "gone",
        old.keys().filter(|path| !new.contains_key(*path)).collect(),
    );
}

impl Compared {
    /// By cause: what changed, and what runs again for it.
    pub(super) fn text(&self, after: &Explanation) -> String {
        let mut out = String::new();
        let all = self.unchanged + self.changed.len();
        if self.changed.is_empty() {
            let _ = writeln!(
                out,
                "None of {all} steps has another key: all can come from the cache."
            );
        } else {
            let _ = writeln!(out, "{} of {all} steps have another key.", self.changed.len());
        }
        let roots: BTreeSet<usize> = self.changed.iter().map(|changed| changed.first).collect();
        for root in roots {
            let members = self.changed.iter().filter(|changed| changed.first == root);
            let Some(first) = members.clone().find(|changed| changed.step == root) else {
                continue;
            };
            let _ = writeln!(
                out,
                "\n{} {}: {}",
                first.stage,
                told_line(&first.file, first.line),
                first.text
            );
            for cause in &first.causes {
                let _ = writeln!(out, "  {cause}");
            }
            let rest: Vec<&Changed> = members.filter(|changed| changed.step != root).collect();
            if !rest.is_empty() {
                let _ = writeln!(out, "  so these have another key, too:");
            }
            for changed in &rest {
                let text = after.steps.get(changed.step).map(Step::label).unwrap_or_default();
                let text = one_line(&text, CHARACTERS);
                let _ = writeln!(
                    out,
                    "    {} {}: {text}",
                    changed.stage,
                    told_line(&changed.file, changed.line)
                );
                for cause in &changed.causes {
                    let _ = writeln!(out, "      and {cause}");
                }
            }
        }
        if !self.gone.is_empty() {
            out.push_str("\nNot there any more:\n");
            for step in &self.gone {
                let _ = writeln!(out, "  {step}");
            }
        }
        out
    }
}
