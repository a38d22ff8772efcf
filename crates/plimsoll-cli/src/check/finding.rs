//! One thing that is wrong with a file, from whatever part of the core.

use std::sync::Arc;

use dockerfile_compile::{CompileError, Fix, OtherFile, Warning};
use dockerfile_syntax::{Dockerfile, LineRange, Meta, Position, Span, SyntaxError};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// The file can't be built, or its rules are broken and that is an error.
    Error,
    /// The linter has something to say.
    Warning,
}

impl Level {
    /// The word for it, the same in all formats.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
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

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// How bad it is.
    pub(crate) level: Level,
    /// The rule's name; `None` for what can't be built.
    pub(crate) rule: Option<&'static str>,
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
    pub(crate) fn of_syntax(error: &SyntaxError, data: &[u8]) -> Self {
        Self::error(error.to_string(), place(error.lines, Some(error.span), data))
    }

    /// An error of the compiler.
    pub(crate) fn of_error(error: &CompileError, data: &[u8]) -> Self {
        let lines = error.lines.first().copied();
        // A span is one of the Dockerfile.
        let (span, data) = match &error.file {
            Some(file) => (None, &file.data[..]),
            None => (error.span, data),
        };
        Self {
            file: error.file.clone(),
            ..Self::error(
                error.message.clone(),
                lines.and_then(|lines| place(lines, span, data)),
            )
        }
    }

    /// A finding of the linter. It is where the instruction's keyword is.
    pub(crate) fn of_rule(warning: &Warning, file: &Dockerfile<'_>, data: &[u8]) -> Self {
        let lines = warning.lines.first().copied();
        let span = lines.and_then(|lines| {
            let meta = metas(file).find(|meta| holds(meta.lines, lines.start));
            meta.map(|meta| meta.keyword.span)
        });
        Self {
            level: Level::Warning,
            rule: Some(warning.rule),
            description: warning.description,
            url: warning.url.clone(),
            message: warning.message.clone(),
            place: lines.and_then(|lines| place(lines, span, data)),
            file: None,
            fix: None,
        }
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

/// A place; nothing for line 0, which means the whole file. A span elsewhere than in the lines is not that of the lines.
fn place(lines: LineRange, span: Option<Span>, data: &[u8]) -> Option<Place> {
    if lines.start == 0 {
        return None;
    }
    let start = span
        .map(|span| Position::of(data, span.start))
        .filter(|start| holds(lines, start.line));
    let first = Position {
        line: lines.start,
        column: 1,
    };
    Some(Place {
        start: start.unwrap_or(first),
        lines,
    })
}

fn holds(lines: LineRange, line: usize) -> bool {
    (lines.start..=lines.end).contains(&line)
}

/// What all instructions have, in no order.
pub(crate) fn metas<'f>(file: &'f Dockerfile<'_>) -> impl Iterator<Item = &'f Meta<'f>> {
    let froms = file.stages.iter().map(|stage| &stage.from.meta);
    let others = file.instructions().map(|instruction| &instruction.meta);
    let unreadable = file.unreadable.iter().map(|unreadable| &unreadable.meta);
    froms.chain(others).chain(unreadable)
}
