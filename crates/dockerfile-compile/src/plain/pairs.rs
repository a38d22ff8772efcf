//! `ENV --file`, `ARG --file` and `LABEL --file`: the pairs of the file in its place.

use dockerfile_syntax::instruction::PairsFile;
use dockerfile_syntax::{Instruction, Span};

use super::{At, Text};

/// The longest value that is written out: a line of a Dockerfile has 64 KiB.
const MOST_BYTES: usize = 60_000;

impl Text<'_> {
    pub(super) fn pairs_file(&mut self, instruction: &Instruction<'_>, file: &PairsFile<'_>, at: &At) {
        let place = instruction.meta.place();
        let keyword = file.of.name();
        let known = self.known.filter(|_| !at.is_trigger);
        let read = known.and_then(|known| {
            let mut read = known.file_pairs.iter();
            read.find(|read| (read.of, read.lines) == (file.of, place.lines))?
                .pairs
                .as_ref()
        });
        let Some(pairs) = read else {
            let message = format!(
                "{keyword} --file: an ordinary Dockerfile reads no file of variables, and this one is not known here; write its pairs here"
            );
            self.refuse(file.path.span, message, place);
            return;
        };
        let mut texts = Vec::with_capacity(pairs.len());
        for pair in pairs {
            match quoted(&pair.value, self.escape) {
                Some(value) => texts.push(format!("{}={value}", pair.key)),
                None => {
                    let message = format!(
                        "{keyword} --file: a value in an ordinary Dockerfile has no line breaks and less than 64 KiB, and that of `{}` has; give it another one",
                        pair.key
                    );
                    self.refuse(file.path.span, message, place);
                }
            }
        }
        let written = match texts.is_empty() {
            true => String::new(),
            false => format!("{keyword} {}", texts.join(&format!(" {}\n    ", self.escape))),
        };
        let start = instruction.meta.keyword.span.start;
        self.replace(Span::new(start, self.end_of_line(place.lines.end)), written);
    }

    /// Where a line ends, without its line break.
    fn end_of_line(&self, line: usize) -> usize {
        let mut breaks = (0..self.data.len()).filter(|at| self.data[*at] == b'\n');
        breaks.nth(line.saturating_sub(1)).unwrap_or(self.data.len())
    }
}

/// A value as a word that stands for it, whatever is in it; `None` where no word does.
fn quoted(value: &str, escape: char) -> Option<String> {
    if value.contains(['\n', '\r', '\0']) || value.len() > MOST_BYTES {
        return None;
    }
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_./:@%+,=-".contains(letter);
    if !value.is_empty() && value.chars().all(is_plain) {
        return Some(value.to_owned());
    }
    let mut word = String::from('"');
    for letter in value.chars() {
        if letter == '"' || letter == '$' || letter == escape {
            word.push(escape);
        }
        word.push(letter);
    }
    word.push('"');
    Some(word)
}
