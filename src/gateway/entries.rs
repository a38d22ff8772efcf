//! Maps of messages, which `proto/gateway.proto` writes as lists of entries.
//!
//! Made here, an entry always has its value, also where that is empty: BuildKit's decoder makes nil of a value that is
//! left out.

use std::collections::BTreeMap;

use llb_graph::RawDefinition;
use llb_graph::collect;

use super::pb;

/// One entry of a map on the wire.
pub trait MapEntry {
    /// What the map holds.
    type Value: Default;

    /// An entry with both its fields.
    fn new(key: String, value: Self::Value) -> Self;

    /// Key and value; what is left out on the wire is empty.
    fn into_pair(self) -> (String, Self::Value);
}

macro_rules! map_entry {
    ($entry:ty, $value:ty) => {
        impl MapEntry for $entry {
            type Value = $value;

            fn new(key: String, value: Self::Value) -> Self {
                Self {
                    key: Some(key),
                    value: Some(value),
                }
            }

            fn into_pair(self) -> (String, Self::Value) {
                (self.key.unwrap_or_default(), self.value.unwrap_or_default())
            }
        }
    };
}

map_entry!(pb::RefEntry, pb::Ref);
map_entry!(pb::AttestationsEntry, pb::Attestations);
map_entry!(pb::DefinitionEntry, RawDefinition);

/// A map as it goes over the wire, sorted by key.
#[must_use]
pub fn to_entries<E: MapEntry>(map: BTreeMap<String, E::Value>) -> Vec<E> {
    map.into_iter().map(|(key, value)| E::new(key, value)).collect()
}

/// A map from the wire; of two entries with one key the last counts.
#[must_use]
pub fn from_entries<E: MapEntry>(entries: Vec<E>) -> BTreeMap<String, E::Value> {
    collect::map(entries.into_iter().map(E::into_pair))
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    #[test]
    fn empty_values_are_on_the_wire() {
        let refs = pb::RefMap {
            refs: to_entries(BTreeMap::from([("a".to_owned(), pb::Ref::default())])),
        };
        // Entry of five bytes: key "a", then field 2 with no bytes.
        assert_eq!(refs.encode_to_vec(), [0x0a, 5, 0x0a, 1, b'a', 0x12, 0]);
    }

    #[test]
    fn what_is_left_out_is_empty() {
        let refs = pb::RefMap::decode([0x0a, 3, 0x0a, 1, b'a'].as_slice()).unwrap();
        let refs = from_entries(refs.refs);
        assert_eq!(refs, BTreeMap::from([("a".to_owned(), pb::Ref::default())]));
    }
}
