//! Answers to questions about a Dockerfile: views of what was parsed and compiled.
//!
//! Each view is JSON for programs and text for people. The shapes of both are the reference's, which clients parse and
//! print; the words in them are ours.

pub mod context;
mod excerpt;
pub mod explain;
mod gather;
mod json;
mod lint;
mod lock;
mod outline;

mod table;
mod targets;
mod wire;

pub use crate::safe::{safe_lines, safe_text};
pub use excerpt::excerpt;
pub use explain::Explanation;
pub use gather::{OutlineArg, OutlineMount};
pub use lint::{BuildError, lint};
pub use lock::lock;
pub use outline::Outline;
pub use targets::targets;

/// The two forms of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// JSON, as Go prints it with an indent of two spaces.
    pub json: Vec<u8>,
    /// What a client shows to a person.
    pub text: Vec<u8>,
}
