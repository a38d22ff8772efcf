//! What of a folder a build reads.

mod tree;

use std::fmt::Write as _;

use dockerfile_syntax::sort;
use serde::Serialize;

use super::explain::{Explanation, Origin, one_line, told_line};
use super::json::pretty;
use super::{View, table};
use crate::go::json::is_default;

pub use tree::{DIGITS, Entry, Kind, Tree};

/// Files of a list.
const MOST_FILES: usize = 10;
/// Reads and lines of an ignore file that are told.
const MOST_TOLD: usize = 500;
/// Characters of an instruction.
const CHARACTERS: usize = 100;

/// Files and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// How many.
    pub files: usize,
    /// How large together.
    pub bytes: u64,
}

/// What a build reads of one folder.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContextReport {
    /// The local source, `context` for the build context.
    pub name: String,
    /// What is there, as far as it was looked at.
    pub all: Amount,
    /// What at least one step reads.
    pub read: Amount,
    /// By step and path.
    pub reads: Vec<ReadReport>,
    /// What the ignore file keeps out, and by which of its lines; nothing where there is none, or nobody could look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignored: Option<IgnoredReport>,
    /// The largest files that are read.
    pub largest: Vec<FileReport>,
    /// The largest files that nothing keeps out, and that no step reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unneeded: Vec<FileReport>,
    /// There is more that was not looked at.
    #[serde(skip_serializing_if = "is_default")]
    pub is_cut: bool,
    /// `all` is what the daemon gets of the folder.
    #[serde(skip_serializing_if = "is_default")]
    pub is_sent: bool,
}

/// One read of a step.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadReport {
    /// The stage.
    pub stage: String,
    /// The first line of the instruction.
    pub line: usize,
    /// The file of that line, where it is not the Dockerfile itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The instruction.
    pub text: String,
    /// The path or pattern.
    pub path: String,
    /// What that is.
    #[serde(flatten)]
    pub amount: Amount,
}

/// What an ignore file keeps out.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IgnoredReport {
    /// The ignore file.
    pub file: String,
    /// All together.
    #[serde(flatten)]
    pub amount: Amount,
    /// By line, but for those that take something back; of those that keep nothing out, too.
    pub lines: Vec<IgnoreLine>,
}

/// A line of an ignore file.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IgnoreLine {
    /// Counted from 1.
    pub line: usize,
    /// The pattern, cleaned.
    pub pattern: String,
    /// What it keeps out.
    #[serde(flatten)]
    pub amount: Amount,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// From the folder on.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

impl Amount {
    fn add(&mut self, entry: &Entry) {
        match entry.kind {
            Kind::File(bytes) => {
                self.files += 1;
                self.bytes += bytes;
            }
            Kind::Link(_) => self.files += 1,
            Kind::Folder | Kind::Other => {}
        }
    }

    fn told(self) -> String {
        let files = if self.files == 1 { "file" } else { "files" };
        format!("{} {files}, {}", self.files, size(self.bytes))
    }
}

impl ContextReport {
    /// What the build that `model` explains reads of its source at `source`, which has the files of `tree`.
    #[must_use]
    pub fn of(model: &Explanation, source: usize, tree: &Tree) -> Self {
        let mut report = Self {
            name: model
                .sources
                .get(source)
                .map(|source| source.name.clone())
                .unwrap_or_default(),
            ..Self::default()
        };
        let mut needed = vec![false; tree.entries().len()];
        for step in model.steps.iter().filter(|step| !step.pruned) {
            for read in step
                .reads
                .iter()
                .filter(|read| read.from == Origin::Source(source))
            {
                let mut amount = Amount::default();
                for at in tree.read_by(read) {
                    amount.add(&tree.entries()[at]);
                    needed[at] = true;
                }
                if report.reads.len() < MOST_TOLD {
                    report.reads.push(ReadReport {
                        stage: model
                            .stages
                            .get(step.stage)
                            .map(|stage| stage.name.clone())
                            .unwrap_or_default(),
                        line: step.line,
                        file: step.file.clone(),
                        text: one_line(&step.label(), CHARACTERS),
                        path: read.shown(),
                        amount,
                    });
                }
            }
        }
        let (mut read, mut unneeded) = (Vec::new(), Vec::new());
        for (entry, is_needed) in tree.entries().iter().zip(needed) {
            report.all.add(entry);
            match (is_needed, entry.ignored) {
                (true, _) => {
                    report.read.add(entry);
                    read.push(entry);
                }
                (false, None) => unneeded.push(entry),
                (false, Some(_)) => {}
            }
        }
        report.largest = largest(read);
        report.unneeded = largest(unneeded);
        report
    }

    /// Notes what the ignore file `name` keeps out; `lines` are its lines that say something.
    pub fn note_ignored(&mut self, name: &str, lines: &[(usize, String)], tree: &Tree) {
        let mut ignored = IgnoredReport {
            file: name.to_owned(),
            ..IgnoredReport::default()
        };
        let mut amounts = vec![Amount::default(); lines.len()];
        for entry in tree.entries() {
            if let Some(amount) = entry.ignored.and_then(|line| amounts.get_mut(line)) {
                amount.add(entry);
                ignored.amount.add(entry);
            }
        }
        let lines = lines.iter().zip(amounts);
        let lines = lines
            .filter(|((_, pattern), _)| !pattern.starts_with('!'))
            .take(MOST_TOLD);
        ignored.lines = lines
            .map(|((line, pattern), amount)| IgnoreLine {
                line: *line,
                pattern: pattern.clone(),
                amount,
            })
            .collect();
        self.ignored = Some(ignored);
    }

    /// Some folders, for programs and for people.
    #[must_use]
    pub fn view(reports: &[Self]) -> View {
        #[derive(Serialize)]
        struct Json<'a> {
            version: u32,
            contexts: &'a [ContextReport],
        }
        let json = Json {
            version: 1,
            contexts: reports,
        };
        let mut text = match reports.is_empty() {
            true => "The build reads no folder of the client.\n".to_owned(),
            false => String::new(),
        };
        for (at, report) in reports.iter().enumerate() {
            if at > 0 {
                text.push('\n');
            }
            report.tell(&mut text);
        }
        View {
            json: pretty(&json),
            text: text.into_bytes(),
        }
    }

    fn tell(&self, out: &mut String) {
        let mut head = format!("CONTEXT:\t{}\nREAD:\t{}\n", self.name, self.read.told());
        if let Some(ignored) = &self.ignored {
            let _ = writeln!(head, "KEPT OUT:\t{}, by {}", ignored.amount.told(), ignored.file);
        }
        let all = if self.is_sent { "SENT" } else { "ALL" };
        let _ = writeln!(head, "{all}:\t{}", self.all.told());
        if self.is_cut {
            head.push_str("\tthere is more, which was not looked at\n");
        }
        out.push_str(&table::align(&head, 1));
        let mut block = |title: &str, rows: Vec<String>| {
            if !rows.is_empty() {
                let _ = write!(
                    out,
                    "\n{}",
                    table::align(&format!("{title}\n{}", rows.concat()), 3)
                );
            }
        };
        let row = |read: &ReadReport| {
            let (stage, line, amount) = (&read.stage, told_line(&read.file, read.line), read.amount);
            format!(
                "{stage} {line}\t{}\t{}\t{}\n",
                read.path,
                amount.files,
                size(amount.bytes)
            )
        };
        block("STEP\tREADS\tFILES\tSIZE", self.reads.iter().map(row).collect());
        let row = |line: &IgnoreLine| {
            let amount = line.amount;
            format!(
                "line {}\t{}\t{}\t{}\n",
                line.line,
                line.pattern,
                amount.files,
                size(amount.bytes)
            )
        };
        let lines = self.ignored.iter().flat_map(|ignored| &ignored.lines);
        block("KEPT OUT BY\tPATTERN\tFILES\tSIZE", lines.map(row).collect());
        let row = |file: &FileReport| format!("{}\t{}\n", size(file.bytes), file.path);
        block("LARGEST\tREAD", self.largest.iter().map(row).collect());
        block(
            "LARGEST\tTHAT NOTHING READS",
            self.unneeded.iter().map(row).collect(),
        );
    }
}

fn largest(mut entries: Vec<&Entry>) -> Vec<FileReport> {
    let bytes = |entry: &Entry| match entry.kind {
        Kind::File(bytes) => bytes,
        _ => 0,
    };
    entries.retain(|entry| matches!(entry.kind, Kind::File(_)));
    sort::sort_by(&mut entries, |a, b| {
        bytes(b).cmp(&bytes(a)).then(a.path.cmp(&b.path))
    });
    let largest = entries.into_iter().take(MOST_FILES);
    largest
        .map(|entry| FileReport {
            path: entry.path.clone(),
            bytes: bytes(entry),
        })
        .collect()
}

/// Bytes as people tell them, with one digit behind the point.
fn size(bytes: u64) -> String {
    let mut unit = "B";
    let mut tenths = bytes.saturating_mul(10);
    for larger in ["kB", "MB", "GB", "TB"] {
        if tenths < 10_000 {
            break;
        }
        tenths /= 1000;
        unit = larger;
    }
    match unit {
        "B" => format!("{bytes} B"),
        unit => format!("{}.{} {unit}", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes() {
        for (bytes, told) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (1_550_000, "1.5 MB"),
            (u64::MAX, "1844674.4 TB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }
}
