//! `SHELL`
