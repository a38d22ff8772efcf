//! What a `RUN` of a Dockerfile does: shell scripts as flat lists of simple commands with byte spans.
//!
//! [`parse`] reads a script for POSIX sh or bash. It never fails: what it could not make sense of shows in
//! [`Script::is_whole`]. Time grows with the length of the text alone, and depth and size have limits. Nothing here runs,
//! expands or looks anything up.

#![forbid(unsafe_code)]

mod flags;
mod invocation;
mod parse;
mod script;
pub mod tools;
mod word;
mod wrappers;

pub use parse::{MOST_DEPTH, MOST_NODES, parse};
pub use script::{Assignment, Command, Join, Level, LevelKind, Operator, Place, Redirect, Script};
pub use tools::{Action, Use};
pub use word::Word;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
