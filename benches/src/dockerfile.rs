//! The Dockerfiles that are measured.

use std::fmt::Write as _;

/// A Dockerfile to compile, and what its figures are to hold.
#[derive(Debug)]
pub struct Shape {
    /// Names it among the arguments, as `compile/KEY`.
    pub key: &'static str,
    /// Names it in the table.
    pub name: &'static str,
    /// What it strains, in a few words; nothing where it is the shape before, larger.
    pub about: &'static str,
    /// The largest part of the reference's time.
    pub time: f64,
    /// The most memory.
    pub memory: Option<Memory>,
    /// Whether it is compiled over and over, too.
    pub is_repeated: bool,
    /// Makes it.
    pub text: fn() -> String,
}

/// How much memory a compile may take.
#[derive(Debug, Clone, Copy)]
pub enum Memory {
    /// So many MiB.
    Mebibytes(u32),
    /// The size of the Dockerfile, so many times.
    TimesInput(u32),
}

/// All that are compiled, in the order of the table.
pub const SHAPES: [Shape; 12] = [
    Shape {
        about: "each ARG, ENV, WORKDIR, a COPY from the one before, five RUN with mounts",
        is_repeated: true,
        ..Shape::new("10", "10 stages", 0.15, || stages(10))
    },
    Shape {
        is_repeated: true,
        ..Shape::new("100", "100 stages", 0.15, || stages(100))
    },
    Shape {
        memory: Some(Memory::Mebibytes(30)),
        is_repeated: true,
        ..Shape::new("1000", "1000 stages", 0.10, || stages(1_000))
    },
    Shape {
        memory: Some(Memory::Mebibytes(120)),
        ..Shape::new("4000", "4000 stages", 0.10, || stages(4_000))
    },
    Shape {
        memory: Some(Memory::Mebibytes(40)),
        about: "each FROM the one before, with a RUN, so that the last has the history of all",
        ..Shape::new("chain", "chain of 3000 stages", 0.05, || chain(3_000))
    },
    Shape {
        about: "each RUN sees the arguments before it",
        ..Shape::new("arguments", "1000 x (ARG, RUN)", 0.20, || {
            one_stage(&lines(1_000, |number| format!("ARG A{number}=v\nRUN {number}\n")))
        })
    },
    Shape {
        about: "each RUN has all variables",
        ..Shape::new("variables", "5000 ENV, 50 RUN", 0.15, || {
            let variables = lines(5_000, |number| format!("ENV A{number}=v\n"));
            one_stage(&(variables + &lines(50, |number| format!("RUN {number}\n"))))
        })
    },
    Shape {
        memory: Some(Memory::TimesInput(4)),
        about: "one COPY of a text",
        ..Shape::new("heredoc", "heredoc of 400000 lines", 0.20, || {
            let text = lines(400_000, |number| format!("echo line {number}\n"));
            one_stage(&format!("COPY <<EOF /text\n{text}EOF\n"))
        })
    },
    Shape {
        memory: Some(Memory::TimesInput(4)),
        about: "each goes on in the next",
        ..Shape::new("lines", "RUN over 500000 lines", 0.20, || {
            let words = lines(500_000, |number| format!(" a{number} \\\n"));
            one_stage(&format!("RUN true \\\n{words} b\n"))
        })
    },
    Shape {
        about: "beside the one that is built",
        ..Shape::new("unneeded", "100000 unneeded stages", 0.15, || {
            let unneeded = lines(100_000, |number| format!("FROM alpine AS u{number}\nRUN x\n"));
            unneeded + &one_stage("RUN y\n")
        })
    },
    Shape {
        about: "each of a file of the context",
        ..Shape::new("copies", "2000 COPY", 0.15, || {
            one_stage(&lines(2_000, |number| {
                format!("COPY file{number} /dest{number}\n")
            }))
        })
    },
    Shape {
        about: "config and history without operations",
        ..Shape::new("config", "3000 x (LABEL, EXPOSE)", 0.15, || {
            one_stage(&lines(3_000, |number| {
                format!("LABEL l{number}=v\nEXPOSE {}\n", number + 1)
            }))
        })
    },
];

impl Shape {
    /// One that is compiled once and may take any memory.
    const fn new(key: &'static str, name: &'static str, time: f64, text: fn() -> String) -> Self {
        Self {
            key,
            name,
            about: "",
            time,
            memory: None,
            is_repeated: false,
            text,
        }
    }
}

impl Memory {
    /// In words, such as "under 30 MiB".
    pub fn words(self) -> String {
        match self {
            Self::Mebibytes(count) => format!("under {count} MiB"),
            Self::TimesInput(times) => format!("{times} times the file"),
        }
    }

    /// In bytes, for a Dockerfile of this size.
    pub fn bytes(self, input: usize) -> f64 {
        match self {
            Self::Mebibytes(count) => f64::from(count) * 1024.0 * 1024.0,
            Self::TimesInput(times) => f64::from(times) * input as f64,
        }
    }
}

/// A chain of stages: each has ARG and ENV, WORKDIR, five RUN with cache and secret mounts, and, but for the first, a
/// COPY from the stage before.
pub fn stages(count: usize) -> String {
    let mut text = String::new();
    for stage in 0..count {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "FROM alpine AS stage{stage}\nARG VERSION={stage}\nENV STAGE=stage{stage} RELEASE=$VERSION\nWORKDIR /work/${{STAGE}}\n"
        );
        if let Some(before) = stage.checked_sub(1) {
            let _ = writeln!(text, "COPY --from=stage{before} /work/stage{before}/out /before/");
        }
        for step in 0..5 {
            let _ = write!(
                text,
                "RUN --mount=type=cache,target=/var/cache/step{step},sharing=locked --mount=type=secret,id=token \\\n    mkdir -p out && echo \"$RELEASE step {step}\" > out/{step}.txt\n"
            );
        }
        text.push('\n');
    }
    text
}

/// Stages that each begin with the one before.
fn chain(count: usize) -> String {
    let others = lines(count - 1, |number| {
        format!("FROM s{number} AS s{}\nRUN x\n", number + 1)
    });
    format!("FROM alpine AS s0\nRUN x\n{others}")
}

fn one_stage(instructions: &str) -> String {
    format!("FROM alpine\n{instructions}")
}

/// What `each` gives for the numbers below `count`, one after the other.
fn lines(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect()
}

/// A small Dockerfile that nobody has built before: `who` and `number` tell it from the others.
pub fn small(who: &str, number: usize) -> String {
    format!(
        "FROM alpine AS build\nENV WHO={who} NUMBER={number}\nWORKDIR /src\nRUN echo \"$WHO $NUMBER\" > answer\n\n\
         FROM alpine\nLABEL number={number}\nCOPY --from=build /src/answer /answer\nCMD [\"cat\", \"/answer\"]\n"
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Memory, SHAPES};

    #[test]
    fn shapes_are_what_their_names_say() {
        let count = SHAPES.map(|shape| (shape.key, (shape.text)().lines().count()));
        let expected = [
            // Sixteen a stage, and the first copies nothing.
            ("10", 159),
            ("100", 1_599),
            ("1000", 15_999),
            ("4000", 63_999),
            ("chain", 6_000),
            ("arguments", 2_001),
            ("variables", 5_051),
            ("heredoc", 400_003),
            ("lines", 500_003),
            ("unneeded", 200_002),
            ("copies", 2_001),
            ("config", 6_001),
        ];
        assert_eq!(count, expected);
        let names: BTreeSet<&str> = SHAPES.iter().map(|shape| shape.name).collect();
        assert_eq!(names.len(), SHAPES.len());
    }

    #[test]
    fn memory_in_words_and_bytes() {
        let [absolute, relative] = [Memory::Mebibytes(2), Memory::TimesInput(4)];
        assert_eq!(
            (absolute.words().as_str(), absolute.bytes(10)),
            ("under 2 MiB", 2_097_152.0)
        );
        assert_eq!(
            (relative.words().as_str(), relative.bytes(10)),
            ("4 times the file", 40.0)
        );
    }
}
