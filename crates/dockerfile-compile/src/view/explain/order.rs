//! What can run side by side, and the longest chain.

use super::{Explanation, Origin};

impl Explanation {
    /// Notes how many steps each step has to wait for, and which are on the longest chain that ends in `last`, the
    /// step that makes the result.
    pub(super) fn put_in_order(&mut self, last: Option<usize>) {
        // By step, the one that it waits for longest, and how many steps that makes.
        let mut before: Vec<Option<usize>> = Vec::with_capacity(self.steps.len());
        let mut waves: Vec<usize> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let wave = |at: usize| waves.get(at).copied().unwrap_or_default();
            let inputs = step.inputs.iter().filter_map(|input| match *input {
                Origin::Step(input) if input < waves.len() => Some(input),
                _ => None,
            });
            // Of equally long ones the first, which is the one that it works on.
            let longest = inputs.reduce(|first, other| if wave(other) > wave(first) { other } else { first });
            let count = if step.pruned {
                0
            } else {
                1 + longest.map_or(0, wave)
            };
            before.push(longest);
            waves.push(count);
        }
        for (step, wave) in self.steps.iter_mut().zip(waves) {
            step.wave = wave;
        }
        let mut next = last;
        while let Some(at) = next {
            self.steps[at].longest = true;
            next = before[at];
        }
    }
}
