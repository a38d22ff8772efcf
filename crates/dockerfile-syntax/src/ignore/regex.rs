//! Regular expressions, as far as ignore patterns become some.
//!
//! The reference rewrites a pattern to a regular expression and leaves brackets and most escapes to the library, so
//! `[[:digit:]]`, `\d` and `\b` mean what they mean there. Only Unicode properties (`\pL`) are not known here.

use super::class::{Class, Named, Part};

/// An expression that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// One character of a set.
    One(Class),
    /// One character of a set, or none.
    Maybe(Class),
    /// Any number of characters of a set.
    Many(Class),
    /// Nothing, or what the next step says.
    Directories,
    /// Any text without a line feed and then a slash.
    WithinDirectories,
    /// A place in the text.
    Assert(Assert),
}

impl Step {
    /// The one character that it takes, if it is one.
    fn plain(&self) -> Option<char> {
        match self {
            Self::One(class) => class.only(),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Assert {
    Begin,
    End,
    Boundary,
    NoBoundary,
}

/// A compiled expression.
#[derive(Debug, Clone, Default)]
pub(super) struct Regex {
    /// What stands between the `|`.
    branches: Vec<Branch>,
}

#[derive(Debug, Clone, Default)]
struct Branch {
    steps: Vec<Step>,
    /// Whether it begins with `^`, as all do that patterns become but those with a `|`.
    is_anchored: bool,
    /// The plain characters behind that: a text that begins otherwise needs no further look.
    literal: String,
    /// The longest run of plain characters, which a text must have somewhere.
    inner: String,
    /// The plain characters before the `$` at the end, where there is one.
    tail: String,
}

/// What a search works with; made once for many.
#[derive(Debug, Default)]
pub(super) struct Sets {
    now: Set,
    next: Set,
    /// How many steps searches took so far.
    pub(super) steps: usize,
}

/// The most often that `{…}` may repeat.
const MAX_REPEAT: usize = 1000;

impl Regex {
    /// Reads an expression as `pattern` writes them.
    pub(super) fn new(text: &str) -> Result<Self, Malformed> {
        let mut reader = Reader { rest: text };
        let mut branches = vec![Branch::default()];
        // Whether the step before is a repetition, which cannot be repeated.
        let mut repeated = false;
        while let Some(ch) = reader.peek() {
            let Some(Branch { steps, .. }) = branches.last_mut() else {
                return Err(Malformed);
            };
            let bounds = if ch == '{' { reader.bounds() } else { None };
            let repeat = bounds.is_some() || ch == '*';
            if repeat && repeated {
                return Err(Malformed);
            }
            repeated = repeat;
            if let Some(bounds) = bounds {
                repeat_last(steps, bounds)?;
            } else if reader.take("(.*/)?") {
                steps.extend([Step::Directories, Step::WithinDirectories]);
                repeated = true;
            } else if reader.take("\\Q") {
                let (literal, rest) = reader.rest.split_once("\\E").unwrap_or((reader.rest, ""));
                steps.extend(literal.chars().map(|ch| Step::One(Class::one(ch))));
                reader.rest = rest;
            } else if reader.take("|") {
                branches.push(Branch::default());
            } else {
                let step = reader.step(steps)?;
                steps.push(step);
            }
        }
        branches.iter_mut().for_each(Branch::finish);
        Ok(Self { branches })
    }

    /// How many steps it has.
    pub(super) fn len(&self) -> usize {
        self.branches.iter().map(|branch| branch.steps.len()).sum()
    }

    /// Whether the expression is found in a text.
    pub(super) fn is_match(&self, text: &str, sets: &mut Sets) -> bool {
        self.branches.iter().any(|branch| branch.is_match(text, sets))
    }
}

/// Repeats the last step as `{min,max}` says; without a `max` there is no end.
fn repeat_last(steps: &mut Vec<Step>, (min, max): (usize, Option<usize>)) -> Result<(), Malformed> {
    let most = max.unwrap_or(min);
    if most > MAX_REPEAT || min > most {
        return Err(Malformed);
    }
    match steps.pop() {
        Some(Step::One(class)) => {
            steps.extend(std::iter::repeat_n(Step::One(class.clone()), min));
            match max {
                Some(max) => steps.extend(std::iter::repeat_n(Step::Maybe(class), max - min)),
                None => steps.push(Step::Many(class)),
            }
        }
        // A place that need not be there says nothing.
        Some(Step::Assert(assert)) if min > 0 => steps.push(Step::Assert(assert)),
        Some(Step::Assert(_)) => {}
        _ => return Err(Malformed),
    }
    Ok(())
}

impl Branch {
    /// Whether the expression is found in a text.
    fn is_match(&self, text: &str, sets: &mut Sets) -> bool {
        if !text.starts_with(self.literal.as_str())
            || !text.ends_with(self.tail.as_str())
            || !text.contains(self.inner.as_str())
        {
            return false;
        }
        let Sets { now, next, steps } = sets;
        now.reset(self.steps.len() + 1);
        next.reset(self.steps.len() + 1);
        let mut before = None;
        let mut chars = text.chars();
        loop {
            let ahead = chars.clone().next();
            // What begins with `^` begins nowhere else.
            if before.is_none() || !self.is_anchored {
                self.enter(now, 0, (before, ahead));
            }
            if now.has(self.steps.len()) {
                return true;
            }
            if now.states.is_empty() && self.is_anchored {
                return false;
            }
            let Some(ch) = chars.next() else { return false };
            next.clear();
            *steps += now.states.len();
            for state in &now.states {
                self.advance(*state, ch, next, chars.clone().next());
            }
            std::mem::swap(now, next);
            before = Some(ch);
        }
    }

    /// Looks at the steps once more, when all are there.
    fn finish(&mut self) {
        self.is_anchored = self.steps.first() == Some(&Step::Assert(Assert::Begin));
        if !self.is_anchored {
            return;
        }
        self.literal = self.steps.iter().skip(1).map_while(Step::plain).collect();
        let runs = self.steps.split(|step| step.plain().is_none());
        let longest = runs.max_by_key(|run| run.len()).unwrap_or_default();
        self.inner = longest.iter().filter_map(Step::plain).collect();
        if self.steps.last() == Some(&Step::Assert(Assert::End)) {
            let tail: Vec<char> = self.steps.iter().rev().skip(1).map_while(Step::plain).collect();
            self.tail = tail.into_iter().rev().collect();
        }
    }

    /// Enters a state, and those that are reached from it without a character.
    fn enter(&self, set: &mut Set, from: usize, around: (Option<char>, Option<char>)) {
        let mut state = from;
        while set.add(state) {
            state += match self.steps.get(state) {
                Some(Step::Maybe(_) | Step::Many(_)) => 1,
                Some(Step::Assert(assert)) if holds(*assert, around) => 1,
                Some(Step::Directories) => {
                    set.add(state + 1);
                    2
                }
                _ => return,
            };
        }
    }

    /// Takes one character.
    fn advance(&self, state: usize, ch: char, next: &mut Set, ahead: Option<char>) {
        let target = match self.steps.get(state) {
            Some(Step::One(class) | Step::Maybe(class)) if class.contains(ch) => state + 1,
            Some(Step::Many(class)) if class.contains(ch) => state,
            Some(Step::WithinDirectories) => {
                if ch != '\n' {
                    next.add(state);
                }
                if ch != '/' {
                    return;
                }
                state + 1
            }
            _ => return,
        };
        self.enter(next, target, (Some(ch), ahead));
    }
}

fn holds(assert: Assert, (before, ahead): (Option<char>, Option<char>)) -> bool {
    let word = |ch: Option<char>| ch.is_some_and(|ch| Named::Word.contains(ch));
    match assert {
        Assert::Begin => before.is_none(),
        Assert::End => ahead.is_none(),
        Assert::Boundary => word(before) != word(ahead),
        Assert::NoBoundary => word(before) == word(ahead),
    }
}

/// A set of states.
#[derive(Debug, Default)]
struct Set {
    states: Vec<usize>,
    present: Vec<bool>,
}

impl Set {
    /// Empties it, for states below `len`.
    fn reset(&mut self, len: usize) {
        self.clear();
        if self.present.len() < len {
            self.present.resize(len, false);
        }
    }

    fn add(&mut self, state: usize) -> bool {
        let new = !std::mem::replace(&mut self.present[state], true);
        if new {
            self.states.push(state);
        }
        new
    }

    fn has(&self, state: usize) -> bool {
        self.present[state]
    }

    fn clear(&mut self) {
        for state in self.states.drain(..) {
            self.present[state] = false;
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let ch = self.peek()?;
        self.rest = &self.rest[ch.len_utf8()..];
        Some(ch)
    }

    fn take(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// One step; a star takes the one before it.
    fn step(&mut self, steps: &mut Vec<Step>) -> Result<Step, Malformed> {
        Ok(match self.next().ok_or(Malformed)? {
            '^' => Step::Assert(Assert::Begin),
            '$' => Step::Assert(Assert::End),
            '.' => Step::One(Class::all_but('\n')),
            '[' => Step::One(self.class()?),
            '\\' => self.escape()?,
            '*' => match steps.pop() {
                Some(Step::One(class)) => Step::Many(class),
                _ => return Err(Malformed),
            },
            plain => Step::One(Class::one(plain)),
        })
    }

    /// Takes `{min}`, `{min,}` or `{min,max}`; anything else behind a `{` is plain text.
    fn bounds(&mut self) -> Option<(usize, Option<usize>)> {
        let (inner, rest) = self.rest.strip_prefix('{')?.split_once('}')?;
        let number = |text: &str| {
            let plain =
                text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
            // What does not fit is too often anyway.
            (plain && !text.is_empty()).then(|| text.parse().unwrap_or(usize::MAX))
        };
        let bounds = match inner.split_once(',') {
            None => number(inner).map(|times| (times, Some(times)))?,
            Some((min, "")) => (number(min)?, None),
            Some((min, max)) => (number(min)?, Some(number(max)?)),
        };
        self.rest = rest;
        Some(bounds)
    }

    /// What follows a backslash outside of brackets.
    fn escape(&mut self) -> Result<Step, Malformed> {
        let assert = match self.peek() {
            Some('A') => Assert::Begin,
            Some('z') => Assert::End,
            Some('b') => Assert::Boundary,
            Some('B') => Assert::NoBoundary,
            Some(letter) => {
                if let Some((named, negated)) = Named::by_letter(letter) {
                    self.next();
                    return Ok(Step::One(Class {
                        parts: vec![Part::Named(named, negated)],
                        negated: false,
                    }));
                }
                return self.escaped_char().map(|ch| Step::One(Class::one(ch)));
            }
            None => return Err(Malformed),
        };
        self.next();
        Ok(Step::Assert(assert))
    }

    /// An escaped character: a sign for itself, a control character, an octal or hexadecimal number.
    fn escaped_char(&mut self) -> Result<char, Malformed> {
        match self.next().ok_or(Malformed)? {
            'a' => Ok('\u{7}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\u{b}'),
            'x' => self.hex(),
            digit @ '0'..='7' => {
                if digit != '0' && !matches!(self.peek(), Some('0'..='7')) {
                    return Err(Malformed);
                }
                let mut value = digit.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    let Some(digit) = self.peek().and_then(|ch| ch.to_digit(8)) else {
                        break;
                    };
                    value = value * 8 + digit;
                    self.next();
                }
                char::from_u32(value).ok_or(Malformed)
            }
            sign if sign.is_ascii() && !sign.is_ascii_alphanumeric() => Ok(sign),
            _ => Err(Malformed),
        }
    }

    fn hex(&mut self) -> Result<char, Malformed> {
        let mut digits = String::new();
        if self.take("{") {
            let (inner, rest) = self.rest.split_once('}').ok_or(Malformed)?;
            digits.push_str(inner);
            self.rest = rest;
        } else {
            digits.extend(self.next());
            digits.extend(self.next());
            if digits.chars().count() < 2 {
                return Err(Malformed);
            }
        }
        if !digits.chars().all(|ch| ch.is_ascii_hexdigit()) {
            return Err(Malformed);
        }
        u32::from_str_radix(&digits, 16)
            .ok()
            .and_then(char::from_u32)
            .ok_or(Malformed)
    }

    /// Brackets, behind their `[`.
    fn class(&mut self) -> Result<Class, Malformed> {
        let negated = self.take("^");
        let mut parts = Vec::new();
        let mut first = true;
        loop {
            if !first && self.take("]") {
                return Ok(Class { parts, negated });
            }
            first = false;
            parts.push(self.class_part()?);
        }
    }

    fn class_part(&mut self) -> Result<Part, Malformed> {
        if let Some((name, rest)) = self
            .rest
            .strip_prefix("[:")
            .and_then(|rest| rest.split_once(":]"))
        {
            let (name, negated) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
            self.rest = rest;
            return Named::by_name(name)
                .map(|named| Part::Named(named, negated))
                .ok_or(Malformed);
        }
        if let Some(letter) = self.rest.strip_prefix('\\').and_then(|rest| rest.chars().next())
            && let Some((named, negated)) = Named::by_letter(letter)
        {
            self.next();
            self.next();
            return Ok(Part::Named(named, negated));
        }
        let low = self.class_char()?;
        let mut high = low;
        if let Some(rest) = self.rest.strip_prefix('-')
            && !rest.is_empty()
            && !rest.starts_with(']')
        {
            self.rest = rest;
            high = self.class_char()?;
        }
        if high < low {
            Err(Malformed)
        } else {
            Ok(Part::Range(low, high))
        }
    }

    fn class_char(&mut self) -> Result<char, Malformed> {
        match self.next() {
            Some('\\') => self.escaped_char(),
            Some(ch) => Ok(ch),
            None => Err(Malformed),
        }
    }
}
