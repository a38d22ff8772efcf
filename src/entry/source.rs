//! Reading the Dockerfile, and the ignore file beside it.

use std::sync::Arc;

use dockerfile_compile::{IgnoreAnswer, MainContext, SourceFile};
use llb_graph::Marshalled;

use super::folder::LocalFolder;
use super::ignore::{MainIgnore, OWN_SUFFIX, read_main};
use super::{CONTEXT, Context, Entry, Solved, decode, only_source};
use crate::gateway::{Bridge, Code, Session, Status, pb};
use crate::join::Ahead;
use crate::options::Request;
use crate::report::say_what_to_pass;

/// The usual name, of which some file systems lose the case.
const USUAL_NAME: &str = "Dockerfile";
/// The language that clients show.
const LANGUAGE: &str = "Dockerfile";

/// Reads what the context decided about. The ignore files are read beside it.
pub(super) async fn read<'a, B: Bridge>(
    session: &'a Session<'a, B>,
    request: &'a Request,
    context: Context,
) -> Result<Entry<'a>, Status> {
    let Context {
        remote,
        dockerfile: Solved {
            definition,
            reference,
        },
        ignore,
        filename,
        inputs,
    } = context;
    let loading = |status: Status| say_what_to_pass(status.context(format!("loading {filename}")));
    let Some(reference) = reference.map_err(loading)? else {
        return Err(missing(request, &filename, &Status::new("its source is empty")));
    };
    let folder = ignore.map(|folder| Ahead::new(read_main(session, folder)));
    let reading = async {
        tokio::join!(
            read_dockerfile(session, &reference, &filename),
            read_own_ignore(session, &reference, &filename),
        )
    };
    let (data, own) = match &folder {
        // Where the file may name another frontend, that one reads the folder.
        Some(folder) if request.handling.is_forwarded => folder.beside(reading).await,
        _ => reading.await,
    };
    let data = match data {
        Ok(data) => data,
        Err(status) if status.code == Code::RESOURCE_EXHAUSTED => return Err(status),
        Err(status) => return Err(missing(request, &filename, &status)),
    };
    let ignore = match (own?, folder) {
        (Some(own), _) => MainIgnore::Own(own),
        (None, Some(folder)) => MainIgnore::Folder(folder),
        (None, None) => MainIgnore::Nothing,
    };
    let main_context = match remote {
        Some(remote) => {
            let has_source = only_source(&remote).is_some();
            MainContext::Remote {
                definition: Arc::new(remote),
                has_source,
            }
        }
        None => MainContext::Local {
            name: CONTEXT.to_owned(),
        },
    };
    let decoded = decode(&definition)?;
    let is_picked = only_source(&decoded).is_some_and(|source| {
        let local = source.identifier.strip_prefix("local://");
        local == Some(&request.place.dockerfile_local)
    });
    Ok(Entry {
        is_picked,
        vertex: definition.head().map(|head| head.to_string()).unwrap_or_default(),
        source: Arc::new(SourceFile {
            filename,
            data: data.into(),
            language: LANGUAGE.to_owned(),
            definition: Some(decoded),
            parts: Vec::new(),
        }),
        folder: reference,
        main_context,
        ignore,
        inputs,
    })
}

/// The Dockerfile of the client's own folder, where the options say that it is there whatever the context is.
pub(super) async fn of_client<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
    filename: &str,
) -> Result<Option<Solved>, Status> {
    if !request.place.dockerfile_is_local {
        return Ok(None);
    }
    Ok(Some(Solved::new(session, local(request, filename)?).await))
}

/// The client's folder with the Dockerfile, of which only the files that may be needed are sent.
pub(super) fn local(request: &Request, filename: &str) -> Result<Marshalled, Status> {
    let local = &request.place.dockerfile_local;
    let mut files = vec![filename.to_owned(), format!("{filename}{OWN_SUFFIX}")];
    files.extend(lower_case_twin(filename));
    let folder = LocalFolder {
        name: local,
        session_id: request.session_of(local),
        files,
        excludes: Vec::new(),
        shared_key: local.clone(),
        shown_as: format!("[internal] load build definition from {filename}"),
    };
    folder.definition()
}

/// The path with `dockerfile` in place of `Dockerfile`.
fn lower_case_twin(filename: &str) -> Option<String> {
    let (folder, base) = filename
        .rsplit_once('/')
        .map_or(("", filename), |(folder, base)| (folder, base));
    if base != USUAL_NAME {
        return None;
    }
    Some(llb_graph::path::join(&[folder, &USUAL_NAME.to_lowercase()]))
}

async fn read_dockerfile<B: Bridge>(
    session: &Session<'_, B>,
    reference: &pb::Ref,
    filename: &str,
) -> Result<Vec<u8>, Status> {
    let failure = match session.read_file(reference, filename).await {
        Ok(data) => return Ok(data),
        Err(failure) if failure.code == Code::RESOURCE_EXHAUSTED => return Err(failure),
        Err(failure) => failure,
    };
    let Some(twin) = lower_case_twin(filename) else {
        return Err(failure);
    };
    session.read_file(reference, &twin).await.map_err(|_| failure)
}

/// The ignore file of this Dockerfile. One that is absent or empty leaves it to that of the context.
async fn read_own_ignore<B: Bridge>(
    session: &Session<'_, B>,
    reference: &pb::Ref,
    filename: &str,
) -> Result<Option<Arc<IgnoreAnswer>>, Status> {
    let filename = format!("{filename}{OWN_SUFFIX}");
    let data = session.read_file_if_any(reference, &filename).await;
    let data = data.map_err(|status| status.context(format!("reading {filename}")))?;
    let data = data.filter(|data| !data.is_empty());
    Ok(data.map(|data| Arc::new(IgnoreAnswer { filename, data })))
}

/// No Dockerfile where one was expected.
fn missing(request: &Request, filename: &str, cause: &Status) -> Status {
    let place = match request.place.context.as_str() {
        "" => "the build context".to_owned(),
        context if request.place.dockerfile_is_local => format!("the folder that belongs to {context}"),
        context => context.to_owned(),
    };
    let message = format!(
        "no Dockerfile: `{filename}` can't be read in {place} ({}). Create it there, or name another file with \
         `--file`",
        cause.message
    );
    Status {
        code: cause.code,
        message,
        details: cause.details.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins() {
        assert_eq!(lower_case_twin("Dockerfile").as_deref(), Some("dockerfile"));
        assert_eq!(lower_case_twin("a/Dockerfile").as_deref(), Some("a/dockerfile"));
        assert_eq!(lower_case_twin("a/Dockerfile.dev"), None);
    }
}
