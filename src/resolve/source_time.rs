//! When the content of a source was made, for `SOURCE_DATE_EPOCH`.

use std::collections::BTreeMap;

use dockerfile_compile::{MainContext, SourceTimeRequest};
use llb_graph::{Graph, Op, SourceOp, Vertex, proto};

use super::{World, unpacked};
use crate::entry::{graph_failure, marshal, only_source};
use crate::gateway::{Bridge, Code, SourceQuery, Status, pb};
use crate::gzip::{Gzip, MAGIC};
use crate::tar::{self, TarError};

/// The attribute with the name of a downloaded file.
const HTTP_FILENAME: &str = "http.filename";

/// The date of a source in seconds since 1970; `None` where it has none.
///
/// A git source has that of its commit, a download that which the server tells, or else that of the newest file of
/// the archive that it is.
pub(super) async fn resolve<B: Bridge>(
    world: &World<'_, '_, B>,
    request: &SourceTimeRequest,
) -> Result<Option<i64>, Status> {
    let Some((identifier, attrs)) = source_of(world, request) else {
        return Ok(None);
    };
    let query = SourceQuery {
        identifier: &identifier,
        attrs: &attrs,
        log_name: &request.log_name,
        commit_object: identifier.starts_with("git://"),
    };
    let Some(told) = world.session.resolve_source(&query).await? else {
        return Ok(None);
    };
    if let Some(time) = time_told(&told)? {
        return Ok(Some(time));
    }
    let is_download = identifier.starts_with("http://") || identifier.starts_with("https://");
    match attrs.get(HTTP_FILENAME) {
        Some(filename) if is_download => newest_file(world, &identifier, &attrs, filename).await,
        _ => Ok(None),
    }
}

/// Identifier and attributes of the source that is asked about.
fn source_of<B>(
    world: &World<'_, '_, B>,
    request: &SourceTimeRequest,
) -> Option<(String, BTreeMap<String, String>)> {
    if !request.identifier.is_empty() {
        return Some((request.identifier.clone(), request.attrs.clone()));
    }
    let MainContext::Remote { definition, .. } = &world.entry.main_context else {
        return None;
    };
    let source = only_source(definition)?;
    Some((source.identifier, proto::string_map(source.attrs)))
}

fn time_told(told: &pb::ResolveSourceMetaResponse) -> Result<Option<i64>, Status> {
    if let Some(git) = told.git.as_ref().filter(|git| !git.commit_object.is_empty()) {
        let time = commit_time(&git.commit_object);
        return time
            .map(Some)
            .ok_or_else(|| Status::new("the commit of the git source has no readable date"));
    }
    Ok(told
        .http
        .as_ref()
        .and_then(|http| http.last_modified.as_ref())
        .map(|time| time.seconds))
}

/// The committer's date in a commit object: `committer NAME <EMAIL> SECONDS ZONE`.
fn commit_time(object: &[u8]) -> Option<i64> {
    let text = String::from_utf8_lossy(object);
    let line = text
        .lines()
        .take_while(|line| !line.is_empty())
        .find_map(|line| line.strip_prefix("committer "))?;
    line.rsplit_once("> ")?.1.split(' ').next()?.parse().ok()
}

/// The date of the newest file of a downloaded archive; `None` where it is none.
async fn newest_file<B: Bridge>(
    world: &World<'_, '_, B>,
    identifier: &str,
    attrs: &BTreeMap<String, String>,
    filename: &str,
) -> Result<Option<i64>, Status> {
    let source = SourceOp {
        attrs: attrs.clone(),
        ..SourceOp::new(identifier)
    };
    let mut graph = Graph::new();
    let vertex = graph
        .add(Vertex::new(Op::Source(source.clone())))
        .map_err(|error| graph_failure(&error))?;
    let definition = marshal(&graph, Some(vertex.first_output()))?;
    let Some(reference) = world.session.solve(&definition, Vec::new()).await? else {
        return Ok(None);
    };
    let archive = world.session.read_file(&reference, filename).await?;
    if is_packed_otherwise(&archive) {
        return unpacked::newest_file(world, source, filename).await;
    }
    newest_member(&archive)
}

/// Whether it is compressed in a way that takes a program of its own to undo: bzip2, xz or zstd.
fn is_packed_otherwise(archive: &[u8]) -> bool {
    let magics = [b"BZh".as_slice(), b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"];
    magics.iter().any(|magic| archive.starts_with(magic))
}

/// What is no archive has no files with dates.
fn newest_member(archive: &[u8]) -> Result<Option<i64>, Status> {
    let newest = match archive.starts_with(&MAGIC) {
        true => Gzip::new(archive)
            .map_err(TarError::from)
            .and_then(tar::newest_file),
        false => tar::newest_file(archive),
    };
    match newest {
        Ok(newest) => Ok(newest),
        Err(TarError::Malformed) => Ok(None),
        Err(TarError::TooLarge) => Err(Status::with_code(
            Code::RESOURCE_EXHAUSTED,
            format!(
                "the archive unpacks to more than {} MiB, or has a header of more than 1 MiB, so its newest file is \
                 not looked for: set SOURCE_DATE_EPOCH to a number of seconds",
                tar::UNPACKED_BYTES >> 20
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits() {
        let object =
            b"tree x\nauthor A <a@b> 1 +0000\ncommitter B C <b@c> 1700000000 +0200\n\ncommitter x> 5 +0\n";
        assert_eq!(commit_time(object), Some(1_700_000_000));
        assert_eq!(commit_time(b"tree x\n\ncommitter B <b> 5 +0"), None);
    }

    #[test]
    fn archives() {
        assert_eq!(newest_member(b"FROM scratch\n"), Ok(None));
        for (head, otherwise) in [
            (b"BZh9".as_slice(), true),
            (b"\xfd7zXZ\0", true),
            (b"\x28\xb5\x2f\xfd", true),
            (b"\x1f\x8b\x08", false),
            (b"", false),
        ] {
            assert_eq!(is_packed_otherwise(head), otherwise, "{head:?}");
        }
    }
}
