//! What is wrong with files that name each other, and how that reads.

use dockerfile_syntax::{Gap, LineRange, Missing, Place, SyntaxErrorKind};

use super::FileRequest;
use super::names::shown;
use super::walk::Walk;

impl Walk<'_> {
    pub(super) fn circle(&mut self, named: &FileRequest, place: Place) {
        let start = self.way.iter().position(|(file, _)| file == named).unwrap_or(0);
        let names: Vec<String> = self.way[start..]
            .iter()
            .map(|(file, _)| file)
            .chain([named])
            .map(|file| format!("`{}`", shown(file)))
            .collect();
        let message = match names.len() {
            2 => format!("{} names itself; a file can't take itself in", shown(named)),
            _ => format!(
                "files name each other in a circle: {}; one of them has to do without",
                names.join(" → ")
            ),
        };
        self.wrong(message, place);
    }

    /// How one came to the file that is read, where that is not the Dockerfile.
    pub(super) fn told_way(&self) -> String {
        let steps: Vec<String> = self
            .way
            .windows(2)
            .rev()
            .take(8)
            .filter_map(|pair| match pair {
                [(file, _), (_, lines)] => Some(format!(", named in {}", self.told(file, lines.start))),
                _ => None,
            })
            .collect();
        steps.concat()
    }

    /// A line of the whole text, as people call it.
    pub(super) fn told(&self, file: &FileRequest, line: usize) -> String {
        let (_, lines) = self.files.source.in_part(LineRange::line(line));
        format!("{}:{}", shown(file), lines.start)
    }

    pub(super) fn wrong(&mut self, message: String, place: Place) {
        let error = SyntaxErrorKind::OtherFile { message }.at(place);
        if !self.out.errors.contains(&error) {
            self.out.errors.push(error);
        }
    }

    /// What is not there may have had stages and variables.
    pub(super) fn unknown(&mut self, place: Place) {
        let gap = |missing| Gap {
            lines: place.lines,
            missing,
        };
        self.out
            .gaps
            .extend([gap(Missing::Stage), gap(Missing::Variables)]);
    }
}
