//! Questions about one command: its pipeline, whether it is run, its program, its flags.

#![allow(clippy::unwrap_used)]

use shell_commands::{Command, LevelKind, Script, parse};

/// The command that begins with a word.
fn find<'s, 'a>(script: &'s Script<'a>, first: &str) -> &'s Command<'a> {
    let mut commands = script.commands.iter();
    commands.find(|command| command.words[0].raw == first).unwrap()
}

#[test]
fn pipelines() {
    for (text, first, wanted) in [
        ("a | b | c; d", "b", "a b c"),
        ("a | b; c", "c", "c"),
        ("a && b | c || d", "b", "b c"),
        ("a | (b; c | d) | e", "a", "a b c d e"),
        ("a | (b; c | d) | e", "b", "b"),
        ("a | (b; c | d) | e", "c", "c d"),
        ("a $(b | c) | d", "a", "a d"),
        ("a $(b | c) | d", "b", "b c"),
        ("a | while read x; do b; done; c", "a", "a read b"),
        ("if a | b; then c; fi | d", "d", "a b c d"),
        ("! a | b", "a", "a b"),
        ("f() { a | b; }; c", "a", "a b"),
        ("sh -c 'a | b' | c", "a", "a b"),
    ] {
        let script = parse(text);
        let pipeline = script.pipeline(find(&script, first));
        let words: Vec<&str> = pipeline.map(|command| command.words[0].raw).collect();
        assert_eq!(words.join(" "), wanted, "{first} of {text}");
    }
}

#[test]
fn what_is_run() {
    // Of each: whether it is a condition, and whether it is run for sure.
    for (text, first, wanted) in [
        ("a && b", "b", (false, true)),
        ("a || b", "b", (false, false)),
        ("a || (b; c)", "c", (false, false)),
        ("if a; then b; fi", "a", (true, true)),
        ("if a; then b; fi", "b", (false, false)),
        ("while ! a $(b); do c; done", "b", (true, true)),
        ("while a; do c; done", "c", (false, false)),
        ("for x in 1; do c; done", "c", (false, false)),
        ("case x in y) c;; esac", "c", (false, false)),
        ("f() { c; }", "c", (false, false)),
        ("{ (c); }", "c", (false, true)),
        ("sh -ec 'c'", "c", (false, true)),
    ] {
        let script = parse(text);
        let command = find(&script, first);
        let found = (script.is_condition(command), script.is_always_run(command));
        assert_eq!(found, wanted, "{first} of {text}");
    }
}

#[test]
fn programs_behind_wrappers() {
    for (text, wanted) in [
        ("/usr/bin/apt-get update", "apt-get update"),
        ("sudo -Eu root apt-get update", "apt-get update"),
        ("sudo -u root A=b env -u X C=d apt-get update", "apt-get update"),
        ("env -i apt-get -y update", "apt-get -y update"),
        ("exec \"$@\"", "? "),
        ("command -v curl", "command -v curl"),
        ("command curl x", "curl x"),
        ("time -p make -j2", "make -j2"),
        ("nice -n 3 nohup make", "make "),
        ("nice -n3 -- make", "make "),
        ("timeout -k 5 1h apk add x", "apk add x"),
        ("xargs -0 -n 1 rm -f", "rm -f"),
        ("busybox wget x", "wget x"),
        ("busybox --list", "busybox --list"),
        ("eatmydata apt-get update", "apt-get update"),
        ("gosu user:group npm ci", "npm ci"),
        ("sudo", "sudo "),
        ("sudo -u", "sudo -u"),
        ("env A=b", "env A=b"),
        ("timeout 5", "timeout 5"),
        ("${X}/bin/y z", "? z"),
    ] {
        let script = parse(text);
        let command = &script.commands[0];
        let arguments: Vec<&str> = command.arguments().iter().map(|word| word.raw).collect();
        let found = format!("{} {}", command.program().unwrap_or("?"), arguments.join(" "));
        assert_eq!(found, wanted, "{text}");
    }
}

#[test]
fn flags() {
    for (text, flags, wanted) in [
        ("apt-get -qy install", &["-y", "--yes"][..], true),
        ("apt-get --yes install", &["-y", "--yes"], true),
        ("apt-get install --assume-yes=true", &["--assume-yes"], true),
        ("apt-get --y", &["-y"], false),
        ("x --yesterday", &["--yes"], false),
        ("x -- -y", &["-y"], false),
        ("go build -trimpath", &["-trimpath"], true),
        ("x -o=y", &["-y"], false),
        ("sudo -y apt-get", &["-y"], false),
    ] {
        assert_eq!(parse(text).commands[0].has_flag(flags), wanted, "{text}");
    }
    for (text, flags, wanted) in [
        ("pip -r a.txt", &["-r", "--requirement"][..], Some("a.txt")),
        ("pip --requirement=a.txt", &["-r", "--requirement"], Some("a.txt")),
        ("pip -ra.txt", &["-r"], Some("a.txt")),
        ("pip --requirement $X", &["--requirement"], Some("")),
        ("pip --requirement", &["--requirement"], None),
        ("pip --requirements x", &["--requirement"], None),
        ("pip -- -r x", &["-r"], None),
    ] {
        assert_eq!(parse(text).commands[0].flag_value(flags), wanted, "{text}");
    }
}

#[test]
fn words_know_what_they_are() {
    let script = parse("a 'b c' \"d\" e\\ f $g \"h$i\" *.j {k,l} m'n' \"o\\\"\"");
    let words = &script.commands[0].words;
    let told: Vec<(&str, bool, bool, bool)> = words
        .iter()
        .map(|word| {
            (
                word.prefix(),
                word.is_quoted(),
                word.has_expansion(),
                word.is_certain(),
            )
        })
        .collect();
    let wanted = [
        ("a", false, false, true),
        ("b c", true, false, true),
        ("d", true, false, true),
        ("e f", true, false, true),
        ("", false, true, false),
        ("h", true, true, false),
        ("*.j", false, false, false),
        ("{k,l}", false, false, false),
        ("mn", true, false, true),
        ("o\"", true, false, true),
    ];
    assert_eq!(told, wanted);
    let verbatim: Vec<bool> = words.iter().map(|word| word.verbatim().is_some()).collect();
    assert_eq!(
        verbatim,
        [true, true, true, false, true, true, true, true, false, false]
    );
}

#[test]
fn scripts_in_quotes_keep_their_places() {
    let text = "sudo sh -ec 'a; b c' && d";
    let script = parse(text);
    let inner = find(&script, "b");
    assert_eq!(&text[inner.span.clone()], "b c");
    let level = &script.levels[inner.place.level];
    assert_eq!((level.kind, level.command), (LevelKind::Script, Some(0)));
    assert_eq!(&text[level.span.clone()], "a; b c");
}
