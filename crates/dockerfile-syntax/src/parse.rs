//! From text to instructions: the whole way, line by line.

use crate::ast::{Dockerfile, EmptyContinuation, Meta, Stage, Unreadable};
use crate::directive::{self, Directive};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::heredoc::{self, Heredoc};
use crate::instruction::{self, From, Instruction, InstructionKind};
use crate::limits::{Allowance, MAX_COMMENTS, MAX_FLAGS, TooLarge};
use crate::line::{self, Lines, Logical, Physical};
use crate::request::{self, Args, Fault, Head, Request, Shape, Word};
use crate::span::{LineRange, Place, Span};
use crate::{suggest, text};

/// More errors than this are not reported: such a file is no Dockerfile.
const MAX_ERRORS: usize = 1000;

/// What could be read of a file, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// All that could be read.
    pub dockerfile: Dockerfile,
    /// Every error (up to a thousand), in file order. When there is one, the build is refused.
    pub errors: Vec<SyntaxError>,
}

/// Reads a Dockerfile.
///
/// Comments above an instruction belong to it, also with blank lines between; an empty comment drops those before it,
/// an indented one keeps its `#`, and comments between continuation lines belong to nothing.
///
/// A file without `FROM` has no stages and, when it has only `ARG`s, no errors either: what that means depends on what
/// is asked for.
#[must_use]
pub fn parse(text: &[u8]) -> Parsed {
    let mut parser = Parser::new(text);
    parser.run();
    let mut file = Dockerfile {
        escape: parser.escape,
        empty_continuations: parser.empty_continuations,
        ..Dockerfile::default()
    };
    file.directives.escape = parser.escape_directive;
    file.directives.syntax = directive::find("syntax", text, b"#");
    file.directives.check = directive::find("check", text, b"#");
    let mut errors = parser.errors;
    let mut unreadable = parser.unreadable;
    for item in parser.items {
        match item {
            Item::From(from) => file.stages.push(Stage {
                from,
                instructions: Vec::new(),
            }),
            Item::Other(instruction) => match (file.stages.last_mut(), &instruction.kind) {
                (Some(stage), _) => stage.instructions.push(instruction),
                (None, InstructionKind::Arg(_)) => file.global_args.push(instruction),
                (None, kind) => {
                    let name = kind.name().to_owned();
                    let meta = instruction.meta;
                    let place = Place {
                        lines: meta.lines,
                        span: meta.keyword_span,
                    };
                    errors.push(SyntaxErrorKind::BeforeFrom { instruction: name }.at(place));
                    if unreadable
                        .as_ref()
                        .is_none_or(|first| first.meta.lines.start > meta.lines.start)
                    {
                        unreadable = Some(Unreadable {
                            meta,
                            words: Vec::new(),
                        });
                    }
                }
            },
        }
    }
    if text.is_empty() {
        errors = vec![SyntaxErrorKind::EmptyFile.at(Place::default())];
    }
    file.unreadable = unreadable;
    errors.sort_by_key(|error| (error.lines.start, error.span.start));
    Parsed {
        dockerfile: file,
        errors,
    }
}

/// Reads the one instruction of a trigger.
pub(crate) fn trigger(expression: &str, place: Place) -> Result<Instruction, SyntaxError> {
    let mut parser = Parser::new(expression.as_bytes());
    parser.run();
    if let Some(error) = parser.errors.into_iter().next() {
        return Err(error.kind.at(place));
    }
    match (parser.items.pop(), parser.items.pop()) {
        (Some(Item::Other(mut instruction)), None) => {
            let meta = &mut instruction.meta;
            meta.lines = place.lines;
            meta.span = place.span;
            meta.keyword_span = place.span;
            meta.flag_spans.fill(place.span);
            meta.arg_spans.fill(place.span);
            if let InstructionKind::Add(instruction::Add { sources, .. })
            | InstructionKind::Copy(instruction::Copy { sources, .. }) = &mut instruction.kind
            {
                sources.dest_span = place.span;
                sources.path_spans.fill(place.span);
            }
            Ok(instruction)
        }
        (Some(Item::From(_)), None) => Err(SyntaxErrorKind::OnbuildForbidden {
            instruction: "FROM".to_owned(),
        }
        .at(place)),
        _ => Err(SyntaxErrorKind::OnbuildNotSingle.at(place)),
    }
}

enum Item {
    From(From),
    Other(Instruction),
}

struct Parser<'a> {
    lines: Lines<'a>,
    reader: directive::Reader,
    escape: char,
    escape_directive: Option<Directive>,
    /// The comments since the last instruction.
    comments: Vec<String>,
    items: Vec<Item>,
    empty_continuations: Vec<EmptyContinuation>,
    errors: Vec<SyntaxError>,
    /// The first instruction that is wrong.
    unreadable: Option<Unreadable>,
    /// Whether there was an instruction, be it a wrong one.
    any: bool,
    /// What may still be read.
    allowance: Allowance,
    /// More than that is there: reading ends.
    too_large: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self {
            lines: Lines::new(text),
            reader: directive::Reader::default(),
            escape: '\\',
            escape_directive: None,
            comments: Vec::new(),
            items: Vec::new(),
            empty_continuations: Vec::new(),
            errors: Vec::new(),
            unreadable: None,
            any: false,
            allowance: Allowance::default(),
            too_large: false,
        }
    }

    fn run(&mut self) {
        while !self.too_large
            && self.errors.len() < MAX_ERRORS
            && let Some(first) = self.take_line()
        {
            let start = text::leading_space(text::trim_line_end(first.bytes));
            if line::is_comment(first.bytes) {
                self.comment(first, start);
                continue;
            }
            // Whatever this line is, it ends the directives.
            let _ = self.reader.read(b"", b"#");
            if start < text::trim_line_end(first.bytes).len() {
                self.instruction(first, start);
            }
        }
        if !self.any {
            self.error(
                SyntaxErrorKind::NoInstructions,
                self.line_place(self.lines.number(), Span::default()),
            );
        }
    }

    fn take_line(&mut self) -> Option<Physical<'a>> {
        let line = self.lines.next()?;
        if line.too_long {
            let place = self.line_place(line.number, Span::new(line.start, line.start + line.bytes.len()));
            self.error(
                SyntaxErrorKind::LineTooLong {
                    length: line.bytes.len(),
                },
                place,
            );
        }
        Some(line)
    }

    fn line_place(&self, line: usize, span: Span) -> Place {
        Place {
            lines: LineRange::line(line),
            span,
        }
    }

    fn error(&mut self, kind: SyntaxErrorKind, place: Place) {
        self.errors.push(kind.at(place));
    }

    /// A comment between instructions, or a directive.
    fn comment(&mut self, line: Physical<'a>, start: usize) {
        let content = text::trim_line_end(line.bytes);
        match self.reader.read(&content[start..], b"#") {
            Ok(None) => {
                // An indented comment keeps its number sign; so does the reference.
                let text = text::lossy(text::trim(&line.bytes[1..]));
                if self.comments.len() >= 2 * MAX_COMMENTS {
                    // Nobody reads so many; those go that are farthest from the instruction.
                    self.comments.drain(..MAX_COMMENTS);
                    self.allowance.forget_comments(MAX_COMMENTS);
                }
                if text.is_empty() {
                    self.comments.clear();
                } else if self.allowance.comment().is_err() {
                    let span = Span::new(line.start + start, line.start + content.len());
                    self.too_large = true;
                    self.error(SyntaxErrorKind::FileTooLarge, self.line_place(line.number, span));
                } else {
                    self.comments.push(text);
                }
            }
            Ok(Some((name, value))) => {
                let at = line.start + start;
                let span = Span::new(at + value.start, at + value.end);
                let value = text::lossy(&content[start..][value]);
                if name == "escape" {
                    self.set_escape(Directive {
                        value,
                        lines: LineRange::line(line.number),
                        span,
                    });
                }
            }
            Err(name) => {
                let span = Span::new(line.start + start, line.start + content.len());
                let place = self.line_place(line.number, span);
                self.error(
                    SyntaxErrorKind::RepeatedDirective {
                        name: name.to_owned(),
                    },
                    place,
                );
            }
        }
    }

    fn set_escape(&mut self, directive: Directive) {
        match directive.value.as_str() {
            "\\" => self.escape = '\\',
            "`" => self.escape = '`',
            _ => {
                let place = Place {
                    lines: directive.lines,
                    span: directive.span,
                };
                self.error(
                    SyntaxErrorKind::InvalidEscape {
                        value: directive.value,
                    },
                    place,
                );
                return;
            }
        }
        self.escape_directive = Some(directive);
    }

    /// Joins an instruction's lines.
    fn logical(&mut self, first: Physical<'a>, start: usize) -> Logical {
        let mut joined = Logical::default();
        // The escape character is one of two, both ASCII.
        let escape = self.escape as u8;
        let content = text::trim_line_end(first.bytes);
        let (piece, mut more) = line::cut_continuation(&content[start..], escape);
        joined.push(piece, first.start + start);
        let mut blank_line = false;
        while more {
            let Some(next) = self.take_line() else { break };
            if line::is_comment(next.bytes) {
                continue;
            }
            let content = text::trim_line_end(next.bytes);
            if text::leading_space(content) == content.len() {
                blank_line = true;
                continue;
            }
            let piece;
            (piece, more) = line::cut_continuation(content, escape);
            joined.push(piece, next.start);
        }
        if blank_line {
            let text = text::lossy(&joined.bytes);
            self.empty_continuations.push(EmptyContinuation {
                line: self.lines.number(),
                text,
            });
        }
        joined
    }

    /// Reads an instruction that begins on `first`, its heredocs too.
    fn instruction(&mut self, first: Physical<'a>, start: usize) {
        self.any = true;
        let at = first.number;
        let joined = self.logical(first, start);
        let range = text::trimmed(&joined.bytes, 0..joined.bytes.len());
        let span = if joined.bytes.is_empty() {
            Span::new(
                first.start + start,
                first.start + text::trim_line_end(first.bytes).len(),
            )
        } else {
            joined.span(&range)
        };
        let head = request::head(&joined, 0..joined.bytes.len(), self.escape);
        if head.flags.len() > MAX_FLAGS || self.allowance.instruction(head.flags.len()).is_err() {
            self.too_large = true;
            let place = Place {
                lines: LineRange::new(at, self.lines.number()),
                span: head.keyword.span,
            };
            self.error(SyntaxErrorKind::FileTooLarge, place);
            return;
        }
        let original = text::lossy(&joined.bytes);
        let mut meta = Meta {
            keyword: head.keyword.text.clone(),
            code: original.trim().to_owned(),
            lines: LineRange::new(first.number, self.lines.number()),
            span,
            comments: std::mem::take(&mut self.comments),
            keyword_span: head.keyword.span,
            flag_spans: head.flags.iter().map(|flag| flag.span).collect(),
            arg_spans: Vec::new(),
            invalid_utf8: text::first_invalid(&joined.bytes).map(|at| joined.place(at)),
        };
        let item = self.read(&joined, &head, &original, &mut meta);
        let lines = meta.lines;
        match item {
            Ok(Typed::From(from)) => self.items.push(Item::From(From { meta, ..from })),
            Ok(Typed::Other(kind)) => self.items.push(Item::Other(Instruction { meta, kind })),
            Err(fault) => {
                let place = Place {
                    lines,
                    span: fault.span.unwrap_or(span),
                };
                self.error(fault.kind, place);
                if self.unreadable.is_none() && !self.too_large {
                    let words = request::args(&joined, head.rest, self.escape, Shape::Blanks);
                    let words = words.map(|args| args.words).unwrap_or_default();
                    let words = words.into_iter().map(|word| word.text).collect();
                    self.unreadable = Some(Unreadable { meta, words });
                }
            }
        }
    }

    /// Makes an instruction's typed form; reads its heredocs on the way and sets what they change in `meta`.
    fn read(
        &mut self,
        joined: &Logical,
        head: &Head,
        original: &str,
        meta: &mut Meta,
    ) -> Result<Typed, Fault> {
        let name = instruction_name(&head.keyword);
        let Some(reader) = instruction::reader(&name) else {
            let keyword = head.keyword.text.clone();
            let suggestion = suggest::nearest(&keyword, &instruction::NAMES, false);
            self.pass_heredocs(original, suggestion.as_deref());
            meta.lines.end = self.lines.number();
            let fault = SyntaxErrorKind::UnknownInstruction { keyword, suggestion };
            return Err(fault.on(head.keyword.span));
        };
        let counted = self
            .allowance
            .words(&joined.bytes[head.rest.clone()], reader.shape);
        counted.map_err(|TooLarge| self.file_too_large(head))?;
        let mut args = request::args(joined, head.rest.clone(), self.escape, reader.shape)?;
        let mut heredocs_allowed = reader.heredocs && !args.json;
        if reader.shape == Shape::Nested && !args.words.is_empty() {
            (args, heredocs_allowed) = self.nested(joined, head)?;
        }
        meta.arg_spans = args.words.iter().map(|word| word.span).collect();
        let mut heredocs = Vec::new();
        if heredocs_allowed && original.contains("<<") {
            let counted = self.allowance.heredocs(original);
            counted.map_err(|TooLarge| self.file_too_large(head))?;
            heredocs = self.heredocs(original, meta)?;
        }
        let request = Request {
            head,
            args,
            heredocs,
            comments: &meta.comments,
            original,
        };
        match reader.parse {
            Some(parse) => parse(&request).map(Typed::Other),
            None => instruction::from::parse(&request).map(Typed::From),
        }
    }

    /// Ends the reading of a file that has too much.
    fn file_too_large(&mut self, head: &Head) -> Fault {
        self.too_large = true;
        SyntaxErrorKind::FileTooLarge.on(head.keyword.span)
    }

    /// Reads the instruction behind `ONBUILD` as far as its line goes. Gives its keyword as the one argument, and
    /// whether it may have heredocs.
    fn nested(&self, joined: &Logical, outer: &Head) -> Result<(Args, bool), Fault> {
        let head = request::head(joined, outer.rest.clone(), self.escape);
        let mut allowed = false;
        if let Some(reader) = instruction::reader(&instruction_name(&head.keyword)) {
            let args = request::args(joined, head.rest.clone(), self.escape, reader.shape)?;
            allowed = reader.heredocs && !args.json;
        }
        Ok((
            Args {
                words: vec![head.keyword],
                ..Args::default()
            },
            allowed,
        ))
    }

    /// Reads the bodies of the heredocs that a line announces.
    fn heredocs(&mut self, original: &str, meta: &mut Meta) -> Result<Vec<Heredoc>, Fault> {
        let mut heredocs = heredoc::in_line(original)
            .map_err(|word| Fault::from(SyntaxErrorKind::InvalidHeredoc { word }))?;
        for heredoc in &mut heredocs {
            let (mut start, mut near) = (None, None);
            let mut terminated = false;
            while let Some(line) = self.take_line() {
                if heredoc.ends_at(line.bytes) {
                    terminated = true;
                    break;
                }
                if near.is_none() && text::trim(line.bytes) == heredoc.name.as_bytes() {
                    near = Some(line.number);
                }
                start.get_or_insert(line.start);
                heredoc.bytes.extend_from_slice(line.bytes);
            }
            meta.lines.end = self.lines.number();
            if !terminated {
                let name = heredoc.name.clone();
                return Err(SyntaxErrorKind::UnterminatedHeredoc { name, near }.into());
            }
            if meta.invalid_utf8.is_none() {
                let invalid = text::first_invalid(&heredoc.bytes);
                meta.invalid_utf8 = invalid.zip(start).map(|(at, start)| start + at);
            }
            heredoc.content = text::lossy(&heredoc.bytes);
        }
        Ok(heredocs)
    }

    /// Passes over the bodies of a misspelled instruction's heredocs, lest each of their lines be an error.
    fn pass_heredocs(&mut self, original: &str, meant: Option<&str>) {
        let may = matches!(
            meant.map(str::to_ascii_uppercase).as_deref(),
            Some("RUN" | "COPY" | "ADD" | "ONBUILD")
        );
        // A few errors only, as this may look through the whole file.
        if !may || !original.contains("<<") || self.errors.len() > 20 {
            return;
        }
        let mut ahead = self.lines.clone();
        for heredoc in heredoc::in_line(original).unwrap_or_default() {
            if !ahead.by_ref().any(|line| heredoc.ends_at(line.bytes)) {
                return;
            }
        }
        self.lines = ahead;
    }
}

enum Typed {
    From(From),
    Other(InstructionKind),
}

/// A keyword in upper case, as far as it has small letters that some instruction has.
fn instruction_name(keyword: &Word) -> String {
    text::lower(&keyword.text).to_ascii_uppercase()
}
