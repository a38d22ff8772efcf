//! Lines of a file with those marked that something is about, in the form in which BuildKit's clients show them.

use dockerfile_syntax::LineRange;

use crate::options::SourceFile;

const RULER: &str = "--------------------\n";

/// The lines `marked` of `source` with some of those around them, below the file's name and the first line's number;
/// nothing where there are none. They are the file's own bytes: [`safe_lines`](super::safe_lines) makes them fit for a
/// terminal.
///
/// ```
/// use dockerfile_compile::{SourceFile, view::excerpt};
/// use dockerfile_syntax::LineRange;
///
/// let source = SourceFile::new("Dockerfile", b"FROM a\nCMD b\n".as_slice());
/// let shown = excerpt(&source, &[LineRange::line(2)]);
/// assert!(String::from_utf8_lossy(&shown).contains("   1 |     FROM a\n   2 | >>> CMD b\n"));
/// ```
#[must_use]
pub fn excerpt(source: &SourceFile, marked: &[LineRange]) -> Vec<u8> {
    let mut out = Vec::new();
    push(&mut out, source, marked);
    out
}

/// Appends the lines `marked` of `source` with some of those around them; nothing where there are none.
pub(super) fn push(out: &mut Vec<u8>, source: &SourceFile, marked: &[LineRange]) {
    let part = marked.first().map_or(0, |lines| source.part_of_line(lines.start));
    let own = marked.iter().map(|lines| source.in_part(*lines));
    let marked: Vec<LineRange> = own
        .filter(|(of, _)| *of == part)
        .map(|(_, lines)| lines)
        .collect();
    let source = source.part(part);
    let lines: Vec<&[u8]> = source.data.split(|byte| *byte == b'\n').collect();
    let first = marked.iter().map(|range| range.start).min().unwrap_or_default();
    let last = marked.iter().map(|range| range.end).max().unwrap_or_default();
    if first < 1 || first > lines.len() {
        return;
    }
    let (start, end) = with_context(first, last.min(lines.len()), lines.len());
    out.extend(format!("{}:{first}\n{RULER}", source.filename).bytes());
    for (number, line) in (1..).zip(lines).take(end).skip(start - 1) {
        let is_marked = marked
            .iter()
            .any(|range| (range.start..=range.end).contains(&number));
        let marker = if is_marked { ">>>" } else { "   " };
        out.extend(format!(" {number:3} | {marker} ").bytes());
        out.extend(line);
        out.push(b'\n');
    }
    out.extend(RULER.bytes());
}

/// The lines around: two on each side of a single line, one of several, and what one side lacks the other one gets.
fn with_context(first: usize, last: usize, total: usize) -> (usize, usize) {
    let wanted = if first == last { 4 } else { 2 };
    let (mut start, mut end, mut taken) = (first, last, 0);
    // Each round counts as one beside the lines it adds, as it does in the reference.
    while taken < wanted {
        if start > 1 {
            start -= 1;
            taken += 1;
        }
        if end != total {
            end += 1;
            taken += 1;
        }
        taken += 1;
    }
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(data: &str, marked: LineRange) -> String {
        let source = SourceFile {
            filename: "F".to_owned(),
            data: data.as_bytes().to_vec().into(),
            language: "Dockerfile".to_owned(),
            definition: None,
            parts: Vec::new(),
        };
        String::from_utf8(excerpt(&source, &[marked])).unwrap()
    }

    #[test]
    fn middle_and_end() {
        let data = "a\nb\nc\nd\ne\nf\n";
        assert_eq!(
            shown(data, LineRange::line(3)),
            format!(
                "F:3\n{RULER}   1 |     a\n   2 |     b\n   3 | >>> c\n   4 |     d\n   5 |     e\n{RULER}"
            )
        );
        assert_eq!(
            shown(data, LineRange::new(5, 6)),
            format!("F:5\n{RULER}   4 |     d\n   5 | >>> e\n   6 | >>> f\n   7 |     \n{RULER}")
        );
        assert_eq!(shown(data, LineRange::line(9)), "");
        assert_eq!(
            shown("a", LineRange::new(1, 4)),
            format!("F:1\n{RULER}   1 | >>> a\n{RULER}")
        );
    }
}
