//! Writes an image config with its fields in the order in which the reference prints them.

use std::collections::BTreeMap;

use dockerfile_syntax::sort;

use super::config::{Config, Health, Image, Nothing};
use super::history::History;
use crate::go::json::{Object, list, text, texts};

/// How an entry of a build goes on behind its text: with the comment that clients know BuildKit's own entries by.
const COMMENT: &str = r#","comment":"buildkit.dockerfile.v0""#;

/// [`COMMENT`], where the instruction makes no layer.
const COMMENT_AND_EMPTY: &str = r#","comment":"buildkit.dockerfile.v0","empty_layer":true"#;

/// What the instructions of a build add to an image.
#[derive(Default)]
pub(crate) struct Added<'t> {
    /// When its entries in the history were made; without it they don't tell.
    pub(crate) created: Option<String>,
    /// Oldest first.
    pub(crate) history: Vec<AddedHistory<'t>>,
    /// The last one first: of a key that comes twice the first one counts.
    pub(crate) labels: Vec<(&'t str, &'t str)>,
    pub(crate) exposed_ports: Vec<&'t str>,
    pub(crate) volumes: Vec<&'t str>,
}

/// An instruction's entry in the history, never empty.
pub(crate) struct AddedHistory<'t> {
    pub(crate) created_by: &'t str,
    pub(crate) makes_layer: bool,
}

impl Image {
    /// The JSON that goes to the exporter: of this image, with what was added to it.
    pub(crate) fn to_json(&self, added: &Added<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(added.length());
        let mut image = Object::new(&mut out);
        if let Some(created) = &self.created {
            image.text("created", created);
        }
        image.some_text("author", &self.author);
        image.text("architecture", &self.architecture);
        image.text("os", &self.os);
        image.some_text("os.version", &self.os_version);
        image.some_texts("os.features", &self.os_features);
        image.some_text("variant", &self.variant);
        self.write_layers(&mut image);
        self.write_history(&mut image, added);
        self.config.write(image.field("config"), added);
        image.end();
        out
    }

    fn write_layers(&self, image: &mut Object<'_>) {
        let mut layers = Object::new(image.field("rootfs"));
        layers.text("type", &self.rootfs.kind);
        let ids = layers.field("diff_ids");
        match &self.rootfs.diff_ids {
            Some(found) => texts(ids, found),
            // Go prints it in another way than a list of none.
            None => ids.extend_from_slice(b"null"),
        }
        layers.end();
    }

    fn write_history(&self, image: &mut Object<'_>, added: &Added<'_>) {
        if self.history.is_empty() && added.history.is_empty() {
            return;
        }
        let of_base = self.history.iter().map(Entry::OfBase);
        let of_build = added.history.iter().map(Entry::OfBuild);
        list(
            image.field("history"),
            of_base.chain(of_build),
            |out, entry| match entry {
                Entry::OfBase(entry) => entry.write(out),
                Entry::OfBuild(entry) => entry.write(out, added.created.as_deref()),
            },
        );
    }
}

enum Entry<'t> {
    OfBase(&'t History),
    OfBuild(&'t AddedHistory<'t>),
}

impl History {
    fn write(&self, out: &mut Vec<u8>) {
        let mut entry = Object::new(out);
        if let Some(created) = &self.created {
            entry.text("created", created);
        }
        entry.some_text("created_by", &self.created_by);
        entry.some_text("author", &self.author);
        entry.some_text("comment", &self.comment);
        entry.some_flag("empty_layer", self.empty_layer);
        entry.end();
    }
}

impl AddedHistory<'_> {
    fn write(&self, out: &mut Vec<u8>, created: Option<&str>) {
        let mut entry = Object::new(out);
        if let Some(created) = created {
            entry.text("created", created);
        }
        entry.text("created_by", self.created_by);
        entry.end_with(match self.makes_layer {
            true => COMMENT,
            false => COMMENT_AND_EMPTY,
        });
    }
}

impl Config {
    fn write(&self, out: &mut Vec<u8>, added: &Added<'_>) {
        let mut config = Object::new(out);
        config.some_text("User", &self.user);
        write_set(
            &mut config,
            "ExposedPorts",
            (&self.exposed_ports, &added.exposed_ports),
        );
        config.some_texts("Env", &self.env.entries());
        config.some_texts("Entrypoint", &self.entrypoint);
        config.some_texts("Cmd", &self.cmd);
        write_set(&mut config, "Volumes", (&self.volumes, &added.volumes));
        config.some_text("WorkingDir", &self.working_dir);
        write_labels(&mut config, (&self.labels, &added.labels));
        config.some_text("StopSignal", &self.stop_signal);
        config.some_flag("ArgsEscaped", self.args_escaped);
        if let Some(check) = &self.healthcheck {
            check.write(config.field("Healthcheck"));
        }
        config.some_texts("OnBuild", &self.on_build);
        config.some_texts("Shell", &self.shell);
        config.end();
    }
}

impl Health {
    fn write(&self, out: &mut Vec<u8>) {
        let mut check = Object::new(out);
        check.some_texts("Test", &self.test);
        check.some_number("Interval", self.interval);
        check.some_number("Timeout", self.timeout);
        check.some_number("StartPeriod", self.start_period);
        check.some_number("StartInterval", self.start_interval);
        check.some_number("Retries", self.retries);
        check.end();
    }
}

/// A set of Go's, an object of empty objects: of the base, and what was added.
fn write_set(
    config: &mut Object<'_>,
    name: &'static str,
    (of_base, added): (&BTreeMap<String, Nothing>, &[&str]),
) {
    let mut all: Vec<&str> = of_base.keys().map(String::as_str).collect();
    all.extend(added);
    all.sort_unstable();
    all.dedup();
    if all.is_empty() {
        return;
    }
    let mut set = Object::new(config.field(name));
    for element in all {
        set.key(element).extend_from_slice(b"{}");
    }
    set.end();
}

/// The labels of the base, and those that were added.
fn write_labels(config: &mut Object<'_>, (of_base, added): (&BTreeMap<String, String>, &[(&str, &str)])) {
    let mut all = added.to_vec();
    all.extend(of_base.iter().map(|(key, value)| (&**key, &**value)));
    // Those with one key stay in their order.
    sort::sort_by_key(&mut all, |(key, _)| *key);
    if all.is_empty() {
        return;
    }
    let mut labels = Object::new(config.field("Labels"));
    for same in all.chunk_by(|(one, _), (other, _)| one == other) {
        let (key, value) = same[0];
        text(labels.key(key), value);
    }
    labels.end();
}

impl Added<'_> {
    /// About how long the JSON gets with it; a little more is better than a little less.
    fn length(&self) -> usize {
        /// What a config has beside all that.
        const BASE: usize = 1024;
        /// What an entry of the history has beside its text.
        const HISTORY: usize = 80;
        /// What a label, a port or a volume has beside its texts.
        const OTHER: usize = 8;
        let history = self.history.iter().map(|entry| entry.created_by.len() + HISTORY);
        let labels = self
            .labels
            .iter()
            .map(|(key, value)| key.len() + value.len() + OTHER);
        let sets = self.exposed_ports.iter().chain(&self.volumes);
        let sets = sets.map(|element| element.len() + OTHER);
        BASE + history.chain(labels).chain(sets).sum::<usize>()
    }
}
