//! An ignore file, line by line.

use dockerfile_syntax::Budget;
use dockerfile_syntax::ignore::{IgnoreError, Matcher, parse};

/// The lines of an ignore file that say something.
pub(crate) struct Ignored {
    /// The name of the file.
    pub(crate) name: String,
    /// Number and pattern of each.
    pub(crate) lines: Vec<(usize, String)>,
    matcher: Matcher,
}

impl Ignored {
    /// Reads an ignore file.
    ///
    /// # Errors
    /// It has a pattern that means nothing; compiling says so as well.
    pub(crate) fn new(name: String, data: &[u8]) -> Result<Self, IgnoreError> {
        let mut lines = Vec::new();
        for (index, line) in data.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let patterns = parse(line)?;
            lines.extend(patterns.into_iter().map(|pattern| (index + 1, pattern)));
        }
        lines.retain(|(_, pattern)| !pattern.trim().is_empty());
        let patterns: Vec<String> = lines.iter().map(|(_, pattern)| pattern.clone()).collect();
        let matcher = Matcher::new(&patterns, &Budget::new())?;
        Ok(Self { name, lines, matcher })
    }

    /// The line that keeps a path out, by its place in `lines`. A path that takes too long to match is sent.
    pub(super) fn line(&self, path: &str) -> Option<usize> {
        self.matcher.decisive(path, &Budget::new()).ok()?
    }

    /// Whether a line takes something back that earlier ones keep out.
    pub(super) fn takes_back(&self) -> bool {
        self.lines.iter().any(|(_, pattern)| pattern.starts_with('!'))
    }
}
