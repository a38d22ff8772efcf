//! The parts of an instruction on the way to its typed form: keyword, flags, arguments, heredocs.

use std::borrow::Cow;
use std::ops::Range;

use crate::dialect::Dialect;
use crate::error::{Fault, SyntaxErrorKind};
use crate::flags::{Flag, Flags, Known};
use crate::heredoc::Heredoc;
use crate::json;
use crate::line::Logical;
use crate::shape::Shape;
use crate::text;
use crate::word::{Word, into_owned};
use crate::words;

/// A pair of `ENV` or `LABEL`. Quotes and escapes are kept: expansion removes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyValue<'a> {
    /// The key, never blank, not expanded.
    pub key: Word<'a>,
    /// The value, not expanded.
    pub value: Word<'a>,
    /// Whether a space stands between key and value (`ENV key value`, the old form) instead of `=`.
    pub legacy: bool,
}

into_owned!(KeyValue { key, value, legacy });

/// The arguments.
#[derive(Debug)]
pub(crate) enum Args<'a> {
    /// One text; None without any.
    Text(Option<Word<'a>>),
    /// Words.
    Words(Vec<Word<'a>>),
    /// The strings of a JSON array, behind a word where the shape is [`Shape::Health`].
    Json(Vec<Word<'a>>),
    /// Pairs.
    Pairs(Vec<KeyValue<'a>>),
}

/// Keyword, flags and the range of the arguments.
#[derive(Debug, Clone)]
pub(crate) struct Head<'a> {
    pub(crate) keyword: Word<'a>,
    pub(crate) flags: Vec<Flag<'a>>,
    pub(crate) rest: Range<usize>,
}

/// All parts of an instruction but its keyword.
pub(crate) struct Parts<'l, 'a> {
    pub(crate) flags: Vec<Flag<'a>>,
    pub(crate) args: Args<'a>,
    pub(crate) heredocs: Vec<Heredoc<'a>>,
    pub(crate) comments: &'l [Cow<'a, str>],
    pub(crate) line: &'l Logical<'a>,
    pub(crate) dialect: Dialect,
}

/// Cuts keyword and flags off a line.
pub(crate) fn head<'a>(line: &Logical<'a>, range: Range<usize>, escape: char) -> Head<'a> {
    let bytes = line.bytes();
    let (keyword, rest) = text::cut_blanks(bytes, text::trimmed(bytes, range));
    let end = keyword.end;
    let keyword = line.word(&keyword);
    let Some(rest) = rest else {
        return Head {
            keyword,
            flags: Vec::new(),
            rest: end..end,
        };
    };
    let mut flags = Vec::new();
    // The escape character is one of two, both ASCII.
    let at = words::flags(bytes, rest.clone(), escape as u8, |range, changed| {
        flags.push(flag(line, range, changed));
    });
    Head {
        keyword,
        flags,
        rest: text::trimmed(bytes, at..rest.end),
    }
}

/// A flag that stands in `range`; its text where that is not what stands there.
fn flag<'a>(line: &Logical<'a>, range: Range<usize>, changed: Option<String>) -> Flag<'a> {
    let written = &line.bytes()[range.clone()];
    let behind = text::find(written, b'=').map(|equals| range.start + equals + 1..range.end);
    let (name, value) = match changed {
        None => {
            let name = range.start..behind.as_ref().map_or(range.end, |behind| behind.start - 1);
            (line.text(&name), behind.as_ref().map(|behind| line.text(behind)))
        }
        Some(text) => {
            let (name, value) = text
                .split_once('=')
                .map_or((&*text, None), |(name, value)| (name, Some(value)));
            (
                Cow::Owned(name.to_owned()),
                value.map(|value| Cow::Owned(value.to_owned())),
            )
        }
    };
    let name = match name {
        Cow::Borrowed(name) => Cow::Borrowed(name.strip_prefix("--").unwrap_or(name)),
        Cow::Owned(name) => Cow::Owned(name.strip_prefix("--").map(str::to_owned).unwrap_or(name)),
    };
    let span = line.span(&range);
    let value = value.zip(behind).map(|(value, behind)| {
        // There is nothing to mark of an empty value.
        let is_empty = behind.is_empty();
        Word::new(value, if is_empty { span } else { line.span(&behind) })
    });
    Flag { name, value, span }
}

/// Reads the arguments.
pub(crate) fn args<'a>(
    line: &Logical<'a>,
    range: Range<usize>,
    escape: char,
    shape: Shape,
) -> Result<Args<'a>, Fault> {
    let text = ArgText { line, range, escape };
    match shape {
        Shape::List => Ok(match text.json()? {
            Some(strings) => Args::Json(strings),
            None => Args::Words(text.blanks()),
        }),
        Shape::Command => text.command(),
        Shape::Pairs(name) => text.pairs(name).map(Args::Pairs),
        Shape::ShellWords => Ok(Args::Words(text.shell_words())),
        Shape::Blanks => Ok(Args::Words(text.blanks())),
        Shape::Text | Shape::Nested => Ok(Args::Text(text.whole())),
        Shape::Health => text.health(),
    }
}

/// The text of an instruction's arguments.
struct ArgText<'l, 'a> {
    line: &'l Logical<'a>,
    range: Range<usize>,
    escape: char,
}

impl<'a> ArgText<'_, 'a> {
    fn bytes(&self) -> &[u8] {
        &self.line.bytes()[self.range.clone()]
    }

    fn whole(&self) -> Option<Word<'a>> {
        (!self.range.is_empty()).then(|| self.line.word(&self.range))
    }

    fn blanks(&self) -> Vec<Word<'a>> {
        if self.range.is_empty() {
            return Vec::new();
        }
        let parts = || text::split_blanks(self.line.bytes(), self.range.clone());
        // Counted first, so that they take no more room than they need.
        let mut words = Vec::with_capacity(parts().count());
        words.extend(parts().map(|part| self.line.word(&part)));
        words
    }

    fn shell_words(&self) -> Vec<Word<'a>> {
        let words = words::shell_words(self.line.bytes(), self.range.clone(), self.escape);
        words.map(|word| self.line.word(&word)).collect()
    }

    /// The strings of a JSON array; None when it is none.
    fn json(&self) -> Result<Option<Vec<Word<'a>>>, Fault> {
        let bytes = self.bytes();
        let skipped = text::leading_space(bytes);
        match json::array(&bytes[skipped..]) {
            json::Array::No => Ok(None),
            json::Array::Mixed => Err(SyntaxErrorKind::JsonElementNotString.on(self.line.span(&self.range))),
            json::Array::Strings(strings) => {
                let offset = self.range.start + skipped;
                let place = |range: Range<usize>| range.start + offset..range.end + offset;
                let word = |string: json::Text| {
                    let text = match string.decoded {
                        Some(decoded) => Cow::Owned(decoded),
                        None => self.line.text(&place(string.inner())),
                    };
                    Word::new(text, self.line.span(&place(string.range)))
                };
                Ok(Some(strings.into_iter().map(word).collect()))
            }
        }
    }

    fn command(&self) -> Result<Args<'a>, Fault> {
        Ok(match self.json()? {
            Some(strings) => Args::Json(strings),
            None => Args::Text(self.whole()),
        })
    }

    fn health(&self) -> Result<Args<'a>, Fault> {
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
            return Ok(Args::Words(Vec::new()));
        }
        let split = self.range.start + sep;
        let command = ArgText {
            range: split + spaces..self.range.end,
            ..*self
        };
        let mut words = vec![self.line.word(&(self.range.start..split))];
        Ok(match command.json()? {
            Some(strings) => {
                words.extend(strings);
                Args::Json(words)
            }
            None => {
                words.extend(command.whole());
                Args::Words(words)
            }
        })
    }

    fn pairs(&self, instruction: &'static str) -> Result<Vec<KeyValue<'a>>, Fault> {
        let mut words = words::shell_words(self.line.bytes(), self.range.clone(), self.escape).peekable();
        let Some(first) = words.peek() else {
            return Ok(Vec::new());
        };
        if !self.line.bytes()[first.clone()].contains(&b'=') {
            return Ok(vec![self.legacy_pair(instruction)?]);
        }
        // Mostly there is one, and many take no more room than they need.
        let mut pairs = Vec::with_capacity(1);
        for word in words {
            pairs.push(self.pair(&word, instruction)?);
        }
        pairs.shrink_to_fit();
        Ok(pairs)
    }

    fn pair(&self, range: &Range<usize>, instruction: &'static str) -> Result<KeyValue<'a>, Fault> {
        let Some(at) = text::find(&self.line.bytes()[range.clone()], b'=') else {
            let word = self.line.word(range);
            let kind = SyntaxErrorKind::NoEquals {
                instruction,
                word: word.text.into_owned(),
            };
            return Err(kind.on(word.span));
        };
        let equals = range.start + at;
        Ok(KeyValue {
            key: self.line.word(&(range.start..equals)),
            value: self.line.word(&(equals + 1..range.end)),
            legacy: false,
        })
    }

    fn legacy_pair(&self, instruction: &'static str) -> Result<KeyValue<'a>, Fault> {
        let (key, value) = text::cut_blanks(self.line.bytes(), self.range.clone());
        let key = self.line.word(&key);
        match value {
            Some(value) => Ok(KeyValue {
                key,
                value: self.line.word(&value),
                legacy: true,
            }),
            None => Err(SyntaxErrorKind::NoValue {
                instruction,
                key: key.text.into_owned(),
            }
            .on(key.span)),
        }
    }
}

impl<'a> Args<'a> {
    /// The words, strings or the one text.
    pub(crate) fn words(&self) -> &[Word<'a>] {
        match self {
            Self::Text(text) => text.as_slice(),
            Self::Words(words) | Self::Json(words) => words,
            Self::Pairs(_) => &[],
        }
    }

    /// [`Args::words`], taken out.
    pub(crate) fn into_words(self) -> Vec<Word<'a>> {
        match self {
            Self::Text(text) => text.into_iter().collect(),
            Self::Words(words) | Self::Json(words) => words,
            Self::Pairs(_) => Vec::new(),
        }
    }

    /// The first word.
    fn first_word(&self) -> Option<&str> {
        match self {
            Self::Text(text) => text.as_ref()?.split_ascii_whitespace().next(),
            _ => self.words().first().map(Word::as_str),
        }
    }

    /// Whether they are pairs, and there are some.
    pub(crate) fn has_pairs(&self) -> bool {
        matches!(self, Self::Pairs(pairs) if !pairs.is_empty())
    }

    /// Whether they are a JSON array.
    pub(crate) fn is_json(&self) -> bool {
        matches!(self, Self::Json(_))
    }
}

impl<'a> Parts<'_, 'a> {
    /// The flags, if the instruction knows all of them.
    pub(crate) fn flags(&mut self, known: Known) -> Result<Flags<'a>, Fault> {
        self.flags_and(known, &[])
    }

    /// [`Parts::flags`], with those of the dialect.
    pub(crate) fn flags_and(&mut self, known: Known, added: Known) -> Result<Flags<'a>, Fault> {
        let flags = std::mem::take(&mut self.flags);
        let is_last = flags.last().is_some_and(|flag| flag.value.is_none());
        Flags::check(flags, (known, added), self.dialect.is_on).map_err(|mut fault| {
            // With a blank in place of its equals sign, a flag's value is the first argument.
            if let SyntaxErrorKind::FlagNoValue { next, .. } = &mut fault.kind
                && is_last
            {
                *next = self.args.first_word().map(str::to_owned);
            }
            fault
        })
    }

    /// The one argument of an instruction that takes one text.
    pub(crate) fn only_text(&mut self, instruction: &'static str) -> Result<Word<'a>, Fault> {
        match &mut self.args {
            Args::Text(text) => text.take(),
            _ => None,
        }
        .ok_or_else(|| SyntaxErrorKind::NotOneArgument { instruction }.into())
    }
}

/// The doc comment for a name: the first comment above that begins with it and a space.
pub(crate) fn doc_comment<'a>(comments: &[Cow<'a, str>], name: &str) -> Cow<'a, str> {
    if name.is_empty() {
        return Cow::default();
    }
    let text = |comment: &Cow<'a, str>| {
        let behind = comment.strip_prefix(name)?.strip_prefix(' ')?;
        Some(match comment {
            Cow::Borrowed(comment) => Cow::Borrowed(&comment[name.len() + 1..]),
            Cow::Owned(_) => Cow::Owned(behind.to_owned()),
        })
    };
    comments.iter().find_map(text).unwrap_or_default()
}
