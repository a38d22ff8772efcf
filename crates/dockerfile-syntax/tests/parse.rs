//! What files say: lines, comments, words, forms.

use dockerfile_syntax::instruction::run::{Mount, MountError, MountKind, MountSpec, Sharing};
use dockerfile_syntax::{Dockerfile, InstructionKind, Place, directive, parse, parse_onbuild_trigger};

fn file(text: &str) -> Dockerfile {
    let parsed = parse(text.as_bytes());
    assert_eq!(parsed.errors, [], "{text:?}");
    parsed.dockerfile
}

/// The one instruction behind `FROM a`.
fn one(text: &str) -> InstructionKind {
    let mut file = file(&format!("FROM a\n{text}"));
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
        let file = file(&format!("FROM a\n{text}"));
        let meta = &file.stages[0].instructions[0].meta;
        assert_eq!(
            (meta.code.as_str(), meta.lines.start, meta.lines.end),
            (code, 2, end),
            "{text:?}"
        );
    }
    assert_eq!(file("FROM a\nRUN a \\\n\n b").empty_continuations[0].line, 4);
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
    let InstructionKind::Arg(arg) = &file.global_args[0].kind else {
        panic!()
    };
    assert_eq!(arg.items[0].doc_comment, "the version");
    assert_eq!((arg.items[1].key.as_str(), &arg.items[1].value), ("w", &None));
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
    for (text, words, shell) in [
        ("CMD echo $a  b", vec!["echo $a  b"], true),
        (
            "CMD [\"echo\", \"\\u00e9\\ud83d\\ude00\"]",
            vec!["echo", "é😀"],
            false,
        ),
        ("CMD [ ]", vec![], false),
        ("CMD", vec![], true),
        ("CMD ['echo']", vec!["['echo']"], true),
        ("CMD [\"a\"] b", vec!["[\"a\"] b"], true),
        ("CMD [\"\\ud800\"]", vec!["\u{fffd}"], false),
        ("CMD [\"a\", 1e999]", vec!["[\"a\", 1e999]"], true),
    ] {
        let InstructionKind::Cmd(line) = one(text) else {
            panic!("{text}")
        };
        assert_eq!(
            (line.words, line.shell_form),
            (words.iter().map(ToString::to_string).collect(), shell),
            "{text}"
        );
    }
}

#[test]
fn copies_and_heredocs() {
    let InstructionKind::Copy(copy) =
        one("COPY --from=x --chown=\"a b\" --exclude=q --exclude=r a <<-E <<'F' b /d/\n\t\tx$y\nE\n\tz\nF\n")
    else {
        panic!()
    };
    assert_eq!((copy.from.as_str(), copy.chown.as_str()), ("x", "a b"));
    assert_eq!(copy.exclude, ["q", "r"]);
    assert_eq!(
        (copy.sources.paths, copy.sources.dest.as_str()),
        (vec!["a".into(), "b".into()], "/d/")
    );
    let [first, second] = copy.sources.contents.as_slice() else {
        panic!()
    };
    assert_eq!(
        (first.path.as_str(), first.data.as_slice(), first.expand),
        ("E", &b"x$y\n"[..], true)
    );
    assert_eq!(
        (second.path.as_str(), second.data.as_slice(), second.expand),
        ("F", &b"\tz\n"[..], false)
    );
}

#[test]
fn onbuild_keeps_its_text() {
    let InstructionKind::Onbuild(text) = one("ONBUILD  RUN <<E cat\nx\nE\n") else {
        panic!()
    };
    assert_eq!(text, "RUN <<E cat\nx\nE");
    let trigger = parse_onbuild_trigger(&text, Place::default()).unwrap();
    let InstructionKind::Run(run) = trigger.kind else {
        panic!()
    };
    assert_eq!(run.command.heredocs[0].content, "x\n");
    // What only the trigger's reader finds is no error yet.
    assert_eq!(one("ONBUILD COPY x"), InstructionKind::Onbuild("COPY x".into()));
    assert!(parse_onbuild_trigger("COPY x", Place::default()).is_err());
    assert!(parse_onbuild_trigger("RUN a\nRUN b", Place::default()).is_err());
}

fn mount(text: &str) -> Result<Mount, MountError> {
    MountSpec::parse(text)?.resolve(&mut |value| Ok(value.replace("$x", "cache")))
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
    for (text, message) in [
        ("type=scret", "did you mean secret?"),
        ("type=cache,sharin=x", "did you mean sharing?"),
        ("type=cache,sharing=x", "shared, private or locked"),
        ("required,type=secret,id=a", "write type= before it"),
        ("type=secret", "needs an id, a source or a target"),
        ("type=secret,id=a,src=b", "not both"),
        ("type=secret,id=a,from=b", "takes no from"),
        ("type=bind,mode=1", "takes no mode"),
        ("type=ssh,mode=9", "octal"),
        ("type=cache,target=/x,readonly=maybe", "true or false"),
        ("target", "no key=value pair"),
    ] {
        let error = mount(text).unwrap_err().to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
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
    assert_eq!(source.sources.contents[0].data, b"\xff\n");
    for instruction in [label, copy, run] {
        let at = instruction.meta.invalid_utf8.unwrap();
        assert!(text[at] >= 0x80);
    }
}
