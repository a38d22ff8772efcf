//! Whatever a client can ask of the reference frontend, asked of Plimsoll on a real BuildKit by real clients.
//!
//! Wherever the reference can be asked as well, the same build goes through both and must end alike; mostly that is the
//! digest of the image.

#[path = "../examples/common.rs"]
#[allow(dead_code, reason = "the tests of the examples use the rest")]
mod common;
mod fixture;
#[path = "../examples/repository.rs"]
#[allow(dead_code, reason = "the tests of the examples use the rest")]
mod repository;

mod bad_input;
mod bad_registry;
mod canaries;
mod cancelled;
mod changeover;
mod clusters;
#[allow(dead_code, reason = "the tests of older engines use the rest")]
mod empty;
mod errors;
mod forwarding;
mod git;
mod hint_table;
mod hints;
mod large;
mod metadata;
mod named;
mod options;
mod platforms;
mod remote;
