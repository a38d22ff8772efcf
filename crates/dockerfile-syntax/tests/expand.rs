//! Expansion of words, one line a case.

use dockerfile_syntax::Budget;
use dockerfile_syntax::expand::{Lexer, NoEnv};
use std::collections::BTreeMap;

/// A word, and its expansion or a part of the error.
const CASES: &[(&str, Result<&str, &str>)] = &[
    ("$a ${a}b $aX", Ok("one oneb ")),
    ("\\$a '$a' \"$a\" \"\\$a\"", Ok("$a $a one $a")),
    ("a\\b 'a\\b' \"a\\b\" \"a\\\\b\"", Ok("ab a\\b a\\b a\\b")),
    ("$1x ${1} $- $? $", Ok("x    $")),
    ("${u-d} ${u:-d} ${e-d}|${e:-d} ${a-d}", Ok("d d |d one")),
    ("${u+d}|${u:+d}|${e+d}|${e:+d}|${a+d}", Ok("||d||d")),
    ("${u:-${v:-$a}}", Ok("one")),
    ("${u:-'a b'} \"${u:-\"x\"}\"", Ok("a b x")),
    (
        "${p#*/} ${p##*/} ${p%/*} ${p%%/*}",
        Ok("b/c.tar.gz c.tar.gz a/b a"),
    ),
    ("${p%.*} ${p%%.*} ${p#?/}", Ok("a/b/c.tar a/b/c b/c.tar.gz")),
    (
        "${p/b/X} ${p//a/Y} ${p/\\//-} ${p//\\//-}",
        Ok("a/X/c.tar.gz Y/b/c.tYr.gz a-b/c.tar.gz a-b-c.tar.gz"),
    ),
    ("${p/*a/X}", Ok("Xr.gz")),
    ("${s#\\*} ${s%\\?} ${s//\\\\/-}", Ok("?\\? *?\\ *?-?")),
    ("${p//t/'$0$0'} ${p/t/'$0'}", Ok("a/b/c.ttar.gz a/b/c.$0ar.gz")),
    ("${e/*/x}|${e//*/x}", Ok("x|x")),
    ("${a//one/'<$0>'}", Ok("<one>")),
    ("${é}", Ok("accent")),
    ("${u:?gone}", Err("u: gone")),
    ("${e:?}", Err("must not be empty")),
    ("${u?}", Err("must be set")),
    ("${e?}", Ok("")),
    ("${", Err("} is missing")),
    ("${a", Err("} is missing")),
    ("${a:-b", Err("} is missing")),
    ("${}", Err("name of a variable")),
    ("${a/b}", Err("second /")),
    ("${a/b/", Err("} is missing")),
    ("${a:#b}", Err(":# is no operator")),
    ("${a=b}", Err("= is no operator")),
    ("${a#\\x}", Err("not before 'x'")),
    ("'a", Err("quote '")),
    ("\"a", Err("quote \"")),
    ("${a:-\"b}", Err("} is missing")),
];

fn env() -> BTreeMap<String, String> {
    [
        ("a", "one"),
        ("e", ""),
        ("p", "a/b/c.tar.gz"),
        ("s", "*?\\?"),
        ("é", "accent"),
        ("w", "x  y"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

#[test]
fn words() {
    let env = env();
    for (word, want) in CASES {
        match (Lexer::new('\\').process_word(word, &env, &Budget::new()), want) {
            (Ok(got), Ok(want)) => assert_eq!(got.text, *want, "{word}"),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{word}: {error}"),
            (got, want) => panic!("{word}: {got:?} instead of {want:?}"),
        }
    }
}

#[test]
fn splitting() {
    for (word, want) in [
        ("a b", vec!["a", "b"]),
        ("$w \"$w\"", vec!["x", "y", "x  y"]),
        ("a\\ b 'c d'", vec!["a b", "c d"]),
        ("$u ''", vec![]),
        // Text before a reference with a word is lost, as in the reference.
        ("k${u:-v}", vec!["v"]),
        ("<< a", vec!["<< a"]),
    ] {
        assert_eq!(
            Lexer::new('\\')
                .process_words(word, &env(), &Budget::new())
                .unwrap(),
            want,
            "{word}"
        );
    }
}

#[test]
fn switches() {
    let plain = Lexer::new('\\');
    let unset = Lexer {
        skip_unset_env: true,
        ..plain
    };
    assert_eq!(
        unset
            .process_word("$x ${x} ${x:-y} ${x/a/b} $a", &env(), &Budget::new())
            .unwrap()
            .text,
        "$x ${x} ${x:-y} ${x/a/b} one"
    );
    let quotes = Lexer {
        skip_process_quotes: true,
        ..plain
    };
    assert_eq!(
        quotes
            .process_word("'$a' \"\\$a\\\"", &env(), &Budget::new())
            .unwrap()
            .text,
        "'one' \"$a\""
    );
    let raw = Lexer {
        raw_quotes: true,
        raw_escapes: true,
        ..plain
    };
    assert_eq!(
        raw.process_word("'a' \"b\" \\c", &NoEnv, &Budget::new())
            .unwrap()
            .text,
        "'a' \"b\" \\c"
    );
    assert_eq!(
        Lexer::new('`')
            .process_word("`$a \\$a", &env(), &Budget::new())
            .unwrap()
            .text,
        "$a \\one"
    );
    let done = plain
        .process_word("$a ${b:-$c} $d", &env(), &Budget::new())
        .unwrap();
    assert_eq!(done.matched.into_iter().collect::<Vec<_>>(), ["a"]);
    assert_eq!(done.unmatched.into_iter().collect::<Vec<_>>(), ["b", "c", "d"]);
}
