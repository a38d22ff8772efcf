//! A Dockerfile and all files that it takes in as one file: the same stages, those of other files under names of their own.

use std::collections::{BTreeMap, BTreeSet};

use dockerfile_syntax::directive::is_directive;
use dockerfile_syntax::heredoc::{Heredoc, parse_word};
use dockerfile_syntax::instruction::{CommandLine, Run};
use dockerfile_syntax::{
    Dockerfile, Instruction, InstructionKind, LineRange, Meta, Place, Span, Stage, Word, lower,
};

use crate::dialect::strict::{Shell, interpreter};
use crate::error::{CompileError, CompileErrors};
use crate::options::SourceFile;
use crate::plan::all_or_errors;

/// Several files as one.
#[derive(Debug)]
pub struct Flat {
    /// The file.
    pub text: Vec<u8>,
    /// Where each of its lines is from, among the lines of all files.
    origins: Vec<usize>,
}

impl Flat {
    /// Has the lines of errors about the text be those of the files that they are from.
    #[must_use]
    pub fn told_of_files(&self, errors: CompileErrors) -> CompileErrors {
        let line = |line: usize| {
            let origin = line.checked_sub(1).and_then(|at| self.origins.get(at));
            origin.copied().unwrap_or(line)
        };
        let mend = |mut error: CompileError| {
            for lines in &mut error.lines {
                *lines = LineRange::new(line(lines.start), line(lines.end));
            }
            // Bytes of the one file are none of those.
            error.span = None;
            error
        };
        CompileErrors {
            first: Box::new(mend(*errors.first)),
            others: errors.others.into_iter().map(mend).collect(),
        }
    }
}

/// Puts a file and all that it takes in together; `source` has the bytes of all.
///
/// # Errors
/// Every line that has another meaning where all is one file.
pub fn flatten(file: &Dockerfile<'_>, source: &SourceFile) -> Result<Flat, CompileErrors> {
    let mut writer = Writer {
        file,
        source,
        names: names(file),
        lines: line_starts(&source.data),
        flat: Flat {
            text: Vec::new(),
            origins: Vec::new(),
        },
        written: BTreeSet::new(),
        errors: Vec::new(),
    };
    writer.head();
    writer.global_args();
    for (index, stage) in file.stages.iter().enumerate() {
        writer.stage(index, stage);
    }
    all_or_errors(writer.errors)?;
    Ok(writer.flat)
}

/// Where each line begins.
fn line_starts(data: &[u8]) -> Vec<usize> {
    let breaks = data.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect()
}

/// What each stage of another file is called; nothing for those that keep their names.
fn names(file: &Dockerfile<'_>) -> Vec<Option<String>> {
    let own = file.stages.iter().filter(|stage| stage.module == 0);
    let mut taken: BTreeSet<String> = own
        .filter_map(|stage| stage.from.name.as_ref().map(|name| name.to_string()))
        .collect();
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let named = file.stages.iter().map(|stage| {
        let number = counts.entry(stage.module).or_default();
        let place = *number;
        *number += 1;
        let module = file.modules.get(stage.module.checked_sub(1)?)?;
        let own = match &stage.from.name {
            Some(name) => name.to_string(),
            None => place.to_string(),
        };
        let path = module.name.rsplit('/').next().unwrap_or_default();
        let stem = path.split(".Dockerfile").next().unwrap_or(path);
        let plain: String = lower(&format!("{stem}-{own}"))
            .chars()
            .map(|letter| match letter {
                'a'..='z' | '0'..='9' | '-' | '_' | '.' => letter,
                _ => '-',
            })
            .collect();
        let plain = match plain.starts_with(|first: char| first.is_ascii_lowercase()) {
            true => plain,
            false => format!("file-{plain}"),
        };
        let mut forms = std::iter::once(plain.clone()).chain((2..).map(|more| format!("{plain}-{more}")));
        let name = forms.find(|form| !taken.contains(form)).unwrap_or_default();
        taken.insert(name.clone());
        Some(name)
    });
    named.collect()
}

struct Writer<'w> {
    file: &'w Dockerfile<'w>,
    source: &'w SourceFile,
    names: Vec<Option<String>>,
    lines: Vec<usize>,
    flat: Flat,
    /// Comments that were written.
    written: BTreeSet<usize>,
    errors: Vec<CompileError>,
}

impl Writer<'_> {
    /// What the Dockerfile has above its first instruction.
    fn head(&mut self) {
        let end = self.source.parts.first().map_or(0, |main| main.bytes.end);
        for line in 1..=self.lines.len() {
            let start = self.start(line);
            let text = self
                .source
                .data
                .get(start..self.start(line + 1))
                .unwrap_or_default();
            let visible = text.trim_ascii_start();
            if start >= end || !(visible.is_empty() || visible.starts_with(b"#")) {
                break;
            }
            self.lines_as_they_are(LineRange::line(line), &[]);
            self.written.insert(line);
        }
    }

    /// Those of all files; one name has one default.
    fn global_args(&mut self) {
        let mut known: BTreeMap<String, Option<String>> = BTreeMap::new();
        for module in 0..=self.file.modules.len() {
            for instruction in self.file.args_of(module) {
                let InstructionKind::Arg(items) = &instruction.kind else {
                    continue;
                };
                let mut is_new = false;
                for item in items {
                    let default = item.value.as_ref().map(|value| value.text.to_string());
                    let key = item.key.to_string();
                    match known.get(&key) {
                        Some(other) if module > 0 && *other != default => {
                            let message = format!(
                                "ARG {key} has another default in this file; an ordinary Dockerfile has one for all"
                            );
                            self.refuse(item.key.span, message, instruction.meta.place());
                        }
                        Some(_) if module > 0 => {}
                        _ => {
                            known.insert(key, default);
                            is_new = true;
                        }
                    }
                }
                if is_new {
                    self.instruction(&instruction.meta, &[]);
                }
            }
            self.undeclared(module);
        }
    }

    /// An ARG of a stage without a default takes a global one, also that of another file.
    fn undeclared(&mut self, module: usize) {
        let own = arg_names(self.file.args_of(module));
        let others = (0..=self.file.modules.len()).filter(|other| *other != module);
        let others: BTreeSet<&str> = others
            .flat_map(|other| arg_names(self.file.args_of(other)))
            .filter(|key| !own.contains(key))
            .collect();
        let file = self.file;
        let stages = file.stages.iter().filter(|stage| stage.module == module);
        for instruction in stages.flat_map(|stage| &stage.instructions) {
            let InstructionKind::Arg(items) = &instruction.kind else {
                continue;
            };
            let open = items.iter().filter(|item| item.value.is_none());
            for item in open.filter(|item| others.contains(item.key.as_str())) {
                let message = format!(
                    "ARG {} would have the default that another file gives it; an ordinary Dockerfile has one for all",
                    item.key
                );
                self.refuse(item.key.span, message, instruction.meta.place());
            }
        }
    }

    fn stage(&mut self, index: usize, stage: &Stage<'_>) {
        let from = &stage.from;
        let mut edits = Vec::new();
        let place = from.meta.place();
        if let Some(name) = self.target(stage.module, &from.base, place) {
            edits.push((from.base.span, name));
        }
        match (self.names.get(index).cloned().flatten(), &from.name) {
            (Some(new), Some(old)) => edits.push((old.span, new)),
            (Some(new), None) => {
                edits.push((
                    Span::new(from.base.span.end, from.base.span.end),
                    format!(" AS {new}"),
                ));
            }
            (None, _) => {}
        }
        self.instruction(&from.meta, &edits);
        for instruction in &stage.instructions {
            let mut edits = Vec::new();
            let place = instruction.meta.place();
            for word in instruction.kind.stage_words() {
                let named = self.target(stage.module, word, place);
                // A mount names no stage by its number.
                let is_copy = matches!(instruction.kind, InstructionKind::Copy(_));
                let numbered = || self.numbered(stage.module, word).filter(|_| is_copy);
                edits.extend(named.or_else(numbered).map(|name| (word.span, name)));
            }
            edits.extend(self.strictness(instruction));
            edits.sort_by_key(|(span, _)| span.start);
            self.instruction(&instruction.meta, &edits);
        }
    }

    /// What a word is now called that names a stage of another file, or one in such a file.
    fn target(&mut self, module: usize, word: &Word<'_>, place: Place) -> Option<String> {
        let index = match self.file.linked_stage(word) {
            Some(index) => index,
            None if module == 0 => return None,
            None => {
                let stages = self.file.stages.iter().enumerate();
                let mut own = stages.filter(|(_, stage)| stage.module == module);
                let name = lower(word);
                let is_named = |stage: &Stage<'_>| stage.from.name.as_deref() == Some(&*name);
                match own.rfind(|(_, stage)| is_named(stage)) {
                    Some((index, _)) => index,
                    None => {
                        if word.contains('$') && !word.contains([':', '/', '@']) {
                            let message = format!(
                                "`{word}` may be a stage of its file, which has another name in an ordinary Dockerfile; write the name here"
                            );
                            self.refuse(word.span, message, place);
                        }
                        return None;
                    }
                }
            }
        };
        self.names.get(index).cloned().flatten()
    }

    /// The number or name of a stage that a number means: other ones stand above it now.
    fn numbered(&self, module: usize, word: &Word<'_>) -> Option<String> {
        let number: usize = word.parse().ok()?;
        let stages = self.file.stages.iter().enumerate();
        let mut own = stages.filter(|(_, stage)| stage.module == module);
        let (index, _) = own.nth(number)?;
        match self.names.get(index).cloned().flatten() {
            Some(name) => Some(name),
            None => Some(index.to_string()),
        }
    }

    /// What a RUN needs to be as strict as in its file.
    fn strictness(&self, instruction: &Instruction<'_>) -> Option<(Span, String)> {
        let InstructionKind::Run(run) = &instruction.kind else {
            return None;
        };
        if run.strict.span.is_some() || run.strict_by_default == self.file.dialect.strict {
            return None;
        }
        let end = instruction.meta.keyword.span.end;
        let flag = match run.strict_by_default {
            true if !may_be_strict(run) => return None,
            true => " --strict",
            false => " --strict=false",
        };
        Some((Span::new(end, end), flag.to_owned()))
    }

    /// An instruction with the comments above it.
    fn instruction(&mut self, meta: &Meta<'_>, edits: &[(Span, String)]) {
        let mut first = meta.lines.start;
        while first > 1 && self.is_comment(first - 1, meta.lines.start) {
            first -= 1;
        }
        for line in first..meta.lines.start {
            self.lines_as_they_are(LineRange::line(line), &[]);
            self.written.insert(line);
        }
        self.lines_as_they_are(meta.lines, edits);
    }

    /// Whether a line is empty or a comment, of the file that line `below` is of; a file's head says nothing here.
    fn is_comment(&self, line: usize, below: usize) -> bool {
        let text = self
            .source
            .data
            .get(self.start(line)..self.start(line + 1))
            .unwrap_or_default();
        let visible = text.trim_ascii();
        let is_head = || {
            let comment = visible.strip_prefix(b"#").unwrap_or_default().trim_ascii_start();
            is_directive(comment) || comment.starts_with(b"plimsoll=")
        };
        self.source.part_of_line(line) == self.source.part_of_line(below)
            && !self.written.contains(&line)
            && (visible.is_empty() || visible.starts_with(b"#"))
            && !is_head()
    }

    fn lines_as_they_are(&mut self, lines: LineRange, edits: &[(Span, String)]) {
        let (start, end) = (self.start(lines.start), self.start(lines.end + 1));
        let mut at = start;
        let before = self.flat.text.len();
        for (span, new) in edits {
            self.flat
                .text
                .extend(self.source.data.get(at..span.start).unwrap_or_default());
            self.flat.text.extend(new.as_bytes());
            at = span.end;
        }
        self.flat
            .text
            .extend(self.source.data.get(at..end).unwrap_or_default());
        if !self.flat.text.ends_with(b"\n") && self.flat.text.len() > before {
            self.flat.text.push(b'\n');
        }
        self.flat.origins.extend(lines.start..=lines.end);
    }

    /// Where a line begins, counted from 1.
    fn start(&self, line: usize) -> usize {
        let known = line.checked_sub(1).and_then(|at| self.lines.get(at));
        known.copied().unwrap_or(self.source.data.len())
    }

    fn refuse(&mut self, span: Span, message: String, place: Place) {
        self.errors.push(CompileError::about(span, message).at(place));
    }
}

/// Whether a shell runs the command: where none does, being strict by default changes nothing.
fn may_be_strict(run: &Run<'_>) -> bool {
    let CommandLine::Shell(text) = &run.command else {
        return false;
    };
    let script = run.heredocs.first().map(Heredoc::text);
    let script = script.filter(|script| parse_word(text).is_some() && script.starts_with("#!"));
    script.is_none_or(|script| Shell::of(interpreter(&script).unwrap_or_default()).is_ok())
}

/// The names that `ARG`s declare.
fn arg_names<'i>(instructions: &'i [Instruction<'i>]) -> BTreeSet<&'i str> {
    let items = instructions.iter().flat_map(|one| match &one.kind {
        InstructionKind::Arg(items) => &items[..],
        _ => &[],
    });
    items.map(|item| item.key.as_str()).collect()
}
