//! The lexer: one pass over the word, with a stack of its own for what nests.

use super::dollar::Dollar;
use super::words::{Found, Words};
use super::{Env, ExpandError, ExpandErrorKind, Lexer, Listed};
use crate::budget::{Budget, Exceeded};
use crate::text;
use std::collections::BTreeSet;

/// What the lexer is inside of.
#[derive(Debug)]
pub(super) enum Frame<'a> {
    /// Double quotes.
    Quote {
        /// Where their text begins in the output.
        start: usize,
    },
    /// A word or pattern within `${…}`.
    Inner {
        /// What it belongs to.
        dollar: Dollar<'a>,
        /// The character that ends it.
        stop: char,
        /// Whether escape characters were kept around it.
        outer_raw: bool,
    },
}

/// A variable's value is seldom longer than its reference by more than that.
const USUAL_VALUE: usize = 24;

/// What a reference within another takes while it is open.
const FRAME_BYTES: usize = 128;

/// What comes out.
pub(super) struct Done {
    pub(super) text: String,
    pub(super) words: Vec<Found>,
    pub(super) matched: BTreeSet<String>,
    pub(super) unmatched: BTreeSet<String>,
}

/// The state of one run.
pub(super) struct Machine<'a> {
    pub(super) lexer: Lexer,
    pub(super) env: &'a dyn Env,
    pub(super) budget: &'a Budget,
    rest: std::str::Chars<'a>,
    /// How long the word is.
    length: usize,
    /// Everything written so far; frames remember where theirs begins, so nothing is copied on the way out.
    pub(super) out: String,
    /// The words, where it is they that are wanted.
    words: Option<Words>,
    /// None in the word itself.
    frames: Vec<Frame<'a>>,
    /// Whether escape characters are kept at the moment.
    raw_escapes: bool,
    matched: BTreeSet<String>,
    unmatched: BTreeSet<String>,
}

/// Expands a word.
pub(super) fn run(
    lexer: Lexer,
    word: &str,
    (env, budget): (&dyn Env, &Budget),
    words: Option<Words>,
) -> Result<Done, ExpandError> {
    let mut machine = Machine {
        lexer,
        env,
        budget,
        rest: word.strip_prefix('\u{feff}').unwrap_or(word).chars(),
        length: word.len(),
        out: String::with_capacity(word.len() + USUAL_VALUE),
        words,
        frames: Vec::new(),
        raw_escapes: lexer.raw_escapes,
        matched: BTreeSet::new(),
        unmatched: BTreeSet::new(),
    };
    let result = machine.run().and_then(|()| Ok(budget.spend(machine.out.len())?));
    let Machine {
        out,
        words,
        matched,
        unmatched,
        ..
    } = machine;
    match result {
        Ok(()) => Ok(Done {
            text: out,
            words: words.map(|words| words.finish(word.len())).unwrap_or_default(),
            matched,
            unmatched,
        }),
        Err(kind) => Err(ExpandError {
            word: word.into(),
            kind,
            matched,
            unmatched,
        }),
    }
}

impl<'a> Machine<'a> {
    fn run(&mut self) -> Result<(), ExpandErrorKind> {
        loop {
            let at = self.length - self.rest.as_str().len();
            if let Some(words) = self.words_on_top() {
                words.at = at;
            }
            let step = match self.frames.last() {
                None if self.peek().is_none() => return Ok(()),
                None => self.text_step(None),
                Some(Frame::Quote { start }) => {
                    let start = *start;
                    self.quote_step(start)
                }
                Some(Frame::Inner { stop, .. }) => match self.peek() {
                    // The kind is replaced by what the outermost open brace wants.
                    None => Err(ExpandErrorKind::MissingBrace),
                    Some(ch) if ch == *stop => self.end_inner(),
                    Some(_) => {
                        let stop = *stop;
                        self.text_step(Some(stop))
                    }
                },
            };
            step.map_err(|kind| self.at_end(kind))?;
        }
    }

    /// At the end of the word, what counts is the outermost brace that is open.
    fn at_end(&self, kind: ExpandErrorKind) -> ExpandErrorKind {
        if self.peek().is_some() {
            return kind;
        }
        let open = self.frames.iter().find_map(|frame| match frame {
            Frame::Inner { dollar, .. } => Some(dollar.unclosed()),
            _ => None,
        });
        open.unwrap_or(kind)
    }

    /// Takes so many bytes, which end a character.
    pub(super) fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.as_str().split_at(length);
        self.rest = rest.chars();
        taken
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a str {
        self.rest.as_str()
    }

    /// The next character.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    /// Takes the next character.
    pub(super) fn next(&mut self) -> Option<char> {
        self.rest.next()
    }

    /// The words being split, where nothing is open.
    fn words_on_top(&mut self) -> Option<&mut Words> {
        self.words.as_mut().filter(|_| self.frames.is_empty())
    }

    /// Makes sure that the output may grow by `bytes`.
    pub(super) fn make_room(&self, bytes: usize) -> Result<(), Exceeded> {
        self.budget.check(self.out.len().saturating_add(bytes))
    }

    /// One step outside of quotes, within text that `stop` ends.
    fn text_step(&mut self, stop: Option<char>) -> Result<(), ExpandErrorKind> {
        // The stop is a slash or a brace.
        let stop = stop.map_or(b'$', |stop| stop as u8);
        if self.words.is_none() && self.copy_plain(|escape| [b'$', escape, b'\'', b'"', stop]) {
            return Ok(());
        }
        match self.peek() {
            Some('$') => return self.dollar(),
            Some('<') => self.angle(),
            Some('\'') if !self.lexer.skip_process_quotes => return self.single_quotes(),
            Some('"') if !self.lexer.skip_process_quotes => {
                self.next();
                self.frames.push(Frame::Quote {
                    start: self.out.len(),
                });
                if self.lexer.raw_quotes {
                    self.out.push('"');
                }
            }
            _ => self.plain(),
        }
        Ok(())
    }

    /// Copies text in which nothing has a meaning, as far as it goes: `special` gives the characters that may have one,
    /// from the escape character. False where there is none.
    fn copy_plain<const N: usize>(&mut self, special: impl FnOnce(u8) -> [u8; N]) -> bool {
        let text = self.rest.as_str();
        let Some(escape) = self.lexer.ascii_escape() else {
            return false;
        };
        let length = text::find_any(text.as_bytes(), special(escape)).unwrap_or(text.len());
        // All of them are one byte long, so they begin a character.
        let (plain, rest) = text.split_at(length);
        self.out.push_str(plain);
        self.rest = rest.chars();
        length > 0
    }

    /// A character without a meaning of its own, or the escape character and what it protects.
    fn plain(&mut self) {
        let Some(ch) = self.next() else { return };
        if ch != self.lexer.escape {
            self.out.push(ch);
            if let Some(words) = self.words_on_top() {
                words.add_char(ch);
            }
            return;
        }
        let kept = self.raw_escapes.then_some(ch);
        let protected = self.next();
        for ch in kept.into_iter().chain(protected) {
            self.out.push(ch);
            if let Some(words) = self.words_on_top() {
                words.add_raw_char(ch);
            }
        }
    }

    /// `<` or `<<`; blanks behind `<<` stay with it, so that a heredoc is one word.
    fn angle(&mut self) {
        let start = self.out.len();
        self.next();
        self.out.push('<');
        if self.peek() == Some('<') {
            self.next();
            self.out.push('<');
            while let Some(ch @ ('\t' | '\r' | ' ')) = self.peek() {
                self.next();
                self.out.push(ch);
            }
        }
        self.raw_word(start);
    }

    /// Text between single quotes, in which nothing has a meaning.
    fn single_quotes(&mut self) -> Result<(), ExpandErrorKind> {
        let start = self.out.len();
        self.next();
        let text = self.rest.as_str();
        let Some(end) = text.find('\'') else {
            self.rest = "".chars();
            return Err(ExpandErrorKind::UnclosedQuote('\''));
        };
        self.rest = text[end + 1..].chars();
        let quote = if self.lexer.raw_quotes { "'" } else { "" };
        self.out.push_str(quote);
        self.out.push_str(&text[..end]);
        self.out.push_str(quote);
        self.raw_word(start);
        Ok(())
    }

    /// One step between double quotes.
    fn quote_step(&mut self, start: usize) -> Result<(), ExpandErrorKind> {
        if self.copy_plain(|escape| [b'$', escape, b'"']) {
            return Ok(());
        }
        match self.peek() {
            None => return Err(ExpandErrorKind::UnclosedQuote('"')),
            Some('"') => {
                self.next();
                if self.lexer.raw_quotes {
                    self.out.push('"');
                }
                self.frames.pop();
                self.raw_word(start);
            }
            Some('$') => return self.dollar(),
            Some(ch) => {
                self.next();
                let mut ch = ch;
                if ch == self.lexer.escape {
                    if self.raw_escapes {
                        self.out.push(ch);
                    }
                    match self.peek() {
                        None => return Ok(()),
                        Some(next) if next == '"' || next == '$' || next == self.lexer.escape => {
                            self.next();
                            ch = next;
                        }
                        // Before any other character the escape stays (and with raw escapes stands twice).
                        Some(_) => {}
                    }
                }
                self.out.push(ch);
            }
        }
        Ok(())
    }

    /// Adds what was written since `start` to the words, blanks and all.
    fn raw_word(&mut self, start: usize) {
        if self.frames.is_empty()
            && let Some(words) = &mut self.words
        {
            words.add_raw_text(&self.out[start..]);
        }
    }

    /// Adds what was written since `start` to the words, split at blanks.
    pub(super) fn split_word(&mut self, start: usize) {
        if self.frames.is_empty()
            && let Some(words) = &mut self.words
        {
            words.add_text(&self.out[start..]);
        }
    }

    /// Begins a word or pattern within `${…}`.
    pub(super) fn begin_inner(&mut self, dollar: Dollar<'a>, stop: char, raw: bool) -> Result<(), Exceeded> {
        self.budget.spend(FRAME_BYTES)?;
        // The reference shares one buffer here: what stood before in the same word is lost to the words.
        if let Some(words) = &mut self.words {
            words.forget_current();
        }
        self.frames.push(Frame::Inner {
            dollar,
            stop,
            outer_raw: self.raw_escapes,
        });
        self.raw_escapes = raw;
        Ok(())
    }

    fn end_inner(&mut self) -> Result<(), ExpandErrorKind> {
        self.next();
        if let Some(Frame::Inner {
            dollar, outer_raw, ..
        }) = self.frames.pop()
        {
            self.raw_escapes = outer_raw;
            self.finish_dollar(dollar)?;
        }
        Ok(())
    }

    /// Looks a variable up and remembers that it was asked for.
    pub(super) fn look_up(&mut self, name: &str) -> Option<&'a str> {
        let value = self.env.get(name);
        let asked = match (value, self.lexer.listed) {
            (_, Listed::Nothing) | (Some(_), Listed::Unmatched) => return value,
            (Some(_), Listed::All) => &mut self.matched,
            (None, Listed::All | Listed::Unmatched) => &mut self.unmatched,
        };
        if !asked.contains(name) {
            asked.insert(name.to_owned());
        }
        value
    }
}
