//! `VOLUME`
