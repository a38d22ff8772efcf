//! What is known of a vertex beside its bytes, so without a part in its digest.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::collect;
use crate::proto;
use crate::wire::{element, entry, flag, int, message, next_field, text};

/// Metadata of a vertex, as one asks for it and as a [`Definition`](crate::Definition)
/// carries it. In a definition `caps` also holds what the operation itself needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Run it even if there is a cached result.
    pub ignore_cache: bool,
    /// Texts for people and tools; `llb.customname` is what progress shows.
    pub description: BTreeMap<Cow<'static, str>, String>,
    /// Whether the result goes into an exported cache; `None` leaves that to the build.
    pub export_cache: Option<bool>,
    /// Ids of the capabilities that the daemon must have, see [`caps`](crate::caps).
    pub caps: BTreeSet<String>,
    /// The group that progress shows this vertex in.
    pub progress_group: Option<ProgressGroup>,
    /// Limits of an exec's control group.
    pub linux_resources: Option<LinuxResources>,
}

/// The name that [`Metadata`] has inside of a definition.
pub type OpMetadata = Metadata;

/// Vertices that progress displays show as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgressGroup {
    /// Equal for all of the group.
    pub id: String,
    /// What is shown.
    pub name: String,
    /// Whether the group vanishes when none of its strong members runs.
    pub weak: bool,
}

/// Limits of a container's control group. Zero and empty leave a limit alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinuxResources {
    /// Bytes.
    pub memory: i64,
    /// Bytes of memory and swap together.
    pub memory_swap: i64,
    /// Relative weight.
    pub cpu_shares: u64,
    /// Microseconds.
    pub cpu_period: u64,
    /// Microseconds in a period.
    pub cpu_quota: i64,
    /// Such as `0-3`.
    pub cpuset_cpus: String,
    /// Such as `0,1`.
    pub cpuset_mems: String,
}

impl ProgressGroup {
    /// A group by its id, and what is shown; it stays when none of its members runs.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            weak: false,
        }
    }
}

impl Metadata {
    /// Takes over all that `other` says: what it sets wins, maps and sets are united.
    pub fn merge(&mut self, other: &Metadata) {
        self.ignore_cache |= other.ignore_cache;
        self.description.extend(
            other
                .description
                .iter()
                .map(|(key, value)| (key.clone(), value.clone())),
        );
        self.export_cache = other.export_cache.or(self.export_cache);
        self.caps.extend(other.caps.iter().cloned());
        if other.progress_group.is_some() {
            self.progress_group.clone_from(&other.progress_group);
        }
        if other.linux_resources.is_some() {
            self.linux_resources.clone_from(&other.linux_resources);
        }
    }
}

/// Writes the message of what is known, with these capabilities, which are sorted.
pub(crate) fn write_metadata(out: &mut Vec<u8>, metadata: &Metadata, caps: &[&str]) {
    flag(out, 1, metadata.ignore_cache);
    for (key, value) in &metadata.description {
        entry(out, 2, key, value);
    }
    if let Some(value) = metadata.export_cache {
        message(out, 4, |out| flag(out, 1, value));
    }
    for cap in caps {
        message(out, 5, |out| {
            element(out, 1, cap);
            flag(out, 2, true);
        });
    }
    if let Some(group) = &metadata.progress_group {
        message(out, 6, |out| {
            text(out, 1, &group.id);
            text(out, 2, &group.name);
            flag(out, 3, group.weak);
        });
    }
    if let Some(limits) = &metadata.linux_resources {
        message(out, 7, |out| {
            int(out, 1, limits.memory);
            int(out, 2, limits.memory_swap);
            int(out, 3, limits.cpu_shares.cast_signed());
            int(out, 4, limits.cpu_period.cast_signed());
            int(out, 5, limits.cpu_quota);
            text(out, 6, &limits.cpuset_cpus);
            text(out, 7, &limits.cpuset_mems);
        });
    }
}

/// The message of what several messages say, each written by [`write_metadata`]: [`Metadata::merge`] without decoding
/// them.
pub(crate) fn merged_metadata<'m>(messages: impl IntoIterator<Item = &'m [u8]>) -> Vec<u8> {
    // Of fields with one number, and of a map's entries with one key, the last counts: a flag is there only when set.
    let mut fields: BTreeMap<(u64, &[u8]), &[u8]> = BTreeMap::new();
    for mut rest in messages {
        while let Some(field) = next_field(&mut rest) {
            let entry_key = match field.number {
                2 | 5 => next_field(&mut &*field.content).map_or(&[][..], |key| key.content),
                _ => &[],
            };
            fields.insert((field.number, entry_key), field.bytes);
        }
    }
    fields.into_values().collect::<Vec<_>>().concat()
}

impl From<&Metadata> for proto::OpMetadata {
    fn from(metadata: &Metadata) -> Self {
        Self {
            ignore_cache: metadata.ignore_cache,
            description: proto::string_entries(&metadata.description),
            export_cache: metadata.export_cache.map(|value| proto::ExportCache { value }),
            caps: metadata
                .caps
                .iter()
                .map(|cap| proto::BoolEntry {
                    key: Some(cap.clone()),
                    value: Some(true),
                })
                .collect(),
            progress_group: metadata
                .progress_group
                .as_ref()
                .map(|group| proto::ProgressGroup {
                    id: group.id.clone(),
                    name: group.name.clone(),
                    weak: group.weak,
                }),
            linux_resources: metadata
                .linux_resources
                .as_ref()
                .map(|limits| proto::LinuxResources {
                    memory: limits.memory,
                    memory_swap: limits.memory_swap,
                    cpu_shares: limits.cpu_shares,
                    cpu_period: limits.cpu_period,
                    cpu_quota: limits.cpu_quota,
                    cpuset_cpus: limits.cpuset_cpus.clone(),
                    cpuset_mems: limits.cpuset_mems.clone(),
                }),
        }
    }
}

impl From<proto::OpMetadata> for Metadata {
    fn from(metadata: proto::OpMetadata) -> Self {
        let description = proto::string_map(metadata.description).into_iter();
        let description = description.map(|(key, value)| (key.into(), value));
        let caps = metadata.caps.into_iter();
        let caps = caps.map(|entry| entry.key.unwrap_or_default());
        Self {
            ignore_cache: metadata.ignore_cache,
            description: collect::map(description),
            export_cache: metadata.export_cache.map(|export| export.value),
            caps: collect::set(caps),
            progress_group: metadata.progress_group.map(|group| ProgressGroup {
                id: group.id,
                name: group.name,
                weak: group.weak,
            }),
            linux_resources: metadata.linux_resources.map(|limits| LinuxResources {
                memory: limits.memory,
                memory_swap: limits.memory_swap,
                cpu_shares: limits.cpu_shares,
                cpu_period: limits.cpu_period,
                cpu_quota: limits.cpu_quota,
                cpuset_cpus: limits.cpuset_cpus,
                cpuset_mems: limits.cpuset_mems,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    #[test]
    fn messages_are_merged_as_what_they_say() {
        let group = ProgressGroup::new("g", "group");
        let described = |texts: &[(&'static str, &str)]| Metadata {
            description: texts
                .iter()
                .map(|(key, value)| ((*key).into(), (*value).to_owned()))
                .collect(),
            ..Metadata::default()
        };
        let all = [
            described(&[("a", "1"), ("b", "")]),
            Metadata {
                ignore_cache: true,
                export_cache: Some(true),
                caps: ["y", "x"].map(str::to_owned).into(),
                progress_group: Some(group.clone()),
                ..described(&[("b", "2")])
            },
            Metadata::default(),
            Metadata {
                export_cache: Some(false),
                caps: ["z", "x"].map(str::to_owned).into(),
                progress_group: Some(ProgressGroup { weak: true, ..group }),
                linux_resources: Some(LinuxResources {
                    memory: -1,
                    ..LinuxResources::default()
                }),
                ..described(&[("", "3"), ("b", &"x".repeat(300))])
            },
        ];
        for count in 0..=all.len() {
            let messages: Vec<Vec<u8>> = all[..count]
                .iter()
                .map(|one| proto::OpMetadata::from(one).encode_to_vec())
                .collect();
            let mut merged = Metadata::default();
            all[..count].iter().for_each(|one| merged.merge(one));
            assert_eq!(
                merged_metadata(messages.iter().map(Vec::as_slice)),
                proto::OpMetadata::from(&merged).encode_to_vec(),
                "{count}"
            );
        }
    }
}
