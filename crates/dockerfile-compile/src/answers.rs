//! What the core lacks, and what it was told: the two halves of its conversation with the shell.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use llb_graph::collect;
use llb_graph::{Definition, Marshalled, Platform, ResolveMode};

use crate::lock::SourceKind;

/// One thing that the core cannot know by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The config of an image.
    Image(ImageRequest),
    /// The ignore file of the main context: `<Dockerfile>.dockerignore`, or else `.dockerignore`.
    ContextIgnore,
    /// The `.dockerignore` of a named local context.
    LocalIgnore(LocalIgnoreRequest),
    /// A frontend input, by name.
    Input(String),
    /// A file of the main context, by its path without a slash before it.
    ContextFile(String),
    /// A file that a stage makes.
    StageFile(StageFileRequest),
    /// When the content of a source was made, for `SOURCE_DATE_EPOCH`.
    SourceTime(SourceTimeRequest),
    /// What a download or repository is now, for a lock.
    Pin(PinRequest),
}

/// Asks for the config of an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageRequest {
    /// Full name with tag or digest, such as `docker.io/library/alpine:latest`.
    pub reference: String,
    /// Variant of the image to take; `None` leaves it to the daemon.
    pub platform: Option<Platform>,
    /// How to look it up.
    pub resolve_mode: ResolveMode,
    /// The line that the client shows meanwhile.
    pub log_name: String,
    /// Where the image is.
    pub store: ImageStore,
}

/// Where an image is looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImageStore {
    /// A registry, or the daemon's own images.
    Registry,
    /// An OCI layout of the client.
    OciLayout {
        /// Session that serves the layout.
        session_id: String,
        /// Name of the layout in that session.
        store_id: String,
    },
}

/// Asks for the ignore file of a named local context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalIgnoreRequest {
    /// Name of the local source.
    pub local: String,
    /// Name of the context, with its platform where the option has one; it goes into progress names and keys.
    pub context: String,
    /// Session that serves the files.
    pub session_id: String,
}

/// Asks for a file of a stage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StageFileRequest {
    /// The graph that makes it.
    pub graph: StageGraph,
    /// Its path, from the root.
    pub path: String,
}

/// The graph of a stage as far as it was needed. Graphs of equal digests are equal.
#[derive(Clone, Debug)]
pub struct StageGraph(pub Arc<Marshalled>);

impl PartialEq for StageGraph {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for StageGraph {}

impl PartialOrd for StageGraph {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for StageGraph {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.head().cmp(&other.0.head())
    }
}

/// Asks for the date of a source's content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceTimeRequest {
    /// Identifier of the source op, such as `git://…` or `https://…`; empty for the main context.
    pub identifier: String,
    /// Attributes of the source op.
    pub attrs: BTreeMap<String, String>,
    /// The line that the client shows meanwhile.
    pub log_name: String,
}

/// Asks for the checksum of a download, or the commit of a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PinRequest {
    /// Which of them it is.
    pub kind: SourceKind,
    /// Identifier of the source op, such as `git://…` or `https://…`.
    pub identifier: String,
    /// Attributes of the source op.
    pub attrs: BTreeMap<String, String>,
    /// The line that the client shows meanwhile.
    pub log_name: String,
}

/// What the shell found out about a [`Need`].
#[derive(Clone, Debug)]
pub enum Answer {
    /// To [`Need::Image`].
    Image(Arc<ImageAnswer>),
    /// To [`Need::ContextIgnore`] and [`Need::LocalIgnore`].
    Ignore(Arc<IgnoreAnswer>),
    /// To [`Need::Input`]: the graph of that input, `None` where there is no such input.
    Input(Option<Arc<Definition>>),
    /// To [`Need::SourceTime`]: seconds since 1970, `None` where the source has no date.
    SourceTime(Option<i64>),
    /// To [`Need::ContextFile`] and [`Need::StageFile`].
    File(Arc<PairsAnswer>),
    /// To [`Need::Pin`]: the checksum or commit, or why nobody here can tell it.
    Pin(Result<String, String>),
    /// The look-up failed; an answer too, so that the error can name the line that asked.
    Failed(Failure),
}

/// An image as the daemon resolved it.
#[derive(Clone, Debug)]
pub enum ImageAnswer {
    /// The image exists.
    Found {
        /// The name in effect, which a source policy may have changed.
        reference: String,
        /// Digest of the manifest or index, `sha256:…`; empty where the daemon gave none.
        digest: String,
        /// The config, JSON.
        config: Vec<u8>,
    },
    /// A source policy made something else of it, such as `local://…`: the new source.
    Redirected(String),
}

/// A file that was asked for.
#[derive(Clone, PartialEq, Eq)]
pub enum PairsAnswer {
    /// Its bytes; where it has more than [`dockerfile_syntax::env_file::FILE_BYTES`], the first ones and one more.
    Found(Vec<u8>),
    /// There is no such file.
    Missing,
    /// Nobody here can read it. What it would set is left out, and what may depend on that is not judged.
    Unknown,
}

impl fmt::Debug for PairsAnswer {
    /// Without its bytes, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Found(_) => "Found",
            Self::Missing => "Missing",
            Self::Unknown => "Unknown",
        })
    }
}

/// The bytes of an ignore file.
#[derive(Clone, Debug)]
pub struct IgnoreAnswer {
    /// Which file it was, for errors.
    pub filename: String,
    /// Its content; empty where there is none.
    pub data: Vec<u8>,
}

/// Why a look-up failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What the daemon said.
    pub message: String,
    /// Ticket under which the shell keeps the daemon's typed details, so that they pass through unchanged.
    pub ticket: usize,
}

/// All that is known so far. Grows only; a need once answered is never asked again.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    known: BTreeMap<Need, Answer>,
}

impl Answers {
    /// Nothing known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes an answer; the first one to a need stays.
    pub fn insert(&mut self, need: Need, answer: Answer) {
        self.known.entry(need).or_insert(answer);
    }

    /// The answer to `need`, if it is known.
    #[must_use]
    pub fn get(&self, need: &Need) -> Option<&Answer> {
        self.known.get(need)
    }

    /// Those of `needs` that have no answer yet.
    #[must_use]
    pub fn missing(&self, needs: &BTreeSet<Need>) -> BTreeSet<Need> {
        let unknown = needs.iter().filter(|need| !self.known.contains_key(need));
        collect::set(unknown.cloned())
    }
}
