//! The ratios of the last run that was committed, and what has got worse since.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use plimsoll_engine::frontend_image::project;

/// What a ratio may grow by, as a part of itself, before it is told.
const TOLERATED: f64 = 0.1;

/// Rows by name, each with ours as a part of the reference's; none where ours has no figure.
pub type Ratios = BTreeMap<String, Option<f64>>;

/// The committed file.
pub fn file() -> PathBuf {
    project().join("benches/last.json")
}

/// Reads it; a file that is not there has no rows.
pub fn read(file: &Path) -> Result<Ratios> {
    if !file.exists() {
        return Ok(Ratios::new());
    }
    let text = fs::read_to_string(file)?;
    serde_json::from_str(&text).with_context(|| format!("{} is no list of ratios", file.display()))
}

/// Writes it with three places that count.
pub fn write(file: &Path, ratios: &Ratios) -> Result<()> {
    let rounded: Ratios = ratios
        .iter()
        .map(|(name, ratio)| (name.clone(), ratio.map(rounded)))
        .collect();
    let text = serde_json::to_string_pretty(&rounded)? + "\n";
    fs::write(file, text).with_context(|| format!("could not write {}", file.display()))
}

fn rounded(ratio: f64) -> f64 {
    format!("{ratio:.2e}").parse().unwrap_or(ratio)
}

/// A line for each row that has got worse.
pub fn worse(last: &Ratios, now: &Ratios) -> Vec<String> {
    let line = |(name, now): (&String, &Option<f64>)| {
        let before = (*last.get(name)?)?;
        match now {
            None => Some(format!("{name}: {before:.3} before, and no figure now")),
            Some(now) if *now > before * (1.0 + TOLERATED) => {
                let more = (now / before - 1.0) * 100.0;
                Some(format!(
                    "{name}: {before:.3} before, {now:.3} now, {more:.0} % more"
                ))
            }
            Some(_) => None,
        }
    };
    now.iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed expectation ends a test")]

    use super::{Ratios, read, worse, write};

    fn ratios(rows: &[(&str, Option<f64>)]) -> Ratios {
        rows.iter()
            .map(|(name, ratio)| ((*name).to_owned(), *ratio))
            .collect()
    }

    #[test]
    fn more_than_a_tenth_is_told() {
        let last = ratios(&[
            ("better", Some(0.5)),
            ("a little worse", Some(0.5)),
            ("worse", Some(0.5)),
            ("gone", Some(0.5)),
            ("refused before", None),
            ("not measured", Some(0.5)),
        ]);
        let now = ratios(&[
            ("better", Some(0.3)),
            ("a little worse", Some(0.54)),
            ("worse", Some(0.56)),
            ("gone", None),
            ("refused before", Some(0.5)),
            ("new", Some(9.0)),
        ]);
        assert_eq!(
            worse(&last, &now),
            [
                "gone: 0.500 before, and no figure now",
                "worse: 0.500 before, 0.560 now, 12 % more"
            ]
        );
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("last.json");
        assert_eq!(read(&file).unwrap(), Ratios::new());
        write(&file, &ratios(&[("a", Some(0.012_345)), ("b", None)])).unwrap();
        assert_eq!(read(&file).unwrap(), ratios(&[("a", Some(0.0123)), ("b", None)]));
    }
}
