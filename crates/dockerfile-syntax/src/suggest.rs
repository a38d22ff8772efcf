//! "did you mean": the nearest of the known words.

use crate::text;
use std::fmt;

/// At this distance a word is no longer near.
const FAR: usize = 3;

/// The candidate at the smallest edit distance from `word`, when that is under 3. None when `word` is one of them.
/// The first of equally near ones wins.
///
/// With `case_sensitive` off, case does not count, and the suggestion takes the case of `word` when that is all
/// lower or all upper; otherwise it is lower.
#[must_use]
pub fn nearest(word: &str, candidates: &[&str], case_sensitive: bool) -> Option<String> {
    let fold = |text: &str| {
        if case_sensitive {
            text.to_owned()
        } else {
            text::lower(text)
        }
    };
    let wanted: Vec<char> = fold(word).chars().collect();
    let mut best = None;
    let mut limit = FAR;
    for candidate in candidates {
        let candidate = fold(candidate);
        let chars: Vec<char> = candidate.chars().collect();
        if wanted == chars {
            return None;
        }
        if wanted.len().abs_diff(chars.len()) >= limit {
            continue;
        }
        let distance = distance(&wanted, &chars);
        if distance < limit {
            limit = distance;
            best = Some(candidate);
        }
    }
    best.map(|found| {
        let shout = !case_sensitive && word == text::upper(word) && word != text::lower(word);
        if shout { text::upper(&found) } else { found }
    })
}

/// How many characters must be inserted, deleted or replaced to make one word of the other.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

/// Appends the suggestion to a message.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, suggestion: Option<&str>) -> fmt::Result {
    match suggestion {
        Some(word) => write!(f, " (did you mean {word}?)"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_word_in_the_case_of_the_asker() {
        let known = ["RUN", "COPY", "ENTRYPOINT", "EXPOSE"];
        for (word, found) in [
            ("RNU", Some("RUN")),
            ("rn", Some("run")),
            ("Copi", Some("copy")),
            ("ENTRYPIONT", Some("ENTRYPOINT")),
            ("EXPSE", Some("EXPOSE")),
            ("HELLO", None),
            ("run", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, &known, false).as_deref(), found, "{word}");
        }
        assert_eq!(nearest("Form", &["from", "format"], true).as_deref(), None);
        assert_eq!(
            nearest("fron", &["from", "format"], true).as_deref(),
            Some("from")
        );
    }
}
