//! States that come from outside.

use super::{State, StateError};
use crate::{
    GitOptions, GitRemote, HttpOptions, ImageOptions, LocalOptions, OciLayoutOptions, Reference,
    ReferenceError, SourceOp, path,
};

/// The empty file system.
pub fn scratch() -> State {
    State::scratch()
}

/// An image by its name, as people write it: `alpine` is `docker.io/library/alpine:latest`. With options it is a
/// [`SourceOp::image`], which becomes a state by `into()`.
///
/// The settings start empty: [`State::with_image_config`] takes those of the image.
///
/// ```
/// use llb_graph::{ImageOptions, ResolveMode, SourceOp, State, image};
///
/// let usual = image("alpine:3.22");
/// let pulled = SourceOp::image(
///     "alpine:3.22",
///     &ImageOptions {
///         resolve_mode: ResolveMode::ForcePull,
///         ..ImageOptions::default()
///     },
/// )?;
/// let pulled = State::from(pulled);
/// # let _ = (usual, pulled);
/// # Ok::<(), llb_graph::ReferenceError>(())
/// ```
pub fn image(name: &str) -> State {
    let source = SourceOp::image(name, &ImageOptions::default());
    named_by(name, source)
}

/// An image of an OCI layout at the client, by `name@digest`. With options it is a [`SourceOp::oci_layout`].
pub fn oci_layout(name: &str) -> State {
    let pinned = Reference::parse(name).and_then(Reference::pinned);
    let source =
        |reference: Reference| SourceOp::oci_layout(&reference.to_string(), &OciLayoutOptions::default());
    named_by(name, pinned.map(source))
}

/// A directory of the client, by the name that it gives it: `buildctl build --local context=.`. With options it is a
/// [`SourceOp::local`].
///
/// ```
/// use llb_graph::{MarshalOptions, copy, local, scratch};
///
/// // Random: two clients' directories of one name are not the same.
/// let id = "b7f1c0aa5d";
/// let files = scratch().file(copy(local("context"), "/", "/"));
/// let definition = files.marshal(&MarshalOptions::default().with_local_unique_id(id))?;
/// # let _ = definition;
/// # Ok::<(), llb_graph::StateError>(())
/// ```
pub fn local(name: &str) -> State {
    SourceOp::local(name, &LocalOptions::default()).into()
}

/// A download, as a file. With options it is a [`SourceOp::http`].
///
/// ```
/// use llb_graph::{copy, http, image};
///
/// let archive = http("https://example.com/tool-1.2.tar.gz");
/// let state = image("alpine").file(copy(archive, "/tool-1.2.tar.gz", "/opt/").unpack());
/// # let _ = state;
/// ```
pub fn http(url: &str) -> State {
    if url.starts_with("https://") || url.starts_with("http://") {
        SourceOp::http(url, &HttpOptions::default()).into()
    } else {
        State::scratch().failed(StateError::Url(url.to_owned()))
    }
}

/// A git repository, by its URL as [`GitRemote::parse`] reads it. `reference` is a branch, tag or commit, a folder of it
/// after a colon, or nothing for the default branch. With options it is a [`SourceOp::git`].
///
/// ```
/// use llb_graph::git;
///
/// let tag = git("https://github.com/moby/buildkit.git", "v0.33.1");
/// let folder = git("git@github.com:moby/buildkit.git", "master:docs");
/// assert_eq!((tag.error(), folder.error()), (None, None));
/// ```
pub fn git(url: &str, reference: &str) -> State {
    let remote = match GitRemote::parse(url) {
        Ok(remote) => remote,
        Err(error) => return State::scratch().failed(StateError::Git(error)),
    };
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let (reference, subdir) = reference.split_once(':').unwrap_or((reference, ""));
    let options = GitOptions {
        reference: some(reference),
        subdir: some(path::normalize("/", subdir, false).trim_start_matches('/')),
        ..GitOptions::default()
    };
    SourceOp::git(&remote, &options).into()
}

fn named_by(name: &str, source: Result<SourceOp, ReferenceError>) -> State {
    source.map_or_else(
        |error| {
            let name = name.to_owned();
            State::scratch().failed(StateError::Image { name, error })
        },
        State::from,
    )
}

impl From<SourceOp> for State {
    fn from(source: SourceOp) -> Self {
        State::scratch().after(|_| Ok(source.into()))
    }
}
