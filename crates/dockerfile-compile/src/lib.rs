//! The pure compile core: a parsed Dockerfile, build options and answers so far, to LLB.
//!
//! [`compile`] never does I/O. What it lacks it says as data ([`Step::Needs`]); the caller answers the whole
//! round and calls again.

pub mod caching;
mod compile;
mod compiled;
pub mod dialect;
mod env;
mod error;
mod facts;
mod files;
mod finish;

mod answers;
mod go;
pub mod host;
mod ignore_file;
mod image;
mod lint;
pub mod lock;
mod lower;
mod offline;
mod options;
mod pairs;
mod paths;
mod plain;
mod plan;
mod remainder;
mod remote;
mod safe;
mod shared_map;
#[cfg(test)]
mod testing;
pub mod view;
mod warning;

pub use answers::{
    Answer, Answers, Failure, IgnoreAnswer, ImageAnswer, ImageRequest, ImageStore, LocalIgnoreRequest, Need,
    PairsAnswer, PinRequest, SourceTimeRequest, StageFileRequest, StageGraph,
};
pub use compile::{compile, compile_within};
pub use compiled::{CompileResult, Compiled, FilePairs, Step, Warned};
pub use error::{CompileError, CompileErrors, OtherFile};
pub use facts::looks_like_secret;
pub use files::{FileAnswer, FileOrigin, FileRequest, Files};
pub use ignore_file::keeps_out;
pub use lint::{Edit, Example, Fix, RuleDoc, apply, correct, fix, report_above, rule_docs, validate_check};
pub use llb_graph::{Reference, ReferenceError};
pub use offline::{assumed, lint, lint_with};
pub use options::{BuildOptions, MainContext, NoCache, SourceFile, SourcePart};
pub use plain::{Flat, flatten, plain};
pub use remainder::Remainder;
pub use remote::git_ref::{GitRef, GitRefError};
pub use warning::Warning;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
