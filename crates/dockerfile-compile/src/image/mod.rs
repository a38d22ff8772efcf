//! The OCI image config with Docker's extensions, and how a build changes and finishes it.

mod config;
mod history;

mod read;

pub(crate) use config::{Config, Health, Image, Nothing};
pub(crate) use history::{History, Part};
