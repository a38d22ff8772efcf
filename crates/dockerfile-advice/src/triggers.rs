//! Triggers: what `ONBUILD` leaves for whoever builds on a stage.
//!
//! Their instructions run in another file, right below its FROM. So they are read as a stage of their own that is built on
//! the one they stand in. To have their places, they are read from the file's own bytes, of which all but FROM, comments
//! and what stands behind `ONBUILD` is blanks.

use dockerfile_syntax::{Dockerfile, Instruction, InstructionKind};

use crate::stages::{Base, Stage};

/// The triggers of a file, parsed.
#[derive(Debug)]
pub struct Triggers<'a> {
    pub(crate) file: Dockerfile<'a>,
    pub(crate) source: &'a [u8],
}

impl<'a> Triggers<'a> {
    /// Reads what [`Self::bytes`] made.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Self {
        Self {
            // What is wrong in a trigger is told where a build is based on it.
            file: dockerfile_syntax::parse(bytes).dockerfile,
            source: bytes,
        }
    }

    /// Of a file and its bytes what is FROM, a comment, or stands behind `ONBUILD`, where it stands; nothing where there
    /// is no trigger. Of a file that takes in others none is read: their stages stand elsewhere than their lines.
    #[must_use]
    pub fn bytes(file: &Dockerfile<'_>, source: &[u8]) -> Vec<u8> {
        if !file.files.is_empty() || !file.instructions().any(is_trigger) {
            return Vec::new();
        }
        let ends = source.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let starts: Vec<usize> = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        let start = |line: usize| starts.get(line - 1).copied().unwrap_or(source.len());
        let mut bytes = source.to_vec();
        for instruction in file.instructions() {
            let meta = &instruction.meta;
            let range = match is_trigger(instruction) {
                true => meta.keyword.span.start..meta.keyword.span.end,
                false => start(meta.lines.start.max(1))..start(meta.lines.end + 1),
            };
            let bytes = bytes.get_mut(range).unwrap_or_default().iter_mut();
            for byte in bytes.filter(|byte| !matches!(byte, b'\n' | b'\r')) {
                *byte = b' ';
            }
        }
        bytes
    }

    /// A stage for each stage that has triggers, built on it.
    pub(crate) fn stages(&'a self, stages: &[Stage<'a>]) -> Vec<Stage<'a>> {
        let of_stages = self.file.stages.iter().zip(stages).enumerate();
        let of_stages = of_stages.filter(|(_, (parsed, _))| !parsed.instructions.is_empty());
        let of_stage =
            |(index, (parsed, stage)): (usize, (&'a dockerfile_syntax::Stage<'a>, &Stage<'a>))| Stage {
                from: stage.from,
                instructions: &parsed.instructions,
                base: Base::Stage(index),
                // Names are those of the file that builds on it.
                reads: Vec::new(),
                is_target: false,
                ..*stage
            };
        of_stages.map(of_stage).collect()
    }
}

fn is_trigger(instruction: &Instruction<'_>) -> bool {
    matches!(instruction.kind, InstructionKind::Onbuild(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_files_nothing_is_read() {
        let text = b"FROM a\nONBUILD RUN b\n";
        let mut parsed = dockerfile_syntax::parse(text);
        assert!(!Triggers::bytes(&parsed.dockerfile, text).is_empty());
        parsed
            .dockerfile
            .files
            .push(dockerfile_syntax::FileStart::default());
        assert_eq!(Triggers::bytes(&parsed.dockerfile, text), b"");
    }

    #[test]
    fn what_is_left_stands_where_it_stood() {
        let text = "# escape=`\nARG A\nFROM a\nRUN b `\n  # c\n  d\n# e\nonbuild run <<F `\n  g\nh\nF\n ONBUILD  COPY i /\n";
        let parsed = dockerfile_syntax::parse(text.as_bytes());
        let bytes = Triggers::bytes(&parsed.dockerfile, text.as_bytes());
        let left = String::from_utf8(bytes).unwrap();
        let blanks = |count: usize| " ".repeat(count);
        let lines = [
            "# escape=`".to_owned(),
            blanks(5),
            "FROM a".to_owned(),
            blanks(7),
            blanks(5),
            blanks(3),
            "# e".to_owned(),
            blanks(8) + "run <<F `",
            "  g".to_owned(),
            "h".to_owned(),
            "F".to_owned(),
            blanks(10) + "COPY i /",
            String::new(),
        ];
        assert_eq!(left, lines.join("\n"));
        let triggers = Triggers::read(left.as_bytes());
        let keywords = triggers
            .file
            .instructions()
            .map(|instruction| &instruction.meta.keyword);
        assert_eq!(
            keywords.map(|word| word.as_str()).collect::<Vec<_>>(),
            ["run", "COPY"]
        );
        assert_eq!(Triggers::bytes(&triggers.file, left.as_bytes()), Vec::<u8>::new());
    }
}
