//! Two texts, line by line.

/// The lines of two texts that differ: ours under `-`, the reference's under `+`.
#[must_use]
pub fn difference(ours: &str, reference: &str) -> String {
    let (left, right): (Vec<&str>, Vec<&str>) = (ours.lines().collect(), reference.lines().collect());
    let head = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[head..], &right[head..]);
    let tail = left
        .iter()
        .rev()
        .zip(right.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (left, right) = (&left[..left.len() - tail], &right[..right.len() - tail]);
    let mut out = String::new();
    for step in steps(left, right) {
        out.push_str(&step);
    }
    out
}

/// Lines of one and of the other, those that both have in between left out.
fn steps(left: &[&str], right: &[&str]) -> Vec<String> {
    /// Longer texts are shown whole.
    const LIMIT: usize = 400;
    let mut out = Vec::new();
    if left.len().max(right.len()) > LIMIT {
        out.extend(left.iter().map(|line| format!("    - {line}\n")));
        out.extend(right.iter().map(|line| format!("    + {line}\n")));
        return out;
    }
    // Length of the longest common part of what is left from each pair of places.
    let mut common = vec![vec![0_usize; right.len() + 1]; left.len() + 1];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            common[i][j] = match left[i] == right[j] {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        if i < left.len() && j < right.len() && left[i] == right[j] {
            (i, j) = (i + 1, j + 1);
        } else if j >= right.len() || (i < left.len() && common[i + 1][j] >= common[i][j + 1]) {
            out.push(format!("    - {}\n", left[i]));
            i += 1;
        } else {
            out.push(format!("    + {}\n", right[j]));
            j += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn shows_what_differs() {
        assert_eq!(
            difference("a\nb\nc\nd\n", "a\nx\nc\ny\nd\n"),
            "    - b\n    + x\n    + y\n"
        );
        assert_eq!(difference("a\n", "a\n"), "");
    }
}
