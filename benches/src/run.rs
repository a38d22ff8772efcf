//! One run of the benchmark: what is wanted of it, and what it has found so far.

use std::path::PathBuf;

use anyhow::{Result, bail};
use plimsoll_engine::Progress;

use crate::dockerfile::{SHAPES, Shape};
use crate::report::Report;

/// The parts, in the order of the table.
pub const PARTS: [&str; 9] = [
    "compile", "trips", "check", "image", "start", "warm", "caches", "memory", "load",
];

/// Those that need no engine.
const WITHOUT_ENGINE: [&str; 3] = ["compile", "trips", "check"];

/// A run.
pub struct Run<'a> {
    /// What was found.
    pub report: Report,
    /// Hears of every step.
    pub progress: &'a mut dyn Progress,
    /// Where files go.
    pub out: PathBuf,
    /// Whether a quarter of the rounds will do.
    pub is_short: bool,
}

impl Run<'_> {
    /// How often to measure what is measured `whole` times in a whole run.
    pub fn rounds(&self, whole: usize) -> usize {
        if self.is_short {
            whole.div_ceil(4).max(2)
        } else {
            whole
        }
    }
}

/// What the arguments ask for.
#[derive(Debug, PartialEq, Eq)]
pub struct Wanted(Vec<String>);

impl Wanted {
    /// Reads arguments: names of parts, and `compile/KEY` for one shape. None of them means all.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self> {
        let wanted: Vec<String> = arguments.into_iter().collect();
        let keys = SHAPES.map(|shape| format!("compile/{}", shape.key));
        let unknown = wanted
            .iter()
            .find(|name| !PARTS.contains(&name.as_str()) && !keys.contains(name));
        if let Some(unknown) = unknown {
            bail!(
                "there is no row `{unknown}`; there are {}, {}",
                PARTS.join(", "),
                keys.join(", ")
            );
        }
        Ok(Self(wanted))
    }

    /// Whether it is everything.
    pub fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this part is wanted, whole or not.
    pub fn part(&self, part: &str) -> bool {
        let names = |name: &String| name.split('/').next() == Some(part);
        self.is_all() || self.0.iter().any(names)
    }

    /// The shapes to compile.
    pub fn shapes(&self) -> Vec<Shape> {
        let all = self.is_all() || self.0.iter().any(|name| name == "compile");
        let named = |shape: &Shape| {
            self.0
                .iter()
                .any(|name| name.strip_prefix("compile/") == Some(shape.key))
        };
        SHAPES.into_iter().filter(|shape| all || named(shape)).collect()
    }

    /// Whether a daemon must run for it.
    pub fn needs_engine(&self) -> bool {
        let needing = PARTS.iter().filter(|part| !WITHOUT_ENGINE.contains(part));
        needing.into_iter().any(|part| self.part(part))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed expectation ends a test")]

    use super::Wanted;
    use crate::dockerfile::SHAPES;

    fn parse(arguments: &[&str]) -> anyhow::Result<Wanted> {
        Wanted::parse(arguments.iter().map(|name| (*name).to_owned()))
    }

    #[test]
    fn arguments_name_parts_and_shapes() {
        let all = parse(&[]).unwrap();
        assert!(all.part("load") && all.needs_engine());
        assert_eq!(all.shapes().len(), SHAPES.len());

        let one = parse(&["compile/chain"]).unwrap();
        let keys: Vec<&str> = one.shapes().iter().map(|shape| shape.key).collect();
        assert_eq!(keys, ["chain"]);
        assert!(one.part("compile") && !one.part("trips") && !one.needs_engine());

        let warm = parse(&["warm"]).unwrap();
        assert!(warm.needs_engine() && !warm.part("compile") && warm.shapes().is_empty());

        assert!(parse(&["compile/chains"]).is_err());
        assert!(parse(&["warm/1"]).is_err());
    }
}
