//! Corrections of what the rules find, as edits of the file. How a finding is mended stands beside its rule.

use dockerfile_syntax::sort;
use dockerfile_syntax::{Dockerfile, LineRange, Span, Word};

use super::Item;

/// A correction of a file may make room for the next one; more rounds than this are none that ends.
const MOST_ROUNDS: usize = 16;

/// A change of the file that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced, in no order; no two overlap.
    pub edits: Vec<Edit>,
    /// Whether the same image is built: a fix that is not safe may change what is in it, or how it runs.
    pub is_safe: bool,
}

/// Bytes of the file, and what stands there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that go.
    pub span: Span,
    /// What comes; empty where they only go.
    pub text: String,
}

impl Fix {
    /// Edits with the same outcome of a build.
    pub(super) fn safe(edits: Vec<Edit>) -> Option<Self> {
        (!edits.is_empty()).then_some(Self { edits, is_safe: true })
    }

    /// An edit that may change what is built.
    pub(super) fn not_safe(edit: Edit) -> Option<Self> {
        Some(Self {
            edits: vec![edit],
            is_safe: false,
        })
    }
}

impl Edit {
    pub(super) fn new(span: Span, text: impl Into<String>) -> Self {
        Self {
            span,
            text: text.into(),
        }
    }
}

/// A finding's place in its file, for whoever mends it.
#[derive(Clone, Copy)]
pub(super) struct Broken<'a> {
    pub(super) file: &'a Dockerfile<'a>,
    pub(super) source: &'a [u8],
    pub(super) lines: LineRange,
}

impl<'a> Broken<'a> {
    /// The instruction that the finding is about.
    pub(super) fn item(&self) -> Option<Item<'a>> {
        let stages = self.file.stages.iter().flat_map(|stage| {
            std::iter::once(Item::From(&stage.from)).chain(stage.instructions.iter().map(Item::Other))
        });
        let mut items = self.file.global_args.iter().map(Item::Other).chain(stages);
        items.find(|item| {
            let lines = item.meta().lines;
            (lines.start..=lines.end).contains(&self.lines.start)
        })
    }

    /// The bytes of a span.
    pub(super) fn bytes(&self, span: Span) -> &'a [u8] {
        self.source.get(span.start..span.end).unwrap_or_default()
    }

    /// Replaces a word; nothing where the file says it in another way, such as over a line's end.
    pub(super) fn replace(&self, word: &Word<'_>, text: impl Into<String>) -> Option<Edit> {
        self.says(word).then(|| Edit::new(word.span, text))
    }

    /// Whether the file says a word byte for byte.
    pub(super) fn says(&self, word: &Word<'_>) -> bool {
        !word.text.is_empty() && self.bytes(word.span) == word.text.as_bytes()
    }

    /// Where the `AS` of a FROM stands.
    pub(super) fn as_keyword(&self) -> Option<Span> {
        let Item::From(from) = self.item()? else {
            return None;
        };
        let name = from.name.as_ref()?;
        let between = Span::new(from.base.span.end, name.span.start);
        let bytes = self.bytes(between);
        let blank = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let start = between.start + blank;
        let span = Span::new(start, start + bytes.trim_ascii().len());
        self.bytes(span).eq_ignore_ascii_case(b"AS").then_some(span)
    }
}

/// The file with fixes made, each as a whole. Of those that touch the same bytes the first one is made.
#[must_use]
pub fn apply(source: &[u8], fixes: &[Fix]) -> Vec<u8> {
    let mut made: Vec<&Edit> = Vec::new();
    for fix in fixes {
        let touches = |edit: &Edit| {
            made.iter()
                .any(|other| edit.span.start <= other.span.end && other.span.start <= edit.span.end)
        };
        if !fix.edits.iter().any(touches) {
            made.extend(&fix.edits);
        }
    }
    sort::sort_by_key(&mut made, |edit| edit.span);
    let mut out = Vec::with_capacity(source.len());
    let mut end = 0;
    for edit in made {
        out.extend_from_slice(source.get(end..edit.span.start).unwrap_or_default());
        out.extend_from_slice(edit.text.as_bytes());
        end = edit.span.end;
    }
    out.extend_from_slice(source.get(end..).unwrap_or_default());
    out
}

/// The file with everything mended that `find` finds a fix for, again and again until it finds none: one fix may be in
/// the way of another, or make room for it.
pub fn correct(source: &[u8], mut find: impl FnMut(&[u8]) -> Vec<Fix>) -> Vec<u8> {
    let mut text = source.to_owned();
    for _ in 0..MOST_ROUNDS {
        let fixes = find(&text);
        if fixes.is_empty() {
            break;
        }
        text = apply(&text, &fixes);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_are_made_as_a_whole() {
        let fix = |edits: &[(usize, usize, &str)]| Fix {
            edits: edits
                .iter()
                .map(|(start, end, text)| Edit::new(Span::new(*start, *end), *text))
                .collect(),
            is_safe: true,
        };
        let fixes = [
            fix(&[(4, 5, "E"), (0, 1, "")]),
            fix(&[(2, 3, "C"), (4, 5, "x")]),
            fix(&[(2, 2, "+")]),
        ];
        assert_eq!(apply(b"abcdef", &fixes), b"b+cdEf");
        assert_eq!(apply(b"abc", &[]), b"abc");
    }

    #[test]
    fn what_does_not_end_is_ended() {
        let grow = |_: &[u8]| {
            vec![Fix {
                edits: vec![Edit::new(Span::new(0, 0), "a")],
                is_safe: true,
            }]
        };
        assert_eq!(correct(b"", grow).len(), MOST_ROUNDS);
    }
}
