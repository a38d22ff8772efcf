//! The files that a Dockerfile of the dialect takes in, read from where they are.

use std::cell::RefCell;
use std::sync::Arc;

use dockerfile_compile::{FileAnswer, FileOrigin, FileRequest, Files, GitRef, SourceFile};
use dockerfile_syntax::{Budget, parse};
use llb_graph::{Definition, GitOptions, Graph, Marshalled, Op, SourceOp, Vertex};

use super::{World, compile_all};
use crate::entry::{Beside, Entry, decode, graph_failure, marshal};
use crate::gateway::{Bridge, Session, Status, pb};
use crate::join::join_all;
use crate::options::Request;
use crate::report::{Tickets, compile_failure};

/// Where a file of a named context is put.
const COPIED: &str = "file";

/// Reads all files that the Dockerfile takes in, a round at a time, and makes them a part of its source. One that can't be
/// had is an error where it is named.
///
/// # Errors
/// Fails only by a bug.
pub(crate) async fn take_in<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
    entry: &mut Entry<'_>,
) -> Result<Files, Status> {
    let mut files = Files::new(Arc::clone(&entry.source));
    loop {
        let lacking = files.lacking();
        if lacking.is_empty() {
            break;
        }
        session.count_round();
        tracing::debug!(
            files = lacking.len(),
            "asking for files that the Dockerfile takes in"
        );
        let reader = Reader {
            session,
            request,
            entry,
        };
        let beside = lacking
            .iter()
            .filter(|file| file.origin == FileOrigin::Dockerfile);
        let beside: Vec<String> = beside.map(|file| file.path.clone()).collect();
        let beside = match beside.is_empty() {
            // Nobody reads it.
            true => Err(empty()),
            false => reader.beside(beside).await,
        };
        let read = join_all(lacking.iter().map(|file| reader.read(file, &beside))).await;
        let answers = read.into_iter().map(|read| match read {
            Ok((data, definition)) => FileAnswer::Found {
                data: data.into(),
                definition: Some(definition),
            },
            Err(status) => FileAnswer::Failed(status.message),
        });
        files.add(lacking.into_iter().zip(answers));
    }
    entry.source = Arc::clone(files.source());
    Ok(files)
}

type Folder = Result<(pb::Ref, Definition), Status>;

struct Reader<'r, 'e, B> {
    session: &'r Session<'r, B>,
    request: &'r Request,
    entry: &'r Entry<'e>,
}

impl<B: Bridge> Reader<'_, '_, B> {
    async fn read(&self, file: &FileRequest, beside: &Folder) -> Result<(Vec<u8>, Definition), Status> {
        let (folder, path) = match &file.origin {
            FileOrigin::Dockerfile => (beside.clone(), file.path.as_str()),
            FileOrigin::Context(name) => (self.of_context(name, &file.path).await, COPIED),
            FileOrigin::Git(url) => (self.of_repository(url).await, file.path.as_str()),
        };
        let (reference, definition) = folder?;
        Ok((self.session.read_file(&reference, path).await?, definition))
    }

    async fn beside(&self, files: Vec<String>) -> Folder {
        let beside = Beside {
            files,
            key: "files".to_owned(),
            shown_as: format!(
                "[internal] load files that {} takes in",
                self.entry.source.filename
            ),
        };
        let found = beside.find(self.session, self.request, self.entry).await?;
        found.ok_or_else(empty)
    }

    async fn of_repository(&self, url: &str) -> Folder {
        let git = GitRef::parse(url).map_err(|error| Status::new(format!("{error:?}")))?;
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let options = GitOptions {
            reference: some(&git.reference),
            checksum: some(&git.checksum),
            advice: self.request.place.git_advice,
            ..GitOptions::default()
        };
        let mut graph = Graph::new();
        let name = format!("[internal] load git source {url}");
        let vertex = Vertex::new(Op::Source(SourceOp::git(&git.place, &options))).with_name(name);
        let vertex = graph.add(vertex).map_err(|error| graph_failure(&error))?;
        self.solve(marshal(&graph, Some(vertex.first_output()))?).await
    }

    /// A file of a named context, whatever that is: what a COPY of it gives.
    async fn of_context(&self, name: &str, path: &str) -> Folder {
        let named = &self.request.contexts.named;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_plain) || !named.contains_key(name) {
            let message = format!("no build context `{name}` was passed: add --build-context {name}=FOLDER");
            return Err(Status::new(message));
        }
        let path = serde_json::Value::from(format!("/{path}"));
        let text = format!("FROM scratch\nCOPY --from={name} [{path}, \"/{COPIED}\"]\n");
        let source = Arc::new(SourceFile::new(
            format!("the file {path} of {name}"),
            text.clone(),
        ));
        let parsed = parse(text.as_bytes());
        let options = self.request.build_options(
            Arc::clone(&source),
            self.entry.main_context.clone(),
            self.session.llb_caps().clone(),
            None,
        );
        let tickets = Tickets::default();
        let world = World {
            request: self.request,
            session: self.session,
            entry: self.entry,
            tickets: &tickets,
            answers: RefCell::default(),
            budget: Budget::new(),
        };
        // Boxed since compiling is a large future of its own.
        let compiling = Box::pin(compile_all(
            &world,
            &parsed.dockerfile,
            std::slice::from_ref(&options),
        ));
        let finished = compiling.await?.pop();
        match finished.map(|finished| finished.result) {
            Some(Ok(compiled)) => self.solve(compiled.definition).await,
            Some(Err(errors)) => Err(compile_failure(&errors, &source, &tickets)),
            None => Err(Status::new("nothing came of it")),
        }
    }

    async fn solve(&self, graph: Marshalled) -> Folder {
        let definition = decode(&graph)?;
        match self.session.solve(&graph, Vec::new()).await? {
            Some(reference) => Ok((reference, definition)),
            None => Err(empty()),
        }
    }
}

fn empty() -> Status {
    Status::new("it is empty")
}
