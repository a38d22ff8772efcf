//! The table and the JSON that a run leaves.

use std::fmt::Write as _;
use std::thread;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::last::Ratios;
use crate::stats::Samples;

/// The unit of what is counted.
pub const COUNTED: &str = "";

/// One line of the table.
#[derive(Debug, Clone)]
struct Row {
    what: String,
    unit: &'static str,
    /// None where there is no figure; the remark says why.
    ours: Option<f64>,
    reference: Option<f64>,
    remark: Option<String>,
    is_held: Option<bool>,
}

/// Everything measured so far.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<Row>,
    notes: Vec<String>,
    details: Map<String, Value>,
}

impl Report {
    /// Adds a line: ours and the reference's.
    pub fn row(&mut self, what: &str, unit: &'static str, ours: f64, reference: f64) {
        self.rows.push(Row {
            what: what.to_owned(),
            unit,
            ours: Some(ours),
            reference: Some(reference),
            remark: None,
            is_held: None,
        });
    }

    /// Says what the last line's figure is to hold, in words, and whether it does.
    pub fn hold(&mut self, words: &str, held: bool) {
        if let Some(row) = self.rows.last_mut() {
            row.remark = Some(words.to_owned());
            row.is_held = Some(held);
        }
    }

    /// Adds a line without figures: `why` says who refused.
    pub fn refused(&mut self, what: &str, why: String) {
        self.rows.push(Row {
            what: what.to_owned(),
            unit: "",
            ours: None,
            reference: None,
            remark: Some(why),
            is_held: Some(false),
        });
    }

    /// Says something that belongs to several lines; it goes above the table.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
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
            "notes": self.notes,
            "rows": rows,
            "details": self.details,
        });
        Ok(serde_json::to_string_pretty(&report)? + "\n")
    }

    /// Ours as a part of the reference's, by row.
    pub fn ratios(&self) -> Ratios {
        let rows = self.rows.iter();
        rows.map(|row| (row.what.clone(), row.ratio())).collect()
    }

    /// The table for people.
    pub fn table(&self) -> String {
        let widths = self.rows.iter().map(|row| row.what.chars().count());
        let width = widths.max().unwrap_or(0);
        let mut table: String = self.notes.iter().map(|note| format!("{note}\n")).collect();
        if !table.is_empty() {
            table.push('\n');
        }
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "{:width$}  {:>12}  {:>12}  {:>6}  to hold",
            "", "Plimsoll", "reference", "ratio"
        );
        for row in &self.rows {
            let line = row.line(width);
            let _ = writeln!(table, "{}", line.trim_end());
        }
        table
    }
}

impl Row {
    /// Ours as a part of the reference's; under 1 is better.
    fn ratio(&self) -> Option<f64> {
        let reference = self.reference.filter(|reference| *reference > 0.0)?;
        Some(self.ours? / reference)
    }

    fn line(&self, width: usize) -> String {
        let [ours, reference] = [self.ours, self.reference]
            .map(|value| value.map_or("-".to_owned(), |value| shown(value, self.unit)));
        let ratio = self.ratio().map_or(String::new(), |ratio| format!("{ratio:.2}"));
        let held = match self.is_held {
            Some(true) => "OK ",
            Some(false) if self.ours.is_some() => "OVER ",
            _ => "",
        };
        let remark = self.remark.as_deref().unwrap_or_default();
        format!(
            "{:width$}  {ours:>12}  {reference:>12}  {ratio:>6}  {held}{remark}",
            self.what
        )
    }

    fn to_json(&self) -> Value {
        let remark = self.remark.as_ref();
        let budget = remark.map(|words| json!({"words": words, "held": self.is_held}));
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

/// A figure with three places that count; what is counted has none behind the point.
fn shown(value: f64, unit: &str) -> String {
    let places = match value {
        value if value.fract() == 0.0 && unit == COUNTED => 0,
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        value if value >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.places$} {unit}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{COUNTED, Report};

    #[test]
    fn a_table() {
        let mut report = Report::default();
        report.note("a note".to_owned());
        report.row("time", "ms", 12.34, 100.0);
        report.hold("0.10", false);
        report.row("calls", COUNTED, 10.0, 12.0);
        report.refused("large", "refused: too large".to_owned());
        let expected = "a note\n\n           Plimsoll     reference   ratio  to hold\n\
                        time        12.3 ms        100 ms    0.12  OVER 0.10\n\
                        calls            10            12    0.83\n\
                        large             -             -          refused: too large\n";
        assert_eq!(report.table(), expected);
        let ratios: Vec<_> = report.ratios().into_iter().collect();
        assert_eq!(ratios[1], ("large".to_owned(), None));
    }
}
