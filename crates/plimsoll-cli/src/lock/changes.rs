//! What is another in one lock than in the other.

use std::collections::BTreeSet;

use dockerfile_compile::lock::{Entry, Lock};

/// A line for each source that has moved, is new, or is gone.
pub(super) fn between(old: &Lock, now: &Lock) -> Vec<String> {
    let mut lines = BTreeSet::new();
    let mut add = |word: &str, entry: &Entry, pins: &str| {
        lines.insert((
            entry.kind,
            entry.name.clone(),
            format!("{word} {} {}{pins}\n", entry.kind.as_str(), entry.name),
        ));
    };
    for entry in &now.entries {
        let Ok(pin) = &entry.pin else { continue };
        for platform in now.platforms.iter().filter(|platform| entry.is_for(platform)) {
            match old.pin(entry.kind, &entry.name, platform) {
                Some(known) if known == pin => {}
                Some(known) => add("moved", entry, &format!("\n  from {known}\n  to   {pin}")),
                None => add("new", entry, &format!(" {pin}")),
            }
        }
    }
    for entry in &old.entries {
        if now.entries_of(entry.kind, &entry.name).is_empty() {
            add("gone", entry, "");
        }
    }
    lines.into_iter().map(|(_, _, line)| line).collect()
}
