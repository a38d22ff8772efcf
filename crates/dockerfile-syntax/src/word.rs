//! A piece of the file's text together with its place.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, Range};

use crate::span::{LineRange, Span};

/// A text and where it stands.
///
/// The text borrows from the file where it is what the file says byte for byte. It is a copy where something was taken
/// out or changed: quotes and escapes, the break of a continued line, bytes that are not UTF-8.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// The bytes of the file that it was read from. They may be more than the text, such as the quotes around it.
    pub span: Span,
}

impl<'a> Word<'a> {
    /// A text at a place.
    #[must_use]
    pub fn new(text: impl Into<Cow<'a, str>>, span: Span) -> Self {
        let text = text.into();
        Self { text, span }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same text, not borrowing from the file.
    #[must_use]
    pub fn into_owned(self) -> Word<'static> {
        Word {
            text: Cow::Owned(self.text.into_owned()),
            span: self.span,
        }
    }

    /// Part of the word, with the place of just that part where the text stands in the file as it is.
    ///
    /// An empty word where `range` is not one of the text, or cuts a character.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        let is_exact =
            matches!(self.text, Cow::Borrowed(_)) && self.text.len() == self.span.end - self.span.start;
        let span = if is_exact {
            let at = |offset: usize| self.span.start + offset.min(self.text.len());
            Span::new(at(range.start), at(range.end))
        } else {
            self.span
        };
        let text = match &self.text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(range).unwrap_or_default()),
            Cow::Owned(text) => Cow::Owned(text.get(range).unwrap_or_default().to_owned()),
        };
        Self { text, span }
    }

    /// What stands before and behind the first `separator`.
    #[must_use]
    pub fn cut(&self, separator: char) -> Option<(Self, Self)> {
        let at = self.text.find(separator)?;
        let behind = at + separator.len_utf8();
        Some((self.part(0..at), self.part(behind..self.text.len())))
    }

    /// The word without white space at both ends.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        let len = self.text.trim().len();
        if len == self.text.len() {
            return self;
        }
        self.part(start..start + len)
    }
}

/// A text that stands alone, in no file.
impl<'a> From<&'a str> for Word<'a> {
    fn from(text: &'a str) -> Self {
        Self::new(text, Span::new(0, text.len()))
    }
}

impl From<&Word<'_>> for Span {
    fn from(word: &Word<'_>) -> Self {
        word.span
    }
}

impl Deref for Word<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl AsRef<str> for Word<'_> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl PartialEq<str> for Word<'_> {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl PartialEq<&str> for Word<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

/// Something that is wrong, and the bytes to mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked<E> {
    /// What is wrong.
    pub error: E,
    /// Where.
    pub span: Span,
}

impl<E: fmt::Display> fmt::Display for Marked<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<E: std::error::Error> std::error::Error for Marked<E> {}

/// Copies what is borrowed, for what must outlive the file.
pub(crate) trait IntoOwned {
    /// The same without a borrow.
    type Owned;

    /// Copies what is borrowed.
    fn into_owned(self) -> Self::Owned;
}

impl IntoOwned for Word<'_> {
    type Owned = Word<'static>;

    fn into_owned(self) -> Self::Owned {
        Word::into_owned(self)
    }
}

impl<T: ToOwned + ?Sized + 'static> IntoOwned for Cow<'_, T> {
    type Owned = Cow<'static, T>;

    fn into_owned(self) -> Cow<'static, T> {
        Cow::Owned(Cow::into_owned(self))
    }
}

impl<T: IntoOwned> IntoOwned for Vec<T> {
    type Owned = Vec<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.into_iter().map(T::into_owned).collect()
    }
}

impl<T: IntoOwned> IntoOwned for Option<T> {
    type Owned = Option<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.map(T::into_owned)
    }
}

impl<T: IntoOwned> IntoOwned for Box<T> {
    type Owned = Box<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        Box::new((*self).into_owned())
    }
}

/// Borrows nothing.
macro_rules! owned_already {
    ($($type:ty),*) => {
        $(impl $crate::word::IntoOwned for $type {
            type Owned = Self;

            fn into_owned(self) -> Self {
                self
            }
        })*
    };
}

owned_already!(bool, char, i32, i64, usize, String, LineRange, Span);
pub(crate) use owned_already;

/// [`IntoOwned`] of a struct: field by field.
macro_rules! into_owned {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl $crate::word::IntoOwned for $type<'_> {
            type Owned = $type<'static>;

            fn into_owned(self) -> Self::Owned {
                $type { $($field: $crate::word::IntoOwned::into_owned(self.$field)),* }
            }
        }
    };
}
pub(crate) use into_owned;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_know_their_places() {
        let word = Word::new("key=value", Span::new(10, 19));
        let (key, value) = word.cut('=').unwrap();
        assert_eq!(
            (key, value),
            (
                Word::new("key", Span::new(10, 13)),
                Word::new("value", Span::new(14, 19))
            )
        );
        assert_eq!(
            Word::new(" a ", Span::new(5, 8)).trimmed(),
            Word::new("a", Span::new(6, 7))
        );
        assert_eq!(word.part(5..99), Word::new("", Span::new(15, 19)));
    }

    #[test]
    fn parts_of_a_changed_text_have_the_place_of_the_whole() {
        let whole = Span::new(10, 21);
        let (key, value) = Word::new("key=value", whole).cut('=').unwrap();
        assert_eq!((key.span, value.span), (whole, whole));
        let copy = Word::new("key=value".to_owned(), Span::new(10, 19));
        assert_eq!(copy.part(0..3).span, Span::new(10, 19));
    }
}
