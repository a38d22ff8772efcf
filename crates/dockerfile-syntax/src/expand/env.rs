//! Where the values of variables come from.

use std::collections::BTreeMap;

/// Where values come from.
pub trait Env {
    /// The value of a variable, None when it is not set.
    fn get(&self, name: &str) -> Option<&str>;
    /// The names of all variables, in a fixed order.
    fn keys(&self) -> Vec<String>;
}

/// No variables at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoEnv;

impl Env for NoEnv {
    fn get(&self, _name: &str) -> Option<&str> {
        None
    }

    fn keys(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Env for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<&str> {
        BTreeMap::get(self, name).map(String::as_str)
    }

    fn keys(&self) -> Vec<String> {
        BTreeMap::keys(self).cloned().collect()
    }
}
