//! What shows only when a build runs: the files that instructions leave, and what their commands see.
//!
//! Every project is built by Plimsoll and then by the reference, on one daemon. The two images must have the same files,
//! owners, modes and times, and the same config; and the second build finds every step in the cache of the first.

#[path = "../examples/common.rs"]
#[allow(dead_code, reason = "the tests of the examples use the rest")]
mod common;
#[path = "../request/fixture.rs"]
#[allow(dead_code, reason = "the tests of requests use the rest")]
mod fixture;
mod image;
#[path = "../examples/repository.rs"]
#[allow(dead_code, reason = "the tests of the examples use the rest")]
mod repository;

mod add;
mod cache_mounts;
mod chmod;
mod config;
mod copy;
mod dialect;
mod endings;
mod exclude;
mod git;
mod heredoc;
mod http;
mod ignore;
mod link;
mod mounts;
mod names;
mod network;
mod onbuild;
mod parents;
mod secrets;
mod stages;
mod workdir;
