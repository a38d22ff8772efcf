//! `USER`
