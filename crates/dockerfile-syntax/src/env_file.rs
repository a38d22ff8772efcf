//! Files of `KEY=VALUE` lines, which `ENV --file`, `ARG --file` and `LABEL --file` of the dialect read.
//!
//! A pair a line, between blanks that don't count; `export` may stand before it. Lines that are empty or begin with `#`
//! are passed over. A value without quotes goes to the end of its line, or to a `#` behind a blank. In single quotes
//! all is text but `\'`; in double quotes `\n`, `\r`, `\t`, `\\`, `\"` and `\$` are escapes, and any other backslash is
//! text. Quoted values may go on over lines, whose ends are then line feeds. No variable is filled in anywhere. Behind
//! a closing quote there may be a comment.
//!
//! Values may be secrets, so no error repeats one.

use std::fmt;

use crate::span::Position;

/// The most bytes that a file may have: 1 MiB.
pub const FILE_BYTES: usize = 1 << 20;
/// The most pairs that a file may have.
pub const PAIRS: usize = 10_000;

/// A pair of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Pair {
    /// The name.
    pub key: String,
    /// The value without quotes, literally.
    pub value: String,
}

impl fmt::Debug for Pair {
    /// Without the value, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFileError {
    /// Line and column, both from one; line 0 where it is the file as a whole.
    pub position: Position,
    /// What is wrong.
    pub problem: Problem,
}

/// What may be wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It has more than [`FILE_BYTES`].
    TooLarge,
    /// It has more than [`PAIRS`].
    TooMany,
    /// A byte is none of UTF-8, or it is zero.
    NoText,
    /// A line has no `=`.
    NoEquals,
    /// Nothing stands before `=`.
    NoName,
    /// A character that no name has.
    NameCharacter(char),
    /// A quote that opens a value and is not closed.
    OpenQuote(char),
    /// Something stands behind a closing quote.
    BehindQuote,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(
                f,
                "the file has more than {} KiB; it is one of NAME=VALUE lines",
                FILE_BYTES >> 10
            ),
            Self::TooMany => write!(f, "the file has more than {PAIRS} names"),
            Self::NoText => f.write_str("this is no text; the file has to be UTF-8"),
            Self::NoEquals => f.write_str(
                "the line has no =; write NAME=VALUE, NAME= for an empty value, and quotes around a value of several lines",
            ),
            Self::NoName => f.write_str("there is no name before ="),
            Self::NameCharacter(c) => write!(
                f,
                "a name has no {c:?}; write NAME=VALUE with a name of letters, digits and _"
            ),
            Self::OpenQuote(quote) => write!(
                f,
                "the quote that opens here is not closed; write {quote} at the end, or \\{quote} where it is part of the value"
            ),
            Self::BehindQuote => {
                f.write_str("behind a closing quote there may be a comment; put all of the value between the quotes")
            }
        }
    }
}

impl fmt::Display for EnvFileError {
    /// `LINE:COLUMN: ` and what is wrong, or that alone where it is the file as a whole.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        match line {
            0 => self.problem.fmt(f),
            _ => write!(f, "{line}:{column}: {}", self.problem),
        }
    }
}

impl std::error::Error for EnvFileError {}

/// Reads all pairs, in the order written.
///
/// ```
/// use dockerfile_syntax::env_file;
///
/// let pairs = env_file::parse(b"# of the team\nexport A=1 # one\nB='$A'\n")?;
/// let found: Vec<(&str, &str)> = pairs.iter().map(|pair| (&*pair.key, &*pair.value)).collect();
/// assert_eq!(found, [("A", "1"), ("B", "$A")]);
/// # Ok::<(), env_file::EnvFileError>(())
/// ```
///
/// # Errors
/// The first thing that is wrong.
pub fn parse(data: &[u8]) -> Result<Vec<Pair>, EnvFileError> {
    let whole = |problem| EnvFileError {
        position: Position { line: 0, column: 0 },
        problem,
    };
    if data.len() > FILE_BYTES {
        return Err(whole(Problem::TooLarge));
    }
    let at = |offset, problem| EnvFileError {
        position: Position::of(data, offset),
        problem,
    };
    let text = std::str::from_utf8(data).map_err(|error| at(error.valid_up_to(), Problem::NoText))?;
    if let Some(zero) = text.find('\0') {
        return Err(at(zero, Problem::NoText));
    }
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut reader = Reader { text, at: start };
    let mut pairs = Vec::new();
    loop {
        match reader.pair() {
            Ok(None) => return Ok(pairs),
            Ok(Some(_)) if pairs.len() == PAIRS => return Err(whole(Problem::TooMany)),
            Ok(Some(pair)) => pairs.push(pair),
            Err((offset, problem)) => return Err(at(offset, problem)),
        }
    }
}

/// A place of the file as bytes, and what is wrong there.
type Wrong = (usize, Problem);

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The rest of the line, without its end.
    fn line(&self) -> &'t str {
        let line = self.rest().split('\n').next().unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line)
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += rest.find('\n').map_or(rest.len(), |end| end + 1);
    }

    /// The next pair; the place is then behind its line.
    fn pair(&mut self) -> Result<Option<Pair>, Wrong> {
        loop {
            self.skip_blanks();
            if self.rest().is_empty() {
                return Ok(None);
            }
            if !self.line().is_empty() && !self.line().starts_with('#') {
                break;
            }
            self.skip_line();
        }
        if let Some(behind) = self.line().strip_prefix("export") {
            let name = behind.trim_start_matches([' ', '\t']);
            // `export` may be a name itself.
            if name.len() < behind.len() && !name.starts_with('=') {
                self.at += self.line().len() - name.len();
            }
        }
        let start = self.at;
        let (name, _) = self.line().split_once('=').ok_or((start, Problem::NoEquals))?;
        let behind = start + name.len() + 1;
        let key = name.trim_end_matches([' ', '\t']);
        if key.is_empty() {
            return Err((start, Problem::NoName));
        }
        if let Some((offset, c)) = key.char_indices().find(|(_, c)| !is_of_name(*c)) {
            return Err((start + offset, Problem::NameCharacter(c)));
        }
        self.at = behind;
        let value = self.value()?;
        self.skip_line();
        let key = key.to_owned();
        Ok(Some(Pair { key, value }))
    }

    /// What stands behind `=`.
    fn value(&mut self) -> Result<String, Wrong> {
        let equals = self.at;
        self.skip_blanks();
        let quote = match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => quote,
            _ => {
                self.at = equals;
                let line = self.line();
                let is_comment = |(at, _): &(usize, char)| line[..*at].ends_with([' ', '\t']);
                let marks = line.char_indices().filter(|(_, c)| *c == '#');
                let end = marks
                    .into_iter()
                    .find(is_comment)
                    .map_or(line.len(), |(at, _)| at);
                return Ok(line[..end].trim_matches([' ', '\t']).to_owned());
            }
        };
        let open = self.at;
        self.at += 1;
        let mut value = String::new();
        let mut rest = self.rest().chars().peekable();
        let mut read = 0;
        loop {
            let c = rest.next().ok_or((open, Problem::OpenQuote(quote)))?;
            read += c.len_utf8();
            let next = rest.peek().copied();
            let escaped = match (c, next) {
                ('\\', Some('\'')) if quote == '\'' => Some('\''),
                ('\\', Some(c)) if quote == '"' => escape(c),
                ('\r', Some('\n')) => Some('\n'),
                _ => None,
            };
            match escaped {
                Some(escaped) => {
                    value.push(escaped);
                    read += rest.next().map_or(0, char::len_utf8);
                }
                None if c == quote => break,
                None => value.push(c),
            }
        }
        self.at += read;
        let line = self.line();
        let behind = line.trim_start_matches([' ', '\t']);
        let is_comment = behind.is_empty() || (behind.starts_with('#') && behind.len() < line.len());
        match is_comment {
            true => Ok(value),
            false => Err((self.at + line.len() - behind.len(), Problem::BehindQuote)),
        }
    }
}

/// What a backslash before a character means in double quotes, where it means something.
fn escape(c: char) -> Option<char> {
    match c {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        '\\' | '"' | '$' => Some(c),
        _ => None,
    }
}

/// Names of labels have more than letters and digits.
fn is_of_name(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '\'' | '`' | '$' | '\\' | '#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs() {
        for (file, wanted) in [
            ("", &[][..]),
            ("\u{feff}A=1\r\n\r\nB=2", &[("A", "1"), ("B", "2")]),
            (
                " \t# x\n  export\tA = 1 \nexport=2\nexport = 3\n",
                &[("A", "1"), ("export", "2"), ("export", "3")],
            ),
            (
                "A=\nB= # c\nC=#d\nD=e#f g # h\n",
                &[("A", ""), ("B", ""), ("C", "#d"), ("D", "e#f g")],
            ),
            ("A=b=c $D ${E} \\n \"x\"\n", &[("A", "b=c $D ${E} \\n \"x\"")]),
            (
                "A='$B \\n it\\'s' # c\nC=''\n",
                &[("A", "$B \\n it's"), ("C", "")],
            ),
            (
                "A=\"a\\tb\\n\\\"c\\\" \\\\ \\$D \\e\"\nB=\"it's\"\n",
                &[("A", "a\tb\n\"c\" \\ $D \\e"), ("B", "it's")],
            ),
            (
                "A=\"one\r\ntwo\n\"\nB='x\n# y'\t\n",
                &[("A", "one\ntwo\n"), ("B", "x\n# y")],
            ),
            (
                "org.example/a-b=c\nA=1\nA=2\n",
                &[("org.example/a-b", "c"), ("A", "1"), ("A", "2")],
            ),
            ("GRÖSSE=ä€😀\n", &[("GRÖSSE", "ä€😀")]),
        ] {
            let pairs = parse(file.as_bytes()).unwrap();
            let found: Vec<(&str, &str)> = pairs.iter().map(|pair| (&*pair.key, &*pair.value)).collect();
            assert_eq!(found, wanted, "{file:?}");
        }
    }

    #[test]
    fn what_is_wrong() {
        for (file, said) in [
            (&b"A=1\n  hunter2\n"[..], "2:3: the line has no ="),
            (b"A=1\nexport B\n", "2:8: the line has no ="),
            (b" =1\n", "1:2: there is no name"),
            (b"\xc3\xa4 B=1\n", "1:2: a name has no ' '"),
            (b"A=1\n\xc3\xa4\xff=1\n", "2:2: this is no text"),
            (b"A=\0", "1:3: this is no text"),
            (
                b"A= \"hunter2\nB=1\n",
                "1:4: the quote that opens here is not closed; write \" at the end",
            ),
            (
                b"A='it\\'\n",
                "1:3: the quote that opens here is not closed; write ' at the end",
            ),
            (b"A='b' hunter2\n", "1:7: behind a closing quote"),
            (b"A=\"b\"#c\n", "1:6: behind a closing quote"),
        ] {
            let error = parse(file).unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn limits() {
        let large = vec![b'#'; FILE_BYTES + 1];
        assert_eq!(parse(&large[1..]), Ok(Vec::new()));
        assert_eq!(parse(&large).unwrap_err().problem, Problem::TooLarge);
        let many = "A=\n".repeat(PAIRS + 1);
        assert_eq!(parse(&many.as_bytes()[3..]).unwrap().len(), PAIRS);
        let error = parse(many.as_bytes()).unwrap_err();
        assert_eq!((error.position.line, error.problem), (0, Problem::TooMany));
        assert!(!format!("{:?}", parse(b"A=hunter2").unwrap()).contains("hunter2"));
    }
}
