//! What is shown of very much.

use std::collections::BTreeMap;

use dockerfile_syntax::sort;
use llb_graph::collect;

use super::{Explanation, Origin};

/// Steps, and stages, that are told at most: more than any file that people write.
const MOST_STEPS: usize = 5000;
/// Entries of a list within a step.
const MOST_ENTRIES: usize = 100;
/// Characters of an instruction or a value.
const MOST_CHARACTERS: usize = 240;

/// The beginning of a text in one line; what was cut off is an ellipsis.
#[must_use]
pub fn one_line(text: &str, most: usize) -> String {
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == most {
            out.push('…');
            break;
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

impl Explanation {
    /// As much as is worth telling of it: the first stages and steps, and of long lists and texts the beginning. What
    /// is built comes before what is not.
    #[must_use]
    pub fn bounded(&self) -> Self {
        let mut shown = self.clone();
        if shown.steps.len() > MOST_STEPS || shown.stages.len() > MOST_STEPS {
            shown.cut();
        }
        for step in &mut shown.steps {
            step.text = one_line(&step.text, MOST_CHARACTERS);
            step.inputs.truncate(MOST_ENTRIES);
            step.reads.truncate(MOST_ENTRIES);
            step.variables.truncate(MOST_ENTRIES);
            step.caches.truncate(MOST_ENTRIES);
            step.secrets.truncate(MOST_ENTRIES);
            step.ssh.truncate(MOST_ENTRIES);
            for read in &mut step.reads {
                read.path = one_line(&read.path, MOST_CHARACTERS);
                read.include.truncate(MOST_ENTRIES);
                read.exclude.truncate(MOST_ENTRIES);
            }
            for variable in &mut step.variables {
                variable.value = variable
                    .value
                    .as_deref()
                    .map(|value| one_line(value, MOST_CHARACTERS));
            }
        }
        shown
    }

    fn cut(&mut self) {
        let all = self.steps.len();
        let mut stages: Vec<usize> = (0..self.stages.len()).collect();
        sort::sort_by_key(&mut stages, |at| {
            (*at != self.target, !self.stages[*at].pruned.is_empty(), *at)
        });
        stages.truncate(MOST_STEPS);
        stages.sort_unstable();
        let new_stages: BTreeMap<usize, usize> = collect::map(stages.iter().copied().zip(0..));
        let kept = (0..all).filter(|at| new_stages.contains_key(&self.steps[*at].stage));
        let mut kept: Vec<usize> = kept.collect();
        sort::sort_by_key(&mut kept, |at| (self.steps[*at].pruned, *at));
        kept.truncate(MOST_STEPS);
        kept.sort_unstable();
        let new_steps: BTreeMap<usize, usize> = collect::map(kept.iter().copied().zip(0..));
        let moved = |origin: Origin| match origin {
            Origin::Stage(at) => new_stages.get(&at).copied().map(Origin::Stage),
            Origin::Step(at) => new_steps.get(&at).copied().map(Origin::Step),
            source => Some(source),
        };
        self.left_out = all - kept.len();
        self.target = new_stages.get(&self.target).copied().unwrap_or_default();
        self.stages = stages.iter().map(|at| self.stages[*at].clone()).collect();
        for stage in &mut self.stages {
            stage.base = stage.base.and_then(moved);
            let by = stage.required_by.iter().filter_map(|at| new_stages.get(at));
            stage.required_by = by.copied().take(MOST_ENTRIES).collect();
        }
        self.steps = kept.iter().map(|at| self.steps[*at].clone()).collect();
        for step in &mut self.steps {
            step.stage = new_stages.get(&step.stage).copied().unwrap_or_default();
            step.inputs = step.inputs.iter().copied().filter_map(moved).collect();
            step.reads.retain_mut(|read| match moved(read.from) {
                Some(from) => {
                    read.from = from;
                    true
                }
                None => false,
            });
        }
    }
}
