//! Ignore files and the paths they match.

use dockerfile_syntax::Budget;
use dockerfile_syntax::ignore::{IgnoreError, Matcher, parse};

#[test]
fn files() {
    let text = "\u{feff}# comment\n # no comment\n/a/\r\n./b/../c\n! d \n!\n//\n\n";
    assert_eq!(
        parse(text.as_bytes()).unwrap(),
        ["# no comment", "a", "c", "!d", "!", "/"]
    );
    let long = [b"a\n".as_slice(), &[b'x'; 70_000]].concat();
    assert_eq!(parse(&long), Err(IgnoreError::LineTooLong { line: 2 }));
}

#[test]
fn paths() {
    for (file, hits, misses) in [
        ("a", vec!["a", "a/b", "a/b/c"], vec!["b", "ab", "b/a"]),
        ("*.go", vec!["x.go"], vec!["a/x.go", "xgo"]),
        ("**/*.go", vec!["x.go", "a/b/x.go"], vec!["x.gob"]),
        ("**/a", vec!["a", "b/a", "b/a/c"], vec!["ba"]),
        ("a/**", vec!["a/b", "a/b/c"], vec!["a", "ab"]),
        ("a/**/b", vec!["a/b", "a/x/y/b"], vec!["a/xb"]),
        ("a?", vec!["ab"], vec!["a", "a/b", "abc"]),
        ("*\n!b", vec!["a"], vec!["b", "b/c"]),
        ("a\n!a/b\na/b/c", vec!["a/x", "a/b/c"], vec!["a/b", "a/b/d"]),
        ("[a-c]x", vec!["bx"], vec!["dx"]),
        ("[^a]", vec!["b"], vec!["a"]),
        ("a\\*", vec!["a*"], vec!["ab"]),
        ("**", vec!["a", "a/b"], vec![]),
        ("a.b+", vec!["a.b+"], vec!["axb", "a.bb"]),
        // As in the reference, a star within brackets becomes `[^/]*` there, too.
        ("[*]a", vec!["]a", "[^]a"], vec!["*a", "ba", "a"]),
        ("[a]{2}", vec!["aa"], vec!["a", "aaa"]),
        ("\\x41[b]", vec!["Ab"], vec!["x41b", "ab"]),
        ("\\x{e9}?", vec!["éb"], vec!["eb"]),
    ] {
        let matcher = Matcher::new(&parse(file.as_bytes()).unwrap(), &Budget::new()).unwrap();
        for (paths, want) in [(hits, true), (misses, false)] {
            for path in paths {
                assert_eq!(
                    matcher.matches_or_parent_matches(path, &Budget::new()),
                    Ok(want),
                    "{file:?} {path}"
                );
            }
        }
    }
}

#[test]
fn bad_patterns() {
    for pattern in ["[", "[]a]", "a\\", "!"] {
        assert!(
            Matcher::new(&[pattern.to_owned()], &Budget::new()).is_err(),
            "{pattern}"
        );
    }
    for pattern in ["[z-a]", "[a]{3,2}", "[a]\\x4", "[a]\\xgg"] {
        let late = Matcher::new(&[pattern.to_owned()], &Budget::new()).unwrap();
        let asked = late.matches_or_parent_matches("a", &Budget::new());
        assert!(asked.is_err(), "{pattern}");
    }
}
