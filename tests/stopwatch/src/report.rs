//! What took longest, for people.

use std::collections::BTreeMap;
use std::time::Duration;

/// How many tests are shown.
const TESTS: usize = 10;
/// How many programs.
const PROGRAMS: usize = 5;

/// What a program took, or one of its tests.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Note {
    pub(crate) took: Duration,
    pub(crate) program: String,
    /// Empty for the program.
    pub(crate) test: String,
}

impl Note {
    /// A line of the notes.
    pub(crate) fn line(&self) -> String {
        let Self { took, program, test } = self;
        format!("{}\t{program}\t{test}\n", took.as_secs_f64())
    }

    fn of(line: &str) -> Option<Self> {
        let mut words = line.splitn(3, '\t');
        let took = words.next()?.parse().ok()?;
        Some(Self {
            took: Duration::try_from_secs_f64(took).ok()?,
            program: words.next()?.to_owned(),
            test: words.next()?.to_owned(),
        })
    }
}

/// A table of the slowest programs and tests, of the notes and of what all took.
pub(crate) fn report(notes: &str, all: Duration) -> String {
    let (programs, tests): (Vec<Note>, Vec<Note>) = notes
        .lines()
        .filter_map(Note::of)
        .partition(|note| note.test.is_empty());
    let mut counts: BTreeMap<String, (Duration, usize)> = BTreeMap::new();
    for note in &programs {
        counts.entry(note.program.clone()).or_default().0 += note.took;
    }
    for note in &tests {
        counts.entry(note.program.clone()).or_default().1 += 1;
    }
    let programs = counts
        .into_iter()
        .map(|(name, (took, tests))| (took, format!("{name}: {tests} tests")));
    let tests = tests
        .into_iter()
        .map(|note| (note.took, format!("{} {}", note.program, note.test)));
    let seconds = all.as_secs();
    format!(
        "\nAll took {} min {} s, with compiling. The slowest programs, and the slowest tests:\n{}\n{}",
        seconds / 60,
        seconds % 60,
        slowest(programs.collect(), PROGRAMS),
        slowest(tests.collect(), TESTS)
    )
}

fn slowest(mut list: Vec<(Duration, String)>, count: usize) -> String {
    list.sort_by(|(a, _), (b, _)| b.cmp(a));
    let lines = list.iter().take(count);
    lines
        .map(|(took, name)| format!("{:7.1} s  {name}\n", took.as_secs_f64()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_come_first() {
        let note = |seconds: f64, program: &str, test: &str| {
            let took = Duration::from_secs_f64(seconds);
            Note {
                took,
                program: program.to_owned(),
                test: test.to_owned(),
            }
        };
        let notes = [
            note(5.0, "p one", ""),
            note(1.25, "p one", "a"),
            note(4.0, "p one", "b - c (line 3)"),
            note(61.0, "q two", ""),
        ];
        let text: String = notes.iter().map(Note::line).collect();
        assert_eq!(text.lines().filter_map(Note::of).collect::<Vec<_>>(), notes);
        let text = report(&format!("{text}broken\n"), Duration::from_secs(130));
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "All took 2 min 10 s, with compiling. The slowest programs, and the slowest tests:",
                "   61.0 s  q two: 0 tests",
                "    5.0 s  p one: 2 tests",
                "",
                "    4.0 s  p one b - c (line 3)",
                "    1.2 s  p one a",
            ]
        );
    }
}
