//! The pure compile core: a parsed Dockerfile, build options and answers so far, to LLB.
//!
//! [`compile`] never does I/O. What it lacks it says as data ([`Step::Needs`]); the caller answers the whole
//! round and calls again.

mod compiled;
mod error;
mod git_ref;
mod need;
mod options;

pub use compiled::{CompileResult, Compiled, Step, Warned, Warning};
pub use error::{CompileError, CompileErrors};
pub use git_ref::{GitRef, GitRefError};
pub use need::{
    Answer, Answers, Failure, IgnoreAnswer, ImageAnswer, ImageRequest, ImageStore, LocalIgnoreRequest, Need,
    SourceTimeRequest,
};
pub use options::{BuildOptions, MainContext, NoCache, SourceFile};
