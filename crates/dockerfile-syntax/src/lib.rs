//! Dockerfile text to immutable, typed instructions with byte spans.
//!
//! [`parse`] reads a whole file and reports every error in it. Nothing here does I/O, and nothing is expanded or
//! looked up: [`expand`] does that later, with the variables that its caller knows.

pub mod ast;
pub mod budget;
mod csv;
pub mod dialect;
pub mod directive;
pub mod env_file;
pub mod error;
pub mod expand;
mod flags;
pub mod heredoc;
pub mod ignore;
pub mod instruction;
mod json;
pub mod limits;
mod line;
mod message;
mod meta;
mod number;
mod parse;
mod parts;
mod shape;
pub mod sort;
pub mod span;
pub mod suggest;
mod text;
mod word;
mod words;

pub use ast::{Dockerfile, FileStart, Gap, Link, Missing, Module, Stage, Unreadable};
pub use budget::{Budget, Exceeded};
pub use dialect::Dialect;
pub use error::{SyntaxError, SyntaxErrorKind, Unfinished};
pub use flags::Switch;
pub use instruction::{FromInstruction, Instruction, InstructionKind};
pub use limits::Allowance;
pub use meta::Meta;
pub use parse::{Parsed, parse, parse_onbuild_trigger, parse_part};
pub use span::{FilePart, LineRange, Place, Position, Span};
pub use text::{lower, upper};
pub use word::{Marked, Word};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
