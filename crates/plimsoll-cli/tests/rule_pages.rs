//! The pages under docs/rules are what the rules say of themselves. `BLESS=1` writes them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use dockerfile_advice::{Adviser, RuleDoc, Selection, Triggers};

/// What stands above the list of rules.
const HEAD: &str = "# Rules

What `plimsoll check` looks for beside errors. `plimsoll rules NAME` prints the same page. [Which rules of hadolint these
answer](hadolint.md) is a page of its own.

The rules named by a group are advice: `light/` for the size of the image, `fast/` for the time of a build, `safe/` for
secrets, users and downloads, `sure/` for the same result tomorrow. Builds give it where [they are asked to](../check.md#advice).
The others are the rules of the reference, which builds and `docker build --check` follow anyway.
";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules")
}

/// All pages, by their paths in the folder.
fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut index = String::from(HEAD);
    index.push_str("\n| rule | |\n|---|---|\n");
    for doc in dockerfile_advice::rule_docs() {
        let name = doc.name();
        writeln!(index, "| [{name}]({name}.md) | {} |", doc.description()).unwrap();
        pages.insert(format!("{name}.md"), page(doc));
    }
    for doc in dockerfile_compile::rule_docs() {
        let (name, url) = (doc.name(), doc.url());
        let shown = if url.is_empty() {
            name.to_owned()
        } else {
            format!("[{name}]({url})")
        };
        writeln!(index, "| {shown} | {} |", doc.description()).unwrap();
    }
    pages.insert("README.md".to_owned(), index);
    pages
}

/// A rule's page, with what it says of its bad example.
fn page(doc: &RuleDoc) -> String {
    let text = doc.bad();
    let parsed = dockerfile_syntax::parse(text.as_bytes());
    let triggers = Triggers::bytes(&parsed.dockerfile, text.as_bytes());
    let triggers = Triggers::read(&triggers);
    let adviser = Adviser::new(&parsed.dockerfile, text.as_bytes(), &triggers, None);
    let mut says = String::new();
    for advice in adviser.advise(&Selection::parse(doc.name()).unwrap()) {
        writeln!(says, "> line {}: {}\n", advice.lines.start, advice.message).unwrap();
    }
    doc.page()
        .replacen("\nIn order:", &format!("\n{says}In order:"), 1)
}

#[test]
fn pages_are_what_the_rules_say() {
    let pages = pages();
    if std::env::var_os("BLESS").is_some() {
        for (path, text) in &pages {
            let path = folder().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    for (path, text) in &pages {
        let there = fs::read_to_string(folder().join(path)).unwrap_or_default();
        assert!(
            there == *text,
            "docs/rules/{path} is not what the rule says: BLESS=1 cargo test -p plimsoll-cli --test rule_pages writes it"
        );
    }
    for group in ["fast", "light", "safe", "sure"] {
        for entry in fs::read_dir(folder().join(group)).unwrap() {
            let name = format!("{group}/{}", entry.unwrap().file_name().to_string_lossy());
            assert!(
                pages.contains_key(&name),
                "docs/rules/{name} is no rule's page: remove it"
            );
        }
    }
}

/// The codes in a page's table.
fn codes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let code = cells.next()?.trim();
        let answer = cells.next()?;
        (code.starts_with("DL")).then_some((code, answer))
    })
}

#[test]
fn the_page_on_hadolint_has_every_answer() {
    let text = fs::read_to_string(folder().join("hadolint.md")).unwrap();
    let listed: BTreeMap<&str, &str> = codes(&text).collect();
    for doc in dockerfile_advice::rule_docs() {
        for code in doc.hadolint() {
            let answer = listed
                .get(code)
                .unwrap_or_else(|| panic!("docs/rules/hadolint.md lacks {code}"));
            assert!(
                answer.contains(doc.name()),
                "docs/rules/hadolint.md: {code} is answered by {}",
                doc.name()
            );
        }
    }
    let rules: BTreeSet<&str> = dockerfile_advice::rule_docs().map(RuleDoc::name).collect();
    for (code, answer) in &listed {
        for name in answer
            .split('`')
            .filter(|name| name.contains('/') && !name.contains(' '))
        {
            assert!(
                rules.contains(name),
                "docs/rules/hadolint.md: {code} names {name}, which is no rule"
            );
        }
    }
    let left_out = listed
        .values()
        .filter(|answer| answer.starts_with("left out"))
        .count();
    assert!(left_out < 10, "{left_out} rules of hadolint are left out");
    assert_eq!(listed.len(), 71, "hadolint has 71 rules");
}
