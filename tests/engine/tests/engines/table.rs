//! The table, in Markdown.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use plimsoll_engine::frontend_image::project;

/// What one engine can do.
pub struct Column {
    name: String,
    /// The rows' titles, and what was found.
    pub cells: Vec<(String, Cell)>,
}

/// Whether something works.
pub enum Cell {
    /// It does.
    Works,
    /// It does not, neither with Plimsoll nor with the reference; and why.
    Lacks(String),
}

impl Column {
    /// An engine that was asked nothing yet.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            cells: Vec::new(),
        }
    }
}

const HEAD: &str = "\
# What works on which engine

The test that made this table (`make engines`; `BLESS=1 make engines` writes it anew) starts each of these engines, builds with
Plimsoll's image on it through real clients, and looks at what comes out. The reference frontend was asked as well wherever
something is missing: nothing is that the reference has on the same engine.

BuildKit is asked through `docker buildx build` 0.37.2 with its remote driver; Docker Engine, with the image store that it comes with,
through the same buildx with its docker driver, and through its own `docker build`, which in 28.5 is its distribution's buildx 0.29.1. An
engine that has never heard of a limit or of a pattern passes over it in silence, whatever the frontend.

";

fn file() -> PathBuf {
    project().join("docs/engines.md")
}

/// Writes the page: what was found, and of the other columns what it says already.
pub fn write(found: Vec<Column>) -> Result<()> {
    let mut columns = read(&fs::read_to_string(file()).unwrap_or_default());
    for column in found {
        match columns.iter_mut().find(|known| known.name == column.name) {
            Some(known) => *known = column,
            None => columns.push(column),
        }
    }
    let mut notes: Vec<&str> = Vec::new();
    let mut text = HEAD.to_owned();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    writeln!(text, "| | {} |", names.join(" | "))?;
    writeln!(text, "|---|{}", "---|".repeat(columns.len()))?;
    // A column that was not asked for may lack the newest rows.
    let longest = columns.iter().max_by_key(|column| column.cells.len());
    let titles = longest.iter().flat_map(|column| &column.cells);
    for (title, _) in titles {
        write!(text, "| {title} |")?;
        for column in &columns {
            match column
                .cells
                .iter()
                .find(|(row, _)| row == title)
                .map(|(_, cell)| cell)
            {
                None => text += " ? |",
                Some(Cell::Works) => text += " yes |",
                Some(Cell::Lacks(why)) => {
                    let known = notes.iter().position(|note| note == why);
                    let place = known.unwrap_or_else(|| {
                        notes.push(why);
                        notes.len() - 1
                    });
                    write!(text, " no ({}) |", place + 1)?;
                }
            }
        }
        text += "\n";
    }
    text += "\nWhat the clients say where something is missing:\n\n";
    for (place, note) in notes.iter().enumerate() {
        writeln!(text, "{}. `{}`", place + 1, note.replace('`', "'"))?;
    }
    Ok(fs::write(file(), text)?)
}

/// The columns of a page.
fn read(text: &str) -> Vec<Column> {
    let note = |number: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{number}. `")));
        line.unwrap_or_default().trim_end_matches('`').to_owned()
    };
    let rows = rows(text);
    let Some((names, rows)) = rows.split_first() else {
        return Vec::new();
    };
    let mut columns: Vec<Column> = names.iter().skip(1).map(|name| Column::new(name)).collect();
    for row in rows {
        for (column, cell) in columns.iter_mut().zip(row.iter().skip(1)) {
            if *cell == "?" {
                continue;
            }
            let number = cell.strip_prefix("no (").map(|rest| rest.trim_end_matches(')'));
            let cell = number.map_or(Cell::Works, |number| Cell::Lacks(note(number)));
            column.cells.push((row[0].to_owned(), cell));
        }
    }
    columns
}

/// Holds what was found against the page: every cell that was asked must be there as it is.
pub fn compare(columns: &[Column]) -> Result<()> {
    let text = fs::read_to_string(file()).context("docs/engines.md: make it with `BLESS=1 make engines`")?;
    let written = parse(&text);
    let mut differences = String::new();
    for column in columns {
        for (title, cell) in &column.cells {
            let found = match cell {
                Cell::Works => "yes",
                Cell::Lacks(_) => "no",
            };
            let expected = written.get(&(column.name.clone(), title.clone()));
            if expected != Some(&found) {
                let why = match cell {
                    Cell::Works => "",
                    Cell::Lacks(why) => why,
                };
                writeln!(
                    differences,
                    "{}, {title}: {found} {why}, but the page says {expected:?}",
                    column.name
                )?;
            }
        }
    }
    ensure!(
        differences.is_empty(),
        "docs/engines.md is out of date, run `BLESS=1 make engines`:\n{differences}"
    );
    Ok(())
}

/// The cells of the page, by column and row, each as its first word.
fn parse(text: &str) -> BTreeMap<(String, String), &'static str> {
    let mut cells = BTreeMap::new();
    for column in read(text) {
        for (title, cell) in column.cells {
            let word = match cell {
                Cell::Works => "yes",
                Cell::Lacks(_) => "no",
            };
            cells.insert((column.name.clone(), title), word);
        }
    }
    cells
}

/// The rows of the page's table, each with its cells; the first has the names.
fn rows(text: &str) -> Vec<Vec<&str>> {
    text.lines()
        .filter(|line| line.starts_with('|') && !line.starts_with("|---"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}
