//! A lock as BuildKit's source policy, for builds with any frontend.

use llb_graph::SourceOp;
use serde_json::{Value, json};

use super::{Entry, Lock, SourceKind};

impl Lock {
    /// The policy as JSON that makes a build of any frontend use what is locked.
    ///
    /// # Errors
    /// Names each source for which there can be no such rule: policies know no platforms, and see credentials.
    pub fn policy(&self, git_identifier: impl Fn(&str, Option<&str>) -> Option<String>) -> Result<String, Vec<String>> {
        let mut rules = Vec::new();
        let mut problems = Vec::new();
        for entry in &self.entries {
            let Ok(pin) = &entry.pin else { continue };
            let name = &entry.name;
            let first = self.entries_of(entry.kind, name).first();
            if first.is_some_and(|first| first.pin != entry.pin) {
                problems.push(format!(
                    "`{name}` is another one on each platform, and a source policy knows no platforms"
                ));
            } else if first.is_some_and(|first| first.platforms != entry.platforms) {
                continue;
            } else if entry.kind != SourceKind::Image && *name != super::url_name(name) || name.contains("xxxxx") {
                problems.push(format!(
                    "`{name}` has credentials, which a source policy would have to repeat"
                ));
            } else if let Some(rule) = rule(entry, pin, &git_identifier) {
                rules.push(rule);
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let policy = json!({ "version": 1, "rules": rules });
        Ok(format!("{policy:#}\n"))
    }
}

fn rule(entry: &Entry, pin: &str, git_identifier: impl Fn(&str, Option<&str>) -> Option<String>) -> Option<Value> {
    let name = &entry.name;
    let (identifier, updates) = match entry.kind {
        SourceKind::Image => {
            let identifier = format!("docker-image://{name}");
            let pinned = format!("{identifier}@{pin}");
            (identifier, json!({ "identifier": pinned }))
        }
        SourceKind::Http => {
            let identifier = SourceOp::new(name.clone()).identifier;
            let updates = json!({ "identifier": identifier, "attrs": { "http.checksum": pin } });
            (identifier, updates)
        }
        SourceKind::Git => (
            git_identifier(name, None)?,
            json!({ "identifier": git_identifier(name, Some(pin))? }),
        ),
    };
    Some(json!({
        "action": "CONVERT",
        "selector": { "identifier": identifier, "matchType": "EXACT" },
        "updates": updates,
    }))
}
