//! The table and the JSON that a run leaves.

use std::fmt::Write as _;
use std::thread;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::stats::Samples;

/// One line of the table.
#[derive(Debug, Clone)]
struct Row {
    what: String,
    unit: &'static str,
    ours: f64,
    reference: f64,
    budget: Option<Budget>,
}

/// What a figure is to hold.
#[derive(Debug, Clone)]
struct Budget {
    /// Such as "under 2 MB".
    words: &'static str,
    held: bool,
}

/// Everything measured so far.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<Row>,
    details: Map<String, Value>,
}

impl Report {
    /// Adds a line: ours and the reference's.
    pub fn row(&mut self, what: &str, unit: &'static str, ours: f64, reference: f64) {
        let what = what.to_owned();
        self.rows.push(Row {
            what,
            unit,
            ours,
            reference,
            budget: None,
        });
    }

    /// Says what the last line's figure is to hold, in words, and whether it does.
    pub fn hold(&mut self, words: &'static str, held: bool) {
        if let Some(row) = self.rows.last_mut() {
            row.budget = Some(Budget { words, held });
        }
    }

    /// Keeps the samples behind a line, by whose they are.
    pub fn samples(&mut self, what: &str, samples: &[(&str, &Samples)]) {
        let samples = samples
            .iter()
            .map(|(whose, samples)| ((*whose).to_owned(), samples.to_json()));
        self.details
            .insert(what.to_owned(), Value::Object(samples.collect()));
    }

    /// The whole report.
    pub fn to_json(&self) -> Result<String> {
        let rows: Vec<Value> = self.rows.iter().map(Row::to_json).collect();
        let report = json!({
            "processors": thread::available_parallelism().map_or(0, usize::from),
            "plimsoll": env!("CARGO_PKG_VERSION"),
            "reference": plimsoll_engine::parts::TOOLS.version_of("github.com/moby/buildkit"),
            "rows": rows,
            "details": self.details,
        });
        Ok(serde_json::to_string_pretty(&report)? + "\n")
    }

    /// The table for people.
    pub fn table(&self) -> String {
        let width = self
            .rows
            .iter()
            .map(|row| row.what.chars().count())
            .max()
            .unwrap_or(0);
        let mut table = format!(
            "{:width$}  {:>12}  {:>12}  {:>6}  to hold\n",
            "", "Plimsoll", "reference", "ratio"
        );
        for row in &self.rows {
            let ratio = row.ratio().map_or(String::new(), |ratio| format!("{ratio:.2}"));
            let [ours, reference] = [row.ours, row.reference].map(|value| shown(value, row.unit));
            // Writing to a string cannot fail.
            let _ = write!(
                table,
                "{:width$}  {ours:>12}  {reference:>12}  {ratio:>6}",
                row.what
            );
            if let Some(Budget { words, held }) = &row.budget {
                let _ = write!(table, "  {} {words}", if *held { "OK" } else { "OVER" });
            }
            table.push('\n');
        }
        table
    }
}

impl Row {
    /// Ours as a part of the reference's; under 1 is better.
    fn ratio(&self) -> Option<f64> {
        (self.reference > 0.0).then(|| self.ours / self.reference)
    }

    fn to_json(&self) -> Value {
        let budget = self.budget.as_ref();
        let budget = budget.map(|Budget { words, held }| json!({"words": words, "held": held}));
        json!({
            "what": self.what,
            "unit": self.unit,
            "plimsoll": self.ours,
            "reference": self.reference,
            "ratio": self.ratio(),
            "to_hold": budget,
        })
    }
}

/// A figure with three places that count.
fn shown(value: f64, unit: &str) -> String {
    let places = match value {
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        value if value >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.places$} {unit}")
}
