//! What can be wrong in a Dockerfile.
//!
//! Kinds are leaf errors: they know what is wrong, not where. [`SyntaxErrorKind::at`] adds the place.

mod device;
mod mount;

use std::fmt;

use crate::span::{LineRange, Place, Span};
use crate::word::Marked;

pub use device::DeviceError;
pub use mount::{MountError, MountKind};

/// An error with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The lines of the instruction (or of the line) at fault, as BuildKit's clients show them.
    pub lines: LineRange,
    /// The exact bytes to mark.
    pub span: Span,
    /// What is wrong.
    pub kind: SyntaxErrorKind,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for SyntaxError {}

/// What is wrong, without a place. Instruction names in it are upper case, flag names have no dashes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// The file has no bytes.
    EmptyFile,
    /// The file has more instructions, words or comments than are read.
    FileTooLarge,
    /// An instruction, its heredocs included, is larger than a message to BuildKit.
    InstructionTooLarge {
        /// In bytes.
        length: usize,
    },
    /// The file has only comments and blank lines.
    NoInstructions,
    /// A physical line is longer than 65535 bytes.
    LineTooLong {
        /// Its length in bytes, line break included.
        length: usize,
    },
    /// A parser directive is given a second time.
    RepeatedDirective {
        /// `syntax`, `escape` or `check`.
        name: String,
    },
    /// `# escape=` with something else than `\` or `` ` ``.
    InvalidEscape {
        /// The value given.
        value: String,
    },
    /// `# plimsoll=` with another version than there is.
    DialectVersion {
        /// The version given.
        version: String,
    },
    /// `# plimsoll=1,` with a word behind it that means nothing.
    DialectWord {
        /// The word given.
        word: String,
        /// A known one that is spelled almost like it.
        suggestion: Option<String>,
    },
    /// `# plimsoll=1` stands above a directive, which is none there.
    DialectAboveDirective {
        /// `syntax`, `escape` or `check`.
        directive: &'static str,
    },
    /// The keyword is none that we know.
    UnknownInstruction {
        /// The keyword as written.
        keyword: String,
        /// A known one that is spelled almost like it.
        suggestion: Option<String>,
        /// The command above that may go on here.
        unfinished: Option<Unfinished>,
        /// It is one of the dialect, which the file doesn't ask for.
        is_addition: bool,
    },
    /// An instruction other than `ARG` stands before the first `FROM`.
    BeforeFrom {
        /// The instruction's name.
        instruction: String,
    },
    /// A `FROM` in a file that is part of a stage.
    FromInFragment,
    /// Something is wrong with another file that an instruction names.
    OtherFile {
        /// What, and what to write instead.
        message: String,
    },
    /// No line ends the heredoc.
    UnterminatedHeredoc {
        /// The word that ends it.
        name: String,
        /// A line that would end it but for blanks around the word, counted from 1.
        near: Option<usize>,
    },
    /// A heredoc word that the shell lexer cannot read.
    InvalidHeredoc {
        /// The word.
        word: String,
    },
    /// A heredoc as the destination of `COPY` or `ADD`.
    HeredocDestination {
        /// `COPY` or `ADD`.
        instruction: &'static str,
    },
    /// A JSON array with an element that is no string.
    JsonElementNotString,
    /// No argument where at least one is needed.
    NoArguments {
        /// The instruction's name.
        instruction: &'static str,
    },
    /// No argument where exactly one is needed.
    NotOneArgument {
        /// The instruction's name.
        instruction: &'static str,
    },
    /// `COPY` or `ADD` with less than two arguments.
    NoDestination {
        /// `COPY` or `ADD`.
        instruction: &'static str,
    },
    /// `ENV key` or `LABEL key` without a value.
    NoValue {
        /// `ENV` or `LABEL`.
        instruction: &'static str,
        /// The key.
        key: String,
    },
    /// A word without `=` behind the first pair of `ENV` or `LABEL`.
    NoEquals {
        /// `ENV` or `LABEL`.
        instruction: &'static str,
        /// The word.
        word: String,
    },
    /// `=value` without a name.
    BlankName {
        /// `ENV`, `LABEL` or `ARG`.
        instruction: &'static str,
    },
    /// `FROM` with neither one nor three words (or without `AS` between them).
    FromArguments {
        /// What may be meant.
        suggestion: Option<String>,
    },
    /// A stage name with characters that it may not have.
    InvalidStageName {
        /// The name as written.
        name: String,
    },
    /// `SHELL` without a JSON array.
    ShellNotJson,
    /// A blank path in `VOLUME`.
    BlankVolume,
    /// `HEALTHCHECK NONE` with something behind it.
    HealthcheckNoneArguments,
    /// `HEALTHCHECK CMD` without a command.
    HealthcheckNoCommand,
    /// `HEALTHCHECK` with something else than `NONE` or `CMD`.
    HealthcheckType {
        /// The word as written.
        word: String,
    },
    /// `HEALTHCHECK` with a duration that is none.
    InvalidDuration {
        /// The flag.
        flag: &'static str,
        /// The value given.
        value: String,
    },
    /// `HEALTHCHECK` with a duration that is not zero and under a millisecond.
    DurationTooShort {
        /// The flag.
        flag: &'static str,
        /// The value given.
        value: String,
    },
    /// `HEALTHCHECK --retries` with something else than a number of 32 bits that is not negative.
    InvalidRetries {
        /// The value given.
        value: String,
    },
    /// `UNSET` with something that no image's config holds.
    UnsetWhat {
        /// The word given.
        word: String,
        /// A known one that is spelled almost like it.
        suggestion: Option<String>,
    },
    /// `UNSET` with a name where there is only one to take out.
    UnsetName {
        /// What is taken out.
        what: &'static str,
        /// The name given.
        name: String,
    },
    /// `ONBUILD ONBUILD`.
    OnbuildChain,
    /// `ONBUILD FROM` or `ONBUILD MAINTAINER`.
    OnbuildForbidden {
        /// The trigger's instruction.
        instruction: String,
    },
    /// A trigger of a base image that holds no or several instructions.
    OnbuildNotSingle,
    /// A flag that the instruction does not have.
    UnknownFlag {
        /// The flag.
        flag: String,
        /// A known one that is spelled almost like it.
        suggestion: Option<String>,
        /// It is one of the dialect, which the file doesn't ask for.
        is_addition: bool,
    },
    /// `--file` with pairs beside it, or `--from` without a file.
    PairsFile {
        /// The instruction.
        instruction: &'static str,
        /// `--file` is there.
        has_file: bool,
    },
    /// A flag given twice.
    DuplicateFlag {
        /// The flag.
        flag: String,
    },
    /// A flag without its value.
    FlagNoValue {
        /// The flag.
        flag: String,
        /// The word behind it, which may be meant.
        next: Option<String>,
    },
    /// A flag with something else than `true` or `false`.
    FlagNotBool {
        /// The flag.
        flag: String,
        /// The value given.
        value: String,
    },
    /// `RUN --network` with an unknown mode.
    InvalidNetwork {
        /// The value given.
        value: String,
    },
    /// `RUN --security` with an unknown mode.
    InvalidSecurity {
        /// The value given.
        value: String,
    },
    /// `RUN --mount` that cannot be read.
    Mount(MountError),
    /// `RUN --device` that cannot be read.
    Device(DeviceError),
}

/// A `RUN` whose last line waits for more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Its last line, counted from 1.
    pub line: usize,
    /// What that line ends in, such as `&&`.
    pub operator: &'static str,
    /// The character that would let it go on in the next line.
    pub escape: char,
}

impl SyntaxErrorKind {
    /// Whether the file can't even be cut into instructions, so that the linter has none to look at.
    #[must_use]
    pub fn is_of_lines(&self) -> bool {
        matches!(
            self,
            Self::LineTooLong { .. }
                | Self::RepeatedDirective { .. }
                | Self::InvalidEscape { .. }
                | Self::UnterminatedHeredoc { .. }
                | Self::InvalidHeredoc { .. }
                | Self::JsonElementNotString
                | Self::NoValue { .. }
                | Self::NoEquals { .. }
        )
    }

    /// Whether what is below it may not be what it seems: where a line ends and the next begins is not known for sure.
    #[must_use]
    pub fn hides_lines(&self) -> bool {
        matches!(
            self,
            Self::LineTooLong { .. }
                | Self::FileTooLarge
                | Self::InstructionTooLarge { .. }
                | Self::InvalidEscape { .. }
                | Self::UnterminatedHeredoc { .. }
                | Self::InvalidHeredoc { .. }
        )
    }

    /// Adds the place.
    #[must_use]
    pub fn at(self, place: Place) -> SyntaxError {
        SyntaxError {
            lines: place.lines,
            span: place.span,
            kind: self,
        }
    }

    /// Marks a part of the instruction.
    pub(crate) fn on(self, span: Span) -> Fault {
        Fault {
            kind: self,
            span: Some(span),
        }
    }
}

/// What is wrong with an instruction, and which part of it, if not all.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: SyntaxErrorKind,
    pub(crate) span: Option<Span>,
}

impl From<SyntaxErrorKind> for Fault {
    fn from(kind: SyntaxErrorKind) -> Self {
        Self { kind, span: None }
    }
}

impl From<Marked<MountError>> for Fault {
    fn from(wrong: Marked<MountError>) -> Self {
        SyntaxErrorKind::Mount(wrong.error).on(wrong.span)
    }
}

impl From<Marked<DeviceError>> for Fault {
    fn from(wrong: Marked<DeviceError>) -> Self {
        SyntaxErrorKind::Device(wrong.error).on(wrong.span)
    }
}
