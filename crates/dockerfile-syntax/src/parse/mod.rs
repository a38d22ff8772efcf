//! From text to instructions: the whole way, line by line.

mod faults;
mod heredocs;
mod length;
mod trigger;

use std::borrow::Cow;

use crate::ast::{Dockerfile, Gap, Stage, Unreadable};
use crate::dialect::{self, Dialect};
use crate::directive::{self, Directive};
use crate::error::{Fault, SyntaxError, SyntaxErrorKind, Unfinished};
use crate::instruction::{self, FromInstruction, Grammar, Instruction, InstructionKind};
use crate::limits::{Allowance, MAX_COMMENTS, MAX_FLAGS, TooLarge};
use crate::line::{self, Lines, Logical, Physical, Source};
use crate::meta::Meta;
use crate::parts::{self, Args, Head, Parts};
use crate::shape::Shape;
use crate::span::{FilePart, LineRange, Place, Span};
use crate::word::Word;
use crate::{suggest, text};

pub use trigger::parse_onbuild_trigger;

/// More errors than this are not reported: such a file is no Dockerfile.
const MAX_ERRORS: usize = 1000;

/// So many instructions few stages have.
const MANY: usize = 256;

/// As many times what there was of them is made room for at most: the rest of a file may be one text.
const MOST_GROWTH: usize = 64;

/// What could be read of a file, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed<'a> {
    /// All that could be read.
    pub dockerfile: Dockerfile<'a>,
    /// Every error (up to a thousand), in file order. When there is one, the build is refused.
    pub errors: Vec<SyntaxError>,
    /// What those errors leave unknown, in file order: errors that follow from it alone are none.
    pub gaps: Vec<Gap>,
}

/// Reads a Dockerfile. What comes of it borrows from `text`.
///
/// Comments above an instruction belong to it, also with blank lines between; an empty comment drops those before it,
/// an indented one keeps its `#`, and comments between continuation lines belong to nothing.
///
/// A file without `FROM` has no stages and, when it has only `ARG`s, no errors either: what that means depends on what
/// is asked for.
///
/// ```
/// let parsed = dockerfile_syntax::parse(b"FROM alpine AS base\nCPOY a b\n");
/// let base = &parsed.dockerfile.stages[0].from.base;
/// assert_eq!((base.as_str(), base.span.start), ("alpine", 5));
/// let error = &parsed.errors[0];
/// assert_eq!(error.lines.start, 2);
/// assert_eq!(error.to_string(), "there is no instruction \"CPOY\" (did you mean COPY?)");
/// ```
#[must_use]
pub fn parse(text: &[u8]) -> Parsed<'_> {
    let whole = FilePart {
        bytes: 0..text.len(),
        lines_before: 0,
        is_fragment: false,
    };
    parse_part(text, &whole, &mut Allowance::default())
}

/// Reads one of several files in a text. Of the directives of one that is not the first only `escape` counts. All of them
/// share an allowance.
///
/// The instructions of a fragment are where a file has its global arguments; it may have no `FROM`.
#[must_use]
pub fn parse_part<'a>(text: &'a [u8], part: &FilePart, allowance: &mut Allowance) -> Parsed<'a> {
    let bytes = text.get(part.bytes.clone()).unwrap_or_default();
    let (dialect, wrong) = dialect::find(bytes);
    let source = Source::new(text, None);
    let mut parser = Parser::new(source, dialect);
    parser.lines = Lines::of_part(source.up_to(part.bytes.end), part.bytes.start, part.lines_before);
    parser.is_fragment = part.is_fragment;
    parser.allowance = allowance.clone();
    parser.errors.extend(wrong.into_iter().map(|error| SyntaxError {
        lines: error.lines.behind(part.lines_before),
        span: error.span.behind(part.bytes.start),
        ..error
    }));
    parser.run();
    parser.end_stage();
    let Parser {
        mut file,
        instructions,
        mut errors,
        gaps,
        allowance: left,
        ..
    } = parser;
    *allowance = left;
    if part.bytes.start == 0 {
        file.directives.syntax = directive::find("syntax", bytes, b"#");
        file.directives.check = directive::find("check", bytes, b"#");
    }
    if part.is_fragment {
        file.global_args = instructions;
    }
    if text.is_empty() {
        errors = vec![SyntaxErrorKind::EmptyFile.at(Place::default())];
    }
    crate::sort::sort_by_key(&mut errors, |error| (error.lines.start, error.span.start));
    Parsed {
        dockerfile: file,
        errors,
        gaps,
    }
}

struct Parser<'a> {
    source: Source<'a>,
    lines: Lines<'a>,
    header: directive::Header,
    /// The comments since the last instruction.
    comments: Vec<Cow<'a, str>>,
    /// What was read of the file.
    file: Dockerfile<'a>,
    /// The instructions of the last stage.
    instructions: Vec<Instruction<'a>>,
    errors: Vec<SyntaxError>,
    gaps: Vec<Gap>,
    /// What is read has the instructions of a stage and no stage itself.
    is_fragment: bool,
    /// Whether there was an instruction, be it a wrong one.
    any: bool,
    /// What may still be read.
    allowance: Allowance,
    /// More than that is there: reading ends.
    too_large: bool,
}

impl<'a> Parser<'a> {
    fn new(source: Source<'a>, dialect: Dialect) -> Self {
        Self {
            source,
            lines: Lines::of_part(source.bytes, 0, 0),
            header: directive::Header::default(),
            comments: Vec::new(),
            file: Dockerfile {
                escape: '\\',
                dialect,
                ..Dockerfile::default()
            },
            instructions: Vec::new(),
            errors: Vec::new(),
            gaps: Vec::new(),
            is_fragment: false,
            any: false,
            allowance: Allowance::default(),
            too_large: false,
        }
    }

    fn run(&mut self) {
        if u32::try_from(self.source.bytes.len()).is_err() {
            self.too_large = true;
            self.any = true;
            self.error(SyntaxErrorKind::FileTooLarge, self.line_place(1, Span::default()));
        }
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
            let _ = self.header.read(b"", b"#");
            if start < text::trim_line_end(first.bytes).len() {
                self.instruction(first, start);
            }
        }
        // A file that another takes in may be empty.
        if !self.any && self.lines.is_first() {
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
        let at = line.start + start;
        let whole = self.line_place(line.number, Span::new(at, line.start + content.len()));
        match self.header.read(&content[start..], b"#") {
            Ok(None) => {
                if self.comments.len() >= 2 * MAX_COMMENTS {
                    // Nobody reads so many; those go that are farthest from the instruction.
                    self.comments.drain(..MAX_COMMENTS);
                    self.allowance.forget_comments(MAX_COMMENTS);
                }
                // An indented comment keeps its number sign; so does the reference.
                let text = text::trim(&line.bytes[1..]);
                if text.is_empty() {
                    self.comments.clear();
                } else if self.allowance.comment().is_err() {
                    self.too_large = true;
                    self.error(SyntaxErrorKind::FileTooLarge, whole);
                } else {
                    self.comments.push(text::lossy(text));
                }
            }
            Ok(Some(("escape", value))) => self.set_escape(Directive {
                value: directive::value_word(&content[start..], at, value),
                lines: LineRange::line(line.number),
            }),
            Ok(Some(_)) => {}
            Err(name) => {
                let name = name.to_owned();
                self.error(SyntaxErrorKind::RepeatedDirective { name }, whole);
            }
        }
    }

    fn set_escape(&mut self, directive: Directive<'a>) {
        match directive.value.as_str() {
            "\\" => self.file.escape = '\\',
            "`" => self.file.escape = '`',
            other => {
                let value = other.to_owned();
                self.error(SyntaxErrorKind::InvalidEscape { value }, directive.place());
                return;
            }
        }
        self.file.directives.escape = Some(directive);
    }

    /// Reads an instruction that begins on `first`, its heredocs too.
    fn instruction(&mut self, first: Physical<'a>, start: usize) {
        self.any = true;
        let line = self.logical(first, start);
        let range = text::trimmed(line.bytes(), 0..line.bytes().len());
        let span = if line.bytes().is_empty() {
            let content = text::trim_line_end(first.bytes);
            Span::new(first.start + start, first.start + content.len())
        } else {
            line.span(&range)
        };
        let head = parts::head(&line, range.clone(), self.file.escape);
        let mut meta = Meta {
            keyword: head.keyword.clone(),
            lines: LineRange::new(first.number, self.lines.number()),
            comments: std::mem::take(&mut self.comments),
            invalid_utf8: line.first_invalid(),
            ..Meta::default()
        };
        if let Err(fault) = self.check_length(first.start, meta.keyword.span) {
            self.error(fault.kind, meta.place());
            return;
        }
        if head.flags.len() > MAX_FLAGS || self.allowance.instruction(head.flags.len()).is_err() {
            self.too_large = true;
            self.error(SyntaxErrorKind::FileTooLarge, meta.place());
            return;
        }
        let begin = Begin {
            head: head.clone(),
            lines: self.lines.clone(),
            allowance: self.allowance.clone(),
        };
        match self.read(&line, head, &mut meta) {
            Ok(typed) => {
                meta.code = line.into_text(range);
                self.add(typed, meta);
            }
            Err(fault) => {
                let whole = meta.lines.with(span);
                let words = parts::args(&line, begin.head.rest.clone(), self.file.escape, Shape::Blanks);
                let words = words.map(Args::into_words).unwrap_or_default();
                let left = self.faults(&line, begin, (fault, &meta), whole);
                meta.code = line.into_text(range);
                match left {
                    Some((typed, read)) => self.add(
                        typed,
                        Meta {
                            code: meta.code.clone(),
                            ..read
                        },
                    ),
                    None => self.leave_out(&meta, &words),
                }
                if self.file.unreadable.is_none() && !self.too_large {
                    self.file.unreadable = Some(Unreadable { meta, words });
                }
            }
        }
    }

    /// Adds an instruction to the stage that it belongs to, or begins a stage.
    fn add(&mut self, typed: Typed<'a>, meta: Meta<'a>) {
        let kind = match typed {
            Typed::From(_) if self.is_fragment => {
                self.error(SyntaxErrorKind::FromInFragment, meta.place());
                return;
            }
            Typed::From(mut from) => {
                self.end_stage();
                from.meta = meta;
                self.file.stages.push(Stage {
                    from,
                    instructions: Vec::new(),
                    module: 0,
                });
                return;
            }
            Typed::Other(kind) => kind,
        };
        if !self.file.stages.is_empty() || self.source.elsewhere.is_some() || self.is_fragment {
            self.make_room();
            self.instructions.push(Instruction { meta, kind });
        } else if kind.is_global() {
            self.file.global_args.push(Instruction { meta, kind });
        } else {
            let instruction = kind.name().to_owned();
            self.error(SyntaxErrorKind::BeforeFrom { instruction }, meta.place());
            let words = Vec::new();
            self.file.unreadable.get_or_insert(Unreadable { meta, words });
        }
    }

    /// Makes room for another instruction. Where there were many, as many are to come in as much text again, and growing
    /// step by step would copy them each time.
    fn make_room(&mut self) {
        let count = self.instructions.len();
        if count >= MANY && count == self.instructions.capacity() {
            let read = self.lines.offset().max(1);
            let left = self.source.bytes.len().saturating_sub(read);
            self.instructions.reserve(count * (left / read).min(MOST_GROWTH));
        }
    }

    /// Gives the last stage its instructions. A few take no more room than they need; many are left where they are, for
    /// copying them costs more than room that nothing is in.
    fn end_stage(&mut self) {
        if let Some(stage) = self.file.stages.last_mut() {
            stage.instructions = match self.instructions.len() {
                MANY.. => std::mem::take(&mut self.instructions),
                _ => self.instructions.drain(..).collect(),
            };
        }
    }

    /// The instruction above, where it is a `RUN` whose command isn't over at its end.
    fn unfinished(&self) -> Option<Unfinished> {
        let Instruction { meta, kind } = self.instructions.last()?;
        let InstructionKind::Run(_) = kind else {
            return None;
        };
        let operator = ["&&", "||", "|"]
            .into_iter()
            .find(|operator| meta.code.trim_end().ends_with(operator))?;
        Some(Unfinished {
            line: meta.lines.end,
            operator,
            escape: self.file.escape,
        })
    }

    /// Makes an instruction's typed form; reads its heredocs on the way and sets what they change in `meta`.
    fn read(&mut self, line: &Logical<'a>, head: Head<'a>, meta: &mut Meta<'a>) -> Result<Typed<'a>, Fault> {
        let Some(grammar) = Grammar::of(&head.keyword, self.file.dialect) else {
            let suggestion = suggest::nearest(&head.keyword, &instruction::NAMES, false);
            self.pass_heredocs(line.bytes(), suggestion.as_deref());
            meta.lines.end = self.lines.number();
            let keyword = head.keyword.to_string();
            let is_addition = dialect::INSTRUCTIONS
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&keyword));
            let fault = SyntaxErrorKind::UnknownInstruction {
                keyword,
                unfinished: match &suggestion {
                    Some(_) => None,
                    None => self.unfinished(),
                },
                suggestion,
                is_addition,
            };
            return Err(fault.on(head.keyword.span));
        };
        let counted = self
            .allowance
            .words(&line.bytes()[head.rest.clone()], grammar.shape);
        counted.map_err(|TooLarge| self.file_too_large(head.keyword.span))?;
        let mut args = parts::args(line, head.rest.clone(), self.file.escape, grammar.shape)?;
        let mut may_have_heredocs = grammar.heredocs && !args.is_json();
        if grammar.shape == Shape::Nested && !args.words().is_empty() {
            let (keyword, heredocs) = self.nested(line, head.rest)?;
            (args, may_have_heredocs) = (Args::Text(Some(keyword)), heredocs);
        }
        let mut heredocs = Vec::new();
        if may_have_heredocs && heredocs::announces(line.bytes()) {
            heredocs = self.heredocs(line, meta)?;
        }
        let parts = Parts {
            flags: head.flags,
            args,
            heredocs,
            comments: &meta.comments,
            line,
            dialect: self.file.dialect,
        };
        match grammar.parse {
            Some(parse) => parse(parts).map(Typed::Other),
            None => instruction::from::parse(parts).map(Typed::From),
        }
    }

    /// Reads the instruction behind `ONBUILD` as far as its line goes. Gives its keyword, and whether it may have
    /// heredocs.
    fn nested(&self, line: &Logical<'a>, range: std::ops::Range<usize>) -> Result<(Word<'a>, bool), Fault> {
        let head = parts::head(line, range, self.file.escape);
        let mut allowed = false;
        if let Some(grammar) = Grammar::of(&head.keyword, self.file.dialect) {
            let args = parts::args(line, head.rest, self.file.escape, grammar.shape)?;
            allowed = grammar.heredocs && !args.is_json();
        }
        Ok((head.keyword, allowed))
    }
}

/// Where an instruction begins, to read it again.
struct Begin<'a> {
    head: Head<'a>,
    lines: Lines<'a>,
    allowance: Allowance,
}

enum Typed<'a> {
    From(Box<FromInstruction<'a>>),
    Other(InstructionKind<'a>),
}
