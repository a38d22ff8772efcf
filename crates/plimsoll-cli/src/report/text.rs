//! Findings as people read them: where, what, the lines, and the rule.

use std::fmt::Write as _;

use dockerfile_compile::SourceFile;
use dockerfile_compile::view::{excerpt, safe_lines, safe_text};
use dockerfile_syntax::LineRange;

use super::Checked;
use crate::check::{Finding, Level};
use crate::output::{Paint, Style};

/// How many lines of one instruction are shown at most.
const SHOWN_LINES: usize = 100;
/// How many findings of one file are shown with their lines; making them reads the file each time.
const SHOWN_EXCERPTS: usize = 1000;
/// What stands before a marked line.
const MARK: &str = " | >>> ";

/// All findings. Those about the same lines share the excerpt below them.
pub(crate) fn text(checked: &[Checked], paint: Paint) -> Vec<u8> {
    let mut out = String::new();
    for checked in checked {
        let source = checked.input.source();
        let lines = |finding: &Finding| finding.place.map(|place| place.lines);
        let groups = checked
            .findings
            .chunk_by(|one, other| (lines(one), &one.file) == (lines(other), &other.file));
        for (number, group) in groups.enumerate() {
            for finding in group {
                push(&mut out, checked, finding, paint);
            }
            let last = group.last().filter(|_| number < SHOWN_EXCERPTS);
            if let Some((finding, lines)) = last.and_then(|finding| Some((finding, lines(finding)?))) {
                let end = lines.end.min(lines.start + SHOWN_LINES - 1);
                let lines = LineRange::new(lines.start, end);
                match &finding.file {
                    Some(file) => {
                        let source = SourceFile::new(file.filename.as_str(), file.data.clone());
                        push_lines(&mut out, &source, lines, paint);
                    }
                    None => push_lines(&mut out, &source, lines, paint),
                }
            }
            out.push('\n');
        }
    }
    out.into_bytes()
}

fn push(out: &mut String, checked: &Checked, finding: &Finding, paint: Paint) {
    let mut place = checked.name_of(finding).to_owned();
    if let Some(at) = finding.place {
        // Writing to a string can't fail.
        let _ = write!(place, ":{}:{}", at.start.line, at.start.column);
    }
    let level = match finding.level {
        Level::Error => paint.text(Style::Error, "error"),
        Level::Warning => paint.text(Style::Warning, "warning"),
        Level::Advice => paint.text(Style::Advice, "advice"),
    };
    let place = paint.text(Style::Place, &safe_text(&place));
    let _ = writeln!(out, "{place}: {level}: {}", safe_text(&finding.message));
    if let Some(rule) = &finding.rule {
        let url = match finding.url.as_str() {
            "" => String::new(),
            url => format!(" - {url}"),
        };
        let _ = writeln!(out, "  {}", paint.text(Style::Dim, &format!("{rule}{url}")));
    }
}

/// The lines as builds show them, without the place above them.
fn push_lines(out: &mut String, source: &SourceFile, lines: LineRange, paint: Paint) {
    let shown = excerpt(source, &[lines]);
    let shown = safe_lines(&shown);
    for line in String::from_utf8_lossy(&shown).lines().skip(1) {
        match line.split_once(MARK) {
            Some((number, text)) => {
                let mark = paint.text(Style::Error, ">>>");
                let _ = writeln!(out, "{number} | {mark} {text}");
            }
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
}

/// How much was found, in a sentence.
pub(crate) fn summary(checked: &[Checked]) -> String {
    let of = |level: Level| {
        let findings = checked.iter().flat_map(|checked| &checked.findings);
        findings.filter(|finding| finding.level == level).count()
    };
    let counts = [
        (of(Level::Error), "error"),
        (of(Level::Warning), "warning"),
        (of(Level::Advice), "piece"),
    ];
    let mut found: Vec<String> = counts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| match *what {
            "piece" => format!("{} of advice", count(*number, what)),
            what => count(*number, what),
        })
        .collect();
    let files = count(checked.len(), "file");
    let Some(last) = found.pop() else {
        return format!("nothing found in {files}\n");
    };
    match found.as_slice() {
        [] => format!("{last} in {files}\n"),
        others => format!("{} and {last} in {files}\n", others.join(", ")),
    }
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}
