//! One thing that is wrong with a file, from whatever part of the core.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use dockerfile_advice::Advice;
use dockerfile_compile::{CompileError, Fix, OtherFile, SourceFile, Warning};
use dockerfile_syntax::{Dockerfile, LineRange, Meta, Position, Span, SyntaxError};

/// The rule about commands that are no JSON.
const JSON_ARGS: &str = "JSONArgsRecommended";

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The file can't be built, or its rules are broken and that is an error.
    Error,
    /// The linter has something to say.
    Warning,
    /// It could be better.
    Advice,
}

impl Level {
    /// The word for it, the same in all formats.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
        }
    }
}

/// Where in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The first character to blame.
    pub(crate) start: Position,
    /// The lines to show.
    pub(crate) lines: LineRange,
}

/// A Dockerfile with its lines and instructions at hand: there may be tens of thousands of each, and of findings.
pub(crate) struct Indexed<'f> {
    data: &'f [u8],
    /// Where each line begins.
    starts: Vec<usize>,
    /// What all instructions have, in file order.
    metas: Vec<&'f Meta<'f>>,
}

impl<'f> Indexed<'f> {
    /// A file and its bytes.
    pub(crate) fn new(file: &'f Dockerfile<'_>, data: &'f [u8]) -> Self {
        let ends = data.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        let froms = file.stages.iter().map(|stage| &stage.from.meta);
        let others = file.instructions().map(|instruction| &instruction.meta);
        let unreadable = file.unreadable.iter().map(|unreadable| &unreadable.meta);
        let mut metas: Vec<&Meta<'_>> = froms.chain(others).chain(unreadable).collect();
        metas.sort_by_key(|meta| meta.lines);
        Self { data, starts, metas }
    }

    /// The instruction on a line.
    pub(crate) fn meta(&self, line: usize) -> Option<&'f Meta<'f>> {
        let behind = self.metas.partition_point(|meta| meta.lines.start <= line);
        let meta = self.metas.get(behind.checked_sub(1)?)?;
        holds(meta.lines, line).then_some(*meta)
    }

    /// The line that a byte is on, counted from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self
            .starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or_default();
        let before = self.data.get(start..offset).unwrap_or_default();
        let column = String::from_utf8_lossy(before).chars().count() + 1;
        Position { line, column }
    }

    /// The quote in which the strings behind a keyword stand, where they look like a JSON array and are none.
    fn wrong_quote(&self, keyword: Span) -> Option<Span> {
        let behind = self.data.get(keyword.end..)?;
        let array = behind.trim_ascii_start().strip_prefix(b"[")?;
        let first = array.trim_ascii_start();
        let start = self.data.len() - first.len();
        // Of the curly ones this is the first byte.
        let is_quote = matches!(first.first(), Some(b'\'' | b'`' | 0xe2));
        is_quote.then_some(Span {
            start,
            end: start + 1,
        })
    }

    /// A place; nothing for line 0, which means the whole file. A span elsewhere than in the lines is not that of the
    /// lines.
    pub(super) fn place(&self, lines: LineRange, span: Option<Span>) -> Option<Place> {
        if lines.start == 0 {
            return None;
        }
        let start = span.map(|span| self.position(span.start));
        let first = Position {
            line: lines.start,
            column: 1,
        };
        let start = start.filter(|start| holds(lines, start.line)).unwrap_or(first);
        Some(Place { start, lines })
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// How bad it is.
    pub(crate) level: Level,
    /// The rule's name; `None` for what can't be built.
    pub(crate) rule: Option<Cow<'static, str>>,
    /// The rule in a sentence; empty without a rule.
    pub(crate) description: &'static str,
    /// The rule's page; empty where there is none.
    pub(crate) url: String,
    /// What is wrong, and what to write instead.
    pub(crate) message: String,
    /// Where; `None` where it is about the file as a whole.
    pub(crate) place: Option<Place>,
    /// The file that is to blame, where it is not the Dockerfile.
    pub(crate) file: Option<Arc<OtherFile>>,
    /// How a program can mend it.
    pub(crate) fix: Option<Fix>,
}

impl Finding {
    /// An error of the parser.
    pub(crate) fn of_syntax(error: &SyntaxError, file: &Indexed<'_>) -> Self {
        Self::error(error.to_string(), file.place(error.lines, Some(error.span)))
    }

    /// An error of the compiler.
    pub(crate) fn of_error(error: &CompileError, file: &Indexed<'_>) -> Self {
        // A span is one of the Dockerfile.
        let span = error.span.filter(|_| error.file.is_none());
        let lines = error.lines.first();
        Self {
            file: error.file.clone(),
            ..Self::error(
                error.message.clone(),
                lines.and_then(|lines| file.place(*lines, span)),
            )
        }
    }

    /// A finding of the linter. It is where the instruction's keyword is, or the quote that keeps it from being JSON.
    pub(crate) fn of_rule(warning: &Warning, file: &Indexed<'_>) -> Self {
        let lines = warning.lines.first();
        let keyword = lines.and_then(|lines| Some(file.meta(lines.start)?.keyword.span));
        let quote = keyword.filter(|_| warning.rule == JSON_ARGS);
        let span = quote.and_then(|keyword| file.wrong_quote(keyword)).or(keyword);
        Self {
            level: Level::Warning,
            rule: Some(warning.rule.into()),
            description: warning.description,
            url: warning.url.clone(),
            message: warning.message.clone(),
            place: lines.and_then(|lines| file.place(*lines, span)),
            file: None,
            fix: None,
        }
    }

    /// Advice. It is where the word or command is.
    pub(crate) fn of_advice(advice: &Advice, file: &Indexed<'_>) -> Self {
        Self {
            level: Level::Advice,
            rule: Some(advice.rule.into()),
            description: advice.description,
            place: file.place(advice.lines, advice.span),
            ..Self::error(advice.message.clone(), None)
        }
    }

    /// A finding of shellcheck.
    pub(crate) fn of_shellcheck(code: u32, level: Level, message: String, place: Option<Place>) -> Self {
        Self {
            level,
            rule: Some(format!("SC{code}").into()),
            url: format!("https://www.shellcheck.net/wiki/SC{code}"),
            ..Self::error(message, place)
        }
    }

    /// What is wrong with a comment that chooses rules.
    pub(crate) fn of_comment(message: String, lines: LineRange, file: &Indexed<'_>) -> Self {
        Self::error(message, file.place(lines, None))
    }

    fn error(message: String, place: Option<Place>) -> Self {
        Self {
            level: Level::Error,
            rule: None,
            description: "",
            url: String::new(),
            message,
            place,
            file: None,
            fix: None,
        }
    }

    /// What findings are sorted by: those about the whole file first, then in file order.
    pub(crate) fn place_key(&self) -> (bool, usize, usize, Level) {
        let start = self.place.map(|place| (place.start.line, place.start.column));
        let (line, column) = start.unwrap_or_default();
        (
            self.file.is_none() && self.place.is_some(),
            line,
            column,
            self.level,
        )
    }
}

/// Findings in the files that they are in, where a Dockerfile takes in others. Only the Dockerfile itself is corrected.
pub(crate) fn in_own_files(mut findings: Vec<Finding>, source: &SourceFile) -> Vec<Finding> {
    let mut others: BTreeMap<usize, Arc<OtherFile>> = BTreeMap::new();
    let end = source.parts.first().map(|main| main.bytes.end);
    for finding in findings.iter_mut().filter(|finding| finding.file.is_none()) {
        let Some(place) = &mut finding.place else { continue };
        let (part, lines) = source.in_part(place.lines);
        place.start.line -= place.lines.start - lines.start;
        place.lines = lines;
        if part > 0 {
            let other = others.entry(part).or_insert_with(|| {
                let file = source.part(part);
                Arc::new(OtherFile {
                    filename: file.filename.clone(),
                    data: file.data.to_vec(),
                })
            });
            finding.file = Some(Arc::clone(other));
        }
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        if edits
            .into_iter()
            .any(|edit| end.is_some_and(|end| edit.span.end > end))
        {
            finding.fix = None;
        }
    }
    findings
}

fn holds(lines: LineRange, line: usize) -> bool {
    (lines.start..=lines.end).contains(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_core() {
        let data = "\u{feff}FROM ä AS b\r\nRUN é \\\n\n  x\nCOPY ü b\n".as_bytes();
        let parsed = dockerfile_syntax::parse(data);
        let file = Indexed::new(&parsed.dockerfile, data);
        for offset in 0..data.len() {
            assert_eq!(file.position(offset), Position::of(data, offset));
        }
        let keyword = |line| file.meta(line).map(|meta| meta.keyword.as_str());
        assert_eq!(
            [0, 1, 2, 4, 5, 6].map(keyword),
            [None, Some("FROM"), Some("RUN"), Some("RUN"), Some("COPY"), None]
        );
    }
}
