//! "did you mean": the nearest of the known words.

use crate::text;
use std::fmt;

/// At this distance a word is no longer near.
const FAR: usize = 3;

/// The candidate at the smallest edit distance from `word`, when that is under 3. None when `word` is one of them.
/// Of equally near ones the one with letters swapped wins, then the first.
///
/// With `case_sensitive` off, case does not count, and the suggestion takes the case of `word` when that is all
/// lower or all upper; otherwise it is lower.
///
/// ```
/// use dockerfile_syntax::suggest::nearest;
///
/// assert_eq!(nearest("CPOY", &["copy", "cmd"], false).as_deref(), Some("COPY"));
/// ```
#[must_use]
pub fn nearest(word: &str, candidates: &[&str], case_sensitive: bool) -> Option<String> {
    let fold = |text: &str| {
        if case_sensitive {
            text.to_owned()
        } else {
            text::lower(text).into_owned()
        }
    };
    let wanted: Vec<char> = fold(word).chars().collect();
    let mut best: Option<((usize, usize), String)> = None;
    for candidate in candidates {
        let candidate = fold(candidate);
        let chars: Vec<char> = candidate.chars().collect();
        if wanted == chars {
            return None;
        }
        if wanted.len().abs_diff(chars.len()) >= FAR {
            continue;
        }
        let rank = (distance(&wanted, &chars, false), distance(&wanted, &chars, true));
        if rank.0 < FAR && best.as_ref().is_none_or(|(known, _)| rank < *known) {
            best = Some((rank, candidate));
        }
    }
    best.map(|(_, found)| {
        let shout = !case_sensitive && word == text::upper(word) && word != text::lower(word);
        if shout { text::upper(&found) } else { found }
    })
}

/// How many characters must be inserted, deleted or replaced (or two neighbours swapped, if `swaps`) to make one word
/// of the other; [`FAR`] or more where it is far. Only what is near the diagonal can be near in the end.
fn distance(left: &[char], right: &[char], swaps: bool) -> usize {
    const SIDE: usize = FAR + 1;
    let mut above: Vec<usize> = vec![FAR; right.len() + 1];
    let mut row: Vec<usize> = (0..=right.len()).collect();
    let mut next: Vec<usize> = vec![FAR; right.len() + 1];
    for (i, a) in left.iter().enumerate() {
        let (from, to) = (i.saturating_sub(SIDE), (i + SIDE).min(right.len()));
        if from > to {
            return FAR;
        }
        next[from] = if from == 0 { i + 1 } else { FAR };
        let mut least = next[from];
        for j in from..to {
            let b = right[j];
            let mut cost = (row[j] + usize::from(*a != b))
                .min(row[j + 1] + 1)
                .min(next[j] + 1);
            if swaps && i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == b {
                cost = cost.min(above[j - 1] + 1);
            }
            next[j + 1] = cost;
            least = least.min(cost);
        }
        if let Some(beyond) = next.get_mut(to + 1) {
            *beyond = FAR;
        }
        if least >= FAR {
            return FAR;
        }
        std::mem::swap(&mut above, &mut row);
        std::mem::swap(&mut row, &mut next);
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
        let known = ["ENV", "RUN", "COPY", "ENTRYPOINT", "EXPOSE"];
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
