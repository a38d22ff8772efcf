//! Maps and sets of what an iterator gives, made small.
//!
//! Their own `collect` sorts all entries first, and the compiler links that sort in once more for each type of entry, some
//! four kilobytes a time. What is collected here is short, and mostly in order.

use std::collections::{BTreeMap, BTreeSet};

/// A map; of two entries with one key the later counts.
pub fn map<K: Ord, V>(entries: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(entries);
    map
}

/// A set.
pub fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(items);
    set
}
