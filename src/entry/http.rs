//! A main context that is downloaded: an archive of files, or the Dockerfile itself.

use llb_graph::{CopyAction, FileAction, FileInfo, FileOp, Graph, HttpOptions, Op, SourceOp, Vertex};

use super::{Context, Inputs, Solved, decode, graph_failure, marshal, remote_context, source};
use crate::gateway::{Bridge, Session, Status};
use crate::options::Request;

/// What a download is called.
const FILENAME: &str = "context";
/// How much of it tells what it is.
const HEAD_BYTES: i64 = 1024;

/// Whether a context is to be downloaded.
pub(super) fn is_url(context: &str) -> bool {
    context.starts_with("http://") || context.starts_with("https://")
}

/// Downloads a context and looks whether it is an archive.
pub(super) async fn resolve<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
) -> Result<Context, Status> {
    let url = &request.place.context;
    let file = FileInfo {
        filename: Some(FILENAME.to_owned()),
        ..FileInfo::default()
    };
    let source = SourceOp::http(
        url,
        &HttpOptions {
            file,
            ..HttpOptions::default()
        },
    );
    let mut graph = Graph::new();
    let vertex = Vertex::new(Op::Source(source)).with_name("[internal] load remote build context");
    let download = graph
        .add(vertex)
        .map_err(|error| graph_failure(&error))?
        .first_output();

    let failed = |status: Status| status.context(format!("downloading the build context {url}"));
    let solved = Solved::new(session, marshal(&graph, Some(download))?).await;
    let Some(reference) = solved.reference.clone().map_err(failed)? else {
        return Err(Status::new(format!("the build context {url} is empty")));
    };
    let head = session
        .read_head(&reference, FILENAME, HEAD_BYTES)
        .await
        .map_err(failed)?;

    if !is_archive(&head) {
        let of_client = source::of_client(session, request, FILENAME).await?;
        return Ok(Context {
            remote: Some(decode(&solved.definition)?),
            dockerfile: of_client.unwrap_or(solved),
            ignore: None,
            filename: FILENAME.to_owned(),
            inputs: Inputs::default(),
        });
    }
    let copy = CopyAction {
        source: Some(download),
        src: format!("/{FILENAME}"),
        dest: "/".to_owned(),
        attempt_unpack: true,
        ..CopyAction::default()
    };
    let unpacked = Vertex::new(Op::File(FileOp::new(None, FileAction::Copy(copy))));
    let unpacked = graph
        .add(unpacked)
        .map_err(|error| graph_failure(&error))?
        .first_output();
    remote_context(session, request, marshal(&graph, Some(unpacked))?).await
}

/// Whether these are the first bytes of a tar archive, compressed or not.
fn is_archive(head: &[u8]) -> bool {
    const BZIP2: &[u8] = b"BZh";
    const GZIP: &[u8] = &[0x1f, 0x8b, 0x08];
    const XZ: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0];
    const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
    if [BZIP2, GZIP, XZ, ZSTD]
        .iter()
        .any(|magic| head.starts_with(magic))
    {
        return true;
    }
    // A zstd stream may begin with frames to skip, 0x184D2A50 to 0x184D2A5F.
    let skippable = head.len() >= 8 && head[0] & 0xf0 == 0x50 && head[1..4] == [0x2a, 0x4d, 0x18];
    skippable || crate::tar::is_header(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives() {
        assert!(is_archive(&[0x1f, 0x8b, 0x08, 0]));
        assert!(is_archive(&[0x5a, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]));
        assert!(!is_archive(b"FROM scratch\n"));
        assert!(!is_archive(b""));
        for head in [
            b"BZh9".as_slice(),
            b"\xfd7zXZ\0",
            b"\x28\xb5\x2f\xfd",
            b"\x50\x2a\x4d\x18\0\0\0\0",
        ] {
            assert!(is_archive(head), "{head:?}");
            assert!(!is_archive(&head[1..]), "{head:?}");
        }
        assert!(!is_archive(&[0x60, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]));
        assert!(!is_archive(&[0x50, 0x2a, 0x4d, 0x18, 0, 0, 0]));
    }
}
