//! The files of contexts that steps read, as digests.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use dockerfile_compile::view::Explanation;
use dockerfile_compile::view::explain::{LOCAL, MAIN, Origin, Read};

use crate::files::{Input, folder_ignore_file, ignore_file};
use crate::folder::{Folder, Ignored, together};
use crate::options::Wanted;
use crate::output::Failure;

/// Files of one read that are told one by one; of more, folders are.
const MOST_FILES: usize = 2000;
/// Digests that are told of all reads together; of what comes after, each read is one.
const MOST_DIGESTS: usize = 200_000;

/// Notes in each read of a folder of this machine the digests of what is read; gives what is odd about those folders.
///
/// # Errors
/// An ignore file is malformed.
pub(super) fn fill(model: &mut Explanation, input: &Input, wanted: &Wanted) -> Result<Vec<String>, Failure> {
    let mut folders: BTreeMap<usize, Folder> = BTreeMap::new();
    let mut notes = Vec::new();
    let mut told = 0;
    for step in &mut model.steps {
        for read in step.reads.iter_mut().filter(|_| !step.pruned) {
            let Origin::Source(at) = read.from else { continue };
            let Some(source) = model.sources.get(at).filter(|source| source.kind == LOCAL) else {
                continue;
            };
            if let Entry::Vacant(place) = folders.entry(at) {
                let Some(folder) = walk(&source.name, (input, wanted), false)? else {
                    continue;
                };
                notes.extend(
                    folder
                        .unread
                        .iter()
                        .take(3)
                        .map(|what| format!("can't read {what}")),
                );
                if folder.is_cut {
                    notes.push(
                        "the context has more files than are looked at; the rest is in no key".to_owned(),
                    );
                }
                place.insert(folder);
            }
            if let Some(folder) = folders.get(&at) {
                let files = digests(folder, read, told < MOST_DIGESTS);
                told += files.len();
                read.files = Some(files);
            }
        }
    }
    Ok(notes)
}

/// The folder of a local source, where it is one of this machine.
///
/// # Errors
/// Its ignore file is malformed.
pub(crate) fn walk(
    name: &str,
    (input, wanted): (&Input, &Wanted),
    all: bool,
) -> Result<Option<Folder>, Failure> {
    let (root, ignore) = match name {
        MAIN => {
            let root = wanted.context(input);
            let ignore = ignore_file(input, &root);
            (root, ignore)
        }
        name => match wanted.folder(name) {
            Some(folder) => (folder.to_owned(), folder_ignore_file(folder)),
            None => return Ok(None),
        },
    };
    let (name, data) = ignore;
    let ignored = Ignored::new(name.clone(), &data);
    let ignored = ignored.map_err(|error| Failure::new(format!("{name}: {error}")))?;
    Ok(Some(Folder::walk(&root, ignored, all)))
}

/// The digests of what is read: of files, of folders where there are many, or of all together where `each` is not
/// wanted.
fn digests(folder: &Folder, read: &Read, each: bool) -> Vec<(String, String)> {
    let places = folder.tree.read_by(read);
    let of = |at: &usize| (folder.tree.entries()[*at].path.clone(), folder.digest(*at));
    if places.len() <= MOST_FILES && each {
        return places.iter().map(of).collect();
    }
    // By folders: those at the top, then all but what is right there.
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for at in &places {
        let (path, digest) = of(at);
        let parts: Vec<&str> = path.split('/').collect();
        let group = parts[..(parts.len() - 1).min(2)].join("/");
        let group = if group.is_empty() {
            path.clone()
        } else {
            format!("{group}/")
        };
        groups.entry(group).or_default().push(format!("{path} {digest}"));
    }
    let one = |files: &[String]| together(files.iter().map(String::as_str));
    if groups.len() > MOST_FILES || !each {
        let files: Vec<String> = groups.into_values().flatten().collect();
        return vec![("all of it".to_owned(), one(&files))];
    }
    let groups = groups.into_iter();
    groups.map(|(group, files)| (group, one(&files))).collect()
}
