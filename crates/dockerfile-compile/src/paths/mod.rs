//! Paths in a container, of its system or with slashes.

pub(crate) mod os;
pub(crate) mod unix;
