//! Heredocs: their words, their bodies, and a file made of both.

use std::borrow::Cow;

use dockerfile_syntax::heredoc::{Heredoc, chomp, parse_word};
use dockerfile_syntax::{InstructionKind, parse as parse_file};

use crate::bounds;
use crate::fields::Fields;

/// A word reads the same twice, tabs are gone after one pass, and a heredoc that is written into a file is found there
/// with its body.
///
/// The input is the word and the body.
pub fn heredoc(data: &[u8]) {
    let mut fields = Fields::new(data);
    let word = fields.text();
    let body = fields.text();
    let found = parse_word(&word);
    assert_eq!(found, parse_word(&word), "read twice");
    bounds::check("a heredoc", bounds::size(&found), word.len(), bounds::SMALL_TIMES);
    let chomped = chomp(&body);
    assert_eq!(chomp(&chomped), chomped, "tabs are gone");
    let Some(found) = found else { return };
    let Some(text) = print(&word, &found, &body) else {
        return;
    };
    let parsed = parse_file(text.as_bytes());
    assert_eq!(parsed.errors, [], "{text}");
    let kinds: Vec<&InstructionKind<'_>> = parsed.dockerfile.instructions().map(|one| &one.kind).collect();
    let heredocs = match kinds.as_slice() {
        [InstructionKind::Run(run)] => run.heredocs.as_slice(),
        _ => &[],
    };
    let expected = Heredoc {
        bytes: Cow::Borrowed(body.as_bytes()),
        ..found
    };
    assert_eq!(heredocs, [expected], "{text}");
}

/// A file of one step that has the heredoc; `None` where a line can't say it: blanks and backslashes have a meaning of
/// their own there, as references have in words, and the body may end early or not at all.
fn print(word: &str, heredoc: &Heredoc<'_>, body: &str) -> Option<String> {
    let is_plain = |ch: char| ch.is_ascii_alphanumeric() || "<-'\"_.".contains(ch);
    let is_body = body.is_empty() || body.ends_with('\n');
    let ends = |line: &str| {
        let line = line.trim_end_matches(['\r', '\n']);
        line.trim_start_matches('\t') == heredoc.name.trim_start_matches('\t')
    };
    let is_long = word.len() > 60_000 || body.split('\n').any(|line| line.len() > 60_000);
    if !word.chars().all(is_plain) || !is_body || is_long || body.lines().any(ends) {
        return None;
    }
    Some(format!("FROM scratch\nRUN cat {word}\n{body}{}\n", heredoc.name))
}
