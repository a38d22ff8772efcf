//! What is refused, and what exactly is marked.

use dockerfile_syntax::parse;

/// A file, the line of the error, the text that is marked, and a part of the message.
const CASES: &[(&str, usize, &str, &str)] = &[
    ("", 0, "", "is empty"),
    ("# only\n\n", 2, "", "only comments"),
    ("# escape=x\nFROM a", 1, "x", "either \\ or `"),
    (
        "# check=a\n# check=b\nFROM a",
        2,
        "# check=b",
        "check= stands in the file already",
    ),
    (
        "# check=a\n  # check=b\nFROM a",
        2,
        "# check=b",
        "check= stands in the file already",
    ),
    ("RUN x\nFROM a", 1, "RUN", "before the first FROM"),
    ("FROM a\nCPOY a b", 2, "CPOY", "did you mean COPY?"),
    ("FROM a\nrnu x", 2, "rnu", "did you mean run?"),
    ("FROM a\nPOSE 80", 2, "POSE", "did you mean EXPOSE?"),
    ("FROM a\nEXPOSEEE 80", 2, "EXPOSEEE", "did you mean EXPOSE?"),
    ("FROM a b", 1, "FROM a b", "AS NAME"),
    ("FROM a AS 1x", 1, "1x", "cannot name a stage"),
    (
        "FROM --plattform=x a",
        1,
        "--plattform=x",
        "did you mean --platform?",
    ),
    ("FROM a\nCOPY a", 2, "COPY a", "SOURCE… DEST"),
    ("FROM a\nCOPY --form=x a b", 2, "--form=x", "no flag --form"),
    ("FROM a\nCOPY --link=maybe a b", 2, "maybe", "not \"maybe\""),
    ("FROM a\nCOPY --link \\\n  --link a b", 2, "--link", "given twice"),
    ("FROM a\nCOPY --from a b", 2, "--from", "write --from=a"),
    ("FROM a\nCOPY x <<E\nE\n", 2, "<<E", "not its destination"),
    (
        "FROM a\nRUN <<E\nx\n E\n",
        2,
        "<<E",
        "line 4 has blanks beside \"E\"",
    ),
    ("FROM a\nRUN cat <<E", 2, "<<E", "no line after it is just \"E\""),
    ("FROM a\nRUN [\"a\", 1]", 2, "[\"a\", 1]", "strings only"),
    ("FROM a\nENV a", 2, "a", "write ENV a=VALUE"),
    ("FROM a\nENV a=b \\\n# c\n  c d=e", 2, "c", "\"c\" has no ="),
    ("FROM a\nLABEL =x", 2, "=x", "no name before ="),
    ("FROM a\nARG", 2, "ARG", "at least one argument"),
    ("FROM a\nARG x =y", 2, "=y", "no name before ="),
    ("FROM a\nWORKDIR", 2, "WORKDIR", "one argument"),
    ("FROM a\nSHELL sh -c", 2, "sh -c", "JSON array"),
    ("FROM a\nSHELL []", 2, "SHELL []", "needs a program"),
    ("FROM a\nVOLUME [\"a\", \" \"]", 2, "\" \"", "blank"),
    ("FROM a\nEXPOSE", 2, "EXPOSE", "at least one argument"),
    ("FROM a\nONBUILD ONBUILD RUN x", 2, "ONBUILD", "another ONBUILD"),
    ("FROM a\nONBUILD from x", 2, "from", "cannot hold FROM"),
    ("FROM a\nHEALTHCHECK NONE x", 2, "x", "nothing may follow"),
    ("FROM a\nHEALTHCHECK CMD", 2, "HEALTHCHECK CMD", "needs a command"),
    ("FROM a\nHEALTHCHECK RUN x", 2, "RUN", "not by \"RUN\""),
    ("FROM a\nHEALTHCHECK --interval=3 CMD x", 2, "3", "such as 30s"),
    (
        "FROM a\nHEALTHCHECK --timeout=1us CMD x",
        2,
        "1us",
        "at least 1ms",
    ),
    ("FROM a\nHEALTHCHECK --retries=-1 CMD x", 2, "-1", "0 or more"),
    ("FROM a\nRUN --network=hots x", 2, "hots", "default, none or host"),
    ("FROM a\nRUN --security=x y", 2, "x", "sandbox or insecure"),
    ("FROM a\nRUN --mount=from=$x y", 2, "$x", "FROM $x AS name"),
    ("FROM a\nRUN --mount= y", 2, "--mount=", "key=value"),
    ("FROM a\nRUN --device=a,b y", 2, "b", "\"b\""),
    (
        "FROM a\nRUN --device=name=a,name=b y",
        2,
        "b",
        "already has the name a;",
    ),
    (
        "FROM a\nRUN --device=a,requird=1 y",
        2,
        "requird",
        "did you mean required?",
    ),
];

#[test]
fn each_error_is_marked() {
    for (text, line, marked, message) in CASES {
        let parsed = parse(text.as_bytes());
        let [error] = parsed.errors.as_slice() else {
            panic!("{text:?}: {:?}", parsed.errors)
        };
        assert_eq!(error.lines.start, *line, "{text:?}");
        assert_eq!(&text[error.span.start..error.span.end], *marked, "{text:?}");
        assert!(error.to_string().contains(message), "{text:?}: {error}");
    }
}

#[test]
fn a_lone_escape_is_an_instruction_without_a_name() {
    let text = "FROM a\n \\\n";
    let parsed = parse(text.as_bytes());
    let [error] = parsed.errors.as_slice() else {
        panic!("{:?}", parsed.errors)
    };
    assert_eq!(error.lines.start, 2);
    assert_eq!(text[error.span.start..].trim(), "\\");
}

#[test]
fn a_line_that_is_too_long_is_marked_whole() {
    let line = format!("RUN {}\n", "x".repeat(70_000));
    let text = format!("FROM a\n{line}");
    let parsed = parse(text.as_bytes());
    let [error] = parsed.errors.as_slice() else {
        panic!("{:?}", parsed.errors)
    };
    assert_eq!(error.lines.start, 2);
    assert_eq!(&text[error.span.start..error.span.end], line);
}

#[test]
fn all_errors_in_file_order() {
    let parsed = parse(b"RUN a\nFROM a\nHELLO\nCOPY x\nRUN ok\nENV y\n");
    let lines: Vec<usize> = parsed.errors.iter().map(|error| error.lines.start).collect();
    assert_eq!(lines, [1, 3, 4, 6]);
    assert_eq!(parsed.dockerfile.stages[0].instructions.len(), 1);
}

#[test]
fn a_wrong_from_begins_a_stage_all_the_same() {
    for (text, name) in [
        ("FORM a AS b\nRUN x\n", Some("b")),
        ("FROM a b\nRUN x\n", Some("b")),
        ("FROM a b c\nRUN x\n", None),
    ] {
        let parsed = parse(text.as_bytes());
        assert_eq!(parsed.errors.len(), 1, "{text:?}: {:?}", parsed.errors);
        let [stage] = parsed.dockerfile.stages.as_slice() else {
            panic!("{text:?}")
        };
        assert_eq!(stage.from.name.as_deref(), name, "{text:?}");
        assert_eq!(stage.instructions.len(), 1, "{text:?}");
        assert_eq!(parsed.gaps.len(), 1, "{text:?}");
    }
}

#[test]
fn each_wrong_flag_is_an_error() {
    let parsed = parse(b"FROM a\nCOPY --chwn=x --link=y <<E /\ntext\nE\nRUN ok\n");
    let columns: Vec<usize> = parsed.errors.iter().map(|error| error.span.start).collect();
    assert_eq!(columns, [12, 28]);
    // What is left of it is there, with its heredoc, and nothing is missing.
    assert_eq!(parsed.dockerfile.stages[0].instructions.len(), 2);
    assert!(parsed.gaps.is_empty());
}

#[test]
fn a_misspelled_instruction_keeps_its_heredoc() {
    assert_eq!(
        parse(b"FROM a\nRUNN <<E\nnot an instruction\nE\nRUN ok\n")
            .errors
            .len(),
        1
    );
}

#[test]
fn a_line_without_any_text_has_its_place() {
    let parsed = parse(b"FROM a\n\\\nRUN x\n\\");
    let starts: Vec<usize> = parsed.errors.iter().map(|error| error.span.start).collect();
    assert_eq!(starts, [15]);
    assert_eq!(
        parsed.dockerfile.stages[0].instructions[0]
            .meta
            .keyword
            .span
            .start,
        9
    );
}
