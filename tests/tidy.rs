//! The architecture as a list of absences, held by reading the source. ARCHITECTURE.md gives the reasons.
//!
//! A finding names file, line and what to do instead. Of clippy's and rustc's lints it only sees that they stay on.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The folders of the pure crates, and all that each may depend on. Nothing else goes in without a change here.
const PURE: [(&str, &[&str]); 5] = [
    ("crates/buildkit-llb", &["prost", "serde", "serde_json", "sha2"]),
    (
        "crates/dockerfile-compile",
        &[
            "llb-graph",
            "dockerfile-syntax",
            "serde",
            "serde_json",
            "shell-commands",
        ],
    ),
    (
        "crates/dockerfile-advice",
        &["dockerfile-compile", "dockerfile-syntax", "shell-commands"],
    ),
    ("crates/dockerfile-syntax", &[]),
    ("crates/shell-commands", &[]),
];

/// What the image is made of beside the pure crates. Each is bytes that every user pulls.
#[rustfmt::skip]
const IMAGE: &[&str] = &[
    "base64", "bytes", "dlmalloc", "dockerfile-advice", "dockerfile-compile", "dockerfile-syntax", "flate2",
    "http", "hyper", "hyper-util", "llb-graph", "prost", "prost-types", "serde", "serde_json", "tokio", "tonic",
    "tower-service", "tracing",
];

/// How the pure crates would reach the world.
const WORLD: [&str; 11] = [
    "std::fs",
    "std::env::var",
    "std::env::args",
    "std::time",
    "std::process",
    "std::thread",
    "std::os::",
    "Instant",
    "TcpStream",
    "stdin()",
    "stdout()",
];

/// The modules of the standard library that those are in, as a list in braces names them.
const WORLD_MODULES: [&str; 7] = ["env", "fs", "net", "os", "process", "thread", "time"];

/// Lints that must stay on for the whole workspace.
const LINTS: [&str; 12] = [
    "unsafe_code = \"forbid\"",
    "missing_docs = \"warn\"",
    "print_stdout = \"deny\"",
    "print_stderr = \"deny\"",
    "dbg_macro = \"deny\"",
    "unwrap_used = \"deny\"",
    "expect_used = \"deny\"",
    "panic = \"deny\"",
    "todo = \"deny\"",
    "unimplemented = \"deny\"",
    "too_many_lines = \"deny\"",
    "too_many_arguments = \"deny\"",
];

const MOST_LINES: usize = 500;

/// A file of the project.
struct File {
    /// From the project's folder on, with `/`.
    path: String,
    text: String,
}

impl File {
    fn is_under(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }

    fn ends_with(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }

    /// Lines of code up to the tests at its end, without comments, with their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self
            .text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line));
        lines
            .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Findings in code that holds one of `needles`.
    fn holding<'a>(&'a self, needles: &'a [&'a str], advice: &'a str) -> impl Iterator<Item = String> + 'a {
        self.code().filter_map(move |(number, line)| {
            let needle = needles.iter().find(|needle| line.contains(**needle))?;
            Some(format!("{}:{number}: `{needle}`: {advice}", self.path))
        })
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files that people wrote, in order of their paths.
fn files() -> Vec<File> {
    let mut folders = vec![root().to_owned()];
    let mut files = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_symlink() || matches!(name.as_str(), "target" | ".git" | "Cargo.lock" | "go.sum") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let path = path
                    .strip_prefix(root())
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/");
                files.insert(path, text);
            }
        }
    }
    files
        .into_iter()
        .map(|(path, text)| File { path, text })
        .collect()
}

/// The Rust sources of the image.
fn image() -> Vec<File> {
    let pure = PURE.map(|(folder, _)| format!("{folder}/src/"));
    let folders: Vec<&str> = pure.iter().map(String::as_str).chain(["src/"]).collect();
    let files: Vec<File> = files()
        .into_iter()
        .filter(|file| file.is_under(&folders))
        .collect();
    assert!(
        files.len() > 100,
        "the sources of the image have moved: change `image` in tests/tidy.rs"
    );
    files
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names in one table of a manifest.
fn names(manifest: &str, table: &str) -> BTreeSet<String> {
    let text = read(manifest);
    assert!(
        !text.contains("[target."),
        "{manifest}: a table for one system: teach `names` in tests/tidy.rs to read it"
    );
    let lines = text
        .lines()
        .skip_while(|line| line.trim() != format!("[{table}]"))
        .skip(1);
    lines
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['=', '.', ' ']).next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Fails with all findings.
#[track_caller]
fn none(findings: impl IntoIterator<Item = String>) {
    let findings: Vec<String> = findings.into_iter().collect();
    assert!(
        findings.is_empty(),
        "{} to put right:\n\n{}\n",
        findings.len(),
        findings.join("\n")
    );
}

/// Fails where the image's code under one of `folders` holds one of `needles`.
#[track_caller]
fn absent(folders: &[&str], needles: &[&str], advice: &str) {
    let files = image();
    let code = files.iter().filter(|file| file.is_under(folders));
    none(code.flat_map(|file| file.holding(needles, advice)));
}

#[test]
fn dependencies_point_one_way() {
    let mut wanted: Vec<(String, &[&str])> = vec![("Cargo.toml".to_owned(), IMAGE)];
    for (folder, allowed) in PURE {
        wanted.push((format!("{folder}/Cargo.toml"), allowed));
    }
    let mut findings = Vec::new();
    for (manifest, allowed) in wanted {
        let allowed: BTreeSet<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        let found = names(&manifest, "dependencies");
        for name in found.difference(&allowed) {
            findings.push(format!(
                "{manifest}: `{name}` is new in the image: do without it, or add it to the list in tests/tidy.rs and say why"
            ));
        }
        for name in allowed.difference(&found) {
            findings.push(format!(
                "{manifest}: `{name}` is gone: take it from the list in tests/tidy.rs"
            ));
        }
    }
    none(findings);
}

#[test]
fn pure_crates_do_not_touch_the_world() {
    let advice =
        "a pure crate has no files, clock, threads or environment: make it a value that the shell passes in";
    absent(&["crates/"], &WORLD, advice);
    let files = image().into_iter().filter(|file| file.is_under(&["crates/"]));
    let taken = files.flat_map(|file| {
        let code: String = file.code().map(|(_, line)| line).collect::<Vec<_>>().join(" ");
        taken_of_std(&code)
            .map(|name| format!("{}: `std::{name}`: {advice}", file.path))
            .collect::<Vec<_>>()
    });
    none(taken);
    let hidden =
        taken_of_std("use std::fmt; use std::{collections::BTreeMap, env as e, io::{self, Read}, fs};");
    assert_eq!(hidden.collect::<Vec<_>>(), ["env", "fs"]);
}

/// Modules that reach the world among those that `use std::{…}` takes, under whatever name.
fn taken_of_std(code: &str) -> impl Iterator<Item = &str> {
    let lists = code.split("use std::{").skip(1);
    let lists = lists.map(|rest| rest.split_once(';').map_or(rest, |(list, _)| list));
    let words = lists.flat_map(|list| list.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.filter(|word| WORLD_MODULES.contains(word))
}

#[test]
fn llb_knows_no_dockerfile() {
    let advice =
        "LLB is a library for any frontend: what is special to Dockerfiles belongs in dockerfile-compile";
    absent(&["crates/buildkit-llb/"], &["dockerfile", "Dockerfile"], advice);
}

#[test]
fn syntax_knows_no_llb() {
    let advice = "parsing gives values that know nothing of graphs: what is made of them belongs in dockerfile-compile";
    absent(
        &["crates/dockerfile-syntax/"],
        &["llb", "Llb", "buildkit"],
        advice,
    );
}

#[test]
fn only_the_gateway_knows_grpc() {
    let advice = "only src/gateway speaks gRPC: use its Bridge, Status and the named codes";
    let others = image()
        .into_iter()
        .filter(|file| !file.is_under(&["src/gateway/"]));
    let numbers: Vec<String> = (0..=16).map(|code| format!("Code({code})")).collect();
    let needles: Vec<&str> = numbers
        .iter()
        .map(String::as_str)
        .chain(["tonic::", "hyper::", "tonic_prost", "grpc-status"])
        .collect();
    none(others.flat_map(|file| file.holding(&needles, advice).collect::<Vec<_>>()));
}

/// The keys that `src/options` looks up, as far as no other use of such a word is likely.
fn option_keys(files: &[File]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for file in files.iter().filter(|file| file.is_under(&["src/options/"])) {
        for call in [".get(\"", ".find(\"", ".family(\""] {
            let parts = file.text.split(call).skip(1);
            keys.extend(
                parts
                    .filter_map(|part| part.split_once('"'))
                    .map(|(key, _)| key.to_owned()),
            );
        }
    }
    keys.retain(|key| key.contains(['-', ':']));
    keys
}

#[test]
fn only_options_knows_the_keys() {
    let files = image();
    let keys = option_keys(&files);
    assert!(
        keys.len() >= 10,
        "src/options looks its keys up in a new way: change `option_keys`; found {keys:?}"
    );
    let literals: Vec<String> = keys.iter().map(|key| format!("\"{key}\"")).collect();
    let needles: Vec<&str> = literals.iter().map(String::as_str).collect();
    let advice = "only src/options knows the keys of options: give BuildOptions or Request a typed field";
    // A flag of an instruction may be called like an option.
    let own = ["src/options/", "crates/dockerfile-syntax/src/instruction/"];
    let others = files.iter().filter(|file| !file.is_under(&own));
    none(others.flat_map(|file| file.holding(&needles, advice)));
}

#[test]
fn no_hash_order_reaches_bytes() {
    let advice = "its order changes from run to run, and with it cache keys: use BTreeMap, BTreeSet or Vec";
    absent(&[""], &["HashMap", "HashSet"], advice);
}

#[test]
fn no_input_can_crash() {
    let advice =
        "a Dockerfile, option or answer must never crash the frontend: return an error with its place";
    let needles = [
        ".unwrap()",
        ".expect(",
        "panic!(",
        "unreachable!(",
        "clippy::unwrap",
        "clippy::expect",
    ];
    let code = image()
        .into_iter()
        .filter(|file| !file.ends_with(&["/tests.rs", "/testing.rs"]));
    none(code.flat_map(|file| file.holding(&needles, advice).collect::<Vec<_>>()));
}

#[test]
fn lints_are_on_everywhere() {
    let manifest = read("Cargo.toml");
    let missing = LINTS.iter().filter(|lint| !manifest.contains(**lint));
    let mut findings: Vec<String> = missing
        .map(|lint| format!("Cargo.toml: `{lint}` must stay under [workspace.lints]"))
        .collect();
    for file in files().iter().filter(|file| file.ends_with(&["Cargo.toml"])) {
        if file.text.contains("[package]") && !file.text.contains("[lints]\nworkspace = true") {
            findings.push(format!("{}: add `[lints]` with `workspace = true`", file.path));
        }
    }
    none(findings);
}

#[test]
fn files_stay_small() {
    let code = files()
        .into_iter()
        .filter(|file| file.ends_with(&[".rs", ".go", ".proto", ".sh", ".py"]));
    let long = code
        .map(|file| (file.text.lines().count(), file.path))
        .filter(|(lines, _)| *lines > MOST_LINES);
    none(long.map(|(lines, path)| format!("{path}: {lines} lines: split it by what it is about")));
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not find itself.
    let words = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X:"],
        ["todo", "!("],
        ["unimpl", "emented!("],
    ]
    .map(|parts| parts.concat());
    let mut findings = Vec::new();
    for file in files()
        .iter()
        .filter(|file| file.ends_with(&[".rs", ".go", ".toml", ".proto", ".md", ".sh"]))
    {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(word.as_str())) {
                findings.push(format!(
                    "{}:{}: `{word}`: finish it, or say plainly what is not there",
                    file.path,
                    index + 1
                ));
            }
        }
    }
    none(findings);
}

#[test]
fn an_instruction_has_one_name_everywhere() {
    // FROM and REQUIRE are planned and INCLUDE replaced, none is lowered; the others are what several instructions share.
    let apart = ["mod", "from", "include", "require", "command_line", "sources"];
    let lowered = root().join("crates/dockerfile-compile/src/lower");
    let mut findings = Vec::new();
    for file in image() {
        let Some(name) = file
            .path
            .strip_prefix("crates/dockerfile-syntax/src/instruction/")
        else {
            continue;
        };
        let Some(name) = name
            .strip_suffix(".rs")
            .filter(|name| !name.contains('/') && !apart.contains(name))
        else {
            continue;
        };
        if !lowered.join(format!("{name}.rs")).exists() && !lowered.join(name).is_dir() {
            findings.push(format!(
                "{}: lower it in crates/dockerfile-compile/src/lower/{name}.rs",
                file.path
            ));
        }
    }
    none(findings);
}

#[test]
fn one_version_of_the_reference() {
    let module = "github.com/moby/buildkit ";
    let wanted = "v0.33.1";
    let mut findings = Vec::new();
    for file in files()
        .iter()
        .filter(|file| file.ends_with(&["go.mod"]) && !file.path.contains("/tools-"))
    {
        for line in file
            .text
            .lines()
            .filter_map(|line| line.trim().strip_prefix(module))
        {
            if line.split_whitespace().next() != Some(wanted) {
                findings.push(format!(
                    "{}: requires BuildKit {line}, and we are held against {wanted}",
                    file.path
                ));
            }
        }
    }
    let page = read("docs/compatibility.md");
    if !page.contains(wanted) {
        findings.push(format!("docs/compatibility.md: does not name {wanted}"));
    }
    none(findings);
}

#[test]
fn examples_can_be_built_by_hand() {
    let list = read("examples/README.md");
    let mut findings = Vec::new();
    for (folder, list) in [
        ("examples", list),
        ("examples/dialect", read("examples/dialect/README.md")),
    ] {
        let entries = fs::read_dir(root().join(folder)).unwrap().map(Result::unwrap);
        for entry in entries.filter(|entry| entry.path().is_dir()) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let dockerfile = fs::read_to_string(entry.path().join("Dockerfile")).unwrap_or_default();
            if !dockerfile.starts_with("# syntax=") && name != "dialect" {
                findings.push(format!(
                    "{folder}/{name}: the Dockerfile's first line must name the frontend"
                ));
            }
            if !list.contains(&name) {
                findings.push(format!("{folder}/README.md: say a sentence about {name}"));
            }
        }
    }
    none(findings);
}

#[test]
fn every_lint_rule_is_listed() {
    let folder = "crates/dockerfile-compile/src/lint/rules/";
    let list = read(&format!("{folder}mod.rs"));
    let listed: BTreeSet<&str> = list
        .lines()
        .map(|line| line.trim().trim_end_matches(','))
        .collect();
    let rules = image()
        .into_iter()
        .filter_map(|file| Some(file.path.strip_prefix(folder)?.to_owned()));
    let names = rules.filter_map(|file| file.strip_suffix(".rs").map(str::to_owned));
    let missing = names.filter(|name| name != "mod" && !listed.contains(name.as_str()));
    none(
        missing
            .map(|name| format!("{folder}{name}.rs: add a line to the list in mod.rs, or nothing runs it")),
    );
}
