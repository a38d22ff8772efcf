//! Looks into what a step reads: few, and never into the content of a context.

use std::cell::Cell;
use std::collections::BTreeMap;

use dockerfile_syntax::sort;
use llb_graph::collect;
use llb_graph::{Graph, LocalOptions, MetadataTransfer, Op, SourceOp, Vertex, caps, path, proto};
use prost::Message;

use super::Failed;
use super::step::Step;
use crate::entry::marshal;
use crate::gateway::{Bridge, Session, Stat, pb};
use crate::join::join_all;

/// How many folders are looked into.
const LOOKS: usize = 64;
/// How many of them at once.
const AT_ONCE: usize = 8;
/// How many places of a name are told.
const PLACES: usize = 3;
/// How much is read of the list of a context's names.
const LIST_BYTES: i64 = 4 << 20;
/// Where a daemon keeps the names of a folder of which it was sent nothing else.
const LIST: &str = ".fsutil-metadata";
/// Folders of a running system, which images have for its sake.
const MOUNT_POINTS: [&str; 3] = ["/proc", "/sys", "/dev"];

/// In Go's file modes: a folder.
const FOLDER: u32 = 1 << 31;
/// In Go's file modes: a symbolic link.
const LINK: u32 = 1 << 27;

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    Link,
    File,
}

/// A file system whose names can be looked at.
pub(super) enum Tree<'a, B> {
    /// A result of the daemon, and how many looks are left.
    Result {
        session: &'a Session<'a, B>,
        reference: pb::Ref,
        left: Cell<usize>,
    },
    /// The names of a context, by folder.
    Names(BTreeMap<String, Vec<Entry>>),
}

impl<'a, B: Bridge> Tree<'a, B> {
    /// The result of the graph up to an input of the failed step.
    pub(super) async fn of_input(
        failed: &Failed<'a, '_, B>,
        step: &Step<'_>,
        input: &proto::Input,
    ) -> Option<Self> {
        let graph = step.graph_of(input);
        let reference = failed.session.solve(&graph, Vec::new()).await.ok()??;
        Some(Self::Result {
            session: failed.session,
            reference,
            left: Cell::new(LOOKS),
        })
    }

    /// All names of a folder of the client, where the daemon can ask for names alone.
    pub(super) async fn of_client(failed: &Failed<'a, '_, B>, source: &proto::SourceOp) -> Option<Self> {
        failed.session.require_llb(caps::SOURCE_METADATA_TRANSFER).ok()?;
        let name = source.identifier.strip_prefix("local://")?;
        let attr = |key: &str| {
            let found = source.attrs.iter().find(|attr| attr.key.as_deref() == Some(key));
            found.and_then(|attr| attr.value.clone())
        };
        let excludes = attr("local.excludepatterns");
        let options = LocalOptions {
            session_id: attr("local.session"),
            exclude_patterns: excludes
                .and_then(|json| serde_json::from_str(&json).ok())
                .unwrap_or_default(),
            shared_key_hint: Some(format!("{name}-names")),
            metadata_transfer: Some(MetadataTransfer::default()),
            ..LocalOptions::default()
        };
        let mut graph = Graph::new();
        let vertex = Vertex::new(Op::Source(SourceOp::local(name, &options)));
        let vertex = vertex.with_name(format!("[internal] list names of {name}"));
        let output = graph.add(vertex).ok()?.first_output();
        let graph = marshal(&graph, Some(output)).ok()?;
        let reference = failed.session.solve(&graph, Vec::new()).await.ok()??;
        let list = failed
            .session
            .read_head(&reference, LIST, LIST_BYTES)
            .await
            .ok()?;
        Some(Self::Names(names(&list)))
    }

    /// What is in a folder, sorted by name; `None` where there is no such folder, or too much was looked at.
    pub(super) async fn entries(&self, folder: &str) -> Option<Vec<Entry>> {
        match self {
            Self::Names(folders) => folders.get(folder).cloned(),
            Self::Result {
                session,
                reference,
                left,
            } => {
                left.set(left.get().checked_sub(1)?);
                let entries = session.read_dir(reference, folder).await.ok()?;
                let mut entries: Vec<Entry> = entries.iter().map(entry).collect();
                sort::sort_by(&mut entries, |a, b| a.name.cmp(&b.name));
                Some(entries)
            }
        }
    }

    /// Where else something of this name is, the nearest to the top first; after the folders `first`.
    pub(super) async fn places_of(&self, name: &str, first: Vec<String>) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut next = first;
        next.push("/".to_owned());
        while !next.is_empty() && found.len() < PLACES {
            let rest = next.split_off(next.len().min(AT_ONCE));
            let batch: Vec<String> = std::mem::replace(&mut next, rest);
            let looks = batch.iter().map(|folder| self.entries(folder));
            for (folder, entries) in batch.iter().zip(join_all(looks).await) {
                for entry in entries.unwrap_or_default() {
                    let path = path::join(&[folder, &entry.name]);
                    if entry.name == name && !found.contains(&path) {
                        found.push(path.clone());
                    }
                    let is_new = !seen.contains(&path) && !MOUNT_POINTS.contains(&path.as_str());
                    if entry.kind == Kind::Folder && is_new && seen.len() < LOOKS {
                        seen.push(path.clone());
                        next.push(path);
                    }
                }
            }
        }
        found.truncate(PLACES);
        found
    }
}

fn entry(stat: &Stat) -> Entry {
    let kind = match stat.mode {
        mode if mode & FOLDER != 0 => Kind::Folder,
        mode if mode & LINK != 0 => Kind::Link,
        _ => Kind::File,
    };
    Entry {
        name: stat.path.clone(),
        kind,
    }
}

/// The names of a list: messages, each behind its length. The last one may be cut off.
fn names(list: &[u8]) -> BTreeMap<String, Vec<Entry>> {
    let mut folders = collect::map([("/".to_owned(), Vec::new())]);
    let mut rest = list;
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let Some((stat, after)) = after.split_at_checked(length) else {
            break;
        };
        rest = after;
        let Ok(stat) = Stat::decode(stat) else {
            break;
        };
        let full = path::join(&["/", &stat.path]);
        let (folder, name) = full.rsplit_once('/').unwrap_or(("", &full));
        let folder = if folder.is_empty() { "/" } else { folder };
        let entry = Entry {
            name: name.to_owned(),
            ..entry(&stat)
        };
        if entry.kind == Kind::Folder {
            folders.entry(full.clone()).or_default();
        }
        folders.entry(folder.to_owned()).or_default().push(entry);
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(entries: &[(&str, u32)]) -> Vec<u8> {
        let mut list = Vec::new();
        for (path, mode) in entries {
            let stat = Stat {
                path: (*path).to_owned(),
                mode: *mode,
                ..Stat::default()
            };
            let bytes = stat.encode_to_vec();
            list.extend_from_slice(&u32::try_from(bytes.len()).unwrap().to_le_bytes());
            list.extend_from_slice(&bytes);
        }
        list
    }

    #[test]
    fn a_list_of_names_is_read_as_far_as_it_goes() {
        let mut list = framed(&[("a", FOLDER), ("a/b", 0o644), ("c", LINK)]);
        list.extend_from_slice(&[9, 0, 0, 0, 1]);
        let found = names(&list);
        let kinds = |folder: &str| -> Vec<(String, Kind)> {
            let entries = found[folder].iter();
            entries.map(|entry| (entry.name.clone(), entry.kind)).collect()
        };
        assert_eq!(
            kinds("/"),
            [("a".to_owned(), Kind::Folder), ("c".to_owned(), Kind::Link)]
        );
        assert_eq!(kinds("/a"), [("b".to_owned(), Kind::File)]);
    }
}
