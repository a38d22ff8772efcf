//! A folder's entries, and which of them a path means.

use dockerfile_syntax::sort;
use llb_graph::collect;

use dockerfile_syntax::Budget;
use dockerfile_syntax::ignore::Matcher;

use crate::view::explain::Read;

/// Links that are followed for one path.
const MOST_LINKS: usize = 32;

/// Something in a folder.
#[derive(Clone, Debug)]
pub struct Entry {
    /// From the folder on, with slashes.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// What keeps it out, by its place among the lines of the ignore file.
    pub ignored: Option<usize>,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file of so many bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A symbolic link, and where it leads.
    Link(String),
    /// A socket or device, of which nothing is sent.
    Other,
}

/// The hexadecimal digits of an entry's digest.
pub const DIGITS: usize = 16;

impl Kind {
    /// What an entry's digest is made of, in front of what is in a file. `mode` are the permissions, as on Unix. As with
    /// BuildKit's own digests, dates and owners do not count.
    #[must_use]
    pub fn digest_head(&self, mode: u32) -> String {
        match self {
            Self::File(_) => format!("file {mode:o}\n"),
            Self::Link(target) => format!("link {target}"),
            Self::Folder => "folder".to_owned(),
            Self::Other => "other".to_owned(),
        }
    }

    /// The digest of an entry with this content.
    #[must_use]
    pub fn digest(&self, mode: u32, content: &[u8]) -> String {
        let mut bytes = self.digest_head(mode).into_bytes();
        bytes.extend_from_slice(content);
        let digest = llb_graph::digest(&bytes);
        let digits = digest
            .split_once(':')
            .map_or(digest.as_str(), |(_, digits)| digits);
        digits.chars().take(DIGITS).collect()
    }
}

/// Entries of a folder, sorted by path.
#[derive(Clone, Debug, Default)]
pub struct Tree(Vec<Entry>);

impl Tree {
    /// Sorts entries.
    #[must_use]
    pub fn new(mut entries: Vec<Entry>) -> Self {
        sort::sort_by(&mut entries, |a, b| a.path.cmp(&b.path));
        Self(entries)
    }

    /// The entries, sorted.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// The places of the entries that a read gets: no folders, and nothing that is kept out.
    #[must_use]
    pub fn read_by(&self, read: &Read) -> Vec<usize> {
        let path = read.path.trim_matches('/');
        let path = path.strip_prefix("./").unwrap_or(path);
        let mut places = match path.contains(['*', '?', '[', '\\']) {
            true => self.matching(path),
            false => self.below(&self.resolved(path)),
        };
        let start = if path.is_empty() { 0 } else { path.len() + 1 };
        let mut keep = |patterns: &[String], wanted: bool| {
            // A pattern that means nothing is the daemon's to refuse.
            let Ok(matcher) = Matcher::new(patterns, &Budget::new()) else {
                return;
            };
            places.retain(|at| {
                let path = &self.0[*at].path;
                let found =
                    matcher.matches_or_parent_matches(path.get(start..).unwrap_or(path), &Budget::new());
                found.unwrap_or(wanted) == wanted
            });
        };
        if !read.include.is_empty() {
            keep(&read.include, true);
        }
        if !read.exclude.is_empty() {
            keep(&read.exclude, false);
        }
        places.retain(|at| self.0[*at].ignored.is_none() && self.0[*at].kind != Kind::Folder);
        places
    }

    /// The entry of a path, and all that is below it.
    fn below(&self, path: &str) -> Vec<usize> {
        if path.is_empty() {
            return (0..self.0.len()).collect();
        }
        let folder = format!("{path}/");
        let first = self.0.partition_point(|entry| *entry.path < *folder);
        let rest = self.0.iter().skip(first);
        let count = rest.take_while(|entry| entry.path.starts_with(&folder)).count();
        self.find(path).into_iter().chain(first..first + count).collect()
    }

    /// The entries that a pattern matches, and all that is below them. A link that is matched is followed.
    fn matching(&self, pattern: &str) -> Vec<usize> {
        // Only in an ignore file does a mark of exclamation take back.
        let pattern = match pattern.strip_prefix('!') {
            Some(rest) => format!("\\!{rest}"),
            None => pattern.to_owned(),
        };
        let Ok(matcher) = Matcher::new(&[pattern], &Budget::new()) else {
            return Vec::new();
        };
        let is_match = |at: &usize| {
            let found = matcher.matches_or_parent_matches(&self.0[*at].path, &Budget::new());
            found.unwrap_or(true)
        };
        let mut places = collect::set((0..self.0.len()).filter(is_match));
        let links = places
            .iter()
            .filter(|at| matches!(self.0[**at].kind, Kind::Link(_)));
        let followed: Vec<usize> = links
            .flat_map(|at| self.below(&self.resolved(&self.0[*at].path)))
            .collect();
        places.extend(followed);
        places.into_iter().collect()
    }

    fn find(&self, path: &str) -> Option<usize> {
        self.0.binary_search_by(|entry| (*entry.path).cmp(path)).ok()
    }

    /// A path with its links followed; none leads out of the folder.
    fn resolved(&self, path: &str) -> String {
        let mut done: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = path.split('/').rev().collect();
        let mut links = 0;
        while let Some(part) = open.pop() {
            match part {
                "" | "." => {}
                ".." => drop(done.pop()),
                _ => {
                    done.push(part);
                    let place = self.find(&done.join("/"));
                    if let Some(Kind::Link(target)) = place.map(|at| &self.0[at].kind)
                        && links < MOST_LINKS
                    {
                        links += 1;
                        match target.starts_with('/') {
                            true => done.clear(),
                            false => drop(done.pop()),
                        }
                        open.extend(target.split('/').rev());
                    }
                }
            }
        }
        done.join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::explain::Origin;

    fn tree() -> Tree {
        let file = |path: &str, bytes: u64| Entry {
            path: path.to_owned(),
            kind: Kind::File(bytes),
            ignored: path.ends_with(".md").then_some(0),
        };
        let other = |path: &str, kind: Kind| Entry {
            path: path.to_owned(),
            kind,
            ignored: None,
        };
        Tree::new(vec![
            file("a/b/c.go", 10),
            file("a/b.go", 2000),
            file("a/x.md", 1),
            other("a", Kind::Folder),
            other("a/b", Kind::Folder),
            other("link", Kind::Link("a/./b/../b".to_owned())),
            other("out", Kind::Link("../../a".to_owned())),
            other("round", Kind::Link("round".to_owned())),
            file("!bang", 1),
            file("a-b", 1),
        ])
    }

    #[test]
    fn what_a_path_reads() {
        let tree = tree();
        for (path, include, exclude, wanted) in [
            ("/", "", "", "!bang a-b a/b.go a/b/c.go link out round"),
            ("/a", "", "", "a/b.go a/b/c.go"),
            ("/a/", "", "b/*", "a/b.go"),
            ("/a", "**/*.go", "b.go", "a/b/c.go"),
            ("/a/*.go", "", "", "a/b.go"),
            ("/a/b", "", "", "a/b/c.go"),
            ("/link", "", "", "a/b/c.go"),
            ("/l*", "", "", "a/b/c.go link"),
            ("/out/b.go", "", "", "a/b.go"),
            ("/round", "", "", "round"),
            ("/!b*", "", "", "!bang"),
            ("/nothing", "", "", ""),
        ] {
            let list = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let read = Read {
                from: Origin::Source(0),
                mount: false,
                path: path.to_owned(),
                include: list(include),
                exclude: list(exclude),
                files: None,
            };
            let found = tree.read_by(&read);
            let found: Vec<&str> = found.iter().map(|at| &*tree.entries()[*at].path).collect();
            assert_eq!(found, list(wanted), "{path} {include} {exclude}");
        }
    }
}
