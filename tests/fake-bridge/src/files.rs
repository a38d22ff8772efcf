//! What a graph's result holds, for the few shapes that a frontend reads from.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::bufread::MultiGzDecoder;
use llb_graph::{RawDefinition, proto};
use plimsoll_frontend::gateway::{Stat, Status};
use proto::file_action::Action;
use proto::op::Op;

use crate::case::Case;
use crate::sources;

type Files = BTreeMap<String, Vec<u8>>;

/// Where Go's file modes have the bit of a folder.
const FOLDER_BIT: u32 = 1 << 31;

/// The files of a definition's result: those of the source that its last operation is, or what file operations made
/// of them.
pub(crate) fn of(case: &Case, definition: Option<&RawDefinition>) -> Result<Files, Status> {
    let Some(definition) = definition else {
        return Ok(Files::new());
    };
    let ops = definition
        .decode()
        .and_then(|definition| definition.ops())
        .map_err(|error| Status::new(error.to_string()))?;
    let result = ops
        .last()
        .and_then(|(_, terminal)| terminal.inputs.first())
        .map(|input| input.digest.clone());
    let ops: BTreeMap<String, proto::Op> = ops.into_iter().collect();
    Ok(result
        .map(|digest| op_files(case, &ops, &digest))
        .unwrap_or_default())
}

fn op_files(case: &Case, ops: &BTreeMap<String, proto::Op>, digest: &str) -> Files {
    let Some(op) = ops.get(digest) else {
        return Files::new();
    };
    let mut files = Files::new();
    match &op.op {
        Some(Op::Source(source)) => return sources::files(case, source),
        Some(Op::File(file)) => {
            for action in &file.actions {
                match &action.action {
                    Some(Action::Mkfile(mkfile)) => {
                        files.insert(clean(&mkfile.path), mkfile.data.clone());
                    }
                    Some(Action::Copy(copy)) => {
                        let input = usize::try_from(action.secondary_input).ok();
                        if let Some(input) = input.and_then(|index| op.inputs.get(index)) {
                            copy_into(&mut files, &op_files(case, ops, &input.digest), copy);
                        }
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
    files
}

fn copy_into(out: &mut Files, from: &Files, copy: &proto::FileActionCopy) {
    let (src, dest) = (clean(&copy.src), clean(&copy.dest));
    let folder = if src.is_empty() {
        String::new()
    } else {
        format!("{src}/")
    };
    for (path, content) in from {
        if *path == src && copy.attempt_unpack_docker_compatibility {
            unpack_into(out, &dest, content);
        } else if *path == src && !copy.dest.ends_with('/') {
            out.insert(dest.clone(), content.clone());
        } else if *path == src {
            let name = path.rsplit('/').next().unwrap_or_default();
            out.insert(clean(&format!("{dest}/{name}")), content.clone());
        } else if let Some(rest) = path.strip_prefix(&folder) {
            out.insert(clean(&format!("{dest}/{rest}")), content.clone());
        }
    }
}

/// Unpacks the regular files of a tar archive with short names, plain or gzipped.
fn unpack_into(out: &mut Files, dest: &str, archive: &[u8]) {
    let mut plain = Vec::new();
    let mut rest = match MultiGzDecoder::new(archive).read_to_end(&mut plain) {
        Ok(_) => plain.as_slice(),
        Err(_) => archive,
    };
    while let Some(header) = rest.get(..512).filter(|header| header[0] != 0) {
        let text = |from: usize, to: usize| {
            String::from_utf8_lossy(&header[from..to])
                .trim_matches(['\0', ' '])
                .to_owned()
        };
        let size = usize::from_str_radix(&text(124, 136), 8).unwrap_or_default();
        let Some(content) = rest.get(512..512 + size) else {
            return;
        };
        if matches!(header[156], 0 | b'0') {
            out.insert(clean(&format!("{dest}/{}", text(0, 100))), content.to_vec());
        }
        rest = rest.get(512 + size.next_multiple_of(512)..).unwrap_or_default();
    }
}

/// A path without its leading slash; the root is empty.
pub(crate) fn clean(path: &str) -> String {
    let rooted = llb_graph::path::join(&["/", path]);
    rooted.trim_start_matches('/').to_owned()
}

/// What a path is, if it is there.
pub(crate) fn stat(files: &Files, path: &str) -> Option<Stat> {
    let name = path.rsplit('/').next().unwrap_or_default();
    if let Some(content) = files.get(path) {
        return Some(file_stat(name, content));
    }
    let is_folder = path.is_empty() || !children(files, path).is_empty();
    is_folder.then(|| folder_stat(name))
}

/// What lies directly in a folder.
pub(crate) fn children(files: &Files, folder: &str) -> Vec<Stat> {
    let prefix = if folder.is_empty() {
        String::new()
    } else {
        format!("{folder}/")
    };
    let mut found = BTreeMap::new();
    for (path, content) in files {
        if let Some(rest) = path.strip_prefix(&prefix) {
            let stat = match rest.split_once('/') {
                Some((name, _)) => folder_stat(name),
                None => file_stat(rest, content),
            };
            found.insert(stat.path.clone(), stat);
        }
    }
    found.into_values().collect()
}

fn file_stat(name: &str, content: &[u8]) -> Stat {
    Stat {
        path: name.to_owned(),
        mode: 0o644,
        size: i64::try_from(content.len()).unwrap_or_default(),
        ..Stat::default()
    }
}

fn folder_stat(name: &str) -> Stat {
    Stat {
        path: name.to_owned(),
        mode: FOLDER_BIT | 0o755,
        ..Stat::default()
    }
}
