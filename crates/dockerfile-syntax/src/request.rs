//! An instruction's text on its way to its typed form: keyword, flags, arguments.

use crate::error::SyntaxErrorKind;
use crate::heredoc::Heredoc;
use crate::instruction::KeyValue;
use crate::json;
use crate::line::Logical;
use crate::span::Span;
use crate::text;
use crate::words;
use std::ops::Range;

/// A piece of text with its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// An error whose place may be known better than its instruction's.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: SyntaxErrorKind,
    pub(crate) span: Option<Span>,
}

impl SyntaxErrorKind {
    /// Marks a part of the instruction.
    pub(crate) fn on(self, span: Span) -> Fault {
        Fault {
            kind: self,
            span: Some(span),
        }
    }
}

impl From<SyntaxErrorKind> for Fault {
    fn from(kind: SyntaxErrorKind) -> Self {
        Self { kind, span: None }
    }
}

/// How an instruction's arguments are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A JSON array, or words between blanks.
    List,
    /// A JSON array, or one text.
    Command,
    /// `key=value …` or `key value`.
    Pairs(&'static str),
    /// Words with quotes and escapes.
    ShellWords,
    /// Words between blanks.
    Blanks,
    /// One text.
    Text,
    /// A word, and a JSON array or one text.
    Health,
    /// Another instruction.
    Nested,
}

/// The arguments.
#[derive(Debug, Default)]
pub(crate) struct Args {
    /// The words, JSON strings or the one text.
    pub(crate) words: Vec<Word>,
    /// The pairs, for `Shape::Pairs`.
    pub(crate) pairs: Vec<KeyValue>,
    /// Whether they are a JSON array.
    pub(crate) json: bool,
}

/// Keyword, flags and the range of the arguments.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) keyword: Word,
    pub(crate) flags: Vec<Word>,
    pub(crate) rest: Range<usize>,
}

/// An instruction ready for its typed form.
pub(crate) struct Request<'a> {
    pub(crate) head: &'a Head,
    pub(crate) args: Args,
    pub(crate) heredocs: Vec<Heredoc>,
    pub(crate) comments: &'a [String],
    /// The joined text, not trimmed at its end.
    pub(crate) original: &'a str,
}

/// Cuts keyword and flags off a line.
pub(crate) fn head(line: &Logical, range: Range<usize>, escape: char) -> Head {
    let bytes = &line.bytes;
    let (keyword, rest) = text::cut_blanks(bytes, text::trimmed(bytes, range));
    let word = |range: &Range<usize>| Word {
        text: text::lossy(&bytes[range.clone()]),
        span: line.span(range),
    };
    let keyword_word = word(&keyword);
    let Some(rest) = rest else {
        return Head {
            keyword: keyword_word,
            flags: Vec::new(),
            rest: keyword.end..keyword.end,
        };
    };
    // The escape character is one of two, both ASCII.
    let (flags, at) = words::flags(bytes, rest.clone(), escape as u8);
    let flags = flags
        .into_iter()
        .map(|(text, range)| Word {
            text,
            span: line.span(&range),
        })
        .collect();
    Head {
        keyword: keyword_word,
        flags,
        rest: text::trimmed(bytes, at..rest.end),
    }
}

/// Reads the arguments.
pub(crate) fn args(line: &Logical, range: Range<usize>, escape: char, shape: Shape) -> Result<Args, Fault> {
    let reader = Reader { line, range, escape };
    match shape {
        Shape::List => Ok(match reader.json()? {
            Some(args) => args,
            None => reader.blanks(),
        }),
        Shape::Command => reader.command(),
        Shape::Pairs(name) => reader.pairs(name),
        Shape::ShellWords => Ok(Args {
            words: reader.shell_words(),
            ..Args::default()
        }),
        Shape::Blanks => Ok(reader.blanks()),
        Shape::Text | Shape::Nested => Ok(reader.text()),
        Shape::Health => reader.health(),
    }
}

struct Reader<'a> {
    line: &'a Logical,
    range: Range<usize>,
    escape: char,
}

impl Reader<'_> {
    fn bytes(&self) -> &[u8] {
        &self.line.bytes[self.range.clone()]
    }

    fn word(&self, range: &Range<usize>) -> Word {
        Word {
            text: text::lossy(&self.line.bytes[range.clone()]),
            span: self.line.span(range),
        }
    }

    fn text(&self) -> Args {
        let words = if self.range.is_empty() {
            Vec::new()
        } else {
            vec![self.word(&self.range)]
        };
        Args {
            words,
            ..Args::default()
        }
    }

    fn blanks(&self) -> Args {
        if self.range.is_empty() {
            return Args::default();
        }
        let parts = text::split_blanks(&self.line.bytes, self.range.clone());
        Args {
            words: parts.iter().map(|part| self.word(part)).collect(),
            ..Args::default()
        }
    }

    fn shell_words(&self) -> Vec<Word> {
        words::shell_words(&self.line.bytes, self.range.clone(), self.escape)
            .into_iter()
            .map(|(text, range)| Word {
                text,
                span: self.line.span(&range),
            })
            .collect()
    }

    /// The arguments as a JSON array; None when they are none.
    fn json(&self) -> Result<Option<Args>, Fault> {
        let bytes = self.bytes();
        let skipped = text::leading_space(bytes);
        match json::array(&bytes[skipped..]) {
            json::Array::No => Ok(None),
            json::Array::Mixed => Err(SyntaxErrorKind::JsonElementNotString.on(self.line.span(&self.range))),
            json::Array::Strings(strings) => {
                let offset = self.range.start + skipped;
                let place = |range: Range<usize>| self.line.span(&(range.start + offset..range.end + offset));
                let words = strings
                    .into_iter()
                    .map(|(text, range)| Word {
                        text,
                        span: place(range),
                    })
                    .collect();
                Ok(Some(Args {
                    words,
                    json: true,
                    ..Args::default()
                }))
            }
        }
    }

    fn command(&self) -> Result<Args, Fault> {
        if self.range.is_empty() {
            return Ok(Args::default());
        }
        Ok(match self.json()? {
            Some(args) => args,
            None => self.text(),
        })
    }

    fn health(&self) -> Result<Args, Fault> {
        let bytes = self.bytes();
        let sep = bytes
            .iter()
            .position(|&byte| text::is_latin1_space(byte))
            .unwrap_or(bytes.len());
        let spaces = bytes[sep..]
            .iter()
            .take_while(|&&byte| text::is_latin1_space(byte))
            .count();
        if sep == 0 {
            return Ok(Args::default());
        }
        let split = self.range.start + sep;
        let command = Reader {
            range: split + spaces..self.range.end,
            ..*self
        };
        let mut args = command.command()?;
        args.words.insert(0, self.word(&(self.range.start..split)));
        Ok(args)
    }

    fn pairs(&self, instruction: &'static str) -> Result<Args, Fault> {
        let words = self.shell_words();
        let Some(first) = words.first() else {
            return Ok(Args::default());
        };
        if !first.text.contains('=') {
            return self.legacy_pair(instruction);
        }
        let mut pairs = Vec::with_capacity(words.len());
        for word in &words {
            let Some((key, value)) = word.text.split_once('=') else {
                return Err(SyntaxErrorKind::NoEquals {
                    instruction,
                    word: word.text.clone(),
                }
                .on(word.span));
            };
            pairs.push(KeyValue {
                key: key.to_owned(),
                value: value.to_owned(),
                legacy: false,
            });
        }
        Ok(Args {
            words,
            pairs,
            json: false,
        })
    }

    fn legacy_pair(&self, instruction: &'static str) -> Result<Args, Fault> {
        let (key, value) = text::cut_blanks(&self.line.bytes, self.range.clone());
        let key = self.word(&key);
        let Some(value) = value else {
            return Err(SyntaxErrorKind::NoValue {
                instruction,
                key: key.text,
            }
            .on(key.span));
        };
        let value = self.word(&value);
        let pair = KeyValue {
            key: key.text.clone(),
            value: value.text.clone(),
            legacy: true,
        };
        Ok(Args {
            words: vec![key, value],
            pairs: vec![pair],
            json: false,
        })
    }
}

impl Request<'_> {
    /// The one argument that the instruction takes.
    pub(crate) fn only_text(&self, instruction: &'static str) -> Result<String, Fault> {
        match self.args.words.as_slice() {
            [word] => Ok(word.text.clone()),
            _ => Err(SyntaxErrorKind::NotOneArgument { instruction }.into()),
        }
    }

    /// The texts of all arguments.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.args.words.iter().map(|word| word.text.clone()).collect()
    }

    /// The doc comment for a name: the first comment above that begins with it and a space.
    pub(crate) fn doc_comment(&self, name: &str) -> String {
        if name.is_empty() {
            return String::new();
        }
        let text = |comment: &String| Some(comment.strip_prefix(name)?.strip_prefix(' ')?.to_owned());
        self.comments.iter().find_map(text).unwrap_or_default()
    }
}
