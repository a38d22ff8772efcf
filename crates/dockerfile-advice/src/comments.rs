//! Comments of a file that choose rules.

use std::borrow::Cow;

use dockerfile_syntax::directive::{self, Directive};

/// At the head of a file, below its directives: the rules that a build shows.
const HEAD: &str = "plimsoll-check";
/// Above an instruction: the rules that say nothing about it.
const IGNORE: &str = "plimsoll ignore=";

/// Finds `# plimsoll-check=…` among the comments above the first instruction.
#[must_use]
pub fn head_comment(source: &[u8]) -> Option<Directive<'_>> {
    directive::head_comment(source, HEAD)
}

/// Whether the comments above an instruction skip `rule`: by its name, or by its group.
pub(crate) fn is_ignored(comments: &[Cow<'_, str>], rule: &str) -> bool {
    let names = comments
        .iter()
        .filter_map(|comment| listed_in(comment, IGNORE))
        .flatten();
    let group = rule.split('/').next();
    names
        .into_iter()
        .any(|name| name == rule || Some(name.as_str()) == group)
}

/// The names in a comment that begins with `start`; what follows them behind a blank is for people.
///
/// ```
/// assert_eq!(dockerfile_advice::listed_in("x ignore=A, B because", "x ignore="), Some(vec!["A".to_owned(), "B".to_owned()]));
/// ```
#[must_use]
pub fn listed_in(comment: &str, start: &str) -> Option<Vec<String>> {
    let rest = comment.trim_start().strip_prefix(start)?;
    let mut names = Vec::new();
    for part in rest.split(',') {
        let mut words = part.split_ascii_whitespace();
        names.extend(words.next().map(str::to_owned));
        if words.next().is_some() {
            break;
        }
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_comment() {
        for (comment, names) in [
            ("plimsoll ignore=A,B", Some("A B")),
            ("plimsoll ignore=A, B , C because of D, E", Some("A B C")),
            ("plimsoll ignore=", Some("")),
            ("plimsoll ignores=A", None),
            ("see plimsoll ignore=A", None),
        ] {
            let found = listed_in(comment, IGNORE).map(|names| names.join(" "));
            assert_eq!(found.as_deref(), names, "{comment}");
        }
    }

    #[test]
    fn at_the_head() {
        for (text, found) in [
            ("# syntax=a\n#plimsoll-check=all \nFROM a\n", Some(("all", 2))),
            ("\n# b\n\n  # plimsoll-check=safe,-sure", Some(("safe,-sure", 4))),
            ("FROM a\n# plimsoll-check=all\n", None),
            ("", None),
        ] {
            let comment = head_comment(text.as_bytes());
            assert_eq!(
                comment.map(|comment| (comment.value.to_string(), comment.lines.start)),
                found.map(|(value, line): (&str, usize)| (value.to_owned(), line)),
                "{text}"
            );
        }
    }
}
