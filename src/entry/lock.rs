//! The lock file beside the Dockerfile.

use dockerfile_compile::OtherFile;
use dockerfile_compile::lock::{Lock, LockError, LockInUse};
use dockerfile_compile::{CompileError, CompileErrors};
use dockerfile_syntax::{Span, dialect};

use super::Entry;
use super::beside::Beside;
use crate::gateway::{Bridge, Code, Session, Status};
use crate::options::{LockMode, Request};
use crate::report::{Tickets, compile_failure};

/// What a lock has behind the name of its Dockerfile.
const SUFFIX: &str = ".lock";

/// Whether an option, or else the Dockerfile, asks for a lock.
pub(crate) fn is_locked(request: &Request, entry: &Entry<'_>) -> bool {
    match request.image.lock {
        Some(mode) => mode != LockMode::Off,
        None => dialect::find(&entry.source.data).0.lock,
    }
}

/// Reads the lock that an option, or else the Dockerfile, asks for. Who asks for one wants its pins, so there has to be
/// one.
///
/// # Errors
/// There is none, or it is wrong.
pub(crate) async fn read_lock<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
    entry: &Entry<'_>,
) -> Result<Option<LockInUse>, Status> {
    if !is_locked(request, entry) {
        return Ok(None);
    }
    let is_required = request.image.lock == Some(LockMode::Require);
    let filename = format!("{}{SUFFIX}", entry.source.filename);
    let read = read(session, request, entry, &filename).await;
    let Some(data) = read.map_err(|status| status.context(format!("reading {filename}")))? else {
        return Err(Status::with_code(
            Code::NOT_FOUND,
            missing(&filename, request.image.lock),
        ));
    };
    match Lock::parse(&data) {
        Ok(lock) => Ok(Some(LockInUse {
            lock,
            filename,
            is_required,
        })),
        Err(error) => {
            let errors = errors_of(error, OtherFile { filename, data });
            Err(compile_failure(&errors, &entry.source, &Tickets::default()))
        }
    }
}

/// The file, from where the Dockerfile is.
async fn read<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
    entry: &Entry<'_>,
    filename: &str,
) -> Result<Option<Vec<u8>>, Status> {
    let beside = Beside {
        files: vec![filename.to_owned()],
        key: filename.to_owned(),
        shown_as: format!("[internal] load {filename}"),
    };
    match beside.find(session, request, entry).await? {
        Some((folder, _)) => session.read_file_if_any(&folder, filename).await,
        None => Ok(None),
    }
}

fn missing(filename: &str, mode: Option<LockMode>) -> String {
    let asked = match mode {
        None => "the line `# plimsoll=1,lock`",
        Some(LockMode::Require) => "build-arg PLIMSOLL_LOCK=require",
        Some(_) => "build-arg PLIMSOLL_LOCK=use",
    };
    format!(
        "{asked} asks for `{filename}` beside the Dockerfile, and there is none: write it with \
         `docker buildx build --call=lock . > {filename}` or `plimsoll lock > {filename}`"
    )
}

fn errors_of(error: LockError, file: OtherFile) -> CompileErrors {
    CompileError::about(Span::new(error.start, error.start), error.message)
        .in_file(file, Some(error.line))
        .into()
}
