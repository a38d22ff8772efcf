//! The OCI image config with Docker's extensions, and how a build changes and finishes it.

mod config;
mod history;
mod read;
mod write;

pub(crate) use config::{Config, Health, Image};
pub(crate) use write::{Added, AddedHistory};
