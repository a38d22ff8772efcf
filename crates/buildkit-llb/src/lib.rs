//! BuildKit's low-level build graph (LLB) as a library: make a graph, read one, and get the bytes and digests that
//! BuildKit's own Go client makes of it.
//!
//! A program says what to build with chained [`State`]s: two commands with a cache mount and a secret.
//!
//! ```
//! use llb_graph::{MarshalOptions, image, shlex};
//!
//! let source = image("golang:1.26").dir("/src").env("CGO_ENABLED", "0");
//! let fetched = source.run(shlex("go mod download")).cache("/go/pkg/mod").secret("netrc");
//! let built = fetched.run(shlex("go build ./...")).cache("/go/pkg/mod");
//! let definition = built.marshal(&MarshalOptions::default())?;
//! let bytes = definition.bytes(); // for `buildctl build` or a gateway's Solve
//! # assert!(!bytes.is_empty());
//! # Ok::<(), llb_graph::StateError>(())
//! ```
//!
//! Below the states is the graph, for compilers that make many operations. A [`Graph`] is an append-only arena of
//! vertices. A [`Vertex`] is an operation ([`Op`]) and what is known about it beside its bytes (its name, the lines it
//! comes from, …). A [`FileSystem`] is what operations take and give: one [`Output`] of a vertex, or nothing, the empty
//! file system.
//!
//! ```
//! use llb_graph::{ExecOp, Graph, ImageOptions, MarshalOptions, Platform, SourceOp, Vertex};
//!
//! let mut graph = Graph::new();
//! let image = graph.add(SourceOp::image("alpine:3.22", &ImageOptions::default())?)?;
//! let run = ExecOp::new(Some(image.first_output()), ["/bin/sh", "-c", "echo hello > /greeting"]);
//! let run = graph.add(Vertex::from(run).with_name("say hello"))?;
//!
//! let options = MarshalOptions::new(Platform::new("linux", "amd64"));
//! let definition = graph.marshal(Some(run.first_output()), &options)?;
//! assert_eq!(definition.count(), 3); // the image, the command, and the terminal op
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate does no input or output, has no clock and no randomness: equal programs give equal bytes.

pub mod caps;
pub mod collect;
mod definition;
mod digest;
mod encode;
mod graph;
mod graph_error;
mod import;
pub mod json;
mod marshal;
mod marshalled;
mod metadata;
mod node;
pub mod op;
mod options;
mod output;
mod own_key;
mod parts;
pub mod path;
pub mod platform;
pub mod proto;
pub mod reference;
mod renumber;
pub mod shlex;
pub mod source;
pub mod state;
pub mod text;
mod tree;
mod vertex;
pub mod weight;
mod wire;

/// Bytes that are shared rather than copied, of the crate `bytes`.
pub use prost::bytes::Bytes;

pub use caps::{CapError, CapSet, CapState};
pub use definition::{
    DecodeError, Definition, Location, Position, Range, Ranges, Source, SourceInfo, SourceLocation,
    SourceMap, SourceMapId,
};
pub use digest::{Digest, digest};
pub use graph::Graph;
pub use graph_error::GraphError;
pub use import::ImportError;
pub use marshalled::{Marshalled, RawDefinition};
pub use metadata::{LinuxResources, Metadata, OpMetadata, ProgressGroup};
pub use op::Op;
pub use op::build::BuildOp;
pub use op::diff::DiffOp;
pub use op::exec::{ExecOp, ExtraHost, NetworkMode, ProxyEnv, SecurityMode, Ulimit, latest_env};
pub use op::file::{
    ChownOpt, CopyAction, CopyMode, FileAction, FileOp, MkdirAction, MkfileAction, RmAction, SymlinkAction,
    UserOpt,
};
pub use op::merge::MergeOp;
pub use op::mount::{
    CacheSharing, CdiDevice, ContentCache, Mount, MountKind, SecretEnv, SecretMount, SshMount,
};
pub use op::passthrough::PassthroughOp;
pub use options::MarshalOptions;
pub use output::{FileSystem, Output, VertexId};
pub use own_key::own_key;
pub use platform::{Platform, PlatformError};
pub use reference::{Reference, ReferenceError};
pub use source::SourceOp;
pub use source::git::{GitBundle, GitOptions, GitRemote};
pub use source::http::{FileInfo, HttpOptions, HttpSignature};
pub use source::image::{ImageOptions, ResolveMode};
pub use source::local::{Differ, LocalOptions, MetadataTransfer};
pub use source::oci_layout::OciLayoutOptions;
pub use state::{
    Actions, Command, Copy, Run, State, StateError, copy, diff, git, http, image, local, merge, mkdir,
    mkfile, oci_layout, rm, scratch, shell, shlex, symlink,
};
pub use vertex::Vertex;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
