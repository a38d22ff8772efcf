//! What files say: lines, comments, words, forms.

use std::borrow::Cow;

use dockerfile_syntax::instruction::CommandLine;
use dockerfile_syntax::instruction::run::{Mount, MountError, MountKind, MountSpec, Sharing};
use dockerfile_syntax::{
    Dialect, Dockerfile, InstructionKind, Marked, Place, Span, Word, directive, parse, parse_onbuild_trigger,
};

fn file(text: &str) -> Dockerfile<'_> {
    let parsed = parse(text.as_bytes());
    assert_eq!(parsed.errors, [], "{text:?}");
    parsed.dockerfile
}

/// The one instruction behind `FROM a`.
fn one(text: &str) -> InstructionKind<'static> {
    let text = format!("FROM a\n{text}");
    let mut file = file(&text).into_owned();
    let mut instructions = file.stages.remove(0).instructions;
    assert_eq!(instructions.len(), 1, "{text:?}");
    instructions.remove(0).kind
}

#[test]
fn lines_join() {
    for (text, code, end) in [
        ("RUN a \\\n  b", "RUN a   b", 3),
        ("RUN a \\  \t\n b", "RUN a  b", 3),
        ("RUN a\\\r\nb\r\n", "RUN ab", 3),
        ("RUN a \\\n# comment\n\n \t\n b", "RUN a  b", 6),
        ("RUN a \\\\\n", "RUN a \\\\", 2),
        ("RUN a # b", "RUN a # b", 2),
        ("RUN a \\", "RUN a", 2),
        ("  RUN a", "RUN a", 2),
        ("RUN <<E\nx\nE", "RUN <<E", 4),
    ] {
        let text = format!("FROM a\n{text}");
        let file = file(&text);
        let meta = &file.stages[0].instructions[0].meta;
        assert_eq!(
            (&*meta.code, meta.lines.start, meta.lines.end),
            (code, 2, end),
            "{text:?}"
        );
    }
    assert_eq!(file("FROM a\nRUN a \\\n\n b").empty_continuations, [4]);
    assert!(file("FROM a\nRUN a \\\n# c\n b").empty_continuations.is_empty());
}

#[test]
fn comments_belong_to_what_follows() {
    for (text, comments) in [
        ("# a\n# b\nFROM x", vec!["a", "b"]),
        ("# a\n\n# b\n\nFROM x", vec!["a", "b"]),
        ("# a\n#\n# b\nFROM x", vec!["b"]),
        ("# a\n  # b\nFROM x", vec!["a", "# b"]),
        ("# syntax=y\n# a\nFROM x", vec!["a"]),
        ("# a\nARG b\nFROM x", vec![]),
    ] {
        assert_eq!(file(text).stages[0].from.meta.comments, comments, "{text:?}");
    }
    let file = file("# v the version\nARG v=1 w\n# st what it does\nFROM x AS St");
    let InstructionKind::Arg(items) = &file.global_args[0].kind else {
        panic!()
    };
    assert_eq!(items[0].doc_comment, "the version");
    assert_eq!((items[1].key.as_str(), &items[1].value), ("w", &None));
    let from = &file.stages[0].from;
    assert_eq!(
        (from.name.as_deref(), from.name_as_written.as_deref()),
        (Some("st"), Some("St"))
    );
    assert_eq!(from.doc_comment, "what it does");
}

#[test]
fn directives() {
    let file = file("\u{feff}#syntax=a/b:1 x\n# ESCAPE = `\nFROM a\nRUN a `\n b \\\nRUN c");
    assert_eq!(file.escape, '`');
    assert_eq!(file.stages[0].instructions.len(), 2);
    assert_eq!(file.directives.syntax.unwrap().value, "a/b:1 x");
    for (text, word, line) in [
        ("#syntax=a b", "a", 1),
        ("#!/bin/x\n# syntax = a", "a", 2),
        ("#!/bin/x\n// syntax=a", "a", 2),
        ("{\"syntax\": \"a\", \"x\": [{\"syntax\": 1}]}", "a", 0),
        ("#!/x\n{\"syntax\": \"a\"}", "a", 1),
        ("# check=x\n# syntax=a", "a", 2),
    ] {
        let found = directive::detect_syntax(text.as_bytes()).unwrap_or_else(|| panic!("{text:?}"));
        assert_eq!((found.word.as_str(), found.lines.start), (word, line), "{text:?}");
    }
    for text in [
        "FROM a\n# syntax=a",
        "\n# syntax=a",
        "# x\n# syntax=a",
        " # syntax=a",
        "{\"syntax\": 1}",
    ] {
        assert_eq!(directive::detect_syntax(text.as_bytes()), None, "{text:?}");
    }
}

#[test]
fn forms_of_commands() {
    let shell = |text: &'static str| (true, vec![text]);
    for (text, (is_shell, words)) in [
        ("CMD echo $a  b", shell("echo $a  b")),
        (
            "CMD [\"echo\", \"\\u00e9\\ud83d\\ude00\"]",
            (false, vec!["echo", "é😀"]),
        ),
        ("CMD [ ]", (false, vec![])),
        ("CMD", shell("")),
        ("CMD ['echo']", shell("['echo']")),
        ("CMD [\"a\"] b", shell("[\"a\"] b")),
        ("CMD [\"\\ud800\"]", (false, vec!["\u{fffd}"])),
        ("CMD [\"a\", 1e999]", shell("[\"a\", 1e999]")),
    ] {
        let found = match one(text) {
            InstructionKind::Cmd(CommandLine::Shell(text)) => (true, vec![text]),
            InstructionKind::Cmd(CommandLine::Exec(words)) => (false, words),
            other => panic!("{other:?}"),
        };
        let found = (found.0, found.1.iter().map(Word::as_str).collect());
        assert_eq!(found, (is_shell, words), "{text}");
    }
}

#[test]
fn copies_and_heredocs() {
    let InstructionKind::Copy(copy) =
        one("COPY --from=x --chown=\"a b\" --exclude=q --exclude=r a <<-E <<'F' b /d/\n\t\tx$y\nE\n\tz\nF\n")
    else {
        panic!()
    };
    assert_eq!(copy.from.as_deref(), Some("x"));
    assert_eq!(copy.chown.as_deref(), Some("a b"));
    assert_eq!(copy.exclude, ["q", "r"]);
    assert_eq!(copy.sources.paths, ["a", "b"]);
    assert_eq!(copy.sources.dest, "/d/");
    let [first, second] = copy.sources.contents.as_slice() else {
        panic!()
    };
    assert_eq!(
        (first.path.as_str(), &*first.data, first.expand),
        ("E", &b"x$y\n"[..], true)
    );
    assert_eq!(
        (second.path.as_str(), &*second.data, second.expand),
        ("F", &b"\tz\n"[..], false)
    );
}

#[test]
fn onbuild_keeps_its_text() {
    let InstructionKind::Onbuild(text) = one("ONBUILD  RUN <<E cat\nx\nE\n") else {
        panic!()
    };
    assert_eq!(text, "RUN <<E cat\nx\nE");
    let trigger = parse_onbuild_trigger(&text, Place::default(), Dialect::default()).unwrap();
    let InstructionKind::Run(run) = trigger.kind else {
        panic!()
    };
    assert_eq!(run.heredocs[0].text(), "x\n");
    // What only the trigger's reader finds is no error yet.
    assert!(matches!(one("ONBUILD COPY x"), InstructionKind::Onbuild(text) if text == "COPY x"));
    assert!(parse_onbuild_trigger("COPY x", Place::default(), Dialect::default()).is_err());
    assert!(parse_onbuild_trigger("RUN a\nRUN b", Place::default(), Dialect::default()).is_err());
}

fn mount(text: &str) -> Result<Mount<'_>, Marked<MountError>> {
    MountSpec::parse(text.into(), Dialect::default())?
        .resolve(&mut |value| Ok(Some(value.replace("$x", "cache"))))
}

#[test]
fn mounts() {
    let cache = mount("TYPE=$x,dst=/c,id=i,sharing=Locked,mode=0755,uid=1").unwrap();
    assert_eq!(
        (cache.kind, cache.readonly, cache.mode, cache.uid),
        (MountKind::Cache, false, Some(0o755), Some(1))
    );
    assert_eq!(
        (cache.target.as_str(), cache.id.as_str(), cache.sharing),
        ("/c", "i", Some(Sharing::Locked))
    );
    assert!(mount("type=bind,target=/x").unwrap().readonly);
    assert!(!mount("type=bind,target=/x,rw").unwrap().readonly);
    assert_eq!(mount("type=tmpfs,target=/x,size=1.5m").unwrap().size, 1_572_864);
    assert!(mount("type=secret,id=a,required").unwrap().required);
    for (text, marked, message) in [
        ("type=scret", "scret", "did you mean secret?"),
        ("type=cache,sharin=x", "sharin", "did you mean sharing?"),
        ("type=cache,sharing=x", "x", "shared, private or locked"),
        ("required,type=secret,id=a", "required", "write type= before it"),
        ("type=secret", "type=secret", "needs an id, a source or a target"),
        ("type=secret,id=a,src=b", "type=secret,id=a,src=b", "not both"),
        ("type=secret,id=a,from=b", "from", "takes no from"),
        ("type=bind,mode=1", "mode", "takes no mode"),
        ("type=ssh,mode=9", "9", "octal"),
        ("type=cache,target=/x,readonly=maybe", "maybe", "true or false"),
        ("target", "target", "no key=value pair"),
        ("id=a,from=a$b", "a$b", "holds a variable"),
        ("id=\"a", "id=\"a", "must be closed"),
    ] {
        let error = mount(text).unwrap_err();
        assert_eq!(&text[error.span.start..error.span.end], marked, "{text}");
        let error = error.to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
}

/// Every word of the instructions behind the first `FROM`, as `Debug` shows it, with what it marks in the file.
#[test]
fn words_know_their_places() {
    let text = "FROM --platform=p a AS B\nENV a=b \\\n# no\n  c=\"d e\"\nCOPY --chown='1 2' --from=9 \\\n  x <<E /y\n\tz\nE\nVOLUME [\"v\", \"\\u0077\"]\n\
                USER u v\nENV old the rest\nARG n=o\nRUN --mount=type=bind,from=q r \\\n s\n";
    let file = file(text);
    let marks = |word: &Word<'_>| {
        let Span { start, end } = word.span;
        (text[start..end].to_owned(), matches!(word.text, Cow::Borrowed(_)))
    };
    let mut found: Vec<(String, bool)> = Vec::new();
    let stage = &file.stages[0];
    let from = &stage.from;
    found.extend([&from.meta.keyword, &from.base].map(marks));
    found.extend([&from.platform, &from.name].map(|word| marks(word.as_ref().unwrap())));
    for instruction in &stage.instructions {
        match &instruction.kind {
            InstructionKind::Env(pairs) => {
                found.extend(
                    pairs
                        .iter()
                        .flat_map(|pair| [marks(&pair.key), marks(&pair.value)]),
                );
            }
            InstructionKind::Copy(copy) => {
                found.extend([&copy.chown, &copy.from].map(|word| marks(word.as_ref().unwrap())));
                found.extend(copy.sources.paths.iter().map(marks));
                found.push(marks(&copy.sources.contents[0].path));
                found.push(marks(&copy.sources.dest));
            }
            InstructionKind::Volume(paths) => found.extend(paths.iter().map(marks)),
            InstructionKind::User(user) => found.push(marks(user)),
            InstructionKind::Arg(items) => {
                found.extend([marks(&items[0].key), marks(items[0].value.as_ref().unwrap())]);
            }
            InstructionKind::Run(run) => {
                found.push(marks(run.mounts[0].from.as_ref().unwrap()));
                let CommandLine::Shell(text) = &run.command else {
                    panic!()
                };
                found.push(marks(text));
            }
            other => panic!("{other:?}"),
        }
    }
    let found: Vec<(&str, bool)> = found
        .iter()
        .map(|(text, borrows)| (text.as_str(), *borrows))
        .collect();
    assert_eq!(
        found,
        [
            ("FROM", true),
            ("a", true),
            ("p", true),
            ("B", false),
            ("a", true),
            ("b", true),
            ("c", true),
            ("\"d e\"", true),
            ("'1 2'", false),
            ("9", true),
            ("x", true),
            ("<<E", false),
            ("/y", true),
            ("\"v\"", true),
            ("\"\\u0077\"", false),
            ("u v", true),
            ("old", true),
            ("the rest", true),
            ("n", true),
            ("o", true),
            ("q", true),
            ("r \\\n s", false),
        ]
    );
}

#[test]
fn a_trigger_has_the_place_of_what_pulls_it_in() {
    let span = Span::new(5, 11);
    let place = Place {
        lines: dockerfile_syntax::LineRange::line(3),
        span,
    };
    let trigger = parse_onbuild_trigger(
        "RUN --mount=type=cache,target=/a x \\\n y",
        place,
        Dialect::default(),
    )
    .unwrap();
    assert_eq!(
        (trigger.meta.place(), trigger.meta.code),
        (place, "RUN --mount=type=cache,target=/a x  y".into())
    );
    let InstructionKind::Run(run) = trigger.kind else {
        panic!()
    };
    assert_eq!(run.mounts[0].text.span, span);
    let CommandLine::Shell(text) = run.command else {
        panic!()
    };
    assert_eq!((text.as_str(), text.span), ("x  y", span));
    let wrong = run.mounts[0]
        .resolve(&mut |_| Ok(Some("bad".to_owned())))
        .unwrap_err();
    assert_eq!(wrong.span, span);
}

#[test]
fn bytes_that_are_no_text() {
    let text = b"FROM a\n# \xff\nLABEL a=\xe2\x82\nCOPY <<'E' /x\n\xff\nE\nRUN \xe9\n";
    let parsed = parse(text);
    assert_eq!(parsed.errors, []);
    let [label, copy, run] = parsed.dockerfile.stages[0].instructions.as_slice() else {
        panic!()
    };
    let InstructionKind::Label(pairs) = &label.kind else {
        panic!()
    };
    assert_eq!(pairs[0].value, "\u{fffd}\u{fffd}");
    let InstructionKind::Copy(source) = &copy.kind else {
        panic!()
    };
    assert_eq!(&*source.sources.contents[0].data, b"\xff\n");
    for instruction in [label, copy, run] {
        let at = instruction.meta.invalid_utf8.unwrap();
        assert!(text[at] >= 0x80);
    }
}
