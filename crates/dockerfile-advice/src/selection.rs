//! Which rules are wanted.

use dockerfile_syntax::suggest;

use crate::rules::rules;

/// What rules begin with, for the size, the speed, the safety and the sureness of a build.
const GROUPS: [&str; 4] = ["light", "fast", "safe", "sure"];

/// Which rules are wanted: `all`, or names of rules and groups such as `safe,light/apt-cache`. A `-` before a name takes
/// it out again; where the first one has it, all others are wanted. The last name that fits a rule counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    starts_with_all: bool,
    /// Whether it is wanted, and a rule or a group.
    items: Vec<(bool, String)>,
}

impl Selection {
    /// Every rule.
    #[must_use]
    pub fn all() -> Self {
        Self {
            starts_with_all: true,
            items: Vec::new(),
        }
    }

    /// Reads a list. What stands for yes and no in a build argument (`1`, `true`, `0`, `false`) means all and none.
    ///
    /// ```
    /// use dockerfile_advice::Selection;
    ///
    /// let selection = Selection::parse("safe,-safe/sudo")?;
    /// assert!(selection.wants("safe/root-user") && !selection.wants("safe/sudo") && !selection.wants("sure/cd"));
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    /// Names what is neither rule nor group.
    pub fn parse(text: &str) -> Result<Self, String> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let mut selection = Self::default();
        for (index, name) in names.enumerate() {
            let (is_wanted, name) = match name.strip_prefix('-') {
                Some(name) => (false, name.trim_start()),
                None => (true, name),
            };
            selection.starts_with_all |= index == 0 && !is_wanted;
            match name {
                "all" | "1" | "true" | "on" if is_wanted => selection = Self::all(),
                "0" | "false" | "off" if is_wanted => selection = Self::default(),
                _ => {
                    is_known(name)?;
                    selection.items.push((is_wanted, name.to_owned()));
                }
            }
        }
        Ok(selection)
    }

    /// The same without a rule or a group.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.items.push((false, name.to_owned()));
        self
    }

    /// Whether no rule can be wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.starts_with_all && !self.items.iter().any(|(is_wanted, _)| *is_wanted)
    }

    /// Whether a rule is wanted.
    #[must_use]
    pub fn wants(&self, rule: &str) -> bool {
        let fits = |name: &str| {
            rule.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let last = self.items.iter().rev().find(|(_, name)| fits(name));
        last.map_or(self.starts_with_all, |(is_wanted, _)| *is_wanted)
    }
}

/// Whether there is such a rule or group.
fn is_known(name: &str) -> Result<(), String> {
    let rules = rules().map(|rule| rule.name);
    let known: Vec<&str> = GROUPS.into_iter().chain(rules).collect();
    if known.contains(&name) {
        return Ok(());
    }
    let hint = match suggest::nearest(name, &known, true) {
        Some(near) => format!(" (did you mean {near}?)"),
        None => String::new(),
    };
    Err(format!(
        "there is no rule or group `{name}`{hint}; write `all`, or a list of rules and of the groups light, fast, safe and sure"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        for (text, wanted, unwanted) in [
            ("all", "safe/sudo sure/cd", ""),
            ("1", "sure/cd", ""),
            ("", "", "sure/cd"),
            ("0", "", "sure/cd"),
            ("sure", "sure/cd", "safe/sudo"),
            ("-sure/cd", "safe/sudo sure/pipefail", "sure/cd"),
            (
                "sure, -sure/cd,safe/sudo",
                "sure/pipefail safe/sudo",
                "sure/cd safe/root-user",
            ),
            ("-sure,sure/cd", "sure/cd safe/sudo", "sure/pipefail"),
        ] {
            let selection = Selection::parse(text).unwrap();
            for rule in wanted.split_whitespace() {
                assert!(selection.wants(rule), "{text}: {rule}");
            }
            for rule in unwanted.split_whitespace() {
                assert!(!selection.wants(rule), "{text}: {rule}");
            }
        }
        let error = Selection::parse("safe,sure/cds").unwrap_err();
        assert!(error.contains("did you mean sure/cd?"), "{error}");
        assert!(Selection::parse("su").is_err() && Selection::parse("-").is_err());
        assert!(
            !Selection::parse("sure")
                .unwrap()
                .without("sure/cd")
                .wants("sure/cd")
        );
    }
}
