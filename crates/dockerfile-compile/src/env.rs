//! The environment of a stage: variables in the order in which they were last set.
//!
//! Each stage starts with its base's variables, in the order of the image's config those that are in it. Setting them
//! anew in every stage of a chain would take the square of its length, so the config's variables are one layer of three,
//! shared with the config itself.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use dockerfile_syntax::expand::Env;

use crate::shared_map::SharedMap;

/// Variables of a stage; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct EnvList {
    /// What was set before the stage began and is in no image config.
    older: Layer,
    /// The image's variables as they were when the stage began.
    image: ImageEnv,
    /// What was set since.
    newer: Layer,
    /// How often something was set: the next one's place.
    next: u32,
    /// All entries, once they were asked for.
    listed: OnceCell<Arc<Vec<String>>>,
}

/// Variables with their places; `None` is one that was removed.
type Layer = SharedMap<Rc<str>, (u32, Option<Rc<str>>)>;

impl EnvList {
    /// Sets `key` and moves it to the end, as the reference orders the environment of a `RUN`.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        self.put(key.into(), Some(value.into()));
    }

    /// Removes `key`.
    pub(crate) fn remove(&mut self, key: &str) {
        if self.lookup(key).is_some() {
            self.put(key.into(), None);
        }
    }

    fn put(&mut self, key: Rc<str>, value: Option<Rc<str>>) {
        self.update_list(&key, value.as_deref());
        self.newer.insert(key, (self.next, value));
        self.next += 1;
    }

    /// Keeps the list of entries as it is with `key` set anew, where nobody else reads it; else it is made again. In a
    /// stage of many `ARG`s each `RUN` asks for it.
    fn update_list(&mut self, key: &str, value: Option<&str>) {
        let is_set = self.lookup(key).is_some();
        let Some(list) = self.listed.get_mut().and_then(Arc::get_mut) else {
            self.listed = OnceCell::new();
            return;
        };
        if is_set {
            list.retain(|entry| split_entry(entry).0 != key);
        }
        list.extend(value.map(|value| [key, "=", value].concat()));
    }

    /// Sets all variables of an image config, in its order. What `image` had at the call before must still be in it.
    pub(crate) fn set_image(&mut self, image: &ImageEnv) {
        for (key, set) in std::mem::take(&mut self.newer).iter() {
            if image.get(key).is_none() {
                self.older.insert(Rc::clone(key), set.clone());
            }
        }
        self.image = image.clone();
        self.listed = OnceCell::new();
    }

    /// The value of `key`.
    pub(crate) fn lookup(&self, key: &str) -> Option<&str> {
        if let Some((_, value)) = self.newer.get(key) {
            return value.as_deref();
        }
        let in_image = self.image.get(key);
        in_image.or_else(|| self.older.get(key)?.1.as_deref())
    }

    /// Names and values in order.
    fn entries(&self) -> Vec<(&str, &str)> {
        let mut entries: Vec<((u8, u32), &str, &str)> = Vec::new();
        for (key, (place, value)) in self.older.iter() {
            if self.newer.get(key).is_none() && self.image.get(key).is_none() {
                entries.extend(value.as_deref().map(|value| ((0, *place), &**key, value)));
            }
        }
        for (key, place, value) in self.image.iter() {
            if self.newer.get(key).is_none() {
                entries.push(((1, place), key, value));
            }
        }
        for (key, (place, value)) in self.newer.iter() {
            entries.extend(value.as_deref().map(|value| ((2, *place), &**key, value)));
        }
        entries.sort_unstable_by_key(|(place, ..)| *place);
        entries.into_iter().map(|(_, key, value)| (key, value)).collect()
    }

    /// `KEY=VALUE` entries in order; commands between which nothing is set share them.
    pub(crate) fn to_entries(&self) -> Arc<Vec<String>> {
        let entry = |(key, value): (&str, &str)| [key, "=", value].concat();
        let list = || Arc::new(self.entries().into_iter().map(entry).collect());
        Arc::clone(self.listed.get_or_init(list))
    }

    /// The names in order.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.entries()
            .into_iter()
            .map(|(key, _)| key.to_owned())
            .collect()
    }

    /// How many variables there are at most.
    pub(crate) fn count(&self) -> usize {
        (self.next + self.image.next) as usize
    }

    /// How many bytes [`EnvList::to_entries`] takes in a message.
    pub(crate) fn size(&self) -> usize {
        /// A tag and a length.
        const AROUND: usize = 4;
        self.to_entries().iter().map(|entry| entry.len() + AROUND).sum()
    }
}

impl Env for EnvList {
    fn get(&self, name: &str) -> Option<&str> {
        self.lookup(name)
    }
}

/// The variables in an image config: each stays in its place when it is set again. A config may name one twice; then
/// the first one is what an `ENV` replaces, and the last one what a container sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ImageEnv {
    /// The first entry of each name.
    first: SharedMap<Rc<str>, Placed>,
    /// Further entries of a name.
    more: Rc<BTreeMap<Rc<str>, Vec<Placed>>>,
    next: u32,
}

/// An entry with its place.
type Placed = (u32, Rc<str>);

impl ImageEnv {
    /// Sets a variable; its place among the others stays.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        let entry: Rc<str> = [key, "=", value].concat().into();
        match self.first.get(key) {
            Some((place, _)) => {
                let place = *place;
                self.first.insert(key.into(), (place, entry));
            }
            None => self.push(entry),
        }
    }

    /// Adds an entry at the end.
    fn push(&mut self, entry: Rc<str>) {
        let key: Rc<str> = split_entry(&entry).0.into();
        if self.first.get(&key).is_none() {
            self.first.insert(key, (self.next, entry));
        } else {
            let more = Rc::make_mut(&mut self.more);
            more.entry(key).or_default().push((self.next, entry));
        }
        self.next += 1;
    }

    /// The names of those that go, and all others as they are.
    pub(crate) fn split(&self, goes: impl Fn(&str) -> bool) -> (Vec<String>, Self) {
        let (gone, left): (Vec<&str>, Vec<&str>) = self
            .entries()
            .into_iter()
            .partition(|entry| goes(split_entry(entry).0));
        let gone = gone.into_iter().map(|entry| split_entry(entry).0.to_owned());
        (gone.collect(), left.into_iter().map(str::to_owned).collect())
    }

    /// The value that a container sees.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.last(key).map(|(_, entry)| split_entry(entry).1)
    }

    fn last(&self, key: &str) -> Option<&Placed> {
        let more = self.more.get(key).and_then(|more| more.last());
        more.or_else(|| self.first.get(key))
    }

    /// Name, place and value of each variable that a container sees.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, u32, &str)> {
        self.first.iter().filter_map(|(key, _)| {
            let (place, entry) = self.last(key)?;
            Some((&**key, *place, split_entry(entry).1))
        })
    }

    /// The entries as the config has them.
    pub(crate) fn entries(&self) -> Vec<&str> {
        let first = self.first.iter().map(|(_, entry)| entry);
        let more = self.more.values().flatten();
        let mut entries: Vec<&Placed> = first.chain(more).collect();
        entries.sort_unstable_by_key(|(place, _)| *place);
        entries.into_iter().map(|(_, entry)| &**entry).collect()
    }
}

impl FromIterator<String> for ImageEnv {
    fn from_iter<I: IntoIterator<Item = String>>(entries: I) -> Self {
        let mut env = Self::default();
        entries.into_iter().for_each(|entry| env.push(entry.into()));
        env
    }
}

/// Splits `KEY=VALUE`; without `=` the value is empty.
pub(crate) fn split_entry(entry: &str) -> (&str, &str) {
    entry.split_once('=').unwrap_or((entry, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(entries: &[&str]) -> ImageEnv {
        entries.iter().map(|entry| (*entry).to_owned()).collect()
    }

    #[test]
    fn what_is_set_again_moves_to_the_end() {
        let mut env = EnvList::default();
        for (key, value) in [("A", "1"), ("B", "2"), ("A", "3"), ("C", "4")] {
            env.set(key, value);
        }
        env.remove("C");
        assert_eq!(*env.to_entries(), ["B=2", "A=3"]);
        assert_eq!(env.size(), 14);
    }

    #[test]
    fn an_image_comes_before_what_is_set_later_and_hides_what_was_set_before() {
        let mut env = EnvList::default();
        env.set("ARG", "x");
        env.set("B", "argument");
        let mut config = image(&["PATH=/bin", "B=1", "C"]);
        env.set_image(&config);
        assert_eq!(*env.to_entries(), ["ARG=x", "PATH=/bin", "B=1", "C="]);
        env.set("PATH", "/sbin");
        config.set("PATH", "/sbin");
        config.set("D", "2");
        env.set("D", "2");
        env.set("ARG", "y");
        assert_eq!(*env.to_entries(), ["B=1", "C=", "PATH=/sbin", "D=2", "ARG=y"]);
        env.set_image(&config);
        assert_eq!(*env.to_entries(), ["ARG=y", "PATH=/sbin", "B=1", "C=", "D=2"]);
        assert_eq!(config.entries(), ["PATH=/sbin", "B=1", "C", "D=2"]);
    }

    #[test]
    fn of_a_name_that_a_config_has_twice_the_last_counts_and_the_first_changes() {
        let mut config = image(&["A=1", "B=2", "A=3"]);
        config.set("A", "4");
        assert_eq!(config.entries(), ["A=4", "B=2", "A=3"]);
        let mut env = EnvList::default();
        env.set_image(&config);
        assert_eq!(*env.to_entries(), ["B=2", "A=3"]);
    }
}
