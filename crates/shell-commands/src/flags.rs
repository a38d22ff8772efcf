//! Flags among arguments.

use crate::word::Word;

/// Whether one of the flags is there, in front of `--`.
pub(crate) fn has_flag(arguments: &[Word<'_>], flags: &[&str]) -> bool {
    let mut words = arguments
        .iter()
        .map(Word::prefix)
        .take_while(|word| *word != "--");
    words.any(|word| flags.iter().any(|flag| is_flag(word, flag)))
}

fn is_flag(word: &str, flag: &str) -> bool {
    if let Some(letter) = short(flag) {
        let cluster = word.strip_prefix('-').filter(|letters| !letters.starts_with('-'));
        let letters = cluster.and_then(|letters| letters.split('=').next());
        return letters.is_some_and(|letters| letters.contains(letter));
    }
    word.strip_prefix(flag)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
}

/// The letter of a flag of one letter.
fn short(flag: &str) -> Option<char> {
    let mut letters = flag.strip_prefix('-')?.chars();
    let letter = letters.next().filter(|letter| *letter != '-')?;
    letters.next().is_none().then_some(letter)
}

/// The value of the first of the flags that is there, in front of `--`.
pub(crate) fn flag_value<'w>(arguments: &'w [Word<'_>], flags: &[&str]) -> Option<&'w str> {
    let mut words = arguments
        .iter()
        .map(Word::prefix)
        .take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        for flag in flags {
            let Some(rest) = word.strip_prefix(flag) else {
                continue;
            };
            if rest.is_empty() {
                return words.next();
            }
            if let Some(value) = rest.strip_prefix('=') {
                return Some(value);
            }
            if short(flag).is_some() {
                return Some(rest);
            }
        }
    }
    None
}

/// Whether a word is one of the flags, and its value is the next word: `--flag`, `-f` and `-qf`, not `--flag=value`.
pub(crate) fn is_flag_with_value(word: &str, valued: &[&str]) -> bool {
    if valued.contains(&word) {
        return true;
    }
    // In a cluster the first flag that takes a value takes the rest of it.
    let Some(letters) = word
        .strip_prefix('-')
        .filter(|letters| !letters.starts_with(['-', '=']))
    else {
        return false;
    };
    let is_valued = |letter: char| valued.iter().any(|flag| short(flag) == Some(letter));
    // What is longer is no cluster.
    let first = letters
        .char_indices()
        .take(16)
        .find(|(_, letter)| is_valued(*letter));
    first.is_some_and(|(at, letter)| at + letter.len_utf8() == letters.len())
}
