//! Reading a lock file.

use std::fmt;

use dockerfile_syntax::sort;
use llb_graph::Platform;
use llb_graph::reference::is_digest;

use super::{Entry, Lock, SourceKind, is_commit, platform_name};

/// The most that a lock file has: 4 MiB, some 30,000 sources.
const LOCK_BYTES: usize = 4 << 20;

/// What the first line that is no comment says.
const HEAD: &str = "plimsoll-lock";
/// The version of the form.
const VERSION: &str = "1";

/// Why a file is no lock, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockError {
    /// What is wrong, and what to write.
    pub message: String,
    /// The line, counted from one.
    pub line: usize,
    /// The character in the line, counted from one.
    pub column: usize,
    /// The byte in the file.
    pub start: usize,
}

impl fmt::Display for LockError {
    /// `LINE:COLUMN: message`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// One line, and where it is in the file.
#[derive(Clone, Copy)]
struct Line<'t> {
    text: &'t str,
    number: usize,
    start: usize,
}

impl<'t> Line<'t> {
    fn words(self) -> impl Iterator<Item = &'t str> {
        self.text.split_ascii_whitespace()
    }

    /// An error at a word of the line, or at its end.
    fn error(self, word: Option<&str>, message: impl Into<String>) -> LockError {
        let at = match word {
            // A word of a text is a part of it.
            Some(word) => word.as_ptr() as usize - self.text.as_ptr() as usize,
            None => self.text.trim_end().len(),
        };
        LockError {
            message: message.into(),
            line: self.number,
            column: self.text[..at].chars().count() + 1,
            start: self.start + at,
        }
    }
}

impl Lock {
    /// Reads a lock file.
    ///
    /// ```
    /// use dockerfile_compile::lock::{Lock, SourceKind};
    ///
    /// let commit = "0123456789abcdef0123456789abcdef01234567";
    /// let text = format!("plimsoll-lock 1\nplatforms linux/amd64\ngit https://h/a.git#v1 {commit}\n");
    /// let lock = Lock::parse(text.as_bytes()).unwrap();
    /// assert_eq!(lock.pin(SourceKind::Git, "https://h/a.git#v1", "linux/amd64"), Some(commit));
    /// let error = Lock::parse(b"plimsoll-lock 2\n").unwrap_err();
    /// assert_eq!((error.line, error.column), (1, 15));
    /// ```
    ///
    /// # Errors
    /// The first line that is not as docs/lock.md has it.
    pub fn parse(data: &[u8]) -> Result<Self, LockError> {
        let whole = Line {
            text: "",
            number: 1,
            start: 0,
        };
        if data.len() > LOCK_BYTES {
            let message = format!(
                "a lock has no more than {} MiB, and this file has {} bytes",
                LOCK_BYTES >> 20,
                data.len()
            );
            return Err(whole.error(None, message));
        }
        let text = std::str::from_utf8(data).map_err(|error| {
            let before = &data[..error.valid_up_to()];
            let number = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            let line = Line {
                number,
                start: before.len(),
                ..whole
            };
            line.error(None, "this is no UTF-8; `plimsoll lock` writes the file anew")
        })?;
        let mut start = 0;
        let lines = text.split_inclusive('\n').enumerate().map(|(index, text)| {
            let line = Line {
                text,
                number: index + 1,
                start,
            };
            start += text.len();
            line
        });
        let is_telling = |line: &Line<'_>| line.words().next().is_some_and(|word| !word.starts_with('#'));
        let mut lines = lines.filter(is_telling);
        check_head(lines.next().unwrap_or(whole))?;
        let platforms = read_platforms(lines.next().unwrap_or(whole))?;
        let entries = lines.map(|line| Ok((read_entry(line, &platforms)?, line)));
        let mut entries = entries.collect::<Result<Vec<_>, LockError>>()?;
        sort::sort_by(&mut entries, |(one, _), (other, _)| {
            (one.kind, &one.name, &one.pin).cmp(&(other.kind, &other.name, &other.pin))
        });
        refuse_twice(&entries)?;
        Ok(Self {
            platforms,
            entries: entries.into_iter().map(|(entry, _)| entry).collect(),
        })
    }
}

fn check_head(line: Line<'_>) -> Result<(), LockError> {
    let mut words = line.words();
    let head = words.next();
    if head != Some(HEAD) {
        let message = format!("a lock begins with `{HEAD} {VERSION}`; `plimsoll lock` writes one");
        return Err(line.error(head, message));
    }
    match (words.next(), words.next()) {
        (Some(VERSION), None) => Ok(()),
        (Some(VERSION), more) => Err(line.error(more, format!("nothing stands behind `{HEAD} {VERSION}`"))),
        (version, _) => Err(line.error(
            version,
            format!("this Plimsoll reads locks of version {VERSION}: write the file anew with `plimsoll lock`, or use a newer Plimsoll"),
        )),
    }
}

fn read_platforms(line: Line<'_>) -> Result<Vec<String>, LockError> {
    let mut words = line.words();
    let head = words.next();
    if head != Some("platforms") {
        let message = "the second line is `platforms OS/ARCH…`, such as `platforms linux/amd64`";
        return Err(line.error(head, message));
    }
    let platforms: Vec<String> = words.map(|word| platform(line, word)).collect::<Result<_, _>>()?;
    match platforms.is_empty() {
        true => Err(line.error(None, "there is no platform; write one such as linux/amd64")),
        false => Ok(platforms),
    }
}

fn platform(line: Line<'_>, word: &str) -> Result<String, LockError> {
    match Platform::parse(word, &Platform::default()) {
        Ok(platform) if word.contains('/') => Ok(platform_name(&platform)),
        _ => Err(line.error(
            Some(word),
            format!("`{word}` is no platform; write OS/ARCH[/VARIANT], such as linux/arm64"),
        )),
    }
}

fn read_entry(line: Line<'_>, known: &[String]) -> Result<Entry, LockError> {
    let mut words = line.words();
    let word = words.next().unwrap_or_default();
    let kind = SourceKind::ALL.into_iter().find(|kind| kind.as_str() == word);
    let kind = kind.ok_or_else(|| {
        let message = format!("a line begins with image, http, git or #, not with `{word}`");
        line.error(Some(word), message)
    })?;
    let (name, pin) = (words.next(), words.next());
    let (Some(name), Some(pin)) = (name, pin) else {
        let message = format!("write `{word} NAME {}`", form(kind));
        return Err(line.error(None, message));
    };
    let is_pin = match kind {
        SourceKind::Image | SourceKind::Http => is_digest(pin),
        SourceKind::Git => is_commit(pin),
    };
    if !is_pin {
        let message = format!("`{pin}` is no {}; expected {}", kind.pin_name(), form(kind));
        return Err(line.error(Some(pin), message));
    }
    let mut platforms = Vec::new();
    for word in words {
        let platform = platform(line, word)?;
        if !known.contains(&platform) {
            let message = format!("{word} is none of the platforms of this lock; its second line lists them");
            return Err(line.error(Some(word), message));
        }
        platforms.push(platform);
    }
    Ok(Entry {
        kind,
        name: name.to_owned(),
        pin: Ok(pin.to_owned()),
        platforms,
        lines: Vec::new(),
    })
}

fn form(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Image | SourceKind::Http => "sha256: and 64 lower-case hexadecimal digits",
        SourceKind::Git => "a whole commit of 40 or 64 lower-case hexadecimal digits",
    }
}

/// A source has one pin on each platform.
fn refuse_twice(entries: &[(Entry, Line<'_>)]) -> Result<(), LockError> {
    for pair in entries.windows(2) {
        let [(one, first), (other, second)] = pair else {
            continue;
        };
        let is_same = (one.kind, &one.name) == (other.kind, &other.name);
        let meet = one.platforms.is_empty()
            || other.platforms.is_empty()
            || one.platforms.iter().any(|platform| other.is_for(platform));
        if is_same && meet {
            let (line, other) = match first.number < second.number {
                true => (second, first.number),
                false => (first, second.number),
            };
            let message = format!("`{}` stands on line {other} already; keep one of them", one.name);
            return Err(line.error(line.words().nth(1), message));
        }
    }
    Ok(())
}
