//! What additions of the dialect come to, in the words of an ordinary Dockerfile.

pub mod optional;
pub mod strict;
