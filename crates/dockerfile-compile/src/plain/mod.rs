//! The way back: a file of the dialect as an ordinary Dockerfile with the same operations.
//!
//! Only what the dialect has is written anew, in place; all else stays as it is, byte for byte. What an ordinary Dockerfile
//! can't say is an error with its place.

mod copy;
mod flat;
mod from;
mod pairs;
mod run;

use std::collections::{BTreeMap, BTreeSet};

use dockerfile_syntax::directive::head_comment;
use dockerfile_syntax::{
    Dockerfile, Instruction, InstructionKind, LineRange, Place, Span, Switch, Word, parse,
};

pub use flat::{Flat, flatten};

use crate::compiled::Compiled;
use crate::error::{CompileError, CompileErrors};
use crate::plan::all_or_errors;

/// The name in front of the version of the dialect.
const HEAD: &str = "plimsoll";

/// Writes a file of the dialect as an ordinary one; a file that is none comes out as it is.
///
/// The file must have no errors of syntax. `known` is a compilation of all its stages: it says what each `RUN --cache` comes
/// to, and what is in the files of `ENV --file`; without it these can't be said. The shell of a base image is taken to be
/// one of POSIX.
///
/// ```
/// use dockerfile_compile::plain;
///
/// let file = b"# plimsoll=1\nFROM alpine\nCOPY --if-exists yarn.lock /\nRUN --strict make | tee log\n";
/// let expected = "FROM alpine\nCOPY yarn.loc[k] /\nRUN set -e -o pipefail; make | tee log\n";
/// assert_eq!(plain(file, None)?, expected.as_bytes());
/// # Ok::<(), dockerfile_compile::CompileErrors>(())
/// ```
///
/// # Errors
/// Every line that an ordinary Dockerfile can't say.
pub fn plain(data: &[u8], known: Option<&Compiled>) -> Result<Vec<u8>, CompileErrors> {
    let written = parse(data);
    let file = &written.dockerfile;
    if !file.dialect.is_on {
        return Ok(data.to_owned());
    }
    let opened = open_triggers(data, file);
    let opened = parse(&opened).dockerfile;
    let mut text = Text {
        data,
        edits: Vec::new(),
        errors: Vec::new(),
        known,
        escape: file.escape,
        names: from::Names::of(file),
    };
    text.head(file);
    for instruction in &opened.global_args {
        text.instruction(instruction, &mut At::default());
    }
    let triggers: BTreeSet<usize> = triggers(file).map(|one| one.meta.lines.start).collect();
    let mut shells: BTreeMap<&str, Option<Vec<String>>> = BTreeMap::new();
    for (index, stage) in opened.stages.iter().enumerate() {
        let base = stage.from.base.as_str();
        text.other_file(&stage.from.base, stage.from.meta.place());
        let mut at = At {
            stage: index,
            shell: shells.get(base).cloned().flatten(),
            is_trigger: false,
        };
        for instruction in &stage.instructions {
            at.is_trigger = triggers.contains(&instruction.meta.lines.start);
            text.instruction(instruction, &mut at);
        }
        if let Some(name) = stage.from.name.as_deref() {
            shells.insert(name, at.shell);
        }
    }
    text.number_stages(&opened);
    text.end()
}

/// Every `ONBUILD`.
fn triggers<'f, 'a>(file: &'f Dockerfile<'a>) -> impl Iterator<Item = &'f Instruction<'a>> {
    let instructions = file.stages.iter().flat_map(|stage| &stage.instructions);
    instructions.filter(|one| matches!(one.kind, InstructionKind::Onbuild(_)))
}

/// The file with each `ONBUILD` blotted out, so that triggers are read as what they hold.
fn open_triggers(data: &[u8], file: &Dockerfile<'_>) -> Vec<u8> {
    let mut opened = data.to_owned();
    for instruction in triggers(file) {
        let span = instruction.meta.keyword.span;
        if let Some(keyword) = opened.get_mut(span.start..span.end) {
            keyword.fill(b' ');
        }
    }
    opened
}

/// Where an instruction stands.
#[derive(Default)]
struct At {
    /// The stage in file order.
    stage: usize,
    /// The words of `SHELL`, where there is one.
    shell: Option<Vec<String>>,
    is_trigger: bool,
}

/// The text while it is written anew.
struct Text<'d> {
    data: &'d [u8],
    /// What is to stand in place of bytes of the file.
    edits: Vec<(Span, String)>,
    errors: Vec<CompileError>,
    known: Option<&'d Compiled>,
    escape: char,
    names: from::Names,
}

impl Text<'_> {
    /// The line that turns the dialect on goes.
    fn head(&mut self, file: &Dockerfile<'_>) {
        let mut read = 0;
        // Behind the first one others were comments, and would be read now.
        while let Some(line) = self.data.get(read..).and_then(|rest| head_comment(rest, HEAD)) {
            let span = line.value.span;
            // A file may end without a line break.
            let end = (read + span.end + 1).min(self.data.len());
            self.replace(Span::new(read + span.start, end), "");
            if file.dialect.lock && read == 0 {
                let message =
                    "`lock`: an ordinary Dockerfile has the digests of its images in it; write them there";
                self.errors.push(CompileError::new(message).at(line.place()));
            }
            read = end;
        }
    }

    fn instruction(&mut self, instruction: &Instruction<'_>, at: &mut At) {
        let place = instruction.meta.place();
        match &instruction.kind {
            InstructionKind::Shell(words) => {
                at.shell = Some(words.iter().map(Word::to_string).collect());
            }
            InstructionKind::Add(add) => {
                self.no_cache(add.no_cache, place);
                self.if_exists(add.if_exists, (&add.sources, false), place);
            }
            InstructionKind::Copy(copy) => {
                self.no_cache(copy.no_cache, place);
                self.if_exists(copy.if_exists, (&copy.sources, copy.from.is_some()), place);
                if let Some(from) = &copy.from {
                    self.other_file(from, place);
                    self.source(from, at, place);
                }
            }
            InstructionKind::Run(run) => {
                self.no_cache(run.no_cache, place);
                for from in run.mounts.iter().filter_map(|mount| mount.from.as_ref()) {
                    self.other_file(from, place);
                    self.source(from, at, place);
                }
                self.asked_caches(run, at, place);
                self.strict(run, at, place);
            }
            InstructionKind::Unset(unset) => {
                let what = unset.what.name();
                let message = format!(
                    "UNSET: an ordinary Dockerfile can't take {what} out again; give it another value"
                );
                self.refuse(unset.keyword.span, message, place);
            }
            InstructionKind::Require(_) => {
                let message = "REQUIRE: an ordinary Dockerfile has only what the target reads built; have the target COPY a file of that stage";
                self.refuse(instruction.meta.keyword.span, message, place);
            }
            InstructionKind::PairsFile(file) => self.pairs_file(instruction, file, at),
            InstructionKind::Include(_) => {
                let message =
                    "INCLUDE: an ordinary Dockerfile is one file; write the lines of the other one here";
                self.refuse(instruction.meta.keyword.span, message, place);
            }
            _ => {}
        }
    }

    /// A stage of another file; no image's name has such a sign.
    fn other_file(&mut self, name: &Word<'_>, place: Place) {
        if name.contains('#') {
            let message = format!(
                "`{name}`: an ordinary Dockerfile reads no other one; write that stage above, with a name"
            );
            self.refuse(name.span, message, place);
        }
    }

    /// A step that always runs.
    fn no_cache(&mut self, flag: Switch, place: Place) {
        let Some(span) = flag.span else { return };
        if flag.is_on {
            let message = "--no-cache: an ordinary Dockerfile can't have a step run in every build; build with --no-cache-filter and the stage's name";
            self.refuse(span, message, place);
        }
        self.drop_flag(span);
    }

    /// Takes a flag out, with the blanks behind it.
    fn drop_flag(&mut self, span: Span) {
        let behind = self.data.get(span.end..).unwrap_or_default();
        let blanks = behind
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count();
        self.replace(Span::new(span.start, span.end + blanks), "");
    }

    fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(Span::new(at, at), text);
    }

    fn replace(&mut self, span: Span, text: impl Into<String>) {
        self.edits.push((span, text.into()));
    }

    fn refuse(&mut self, span: Span, message: impl Into<String>, place: Place) {
        self.errors.push(CompileError::about(span, message).at(place));
    }

    /// Where the text of a word begins in the file, where it stands there as it is.
    fn start_of(&self, word: &Word<'_>) -> Option<usize> {
        let written = self.data.get(word.span.start..word.span.end)?;
        let at = match written {
            [b'"', inner @ .., b'"'] if inner == word.as_bytes() => word.span.start + 1,
            all if all == word.as_bytes() => word.span.start,
            _ => return None,
        };
        Some(at)
    }

    /// Where a line begins, counted from 1.
    fn line_start(&self, line: usize) -> usize {
        let breaks = self.data.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let mut starts = breaks.map(|(at, _)| at + 1);
        match line {
            0 | 1 => 0,
            line => starts.nth(line - 2).unwrap_or(self.data.len()),
        }
    }

    /// The text, or all that can't be said.
    fn end(mut self) -> Result<Vec<u8>, CompileErrors> {
        self.errors.sort_by_key(|error| error.span.map(|span| span.start));
        all_or_errors(self.errors)?;
        // Of two at one place the first comes first.
        self.edits.sort_by_key(|(span, _)| span.start);
        let mut text = Vec::with_capacity(self.data.len());
        let mut at = 0;
        for (span, new) in &self.edits {
            text.extend(self.data.get(at..span.start).unwrap_or_default());
            text.extend(new.as_bytes());
            at = at.max(span.end);
        }
        text.extend(self.data.get(at..).unwrap_or_default());
        Ok(text)
    }
}

/// How many lines a heredoc takes, the one that ends it among them.
fn heredoc_lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The first line of an instruction's first heredoc.
fn first_body_line(lines: LineRange, heredocs: &[dockerfile_syntax::heredoc::Heredoc<'_>]) -> usize {
    let count: usize = heredocs.iter().map(|heredoc| heredoc_lines(&heredoc.bytes)).sum();
    lines.end + 1 - count.min(lines.end)
}
