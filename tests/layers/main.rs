//! The layers of each crate: which module may know of which. ARCHITECTURE.md says what they are for.
//!
//! A crate is a tower of floors. A module knows those on the floors below its own, and neither the ones beside it nor
//! the ones above. `lib.rs` stands on top. Modules that are there for tests alone do not count.
//!
//! Inside of a folder there is no list: there the files must not go round in a circle. `mod.rs` does not count, since it
//! and its files are one module. Only paths are seen, so a method of a value from above would not be.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod code;

use std::collections::{BTreeMap, BTreeSet};

use code::{File, Modules, files};

/// A crate and its floors from the ground up.
struct Tower<'a> {
    folder: &'a str,
    /// What a floor is about, and its modules.
    floors: &'a [(&'a str, &'a [&'a str])],
    /// The first must not know the second, though it stands below: two readers of one thing.
    apart: &'a [(&'a str, &'a str)],
    /// Folders with files that go round in a circle, and those files.
    circles: &'a [(&'a str, &'a [&'a str])],
}

const TOWERS: &[Tower<'_>] = &[
    Tower {
        folder: "crates/dockerfile-syntax/src",
        floors: &[
            (
                "text and numbers",
                &["budget", "number", "shape", "sort", "span", "text"],
            ),
            (
                "words",
                &["env_file", "expand", "json", "limits", "suggest", "word", "words"],
            ),
            ("lines and errors", &["csv", "error", "heredoc", "line", "meta"]),
            ("what a line holds", &["directive", "flags", "ignore", "message"]),
            ("the dialect", &["dialect"]),
            ("parts of an instruction", &["parts"]),
            ("instructions", &["instruction"]),
            ("the file", &["ast"]),
            ("reading", &["parse"]),
        ],
        apart: &[],
        // A word within `${…}` is a word; what a mount may say depends on its type, and each type says it of a mount.
        circles: &[
            ("expand", &["dollar", "lexer"]),
            (
                "instruction/run",
                &["bind", "cache", "mount", "secret", "ssh", "tmpfs"],
            ),
        ],
    },
    Tower {
        folder: "crates/dockerfile-compile/src",
        floors: &[
            ("what may be shown", &["safe"]),
            ("facts and locks", &["facts", "lock", "warning"]),
            (
                "values",
                &["answers", "go", "host", "options", "paths", "shared_map"],
            ),
            ("errors and environments", &["env", "error", "remote"]),
            (
                "images, files, caches and the dialect",
                &["caching", "dialect", "files", "ignore_file", "image"],
            ),
            ("files of pairs", &["pairs"]),
            ("plan", &["plan"]),
            ("graph", &["lower"]),
            ("readers", &["lint", "view"]),
            ("result", &["compiled", "remainder"]),
            ("the way back", &["plain"]),
            ("last step", &["finish"]),
            ("the whole way", &["compile"]),
            ("the whole way alone", &["offline"]),
        ],
        // Lint reads the file and the facts, nothing else.
        apart: &[("lint", "plan"), ("lint", "lower")],
        circles: &[],
    },
    Tower {
        folder: "crates/buildkit-llb/src",
        floors: &[
            ("maps and sets", &["collect"]),
            (
                "the wire",
                &[
                    "caps",
                    "digest",
                    "output",
                    "parts",
                    "path",
                    "proto",
                    "reference",
                    "shlex",
                    "weight",
                    "wire",
                ],
            ),
            ("metadata", &["metadata", "platform", "renumber", "tree"]),
            ("definitions", &["definition", "options"]),
            (
                "what encoding works with",
                &["encode", "graph_error", "json", "marshalled", "own_key"],
            ),
            ("sources", &["source", "text"]),
            ("operations", &["op"]),
            ("vertices", &["vertex"]),
            ("vertices in a graph", &["node"]),
            ("graph", &["graph"]),
            ("graph and definition", &["import", "marshal"]),
            ("states", &["state"]),
        ],
        apart: &[],
        circles: &[],
    },
    Tower {
        folder: "crates/dockerfile-advice/src",
        floors: &[
            (
                "places, comments, shells, variables",
                &["comments", "environment", "mapping", "shells"],
            ),
            ("stages", &["stages"]),
            ("triggers", &["triggers"]),
            ("the file", &["subject"]),
            ("what a rule is", &["rule"]),
            ("the rules", &["rules"]),
            ("which of them", &["selection"]),
            ("asking them", &["advise", "scripts"]),
        ],
        apart: &[],
        circles: &[],
    },
    Tower {
        folder: "crates/shell-commands/src",
        floors: &[
            ("words", &["word"]),
            ("the model, flags and wrappers", &["flags", "script", "wrappers"]),
            ("what a command runs", &["invocation"]),
            ("tools", &["tools"]),
            ("reading", &["parse"]),
        ],
        apart: &[],
        circles: &[],
    },
    Tower {
        folder: "src",
        floors: &[
            (
                "the wire and options",
                &["gateway", "gzip", "join", "options", "tar"],
            ),
            ("what people read", &["report"]),
            ("first and last call", &["entry", "handover"]),
            ("answers", &["resolve"]),
            ("why a step failed", &["hint"]),
            ("build", &["build"]),
            ("questions", &["subrequest"]),
        ],
        apart: &[],
        circles: &[],
    },
];

/// All that is wrong with a crate.
fn findings(tower: &Tower<'_>, files: Vec<File>) -> Vec<String> {
    let modules = Modules::new(files);
    let mut findings = not_listed(tower, &modules);
    findings.extend(upward(tower, &modules));
    findings.extend(circles(tower, &modules));
    findings
}

fn not_listed(tower: &Tower<'_>, modules: &Modules) -> Vec<String> {
    let folder = tower.folder;
    let there: BTreeSet<&str> = modules
        .known
        .iter()
        .filter_map(|path| path.first())
        .map(String::as_str)
        .collect();
    let mut listed = BTreeSet::new();
    let mut findings = Vec::new();
    for name in tower.floors.iter().flat_map(|(_, names)| *names) {
        if !there.contains(name) || !listed.insert(*name) {
            findings.push(format!(
                "{folder}: `{name}` is gone, or listed twice: take it from the list in tests/layers/main.rs"
            ));
        }
    }
    for name in there.difference(&listed) {
        findings.push(format!("{folder}: `{name}` is on no floor: put it on one in tests/layers/main.rs, right above those that it knows"));
    }
    findings
}

fn upward(tower: &Tower<'_>, modules: &Modules) -> Vec<String> {
    let floor = |name: &str| tower.floors.iter().position(|(_, names)| names.contains(&name));
    let mut findings = Vec::new();
    for (file, line, to) in modules.edges() {
        let Some(from) = file.module.first() else { continue };
        let to = to.first().map_or("lib", String::as_str);
        let is_apart = tower.apart.contains(&(from, to));
        if from == to || (floor(from) > floor(to) && floor(to).is_some() && !is_apart) {
            continue;
        }
        let of = |name: &str| floor(name).map_or("the top", |floor| tower.floors[floor].0);
        findings.push(format!(
            "{}:{line}: `{from}` ({}) knows `{to}` ({}), which is not below it: move what both need below both",
            file.path,
            of(from),
            of(to)
        ));
    }
    findings
}

/// Files of one folder that reach each other.
fn circles(tower: &Tower<'_>, modules: &Modules) -> Vec<String> {
    let mut known: BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (file, _, to) in modules.edges() {
        let same = file
            .module
            .iter()
            .zip(&to)
            .take_while(|(one, other)| one == other)
            .count();
        if let (1.., Some(from), Some(to)) = (same, file.module.get(same), to.get(same)) {
            let folder = known.entry(file.module[..same].to_vec()).or_default();
            folder.entry(from.clone()).or_default().insert(to.clone());
        }
    }
    let mut findings = Vec::new();
    for (folder, uses) in known {
        let folder = folder.join("/");
        let mut around: Vec<&str> = Vec::new();
        for name in uses.keys() {
            let mut reached = BTreeSet::new();
            let mut open: Vec<&String> = uses[name].iter().collect();
            while let Some(next) = open.pop() {
                if reached.insert(next) {
                    open.extend(uses.get(next).into_iter().flatten());
                }
            }
            if reached.contains(name) {
                around.push(name);
            }
        }
        let told = tower.circles.iter().find(|(name, _)| *name == folder);
        if told.map_or(&[][..], |(_, names)| *names) != around {
            findings.push(format!(
                "{}/{folder}: these files know each other in a circle: {around:?}; tests/layers/main.rs tells another list",
                tower.folder
            ));
        }
    }
    findings
}

/// Fails with all findings.
#[track_caller]
fn none(findings: &[String]) {
    assert!(
        findings.is_empty(),
        "{} to put right:\n\n{}\n",
        findings.len(),
        findings.join("\n")
    );
}

#[test]
fn modules_know_what_is_below_them() {
    let all = TOWERS.iter().flat_map(|tower| {
        let files = files(tower.folder);
        assert!(files.len() > 10, "{}: the sources have moved", tower.folder);
        findings(tower, files)
    });
    none(&all.collect::<Vec<String>>());
}

/// A small crate that is in order, with the text of one file in the place of its own.
fn small(path: &str, text: &str) -> Vec<String> {
    let mut texts = BTreeMap::from([
        (
            "lib.rs",
            "mod a;\nmod b;\nmod c;\nmod d;\npub use b::{Text as Named, x::Other};\npub struct Run;\n",
        ),
        (
            "a.rs",
            "//! crate::b::X\npub struct Word;\nconst S: &str = \"crate::b\"; /* crate::b */\n",
        ),
        (
            "b/mod.rs",
            "mod x;\nmod y;\nuse crate::a::Word;\npub struct Text;\n",
        ),
        (
            "b/x.rs",
            "use super::{Text, y};\npub struct Other<'a>(&'a str, crate::a::Word);\n",
        ),
        (
            "b/y.rs",
            "use super::Text;\n#[cfg(test)]\nmod tests { use crate::c; fn f() { super::super::x::g(); } }\n",
        ),
        ("c.rs", "use crate::{a, Named};\n#[cfg(test)]\nuse crate::d;\n"),
        ("d.rs", "use crate::Other;\n"),
    ]);
    texts.insert(path, text);
    let tower = Tower {
        folder: "m",
        floors: &[("ground", &["a"]), ("middle", &["b"]), ("readers", &["c", "d"])],
        apart: &[("d", "a")],
        circles: &[],
    };
    let files = texts.iter().filter(|(_, text)| !text.is_empty());
    findings(
        &tower,
        files.map(|(path, text)| File::new("m", path, text)).collect(),
    )
}

#[test]
fn order_is_found() {
    none(&small("d.rs", "use crate::b;\n"));
    none(&small(
        "a.rs",
        "use other::b;\nfn f<'b>(c: &'b u8) -> char { 'b' }\npub(crate) use {self::f as g};\n",
    ));
}

#[test]
fn disorder_is_found() {
    for (path, text, wanted) in [
        (
            "a.rs",
            "use crate::b;\n",
            "m/a.rs:1: `a` (ground) knows `b` (middle)",
        ),
        (
            "a.rs",
            "fn f() {\n    let s = '\"';\n    super::c::g(\"\");\n}\n",
            "m/a.rs:3: `a` (ground) knows `c`",
        ),
        (
            "a.rs",
            "use crate::{\n    a,\n    b::{self, Text as T},\n};\n",
            "m/a.rs:3: `a` (ground) knows `b`",
        ),
        (
            "a.rs",
            "#[cfg(test)]\nmod tests {}\nuse crate::Named;\n",
            "m/a.rs:3: `a` (ground) knows `b`",
        ),
        (
            "b/x.rs",
            "fn f(x: super::super::c::C) {}\n",
            "m/b/x.rs:1: `b` (middle) knows `c` (readers)",
        ),
        (
            "c.rs",
            "macro_rules! m { () => { $crate::d::E } }\n",
            "m/c.rs:1: `c` (readers) knows `d` (readers)",
        ),
        (
            "d.rs",
            "use crate::a;\n",
            "m/d.rs:1: `d` (readers) knows `a` (ground)",
        ),
        (
            "c.rs",
            "use crate::Run;\n",
            "m/c.rs:1: `c` (readers) knows `lib` (the top)",
        ),
        ("e.rs", "use crate::a;\n", "m: `e` is on no floor"),
        ("a.rs", "", "m: `a` is gone"),
        (
            "b/y.rs",
            "use super::x::Other;\n",
            "m/b: these files know each other in a circle: [\"x\", \"y\"]",
        ),
    ] {
        let found = small(path, text);
        let is_found = found.iter().any(|finding| finding.starts_with(wanted));
        assert!(is_found, "{path}: {text}\nwanted {wanted}, found {found:#?}");
    }
}
