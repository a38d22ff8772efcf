//! A lock as BuildKit's source policy, for builds with any frontend.

use dockerfile_compile::GitRef;
use dockerfile_compile::lock::{Entry, Lock, SourceKind};
use llb_graph::{GitOptions, SourceOp};
use serde_json::{Value, json};

/// In place of a credential in a name.
const MASK: &str = "xxxxx";

/// The policy as JSON.
///
/// # Errors
/// Names each source for which there can be no such rule: policies know no platforms, and see credentials.
pub(super) fn print(lock: &Lock) -> Result<String, Vec<String>> {
    let mut rules = Vec::new();
    let mut problems = Vec::new();
    for entry in &lock.entries {
        let Ok(pin) = &entry.pin else { continue };
        let name = &entry.name;
        let same = lock.entries_of(entry.kind, name);
        if same.iter().any(|other| other.pin != entry.pin) {
            problems.push(format!(
                "`{name}` is another one on each platform, and a source policy knows no platforms"
            ));
        } else if name.contains(MASK) {
            problems.push(format!(
                "`{name}` has credentials, and a source policy would have to repeat them"
            ));
        } else if same.first() == Some(entry) {
            match rule(entry, pin) {
                Some(rule) => rules.push(rule),
                None => problems.push(format!("`{name}` is no repository")),
            }
        }
    }
    if !problems.is_empty() {
        problems.dedup();
        return Err(problems);
    }
    let policy = json!({ "version": 1, "rules": rules });
    Ok(format!("{policy:#}\n"))
}

/// A name is taken literally: a `?` or `*` in it stands for itself.
fn rule(entry: &Entry, pin: &str) -> Option<Value> {
    let name = &entry.name;
    let (identifier, updates) = match entry.kind {
        SourceKind::Image => {
            let identifier = format!("docker-image://{name}");
            let updates = json!({ "identifier": format!("{identifier}@{pin}") });
            (identifier, updates)
        }
        SourceKind::Http => (name.clone(), json!({ "attrs": { "http.checksum": pin } })),
        SourceKind::Git => {
            let git = GitRef::parse(name).ok()?;
            let at = |reference: &str| {
                let options = GitOptions {
                    reference: Some(reference.to_owned()),
                    subdir: Some(git.subdir.clone()),
                    ..GitOptions::default()
                };
                SourceOp::git(&git.place, &options).identifier
            };
            (at(&git.reference), json!({ "identifier": at(pin) }))
        }
    };
    Some(json!({
        "action": "CONVERT",
        "selector": { "identifier": identifier, "match_type": "EXACT" },
        "updates": updates,
    }))
}
