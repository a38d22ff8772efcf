//! Scripts and what is read from them: each file in `tests/cases`. `BLESS=1` writes what comes out; read it then.
//!
//! A case is a script, a line of four dashes, and a line a command; a line of four equal signs ends it. A line is: levels
//! around the command, how it follows, `!`, and its parts. Literal words stand as the program gets them, others as
//! written behind a `~`.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use shell_commands::{Command, Join, LevelKind, MOST_DEPTH, MOST_NODES, Redirect, Script, Word, parse};

fn word(word: &Word<'_>) -> String {
    match word.literal() {
        None => format!("~{}", word.raw.escape_debug()),
        Some(text) if text.is_empty() || text.contains(char::is_whitespace) => format!("{text:?}"),
        Some(text) => text.to_owned(),
    }
}

fn redirect(text: &str, redirect: &Redirect<'_>) -> String {
    let body = redirect.body.clone().map(|body| format!("{:?}", &text[body]));
    format!(
        " {{{}{:?} {}{}}}",
        redirect.fd.unwrap_or_default(),
        redirect.operator,
        word(&redirect.target),
        body.unwrap_or_default()
    )
}

fn command(text: &str, script: &Script<'_>, command: &Command<'_>) -> String {
    let mut out = String::new();
    let mut levels: Vec<String> = script
        .levels_of(command)
        .filter(|level| level.kind != LevelKind::Top)
        .map(|level| {
            let redirects: String = level.redirects.iter().map(|one| redirect(text, one)).collect();
            let redirects = redirects.trim_start().to_owned();
            format!("{}{:?}{redirects}", join(level.place.joined), level.kind)
        })
        .collect();
    levels.reverse();
    if !levels.is_empty() {
        let _ = write!(out, "[{}] ", levels.join(" "));
    }
    out += match join(command.place.joined) {
        "" => "",
        sign => sign,
    };
    if !matches!(command.place.joined, Join::First | Join::Then) {
        out.push(' ');
    }
    if command.place.is_negated {
        out += "! ";
    }
    for assignment in &command.assignments {
        let _ = write!(out, "{}={} ", assignment.name, word(&assignment.value));
    }
    out += &command.words.iter().map(word).collect::<Vec<_>>().join(" ");
    for one in &command.redirects {
        out += &redirect(text, one);
    }
    out.trim().to_owned()
}

fn join(join: Join) -> &'static str {
    match join {
        Join::First | Join::Then => "",
        Join::And => "&&",
        Join::Or => "||",
        Join::Pipe => "|",
        Join::Background => "&",
    }
}

fn show(text: &str) -> String {
    let script = parse(text);
    let mut out = String::new();
    for one in &script.commands {
        let _ = writeln!(out, "{}", command(text, &script, one));
    }
    if !script.is_whole {
        out += "broken\n";
    }
    out
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn cases() -> Vec<(String, String)> {
    let texts = files().into_iter().map(|file| fs::read_to_string(file).unwrap());
    let split = |case: &str| {
        let (script, wanted) = case.split_once("\n----\n").unwrap_or((case, ""));
        (script.to_owned(), wanted.to_owned())
    };
    texts
        .flat_map(|text| text.split("====\n").map(split).collect::<Vec<_>>())
        .filter(|(script, _)| !script.trim().is_empty())
        .collect()
}

#[test]
fn scripts_are_read_as_said() {
    if std::env::var_os("BLESS").is_some() {
        for file in files() {
            let text = fs::read_to_string(&file).unwrap();
            let mut out = Vec::new();
            for case in text.split("====\n").filter(|case| !case.trim().is_empty()) {
                let script = case
                    .split_once("\n----\n")
                    .map_or(case.trim_end(), |(script, _)| script);
                out.push(format!("{script}\n----\n{}", show(script)));
            }
            fs::write(file, out.join("====\n")).unwrap();
        }
    }
    for (script, wanted) in cases() {
        assert_eq!(show(&script), wanted, "{script}");
    }
}

/// Places are in the text, in order, and are what they say.
fn check(text: &str) {
    let script = parse(text);
    let mut last = 0;
    for command in &script.commands {
        let span = command.span.clone();
        assert!(text.get(span.clone()).is_some(), "{span:?} {text:?}");
        assert!(span.start >= last && span.start < span.end, "{span:?} {text:?}");
        last = span.start;
        let level = &script.levels[command.place.level];
        assert!(
            level.span.start <= span.start && span.end <= level.span.end,
            "{text:?}"
        );
        for word in command
            .words
            .iter()
            .chain(command.assignments.iter().map(|one| &one.value))
        {
            assert_eq!(&text[word.span.clone()], word.raw);
            assert!(
                span.start <= word.span.start && word.span.end <= span.end,
                "{text:?}"
            );
            assert!(word.verbatim().is_none_or(|range| text.get(range).is_some()));
        }
        for pair in command.words.windows(2) {
            assert!(pair[0].span.end <= pair[1].span.start, "{text:?}");
        }
        if let Some(found) = command.tool() {
            let cleans = found.tool.caches.iter().any(|cache| found.cleans(cache));
            let _ = (found.packages(), found.is_answered(), cleans);
        }
        for redirect in &command.redirects {
            assert!(text.get(redirect.span.clone()).is_some());
            assert!(redirect.body.clone().is_none_or(|body| text.get(body).is_some()));
        }
        assert!(script.pipeline(command).any(|one| one == command), "{text:?}");
        let _ = (
            command.program(),
            command.arguments(),
            script.is_condition(command),
        );
        let _ = (
            command.has_flag(&["-y", "--yes"]),
            command.flag_value(&["-r", "--requirement"]),
        );
    }
    for (index, level) in script.levels.iter().enumerate() {
        assert!(text.get(level.span.clone()).is_some(), "{text:?}");
        assert!(index == 0 || level.place.level < index, "{text:?}");
    }
}

#[test]
fn every_start_of_a_script_is_read() {
    for (script, _) in cases() {
        for end in (0..=script.len()).filter(|end| script.is_char_boundary(*end)) {
            check(&script[..end]);
            check(&script[end..]);
        }
    }
}

#[test]
fn garbage_is_read() {
    let parts = [
        "(",
        ")",
        "$(",
        "`",
        "\"",
        "'",
        "{",
        "}",
        "${",
        "$((",
        "))",
        "((",
        "\\",
        "\n",
        " ",
        ";",
        ";;",
        "&",
        "&&",
        "|",
        "<<E",
        "\nE\n",
        "<",
        ">&",
        "<<<",
        "2>",
        "if ",
        "then ",
        "fi",
        "else ",
        "while ",
        "do ",
        "done",
        "case x in ",
        "esac",
        "for i in ",
        "f() ",
        "function g ",
        "[[ ",
        " ]]",
        "!",
        "time ",
        "a=",
        "b=(",
        "#",
        "é",
        "😀",
        "\u{0}",
        "\r",
        "*",
        "x",
        "sh -c ",
        "sudo ",
        "env A=b ",
        "$'",
        "<(",
        "\\\n",
        "apt-get install -y ",
    ];
    let mut state = 1u64;
    for _ in 0..30_000 {
        let mut text = String::new();
        for _ in 0..14 {
            // A fixed row of numbers, by Knuth's linear congruence.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text += parts[(state >> 33) as usize % parts.len()];
        }
        check(&text);
    }
}

/// What opens something, or what a text is full of.
const OPENERS: &[&str] = &[
    "(",
    "((",
    "$(",
    "$((",
    "`",
    "\"",
    "'",
    "{ ",
    "${",
    "${a:-",
    "\"$(",
    "\"${a",
    "if ",
    "if a; then ",
    "while ",
    "case x in a) ",
    "f() ",
    "f() { ",
    "for i in ",
    "for ((",
    "[[ ",
    "! ",
    "time ",
    "a=(",
    "<<E ",
    "<<E\n",
    "<(",
    ">",
    "2>",
    "1",
    "a",
    "a ",
    "a;",
    "a|",
    "a&&",
    "\n",
    ";",
    "&",
    ")",
    "}",
    "\\",
    "\\\n",
    "#",
    "# \n",
    "$",
    "$'",
    "é",
    "=",
    "a=",
    "a= ",
    "-c ",
    "sh -c ",
    "sh -c '",
    "sh -c \"",
    "sudo ",
    "env a=b ",
    "\t",
    "`$(",
    "\"`",
    "apt-get install a ",
    "pip -zzzz ",
    "pip install a==",
];

#[test]
fn large_and_deep_scripts_come_to_an_end() {
    let work = || {
        for opener in OPENERS {
            let text = opener.repeat((2 << 20) / opener.len());
            let script = parse(&text);
            assert!(
                script.commands.len() <= MOST_NODES + 1 && script.levels.len() <= MOST_NODES + 2,
                "{opener}"
            );
            for command in script.commands.iter().take(100) {
                assert!(script.levels_of(command).count() <= MOST_DEPTH + 1, "{opener}");
                let _ = (command.program(), script.pipeline(command).count());
                let _ = command.tool().map(|found| found.packages());
            }
        }
    };
    let thread = std::thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(work)
        .unwrap();
    thread.join().unwrap();
}
