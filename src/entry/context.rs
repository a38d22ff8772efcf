//! The main context: the client's files, a git repository, a download, or a graph that the client passed.

use dockerfile_compile::{GitRef, GitRefError};
use llb_graph::{
    CopyAction, Definition, FileAction, FileOp, GitOptions, Graph, Marshalled, Op, SourceOp, Vertex,
};

use super::inputs::{Inputs, malformed};
use super::{CONTEXT, Context, Solved, decode, graph_failure, http, ignore, marshal, remote_context, source};
use crate::gateway::{Bridge, Session, Status};
use crate::options::{PlaceOptions, Request};

/// Looks at the options that say where the context is, and fetches what must be seen to tell.
pub(super) async fn resolve<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
    compiles: bool,
) -> Result<Context, Status> {
    let place = &request.place;
    let mut context = match GitRef::parse(&place.context) {
        Ok(git) => remote_context(session, request, git_source(place, &git)?).await?,
        Err(GitRefError::Invalid(problem)) => {
            return Err(Status::new(format!(
                "the build context `{}`: {problem}",
                place.context
            )));
        }
        Err(GitRefError::NotGit) if http::is_url(&place.context) => http::resolve(session, request).await?,
        Err(GitRefError::NotGit) => client_context(session, request, compiles).await?,
    };
    if let (Some(remote), Some(subdir)) = (&context.remote, &place.context_subdir) {
        context.remote = Some(scope_to(remote, subdir)?);
    }
    Ok(context)
}

fn git_source(place: &PlaceOptions, git: &GitRef) -> Result<Marshalled, Status> {
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
    marshal(&graph, Some(vertex.first_output()))
}

/// The client's files, or the graphs that it passes instead. Which of them shows by the graphs; nothing waits for that,
/// since solving a folder that is not looked into afterwards costs nothing.
async fn client_context<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
    compiles: bool,
) -> Result<Context, Status> {
    let place = &request.place;
    let filename = place.filename.clone();
    let dockerfile = source::local(request, &filename)?;
    let ignore = ignore::of_context(request, CONTEXT)?;
    let solve_ignore = async {
        match compiles {
            true => Some(Solved::new(session, ignore).await),
            false => None,
        }
    };
    let inputs = Inputs::default();
    let (told, mut dockerfile, ignore) = tokio::join!(
        inputs.all(session),
        Solved::new(session, dockerfile),
        solve_ignore,
    );
    told?;
    let remote = inputs.find(session, CONTEXT).await?;
    if !place.dockerfile_is_local
        && let Some(passed) = inputs.find(session, &place.dockerfile_local).await?
    {
        dockerfile = Solved::new(session, Marshalled::from(&passed)).await;
    }
    Ok(Context {
        ignore: ignore.filter(|_| remote.is_none()),
        remote,
        dockerfile,
        filename,
        inputs,
    })
}

/// A folder of a context as a context of its own.
fn scope_to(context: &Definition, subdir: &str) -> Result<Definition, Status> {
    let mut graph = Graph::new();
    let source = graph
        .import(context)
        .map_err(|error| malformed(CONTEXT, &error))?;
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
    decode(&marshal(&graph, Some(vertex.first_output()))?)
}
