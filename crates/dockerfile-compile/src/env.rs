//! The environment of a stage: variables in the order in which they were last set.

use std::rc::Rc;

use dockerfile_syntax::expand::Env;

/// Ordered variables; cheap to clone, as every child stage starts with a copy of its base's.
#[derive(Clone, Debug, Default)]
pub(crate) struct EnvList {
    entries: Rc<Vec<(Rc<str>, Rc<str>)>>,
}

impl EnvList {
    /// Sets `key` and moves it to the end, as the reference orders the environment of a `RUN`.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        let entries = Rc::make_mut(&mut self.entries);
        let key: Rc<str> = match entries.iter().position(|(name, _)| **name == *key) {
            Some(at) => entries.remove(at).0,
            None => key.into(),
        };
        entries.push((key, value.into()));
    }

    /// Removes `key`.
    pub(crate) fn remove(&mut self, key: &str) {
        if self.lookup(key).is_some() {
            Rc::make_mut(&mut self.entries).retain(|(name, _)| **name != *key);
        }
    }

    /// The value of `key`.
    pub(crate) fn lookup(&self, key: &str) -> Option<&str> {
        self.entries
            .iter()
            .rev()
            .find(|(name, _)| **name == *key)
            .map(|(_, value)| &**value)
    }

    /// `KEY=VALUE` entries in order.
    pub(crate) fn to_entries(&self) -> Vec<String> {
        self.entries
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect()
    }

    /// Names in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| &**key)
    }
}

impl Env for EnvList {
    fn get(&self, name: &str) -> Option<&str> {
        self.lookup(name)
    }

    fn keys(&self) -> Vec<String> {
        self.names().map(str::to_owned).collect()
    }
}

/// Splits `KEY=VALUE`; without `=` the value is empty.
pub(crate) fn split_entry(entry: &str) -> (&str, &str) {
    entry.split_once('=').unwrap_or((entry, ""))
}
