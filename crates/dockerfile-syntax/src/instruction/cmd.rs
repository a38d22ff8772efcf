//! `CMD`
