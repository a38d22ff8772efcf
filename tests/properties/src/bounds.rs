//! How large what comes out may be: a multiple of what goes in, and a constant.
//!
//! Where text is expanded no multiple holds, as `ENV A=$A$A` doubles with every line: there the budget is the constant.

use std::fmt::{Debug, Write};

/// Of a parsed file as `Debug` shows it, for each byte: a word of two bytes is a text and a span, and a line of four an
/// instruction with its place and every field.
pub const PARSED_TIMES: usize = 512;

/// Of small things as `Debug` shows them: names, options, ignore patterns. An unprintable byte is up to ten there.
pub const SMALL_TIMES: usize = 64;

/// Of an encoded graph read from bytes, and of what is written from it again: a field of two bytes may be a message
/// that is written with its key and an empty value.
pub const DEFINITION_TIMES: usize = 16;

/// Of a definition as JSON, which has names and indents, a level of them for every two bytes of nested messages.
pub const JSON_TIMES: usize = 512;

/// Of a graph and an image config, for each byte of the Dockerfile and the answers.
pub const COMPILED_TIMES: usize = 1024;

/// Of the same, for each byte that the budget gives out: a text may be shown, recorded and escaped.
pub const BUDGET_TIMES: usize = 8;

/// What an empty input may give.
pub const CONSTANT: usize = 64 << 10;

/// How many bytes `value` has as `Debug` shows it.
pub fn size(value: &impl Debug) -> usize {
    struct Counter(usize);
    impl Write for Counter {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0 += text.len();
            Ok(())
        }
    }
    let mut counter = Counter(0);
    // Counting can't fail.
    let _ = write!(counter, "{value:?}");
    counter.0
}

/// Makes sure that `out` bytes of `what` are no more than `times` those of the input, and [`CONSTANT`].
///
/// # Panics
/// They are more.
pub fn check(what: &str, out: usize, input: usize, times: usize) {
    let most = input.saturating_mul(times).saturating_add(CONSTANT);
    assert!(out <= most, "{what}: {out} bytes of {input}, more than {most}");
}
