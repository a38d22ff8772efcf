//! What the core's fixes do to the files of the corpus: the finding is gone, and a safe one leaves the build as it was.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use dockerfile_compile::{
    Answers, BuildOptions, Fix, SourceFile, Step, Warning, assumed, compile, correct, fix, lint,
};
use serde_json::Value;

/// The Dockerfiles of the corpus, and of the examples, by the file that they are in.
fn dockerfiles() -> Vec<(PathBuf, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    let mut open = vec![root.join("tests/corpus"), root.join("examples")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "case") {
                let text = fs::read(&path).unwrap();
                found.extend(sections(&text).into_iter().map(|text| (path.clone(), text)));
            } else if path.file_name().is_some_and(|name| name == "Dockerfile") {
                found.push((path.clone(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The Dockerfiles in a case, as far as they are written as they are.
fn sections(case: &[u8]) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    let mut is_inside = false;
    for line in case.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"-- ") && line.ends_with(b" --\n") {
            is_inside = line.starts_with(b"-- Dockerfile")
                && !line.ends_with(b"ignore --\n")
                && !line.ends_with(b"(escaped) --\n");
            if is_inside {
                found.push(Vec::new());
            }
        } else if let (true, Some(text)) = (is_inside, found.last_mut()) {
            text.extend_from_slice(line);
        }
    }
    found
}

fn options(text: &[u8]) -> BuildOptions {
    BuildOptions {
        // Every rule speaks.
        check: Some("experimental=all".to_owned()),
        ..BuildOptions::new(SourceFile::new("Dockerfile", text.to_owned()))
    }
}

/// Findings and how each is mended.
fn findings(text: &[u8]) -> Vec<(Warning, Option<Fix>)> {
    let parsed = dockerfile_syntax::parse(text);
    if !parsed.errors.is_empty() {
        return Vec::new();
    }
    let warnings = lint(&parsed.dockerfile, &options(text)).warnings;
    let mended = warnings.into_iter().map(|warning| {
        let fix = fix(&parsed.dockerfile, text, &warning);
        (warning, fix)
    });
    mended.collect()
}

fn fixes(text: &[u8], with_unsafe: bool) -> Vec<Fix> {
    let fixes = findings(text).into_iter().filter_map(|(_, fix)| fix);
    fixes.filter(|fix| with_unsafe || fix.is_safe).collect()
}

/// What is built: the operations of the graph, and the config without its history. None for what can't be built.
fn built(text: &[u8]) -> Option<(Vec<Vec<u8>>, Value)> {
    let parsed = dockerfile_syntax::parse(text);
    if !parsed.errors.is_empty() {
        return None;
    }
    let options = BuildOptions {
        check: Some("skip=all".to_owned()),
        ..options(text)
    };
    let mut answers = Answers::new();
    loop {
        match compile(&parsed.dockerfile, &options, &answers).value {
            Ok(Step::Needs(needs)) => {
                for need in needs {
                    let answer = assumed(&need, &options);
                    answers.insert(need, answer);
                }
            }
            Ok(Step::Done(compiled)) => {
                let ops = compiled.definition.ops().map(Cow::into_owned).collect();
                let mut config: Value = serde_json::from_slice(&compiled.image_config).unwrap();
                config.as_object_mut().unwrap().remove("history");
                return Some((ops, config));
            }
            Err(_) => return None,
        }
    }
}

/// How many findings of each rule can't be mended by a fix of this kind.
fn unmended(text: &[u8], with_unsafe: bool) -> BTreeMap<&'static str, usize> {
    let mut count = BTreeMap::new();
    for (warning, fix) in findings(text) {
        if !fix.is_some_and(|fix| with_unsafe || fix.is_safe) {
            *count.entry(warning.rule).or_default() += 1;
        }
    }
    count
}

#[test]
fn a_fixed_file_has_no_finding_of_the_fixed_rules() {
    let mut mended: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, text) in dockerfiles() {
        for with_unsafe in [false, true] {
            let before = fixes(&text, with_unsafe);
            let fixed = correct(&text, |text| fixes(text, with_unsafe));
            let shown = || format!("{}:\n{}", path.display(), String::from_utf8_lossy(&fixed));
            assert_eq!(fixed == text, before.is_empty(), "{}", shown());
            assert_eq!(fixes(&fixed, with_unsafe), [], "{}", shown());
            let allowed = unmended(&text, with_unsafe);
            for (warning, fix) in findings(&text) {
                if !fix.is_some_and(|fix| with_unsafe || fix.is_safe) {
                    continue;
                }
                *mended.entry(warning.rule).or_default() += 1;
                let left = findings(&fixed)
                    .iter()
                    .filter(|(left, _)| left.rule == warning.rule)
                    .count();
                assert!(
                    left <= allowed.get(warning.rule).copied().unwrap_or_default(),
                    "{}: {}",
                    warning.rule,
                    shown()
                );
            }
            if !with_unsafe {
                assert_eq!(built(&fixed), built(&text), "{}", shown());
            }
        }
    }
    // Every rule with a fix must have been tried.
    assert_eq!(mended.len(), 10, "{mended:?}");
}
