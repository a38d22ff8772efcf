//! Large and deep inputs: no stack is used up, and time grows with the length only.
//!
//! The limits are generous, for slow machines and unoptimized code; what they would catch is quadratic time.

#![allow(clippy::unwrap_used)]

use dockerfile_syntax::Budget;
use dockerfile_syntax::expand::{Lexer, NoEnv};
use dockerfile_syntax::{InstructionKind, SyntaxErrorKind, parse};
use std::time::{Duration, Instant};

/// Runs within a small stack and a time limit.
fn bounded(work: impl FnOnce() + Send + 'static) {
    let start = Instant::now();
    let thread = std::thread::Builder::new()
        .stack_size(256 << 10)
        .spawn(work)
        .unwrap();
    thread.join().unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "took {:?}",
        start.elapsed()
    );
}

#[test]
fn deep_references() {
    for (open, close) in [
        ("${a:-", "}"),
        ("${a#", "}"),
        ("${a/", "x/b}"),
        ("\"${a:+", "}\""),
        ("${a:-\"", "\"}"),
    ] {
        bounded(move || {
            let word = [open.repeat(100_000), close.repeat(100_000)].concat();
            let mut lexer = Lexer::new('\\');
            assert!(
                lexer
                    .process_word(&word, &NoEnv, &Budget::new())
                    .is_ok_and(|done| done.text.is_empty())
            );
            assert!(
                lexer
                    .process_words(&word, &NoEnv, &Budget::new())
                    .is_ok_and(|words| words.is_empty())
            );
            lexer.skip_unset_env = true;
            let len = word.replace('"', "").len();
            assert!(
                lexer
                    .process_word(&word, &NoEnv, &Budget::new())
                    .is_ok_and(|done| done.text.len() == len)
            );
            assert!(
                lexer
                    .process_word(&open.repeat(100_000), &NoEnv, &Budget::new())
                    .is_err()
            );
        });
    }
}

#[test]
fn deep_json_is_no_json() {
    bounded(|| {
        let text = format!(
            "FROM a\nRUN {}\nCMD {}{}\n",
            "[".repeat(60_000),
            "[".repeat(9_000),
            "]".repeat(9_000)
        );
        let parsed = parse(text.as_bytes());
        assert_eq!(parsed.errors.len(), 1);
        assert_eq!(parsed.errors[0].kind, SyntaxErrorKind::JsonElementNotString);
        assert_eq!(parsed.errors[0].lines.start, 3);
    });
}

#[test]
fn deep_onbuild() {
    bounded(|| {
        let text = format!("FROM a\n{}RUN x\n", "ONBUILD \\\n".repeat(100_000));
        let parsed = parse(text.as_bytes());
        assert_eq!(parsed.errors[0].kind, SyntaxErrorKind::OnbuildChain);
    });
}

#[test]
fn ten_megabytes() {
    bounded(|| {
        let lines = 10 << 20 >> 7;
        let line = format!("RUN echo {}\n", "a b c d e f g h i j ".repeat(6));
        let text = format!("FROM a\n{}", line.repeat(lines));
        let parsed = parse(text.as_bytes());
        assert!(parsed.errors.is_empty());
        assert_eq!(parsed.dockerfile.stages[0].instructions.len(), lines);
    });
    bounded(|| {
        let body = "some text in a heredoc\n".repeat(400_000);
        let text = format!("FROM a\nRUN <<EOF\n{body}EOF\n");
        let parsed = parse(text.as_bytes());
        let InstructionKind::Run(run) = &parsed.dockerfile.stages[0].instructions[0].kind else {
            panic!()
        };
        assert_eq!(run.heredocs[0].text(), body);
    });
    bounded(|| {
        let text = format!("FROM a\nENV {}x=y", "a=b \\\n".repeat(500_000));
        let parsed = parse(text.as_bytes());
        let InstructionKind::Env(pairs) = &parsed.dockerfile.stages[0].instructions[0].kind else {
            panic!()
        };
        assert_eq!(pairs.len(), 500_001);
    });
    bounded(|| {
        assert_eq!(
            parse("x <<EOF\nRUNN <<EOF\n".repeat(100_000).as_bytes())
                .errors
                .len(),
            1000
        );
    });
    bounded(|| {
        assert_eq!(
            parse(format!("FROM a\nRUN {}", "<<E ".repeat(16_000)).as_bytes())
                .errors
                .len(),
            1
        );
    });
}

#[test]
fn the_longest_line() {
    for (len, end, fits) in [
        (65_535, "\n", true),
        (65_536, "\n", false),
        (65_535, "", true),
        (65_536, "", false),
    ] {
        let head = "FROM a\n";
        let line = format!("RUN {}{end}", "x".repeat(len - 4));
        assert_eq!(
            parse(format!("{head}{line}").as_bytes()).errors.is_empty(),
            fits,
            "{len} {end:?}"
        );
    }
}
