//! What people get wrong, and what they read then: the file with the place marked, what was expected, a near miss.

use anyhow::{Result, ensure};
use plimsoll_engine::Build;

use crate::fixture::{engine, project};

/// A file that does not build, the line that the client marks, and what the error says.
struct Mistake {
    files: &'static [(&'static str, &'static str)],
    marked: &'static str,
    says: &'static [&'static str],
}

const MISTAKES: &[Mistake] = &[
    Mistake {
        files: &[("Dockerfile", "ARG A=1\n")],
        marked: "",
        says: &["no stage", "FROM"],
    },
    Mistake {
        files: &[("Dockerfile", "")],
        marked: "",
        says: &["empty"],
    },
    Mistake {
        files: &[("Dockerfile", "RUN true\nFROM alpine\n")],
        marked: "RUN true",
        says: &["Dockerfile:1:1", "FROM"],
    },
    Mistake {
        files: &[("Dockerfile", "FROM alpine\nCOPPY a /\n")],
        marked: "COPPY a /",
        says: &["Dockerfile:2:1", "COPPY", "COPY"],
    },
    Mistake {
        files: &[("Dockerfile", "FROM alpine\nCOPY --form=x a /\n")],
        marked: "COPY --form=x a /",
        says: &["Dockerfile:2:6", "--form", "--from"],
    },
    Mistake {
        files: &[(
            "Dockerfile",
            "FROM alpine AS build\nRUN true\nFROM alpine\nCOPY --from=biuld /a /\n",
        )],
        marked: "COPY --from=biuld /a /",
        says: &["Dockerfile:4:", "biuld", "build"],
    },
    Mistake {
        files: &[("Dockerfile", "FROM alpine AS a\nCOPY --from=a /a /b\n")],
        marked: "COPY --from=a /a /b",
        says: &["`a`", "itself"],
    },
    Mistake {
        files: &[("Dockerfile", "FROM alpin\n")],
        marked: "FROM alpin",
        says: &["Dockerfile:1:6", "alpin", "did you mean `alpine`"],
    },
    Mistake {
        files: &[(
            "Dockerfile",
            "FROM alpine\nRUN --mount=type=chache,target=/c true\n",
        )],
        marked: "RUN --mount=type=chache,target=/c true",
        says: &["Dockerfile:2:18", "chache", "cache"],
    },
    Mistake {
        files: &[
            ("Dockerfile", "FROM alpine\nCOPY a /\n"),
            (".dockerignore", "fine\na[\n"),
            ("a", ""),
        ],
        marked: "a[",
        says: &[".dockerignore:2", "a["],
    },
    Mistake {
        files: &[("Dockerfile", "FROM alpine\nRUM a\nENV x\nEXPOSE\n")],
        marked: "RUM a",
        says: &["3 errors", "Dockerfile:2:1", "Dockerfile:3:", "Dockerfile:4:1"],
    },
];

#[test]
fn mistakes_are_explained() -> Result<()> {
    let engine = engine()?;
    for mistake in MISTAKES {
        let folder = project(mistake.files)?;
        let built = Build::new(folder.path()).run(engine)?;
        let text = &built.stderr;
        ensure!(!built.status.success(), "{:?} was built", mistake.files);
        let marks: Vec<&str> = text.lines().filter(|line| line.contains(">>>")).collect();
        let is_marked = match mistake.marked {
            "" => marks.is_empty(),
            wanted => marks.iter().any(|line| line.contains(wanted)),
        };
        ensure!(is_marked, "`{}` is not marked in\n{text}", mistake.marked);
        for words in mistake.says {
            ensure!(text.contains(words), "`{words}` is not said in\n{text}");
        }
    }
    Ok(())
}

#[test]
fn a_missing_target_names_those_there_are() -> Result<()> {
    let folder = project(&[("Dockerfile", "FROM alpine AS build\nFROM build AS release\n")])?;
    let built = Build::new(folder.path()).target("relaese").run(engine()?)?;
    ensure!(
        built.stderr.contains("did you mean `release`"),
        "{}",
        built.stderr
    );
    Ok(())
}
