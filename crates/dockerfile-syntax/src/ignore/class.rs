//! Sets of characters, as brackets and `\d` and its kin name them.

/// A set that has a name. All of them are of ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Alnum,
    Alpha,
    Ascii,
    Blank,
    Cntrl,
    Digit,
    Graph,
    Lower,
    Print,
    Punct,
    /// `[:space:]`, which has the vertical tab.
    Space,
    /// `\s`, which has not.
    Blanks,
    Upper,
    Word,
    Xdigit,
}

impl Named {
    /// The set that is called so between `[:` and `:]`.
    pub(super) fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "alnum" => Self::Alnum,
            "alpha" => Self::Alpha,
            "ascii" => Self::Ascii,
            "blank" => Self::Blank,
            "cntrl" => Self::Cntrl,
            "digit" => Self::Digit,
            "graph" => Self::Graph,
            "lower" => Self::Lower,
            "print" => Self::Print,
            "punct" => Self::Punct,
            "space" => Self::Space,
            "upper" => Self::Upper,
            "word" => Self::Word,
            "xdigit" => Self::Xdigit,
            _ => return None,
        })
    }

    /// The set behind a backslash, and whether it is all but the set.
    pub(super) fn by_letter(letter: char) -> Option<(Self, bool)> {
        let named = match letter.to_ascii_lowercase() {
            'd' => Self::Digit,
            's' => Self::Blanks,
            'w' => Self::Word,
            _ => return None,
        };
        Some((named, letter.is_ascii_uppercase()))
    }

    /// Whether the set has a character.
    pub(super) fn contains(self, ch: char) -> bool {
        match self {
            Self::Alnum => ch.is_ascii_alphanumeric(),
            Self::Alpha => ch.is_ascii_alphabetic(),
            Self::Ascii => ch.is_ascii(),
            Self::Blank => matches!(ch, ' ' | '\t'),
            Self::Cntrl => ch.is_ascii_control(),
            Self::Digit => ch.is_ascii_digit(),
            Self::Graph => ch.is_ascii_graphic(),
            Self::Lower => ch.is_ascii_lowercase(),
            Self::Print => ch.is_ascii_graphic() || ch == ' ',
            Self::Punct => ch.is_ascii_punctuation(),
            Self::Space => matches!(ch, '\t'..='\r' | ' '),
            Self::Blanks => matches!(ch, '\t' | '\n' | '\u{c}' | '\r' | ' '),
            Self::Upper => ch.is_ascii_uppercase(),
            Self::Word => ch.is_ascii_alphanumeric() || ch == '_',
            Self::Xdigit => ch.is_ascii_hexdigit(),
        }
    }
}

/// A part of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// From the one to the other.
    Range(char, char),
    /// A set with a name, or all but it.
    Named(Named, bool),
}

/// A set of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) parts: Vec<Part>,
    /// Whether it is all characters but those.
    pub(super) negated: bool,
}

impl Class {
    /// One character.
    pub(super) fn one(ch: char) -> Self {
        Self {
            parts: vec![Part::Range(ch, ch)],
            negated: false,
        }
    }

    /// All characters but one.
    pub(super) fn all_but(ch: char) -> Self {
        Self {
            parts: vec![Part::Range(ch, ch)],
            negated: true,
        }
    }

    /// The one character that is in it, if it is made of one.
    pub(super) fn only(&self) -> Option<char> {
        match self.parts[..] {
            [Part::Range(low, high)] if low == high && !self.negated => Some(low),
            _ => None,
        }
    }

    /// Whether the set has a character.
    pub(super) fn contains(&self, ch: char) -> bool {
        let found = self.parts.iter().any(|part| match *part {
            Part::Range(low, high) => (low..=high).contains(&ch),
            Part::Named(named, negated) => named.contains(ch) != negated,
        });
        found != self.negated
    }
}
