//! The pure compile core: a parsed Dockerfile, build options and answers so far, to LLB.
//!
//! [`compile`] never does I/O. What it lacks it says as data ([`Step::Needs`]); the caller answers the whole
//! round and calls again.

mod base64;
mod compile;
mod compiled;
mod env;
mod error;
mod facts;
mod finish;
pub mod git_ref;
mod go_text;
pub mod host;
mod ignore_file;
mod image;
mod lint;
mod lower;
mod need;
mod offline;
mod options;
mod os_path;
mod plan;
mod remote;
mod shared_map;
#[cfg(test)]
mod testing;
mod unix_path;
pub mod view;
mod warning;

pub use compile::{compile, compile_within};
pub use compiled::{CompileResult, Compiled, Step, Warned};
pub use error::{CompileError, CompileErrors, OtherFile};
pub use git_ref::{GitRef, GitRefError};
pub use lint::{Example, RuleDoc, report_above, rule_docs, validate_check};
pub use llb_graph::{Reference, ReferenceError};
pub use need::{
    Answer, Answers, Failure, IgnoreAnswer, ImageAnswer, ImageRequest, ImageStore, LocalIgnoreRequest, Need,
    SourceTimeRequest,
};
pub use offline::lint;
pub use options::{BuildOptions, MainContext, NoCache, SourceFile};
pub use warning::Warning;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
