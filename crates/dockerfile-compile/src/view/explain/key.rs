//! Keys: what changes whenever a step's result may.
//!
//! An operation's digest would do, but for two things: it changes with every session and with any path that another
//! step reads of the same context, which no cache looks at; and it says nothing of files. So a key is made of the
//! operation without what it works on, the keys of that, and the files that are read, where they are known.

use llb_graph::digest;

use super::{Explanation, Origin, Step};

impl Explanation {
    /// Makes the keys of all steps anew, from what each has in `own`, `inputs` and `reads`.
    pub fn seal(&mut self) {
        for at in 0..self.steps.len() {
            let key = self.steps.get(at).map(|step| self.key(step)).unwrap_or_default();
            if let Some(step) = self.steps.get_mut(at) {
                step.key = key;
            }
        }
    }

    /// The inputs of a step come before it.
    fn key(&self, step: &Step) -> String {
        if step.pruned {
            return String::new();
        }
        let mut text = step.own.clone();
        let mut add = |part: &str| {
            text.push('\n');
            text.push_str(part);
        };
        for input in &step.inputs {
            add(match *input {
                Origin::Step(at) => self.steps.get(at).map_or("", |step| &step.key),
                Origin::Source(at) => self.sources.get(at).map_or("", |source| &source.key),
                Origin::Stage(_) => "",
            });
        }
        for read in &step.reads {
            for (path, digest) in read.files.iter().flatten() {
                add(path);
                add(digest);
            }
        }
        digest(text.as_bytes())
    }
}
