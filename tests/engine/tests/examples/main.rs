//! Builds every project under `examples/` on a real BuildKit, and runs what came out.
//!
//! The frontend is Plimsoll, compiled on the spot. With `PLIMSOLL_TEST_FRONTEND=reference` in the environment the same tests
//! go through the reference frontend, which shows that they are right about the projects.

mod cache;
mod cache_mounts;
mod clients;
mod common;
mod dialect;
mod dialect_files;
mod dialect_stages;
mod go_hello;
mod library;
mod loops;
mod own_image;
mod parallel;
mod python_web;
mod questions;
mod repository;
mod secret;
mod ssh;
mod versions;
