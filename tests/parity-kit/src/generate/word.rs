//! Words: plain, quoted, escaped, and with every kind of expansion.

use super::Random;

/// Names of variables; a few are set in most files.
pub(super) const NAMES: [&str; 16] = [
    "A",
    "B",
    "C",
    "V",
    "path",
    "_x",
    "TARGETARCH",
    "TARGETPLATFORM",
    "BUILDPLATFORM",
    "PATH",
    "HOME",
    "a1",
    "Q",
    "Ä",
    "0",
    "SOURCE_DATE_EPOCH",
];

const PLAIN: [&str; 34] = [
    "a",
    "b",
    "/a",
    "/b/c",
    "./d",
    "../e",
    "x.tar.gz",
    "a/",
    "/",
    ".",
    "*",
    "f?o",
    "[ab]c",
    "1",
    "0755",
    "abcabc",
    "ü",
    "日本",
    "a:b",
    "k=v",
    "a=b=c",
    "=",
    ",",
    "a,b",
    "#",
    "a#b",
    "-",
    "--",
    "--x",
    "~",
    "%",
    "/usr/local/bin",
    "&&",
    ";",
];

/// Values of default-like parts and patterns.
const PARTS: [&str; 20] = [
    "", "d", "a b", "*", "a*", "*c", "?", "b", "a?c", "[a]", "\\*", "\\?", "\\\\", "x/y", "\\/", "$B",
    "${C}", "'q'", "\"q\"", ".",
];

/// A word without blanks outside of quotes, most of the time.
pub(super) fn word(random: &mut Random) -> String {
    let parts = if random.one_in(3) { random.below(4) + 1 } else { 1 };
    (0..parts).map(|_| piece(random)).collect()
}

fn piece(random: &mut Random) -> String {
    match random.below(14) {
        0..6 => random.pick(&PLAIN).to_owned(),
        6 | 7 => format!("${}", random.pick(&NAMES)),
        8 | 9 => expansion(random, 0),
        10 => format!("'{}'", inside(random)),
        11 => format!("\"{}\"", inside(random)),
        12 => random
            .pick(&["\\ ", "\\$", "\\\"", "\\'", "\\\\", "\\a", "`", "\\"])
            .to_owned(),
        _ => random
            .pick(&[
                "$", "$$", "${", "$1", "$@", "$?", "${}", "${#}", "'", "\"", "$(x)", "${A", "\t", "$#", "$-",
            ])
            .to_owned(),
    }
}

fn inside(random: &mut Random) -> String {
    let count = random.below(4);
    let choices = [
        "a",
        " ",
        "  ",
        "$A",
        "${B}",
        "\\$A",
        "\\\"",
        "\\a",
        "b c",
        "'",
        "#",
        "\\\\",
        "é",
        "${Q:-x y}",
        "\\'",
        "`",
    ];
    let mut out: String = (0..count).map(|_| random.pick(&choices)).collect();
    if random.one_in(8) {
        out.push_str(&expansion(random, 1));
    }
    out
}

/// `${…}` with any operator.
fn expansion(random: &mut Random, depth: usize) -> String {
    let name = random.pick(&NAMES);
    let operator = random.pick(&[
        ":-", "-", ":+", "+", ":?", "?", "#", "##", "%", "%%", "/", "//", "", ":", "^", ":#", ":%", ":/",
        "///",
    ]);
    let mut part = random.pick(&PARTS).to_owned();
    if depth < 3 && random.one_in(4) {
        part.push_str(&expansion(random, depth + 1));
    }
    if operator.starts_with('/') && !random.one_in(10) {
        part = format!(
            "{part}/{}",
            random.pick(&[
                "", "X", "$1", "$0", "\\$1", "a/b", "$B", "${1}x", "'", "$$", "$name", "\\"
            ])
        );
    }
    if operator.is_empty() {
        part.clear();
    }
    format!("${{{name}{operator}{part}}}")
}

/// Several words.
pub(super) fn words(random: &mut Random, most: usize) -> String {
    let count = random.below(most) + 1;
    let words: Vec<String> = (0..count).map(|_| word(random)).collect();
    let gap = if random.one_in(12) { "  " } else { " " };
    words.join(gap)
}

/// A path, most of them sane.
pub(super) fn path(random: &mut Random) -> String {
    if random.one_in(4) {
        return word(random);
    }
    random
        .pick(&[
            "a", "b", "/", "/a", "/a/b/", "dir/", ".", "./", "..", "../x", "/x/../y", "*.go", "a/./b",
            "/w//v", "d/.", "\"a b\"", "$A", "${V}/z", "file.txt", "x y", "*", "/lib/", "C:\\\\x", "./*",
            "a.tar", "/.", "a/..", "**", "a\\ b",
        ])
        .to_owned()
}

/// A JSON array of strings, or nearly.
pub(super) fn json(random: &mut Random) -> String {
    let count = random.below(4);
    let items = [
        "\"a\"",
        "\"/bin/sh\"",
        "\"-c\"",
        "\"echo $A\"",
        "\"a b\"",
        "\"\"",
        "\"\\u0041\"",
        "\"<&>\"",
        "\"\\n\"",
        "\"ü\"",
        "\"a/\"",
        "\"\\\\\"",
        "\"'\"",
        "\"\\/\"",
        "\"${B}\"",
    ];
    let items: Vec<&str> = (0..count).map(|_| random.pick(&items)).collect();
    match random.below(16) {
        0 => format!("[{}] x", items.join(",")),
        1 => "['a']".to_owned(),
        2 => "[1, null]".to_owned(),
        3 => format!("[ {} ", items.join(",")),
        4 => format!("[{},]", items.join(",")),
        5 => "[null]".to_owned(),
        6 => "[\"\\ud800\", \"a\\qb\"]".to_owned(),
        _ => format!("[{}]", items.join(", ")),
    }
}
