//! What is written, and how: standard output, notes, colours.

use std::fmt;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::Verdict;
use crate::arguments::Color;

/// Why the command could not do what it was asked for.
#[derive(Debug)]
pub(crate) enum Failure {
    /// In words.
    Told(String),
    /// Who reads the output has gone; there is nobody to tell.
    Gone,
}

impl Failure {
    /// A failure in words.
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self::Told(message.to_string())
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Told(message)
    }
}

/// A part of the text that stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// A place in a file.
    Place,
    /// An error.
    Error,
    /// A warning.
    Warning,
    /// Advice.
    Advice,
    /// Something by the way.
    Dim,
    /// What is taken out.
    Removed,
    /// What is put in.
    Added,
}

/// Standard output and standard error.
pub(crate) struct Output {
    out_has_color: bool,
    notes_have_color: bool,
}

impl Output {
    /// With colours where `color` and the environment want them.
    pub(crate) fn new(color: Color) -> Self {
        let wanted = |is_terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Self {
            out_has_color: wanted(io::stdout().is_terminal()),
            notes_have_color: wanted(io::stderr().is_terminal()),
        }
    }

    /// Whether a person would see the bytes of standard output.
    pub(crate) fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// How text for standard output is painted.
    pub(crate) fn paint(&self) -> Paint {
        Paint(self.out_has_color)
    }

    /// Writes to standard output.
    ///
    /// # Errors
    /// Fails where that can't be written to.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let written = out.write_all(bytes).and_then(|()| out.flush());
        written.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Gone,
            _ => Failure::new(format!("can't write to standard output: {error}")),
        })
    }

    /// A sentence by the way, on standard error.
    pub(crate) fn note(&self, text: &str) {
        self.tell(Style::Dim, "note", text);
    }

    /// Something that went wrong, on standard error.
    pub(crate) fn fail(&self, text: &str) {
        self.tell(Style::Error, "plimsoll", text);
    }

    /// Lines as they are, on standard error.
    pub(crate) fn remark(&self, text: &str) {
        // Where standard error is gone there is nobody to tell.
        let _ = io::stderr().write_all(text.as_bytes());
    }

    fn tell(&self, style: Style, prefix: &str, text: &str) {
        let prefix = Paint(self.notes_have_color).text(style, prefix);
        self.remark(&format!("{prefix}: {text}\n"));
    }

    /// How text for standard error is painted.
    pub(crate) fn note_paint(&self) -> Paint {
        Paint(self.notes_have_color)
    }

    /// Tells a failure, and gives the verdict where there is one.
    pub(crate) fn end(&self, result: Result<Verdict, Failure>) -> Option<Verdict> {
        match result {
            Ok(verdict) => Some(verdict),
            Err(Failure::Told(message)) => {
                self.fail(&message);
                None
            }
            // As `head` does it to others: no error.
            Err(Failure::Gone) => Some(Verdict::Clean),
        }
    }
}

/// Puts colours around text, or leaves it as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    /// `text` in the colours of `style`.
    pub(crate) fn text(self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Place => "1",
            Style::Error => "1;31",
            Style::Warning => "1;33",
            Style::Advice => "1;36",
            Style::Dim => "2",
            Style::Removed => "31",
            Style::Added => "32",
        };
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Writes the manual: a page a command into `folder`, or the first page to standard output.
///
/// # Errors
/// Fails where that can't be written to.
pub(crate) fn manual(command: &clap::Command, folder: Option<&Path>, output: &Output) -> Result<(), Failure> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        let made = clap_mangen::Man::new(command.clone()).render(&mut page);
        made.map_err(|error| Failure::new(format!("can't make the manual: {error}")))?;
        return output.write(&page);
    };
    let failed = |error| Failure::new(format!("can't write the manual to {}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(command.clone(), folder).map_err(failed)
}
