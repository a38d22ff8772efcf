//! The wire's messages, generated from `proto/ops.proto` (protobuf package
//! `pb`), for other protocols that refer to them.
//!
//! The protobuf maps of BuildKit's definition are lists of entries here, since
//! the order and the presence of each entry's fields are in a digest. See
//! [`string_entries`].
#![allow(missing_docs, clippy::all, reason = "generated")]

use std::collections::BTreeMap;

use crate::collect;

include!(concat!(env!("OUT_DIR"), "/pb.rs"));

/// A string map as it goes over the wire: sorted by key, both fields always
/// present.
pub fn string_entries<K: AsRef<str>>(map: &BTreeMap<K, String>) -> Vec<StringEntry> {
    map.iter()
        .map(|(key, value)| StringEntry {
            key: Some(key.as_ref().to_owned()),
            value: Some(value.clone()),
        })
        .collect()
}

/// A string map from the wire; a missing field is the empty string, and of two
/// entries with one key the last counts.
pub fn string_map(entries: Vec<StringEntry>) -> BTreeMap<String, String> {
    let pair = |entry: StringEntry| (entry.key.unwrap_or_default(), entry.value.unwrap_or_default());
    collect::map(entries.into_iter().map(pair))
}
