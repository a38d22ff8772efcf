//! Which module of a crate uses which, read from its text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A file of a crate, with its module: `a/mod.rs` is `[a]`, `lib.rs` is `[]`.
pub struct File {
    pub path: String,
    pub module: Vec<String>,
    /// Without comments, texts and tests; bytes and lines stand where they stood.
    code: String,
}

impl File {
    pub fn new(folder: &str, inside: &str, text: &str) -> Self {
        let stem = inside.trim_end_matches(".rs");
        let module = stem.split('/').filter(|name| !matches!(*name, "mod" | "lib"));
        Self {
            path: format!("{folder}/{inside}"),
            module: module.map(str::to_owned).collect(),
            code: without_tests(&bare(text)),
        }
    }

    fn line(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }
}

/// Blanks comments, strings and characters out.
fn bare(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    let mut at = 0;
    while at < text.len() {
        let end = at + length_of_text(&text.as_bytes()[at..]);
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8(out).unwrap()
}

/// How long the comment or literal is that begins here; 0 where none does.
fn length_of_text(rest: &[u8]) -> usize {
    let until = |start: usize, end: &[u8]| {
        let found = rest[start..].windows(end.len()).position(|part| part == end);
        found.map_or(rest.len(), |at| start + at + end.len())
    };
    match rest {
        [b'/', b'/', ..] => until(0, b"\n") - 1,
        [b'/', b'*', ..] => until(2, b"*/"),
        [b'r', b'"', ..] => until(2, b"\""),
        [b'r', b'#', b'"', ..] => until(3, b"\"#"),
        [b'\'', b'\\', _, ..] => until(3, b"'"),
        // A letter, of one byte or several, or else a lifetime.
        [b'\'', first, ..] => {
            let length = [2, 3, 4, 5][..]
                .iter()
                .find(|length| rest.get(**length) == Some(&b'\''));
            let is_lifetime = first.is_ascii() && rest.get(2) != Some(&b'\'');
            length.filter(|_| !is_lifetime).map_or(0, |length| length + 1)
        }
        [b'"', ..] => {
            let mut at = 1;
            while rest.get(at).is_some_and(|byte| *byte != b'"') {
                at += if rest[at] == b'\\' { 2 } else { 1 };
            }
            (at + 1).min(rest.len())
        }
        _ => 0,
    }
}

/// Blanks the items out that are compiled for tests alone.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = code.to_owned();
    while let Some(start) = out.find(MARK) {
        let (mut depth, mut end) = (0, out.len());
        for (at, byte) in out.bytes().enumerate().skip(start) {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                b';' if depth == 0 => {}
                _ => continue,
            }
            if depth == 0 {
                end = at + 1;
                break;
            }
        }
        let blank: String = out[start..end]
            .chars()
            .map(|c| if c == '\n' { c } else { ' ' })
            .collect();
        out.replace_range(start..end, &blank);
    }
    out
}

/// A path in code, from where it begins, with the name that it gives in a `use`.
struct Named {
    path: Vec<String>,
    name: String,
    at: usize,
    is_use: bool,
}

/// Words and marks of the code with their places.
fn tokens(code: &str) -> Vec<(usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = code[at..].chars().next() {
        let rest = &code[at..];
        let length = match first {
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            ':' if rest.starts_with("::") => 2,
            _ => first.len_utf8(),
        };
        if !first.is_whitespace() {
            tokens.push((at, &rest[..length]));
        }
        at += length;
    }
    tokens
}

/// All paths that begin at the crate or at the module, and all that are used.
fn paths(code: &str) -> Vec<Named> {
    let tokens = tokens(code);
    let text = |index: usize| tokens.get(index).map_or("", |(_, text)| *text);
    let mut found = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let begins = matches!(text(index), "crate" | "super" | "self") && text(index + 1) == "::";
        index = match text(index) {
            "use" => tree(&tokens, index + 1, &[], true, &mut found),
            _ if begins => tree(&tokens, index, &[], false, &mut found),
            _ => index + 1,
        };
    }
    found
}

/// Reads a path with all its branches; gives where it ends.
fn tree(
    tokens: &[(usize, &str)],
    start: usize,
    before: &[String],
    is_use: bool,
    found: &mut Vec<Named>,
) -> usize {
    let text = |index: usize| tokens.get(index).map_or("", |(_, text)| *text);
    let mut path = before.to_vec();
    let mut index = start;
    loop {
        if text(index) == "{" && (is_use || text(index - 1) == "::") {
            index += 1;
            while !matches!(text(index), "}" | "") {
                index = tree(tokens, index, &path, is_use, found).max(index + 1);
                index += usize::from(text(index) == ",");
            }
            return index + 1;
        }
        let is_name = text(index).starts_with(|c: char| c.is_alphabetic() || c == '_');
        // `a::{self}` is `a`.
        if is_name && (text(index) != "self" || path.is_empty()) {
            path.push(text(index).to_owned());
        }
        index += usize::from(is_name || text(index) == "*");
        if text(index) != "::" {
            break;
        }
        index += 1;
    }
    let mut name = path.last().cloned().unwrap_or_default();
    if is_use && text(index) == "as" {
        name = text(index + 1).to_owned();
        index += 2;
    }
    if let Some((at, _)) = tokens.get(start) {
        found.push(Named {
            path,
            name,
            at: *at,
            is_use,
        });
    }
    index
}

/// The modules of a crate, and the names that they use from one another.
pub struct Modules {
    files: Vec<File>,
    pub known: BTreeSet<Vec<String>>,
    /// What a name in a module stands for.
    names: BTreeMap<(Vec<String>, String), Vec<String>>,
}

impl Modules {
    pub fn new(files: Vec<File>) -> Self {
        let mut modules = Self {
            known: files.iter().map(|file| file.module.clone()).collect(),
            names: BTreeMap::new(),
            files,
        };
        let mut names = BTreeMap::new();
        for file in &modules.files {
            for named in paths(&file.code).into_iter().filter(|named| named.is_use) {
                if let Some(path) = modules.absolute(&file.module, &named.path) {
                    names.insert((file.module.clone(), named.name), path);
                }
            }
        }
        modules.names = names;
        modules
    }

    /// A path from the crate on; none where it leads to another crate.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Vec<String>> {
        let mut at = module.to_vec();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => at.clear(),
            "self" | "super" => {}
            child => {
                at.push(child.to_owned());
                if !self.known.contains(&at) {
                    return None;
                }
                at.pop();
                at.extend_from_slice(path);
                return Some(at);
            }
        }
        while let Some((first, others)) = rest.split_first()
            && matches!(first.as_str(), "crate" | "self" | "super")
        {
            if first == "super" {
                at.pop();
            }
            rest = others;
        }
        at.extend_from_slice(rest);
        Some(at)
    }

    /// The module where the item of a path from the crate on is written.
    fn home(&self, path: &[String], most: usize) -> Vec<String> {
        let mut at = Vec::new();
        for (index, name) in path.iter().enumerate() {
            let key = (at.clone(), name.clone());
            at.push(name.clone());
            if self.known.contains(&at) {
                continue;
            }
            at.pop();
            return match self.names.get(&key) {
                Some(target) if most > 0 => {
                    let whole = [target, &path[index + 1..]].concat();
                    self.home(&whole, most - 1)
                }
                _ => at,
            };
        }
        at
    }

    /// Who uses whom, with the file and line: a module by its path.
    pub fn edges(&self) -> Vec<(&File, usize, Vec<String>)> {
        let mut edges = Vec::new();
        for file in &self.files {
            for named in paths(&file.code) {
                if let Some(path) = self.absolute(&file.module, &named.path) {
                    edges.push((file, file.line(named.at), self.home(&path, 8)));
                }
            }
        }
        edges
    }
}

/// The files of a crate but those for tests and the program's own.
pub fn files(folder: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut open = vec![String::new()];
    let mut files = Vec::new();
    while let Some(inside) = open.pop() {
        for entry in fs::read_dir(root.join(&inside)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy();
            let inside = format!("{inside}{name}");
            if path.is_dir() {
                open.push(format!("{inside}/"));
            } else if name.ends_with(".rs") && !matches!(&*name, "main.rs" | "tests.rs" | "testing.rs") {
                files.push(File::new(folder, &inside, &fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}
