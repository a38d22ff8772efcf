//! The main context: the client's files, a git repository, a download, or a graph that the client passed.

use std::collections::BTreeMap;

use buildkit_llb::{
    CopyAction, Definition, FileAction, FileOp, GitOptions, Graph, ImportError, Op, RawDefinition, SourceOp,
    Vertex,
};
use dockerfile_compile::{GitRef, GitRefError};

use super::{definition, graph_failure, http};
use crate::gateway::{Bridge, Session, Status};
use crate::options::{PlaceOptions, Request};

/// Name of the main context among local sources and inputs.
const CONTEXT: &str = "context";

/// Where things are, before the Dockerfile is read.
#[derive(Debug, Default)]
pub(super) struct Context {
    /// The context, where it is not the client's files.
    pub(super) remote: Option<Definition>,
    /// Where the Dockerfile is, if not in a local source.
    pub(super) dockerfile: Option<Definition>,
    /// Name of the Dockerfile, where the context decides it.
    pub(super) filename: Option<String>,
    /// Graphs that the client passed.
    pub(super) inputs: BTreeMap<String, RawDefinition>,
}

/// Looks at the options that say where the context is, and fetches what must be seen to tell.
pub(super) async fn resolve<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
) -> Result<Context, Status> {
    let place = &request.place;
    let mut context = match GitRef::parse(&place.context) {
        Ok(git) => git_context(place, &git)?,
        Err(GitRefError::Invalid(problem)) => {
            return Err(Status::new(format!(
                "the build context `{}`: {problem}",
                place.context
            )));
        }
        Err(GitRefError::NotGit) if http::is_url(&place.context) => {
            http::resolve(session, &place.context).await?
        }
        Err(GitRefError::NotGit) => input_context(session.inputs().await?, place)?,
    };
    if let (Some(remote), Some(subdir)) = (&context.remote, &place.context_subdir) {
        context.remote = Some(scope_to(remote, subdir)?);
    }
    Ok(context)
}

fn git_context(place: &PlaceOptions, git: &GitRef) -> Result<Context, Status> {
    let options = GitOptions {
        reference: Some(git.reference.clone()),
        subdir: Some(git.subdir.clone()),
        keep_git_dir: place.keep_git_dir || git.keep_git_dir == Some(true),
        checksum: Some(git.checksum.clone()),
        skip_submodules: git.submodules == Some(false),
        mtime: match git.mtime.as_str() {
            "" => place.commit_time.then(|| "commit".to_owned()),
            mtime => Some(mtime.to_owned()),
        },
        fetch_by_commit: git.fetch_by_commit,
        advice: place.git_advice,
        ..GitOptions::default()
    };
    let source = SourceOp::git(&git.place, &options);
    let mut graph = Graph::new();
    let name = format!("[internal] load git source {}", place.context);
    let vertex = graph
        .add(Vertex::new(Op::Source(source)).with_name(name))
        .map_err(|error| graph_failure(&error))?;
    let source = definition(&graph, Some(vertex.root()))?;
    Ok(Context {
        remote: Some(source.clone()),
        dockerfile: Some(source),
        ..Context::default()
    })
}

fn input_context(inputs: BTreeMap<String, RawDefinition>, place: &PlaceOptions) -> Result<Context, Status> {
    let find = |name: &str| {
        let found = inputs.get(name).map(RawDefinition::decode);
        found
            .transpose()
            .map_err(|error| input_failure(name, &ImportError::Op(error)))
    };
    Ok(Context {
        remote: find(CONTEXT)?,
        dockerfile: if place.dockerfile_is_local {
            None
        } else {
            find(&place.dockerfile_local)?
        },
        inputs,
        ..Context::default()
    })
}

/// A folder of a context as a context of its own.
fn scope_to(context: &Definition, subdir: &str) -> Result<Definition, Status> {
    let mut graph = Graph::new();
    let source = graph
        .import(context)
        .map_err(|error| input_failure(CONTEXT, &error))?;
    let copy = CopyAction {
        source,
        src: subdir.to_owned(),
        dest: "/".to_owned(),
        dir_contents_only: true,
        ..CopyAction::default()
    };
    let op = FileOp::new(None, FileAction::Copy(copy));
    let vertex = graph
        .add(Vertex::new(Op::File(op)))
        .map_err(|error| graph_failure(&error))?;
    definition(&graph, Some(vertex.root()))
}

/// A graph that came from outside and can't be read.
fn input_failure(name: &str, error: &ImportError) -> Status {
    Status::new(format!(
        "the frontend input `{name}` is not a graph that can be used: {error}"
    ))
}
