//! What hints are made of: near names, and lists of names.

use dockerfile_syntax::suggest::nearest;

use super::look::Entry;

/// How many names of a folder are told.
const NAMES: usize = 6;
/// The shortest name that others are near to: of shorter ones everything is.
const SHORTEST: usize = 4;

/// The name of a folder that may have been meant.
pub(super) fn near<'e>(name: &str, entries: &'e [Entry]) -> Option<&'e str> {
    let mut names = entries.iter().map(|entry| entry.name.as_str());
    if let Some(found) = names.clone().find(|known| known.eq_ignore_ascii_case(name)) {
        return Some(found);
    }
    if name.chars().count() < SHORTEST {
        return None;
    }
    let known: Vec<&str> = names.clone().collect();
    if let Some(found) = nearest(name, &known, true) {
        return names.find(|known| *known == found);
    }
    // The same name with another ending, such as .yml and .yaml.
    let (stem, _) = name.split_once('.').filter(|(stem, _)| !stem.is_empty())?;
    names.find(|known| known.split_once('.').is_some_and(|(other, _)| other == stem))
}

/// Some names of a folder, in quotes.
pub(super) fn listed(entries: &[Entry]) -> String {
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let shown = names.iter().take(NAMES).map(|name| format!("`{name}`"));
    let shown: Vec<String> = shown.collect();
    match names.len().checked_sub(NAMES) {
        Some(more) if more > 0 => format!("{} and {more} more", shown.join(", ")),
        _ => joined(&shown, "and"),
    }
}

/// Words with commas between them, and one before the last.
pub(super) fn joined(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::look::Kind;
    use super::*;

    fn folder(names: &[&str]) -> Vec<Entry> {
        let entry = |name: &&str| Entry {
            name: (*name).to_owned(),
            kind: Kind::File,
        };
        names.iter().map(entry).collect()
    }

    #[test]
    fn near_names() {
        let there = folder(&["Makefile", "app.yaml", "package.json", "src"]);
        for (name, found) in [
            ("pakage.json", Some("package.json")),
            ("makefile", Some("Makefile")),
            ("SRC", Some("src")),
            ("app.yml", Some("app.yaml")),
            ("sr", None),
            (".env", None),
            ("else", None),
        ] {
            assert_eq!(near(name, &there), found, "{name}");
        }
    }

    #[test]
    fn lists() {
        assert_eq!(listed(&folder(&["a"])), "`a`");
        assert_eq!(listed(&folder(&["a", "b", "c"])), "`a`, `b` and `c`");
        let many = folder(&["a", "b", "c", "d", "e", "f", "g", "h"]);
        assert_eq!(listed(&many), "`a`, `b`, `c`, `d`, `e`, `f` and 2 more");
    }
}
