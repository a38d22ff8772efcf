//! Looking options up by their key.

use std::collections::BTreeMap;

use llb_graph::collect;

/// The options of a request, by key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options<'a>(pub(super) &'a BTreeMap<String, String>);

impl<'a> Options<'a> {
    /// The value, empty where the option is absent.
    pub(super) fn get(self, key: &str) -> &'a str {
        self.find(key).unwrap_or_default()
    }

    /// The value, if the option is there.
    pub(super) fn find(self, key: &str) -> Option<&'a str> {
        self.0.get(key).map(String::as_str)
    }

    /// The options whose key starts with `prefix`, by what follows it.
    pub(super) fn family(self, prefix: &str) -> BTreeMap<String, String> {
        let members = self
            .0
            .range(prefix.to_owned()..)
            .take_while(|(key, _)| key.starts_with(prefix));
        collect::map(members.map(|(key, value)| (key[prefix.len()..].to_owned(), value.clone())))
    }
}
