//! One file and what each frontend says of it, as a picture (SVG) for light and dark pages.

use std::fmt::Write as _;

/// Letters in a line; what is longer goes on below.
const LETTERS: usize = 106;
/// The width of a letter and the height of a line, in pixels.
const LETTER: f64 = 7.8;
const LINE: f64 = 20.0;
const MARGIN: f64 = 16.0;
/// Letters in front of a line of the file: its number.
const NUMBER: usize = 4;

const STYLE: &str = "\
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;fill:#1f2933;white-space:pre}
.page{fill:#ffffff}.panel{fill:#f6f8fa;stroke:#c5ced8}.head{font-weight:700}.number{fill:#7b8794}.place{fill:#0b6bcb;font-weight:700}
.mark{fill:none;stroke:#d1242f;stroke-width:1.6}.message{fill:#1f2933}.stop{fill:#b42318}
@media (prefers-color-scheme:dark){text,.message{fill:#e4e7eb}.page{fill:#0f1720}.panel{fill:#18222d;stroke:#3b4754}.number{fill:#8a97a5}
.place{fill:#59a8f5}.mark{stroke:#ff7b72}.stop{fill:#ff9a92}}
";

/// A file, and what two frontends say of it: a name, and the message.
pub struct Picture<'a> {
    /// The Dockerfile.
    pub file: &'a str,
    /// The reference.
    pub theirs: (&'a str, &'a str),
    /// This frontend, whose lines begin with `Dockerfile:LINE:COLUMN: `.
    pub ours: (&'a str, &'a str),
}

/// The place that a line of a message begins with, as line and column from 1 on, and the rest.
fn place(line: &str) -> Option<((usize, usize), &str)> {
    let rest = line.trim_start().strip_prefix("Dockerfile:")?;
    let (number, rest) = rest.split_once(':')?;
    let (column, rest) = rest.split_once(": ")?;
    Some(((number.parse().ok()?, column.parse().ok()?), rest))
}

/// Cuts a text at blanks into lines of so many letters.
fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let is_long = lines.last().is_some_and(|line| {
            !line.is_empty() && line.chars().count() + 1 + word.chars().count() > letters
        });
        if is_long {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// What is drawn of a panel: lines of parts, each with a class and the letters in front of it.
type Parts = Vec<Vec<(&'static str, usize, String)>>;

impl Picture<'_> {
    /// Draws it.
    #[must_use]
    pub fn svg(&self) -> String {
        let (mut body, mut top) = (String::new(), MARGIN);
        panel(&mut body, &mut top, "Dockerfile", &self.file_parts());
        self.marks(&mut body, MARGIN + 2.0 * LINE);
        panel(&mut body, &mut top, self.theirs.0, &message_parts(self.theirs.1));
        panel(&mut body, &mut top, self.ours.0, &message_parts(self.ours.1));
        let width = width();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{top:.0}\" viewBox=\"0 0 {width:.0} {top:.0}\" role=\"img\">\n\
             <title>What is said of a Dockerfile with errors</title>\n<style>\n{STYLE}</style>\n\
             <rect class=\"page\" width=\"100%\" height=\"100%\"/>\n{body}</svg>\n"
        )
    }

    fn file_parts(&self) -> Parts {
        let lines = self.file.lines().enumerate();
        let line = |(index, line): (usize, &str)| {
            vec![
                ("number", 0, format!("{:>2}", index + 1)),
                ("message", NUMBER, line.to_owned()),
            ]
        };
        lines.map(line).collect()
    }

    /// A line under each word that is to blame.
    fn marks(&self, out: &mut String, first: f64) {
        for ((line, column), _) in self.ours.1.lines().filter_map(place) {
            let written = self.file.lines().nth(line - 1).unwrap_or_default();
            let word = written
                .chars()
                .skip(column - 1)
                .take_while(|letter| *letter != ' ');
            let start = 2.0 * MARGIN + LETTER * letters(NUMBER + column - 1);
            let end = start + LETTER * letters(word.count());
            let y = first + LINE * letters(line - 1) + 4.0;
            let _ = writeln!(out, "<path class=\"mark\" d=\"M{start:.1} {y:.1}H{end:.1}\"/>");
        }
    }
}

fn letters(count: usize) -> f64 {
    u32::try_from(count).map_or(0.0, f64::from)
}

fn width() -> f64 {
    4.0 * MARGIN + LETTER * letters(LETTERS)
}

/// The place of each error apart from its words.
fn message_parts(message: &str) -> Parts {
    let mut parts = Parts::new();
    for line in message.lines() {
        let Some(((number, column), rest)) = place(line) else {
            let lines = wrapped(line, LETTERS).into_iter();
            parts.extend(lines.map(|line| vec![("stop", 0, line)]));
            continue;
        };
        let place = format!("{number}:{column}");
        const INDENT: usize = 6;
        for (index, line) in wrapped(rest, LETTERS - INDENT).into_iter().enumerate() {
            let mut row = vec![("message", INDENT, line)];
            if index == 0 {
                row.insert(0, ("place", 0, place.clone()));
            }
            parts.push(row);
        }
    }
    parts
}

/// A box with a heading and lines; `top` moves below it.
fn panel(out: &mut String, top: &mut f64, head: &str, lines: &Parts) {
    let height = LINE * (letters(lines.len()) + 1.0) + MARGIN;
    let width = width() - 2.0 * MARGIN;
    // A text takes all that is written to it.
    let _ = writeln!(
        out,
        "<rect class=\"panel\" x=\"{MARGIN}\" y=\"{top:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" rx=\"6\"/>"
    );
    let mut y = *top + LINE;
    let left = 2.0 * MARGIN;
    let _ = writeln!(
        out,
        "<text class=\"head\" x=\"{left}\" y=\"{y:.0}\">{}</text>",
        escape(head)
    );
    for line in lines {
        y += LINE;
        for (class, before, text) in line {
            let x = left + LETTER * letters(*before);
            let length = LETTER * letters(text.chars().count());
            // Whatever the font is, a letter is as wide as it is taken to be.
            let _ = writeln!(
                out,
                "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.0}\" textLength=\"{length:.1}\">{}</text>",
                escape(text)
            );
        }
    }
    *top += height + MARGIN;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_lines() {
        assert_eq!(place("  Dockerfile:2:18: a: b"), Some(((2, 18), "a: b")));
        assert_eq!(place("5 errors in Dockerfile:"), None);
        assert_eq!(wrapped("a bb ccc dddddd e", 6), ["a bb", "ccc", "dddddd", "e"]);
    }

    #[test]
    fn a_word_is_marked_below_its_letters() {
        let picture = Picture {
            file: "FROM a\nRUN <b> c\n",
            theirs: ("one", "no"),
            ours: ("other", "Dockerfile:2:5: what"),
        };
        let svg = picture.svg();
        // Numbers take four letters, the word has three.
        let (start, y) = (2.0 * MARGIN + 8.0 * LETTER, MARGIN + 3.0 * LINE + 4.0);
        let mark = format!("d=\"M{start:.1} {y:.1}H{:.1}\"", start + 3.0 * LETTER);
        assert!(svg.contains(&mark), "{svg}");
        assert!(svg.contains("RUN &lt;b&gt; c") && svg.contains(">2:5<"), "{svg}");
    }
}
