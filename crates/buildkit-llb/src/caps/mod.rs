//! What the daemon at the other end can do.
//!
//! A daemon lists its capabilities by id. A client may use one that it knows, that
//! the daemon lists, and that is enabled there.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::collect;

mod ids;

pub use ids::*;

/// What the gateway protocol of a daemon can do that doesn't tell its
/// capabilities. Ids of that protocol are otherwise none of this crate's business.
pub const FROZEN_GATEWAY: &[&str] = &["solve.base", "solve.inlinereturn", "resolveimage", "readfile"];

/// How likely a capability is to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapStatus {
    /// Not at all.
    Stable,
    /// It may be removed.
    Experimental,
    /// As experimental, for new things.
    Prerelease,
}

/// A capability that this client knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapDefinition {
    /// Such as `mergeop`.
    pub id: &'static str,
    /// What people call it, often empty.
    pub name: &'static str,
    /// How likely it is to change.
    pub status: CapStatus,
    /// By product: the first version that has it.
    pub hints: &'static [(&'static str, &'static str)],
}

/// A capability as the daemon lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CapState {
    /// Such as `mergeop`.
    pub id: String,
    /// Whether it may be used.
    pub enabled: bool,
    /// Whether it is going away.
    pub deprecated: bool,
    /// Why it is disabled, for programs.
    pub disabled_reason: String,
    /// Why it is disabled, for people.
    pub disabled_reason_msg: String,
    /// What to use instead.
    pub disabled_alternative: String,
}

/// All that a daemon lists; cheap to clone.
#[derive(Clone, Debug)]
pub struct CapSet {
    known: &'static [CapDefinition],
    states: Arc<BTreeMap<String, CapState>>,
    /// The ids that may be used, the shorter ones first, since a length is quickly compared.
    usable: Arc<Vec<&'static str>>,
}

impl CapSet {
    /// What a daemon lists of the capabilities in `known`.
    pub fn new(known: &'static [CapDefinition], states: impl IntoIterator<Item = CapState>) -> Self {
        let states = states.into_iter().filter(|state| !state.id.is_empty());
        let states: BTreeMap<String, CapState> = collect::map(states.map(|state| (state.id.clone(), state)));
        let is_enabled = |id: &&str| states.get(*id).is_some_and(|state| state.enabled);
        let mut usable: Vec<&str> = known.iter().map(|known| known.id).filter(is_enabled).collect();
        usable.sort_unstable_by_key(|id| (id.len(), *id));
        Self {
            known,
            states: Arc::new(states),
            usable: Arc::new(usable),
        }
    }

    /// What a daemon lists of the capabilities of LLB.
    pub fn llb(states: impl IntoIterator<Item = CapState>) -> Self {
        Self::new(KNOWN_LLB, states)
    }

    /// A daemon that lists these, all enabled.
    pub fn enabled<'a>(known: &'static [CapDefinition], ids: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(
            known,
            ids.into_iter().map(|id| CapState {
                id: id.to_owned(),
                enabled: true,
                ..CapState::default()
            }),
        )
    }

    /// A daemon that can do all that this client knows of LLB.
    pub fn all_llb() -> Self {
        Self::enabled(KNOWN_LLB, KNOWN_LLB.iter().map(|known| known.id))
    }

    /// A daemon that doesn't tell its capabilities.
    pub fn frozen_llb() -> Self {
        Self::enabled(KNOWN_LLB, FROZEN_LLB.iter().copied())
    }

    /// Whether a capability may be used.
    pub fn supports(&self, id: &str) -> bool {
        let found = self
            .usable
            .binary_search_by_key(&(id.len(), id), |usable| (usable.len(), *usable));
        found.is_ok()
    }

    /// Whether the daemon lists a capability, enabled or not, known here or not.
    pub fn contains(&self, id: &str) -> bool {
        self.states.contains_key(id)
    }

    /// That a capability may be used, or what to tell the user why not.
    pub fn require(&self, id: &str) -> Result<(), CapError> {
        if self.supports(id) {
            return Ok(());
        }
        Err(CapError {
            id: id.to_owned(),
            definition: self.definition(id),
            state: self.states.get(id).cloned().map(Box::new),
            product: String::new(),
        })
    }

    fn definition(&self, id: &str) -> Option<&'static CapDefinition> {
        self.known.iter().find(|known| known.id == id)
    }
}

/// A capability that may not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapError {
    /// Such as `mergeop`.
    pub id: String,
    /// What is known here; `None` when the client itself doesn't know it.
    pub definition: Option<&'static CapDefinition>,
    /// What the daemon lists; `None` when it doesn't.
    pub state: Option<Box<CapState>>,
    /// What the daemon is a part of, such as `docker`; empty when it isn't known.
    pub product: String,
}

impl CapError {
    /// Says what the daemon is a part of, so that the message can name a version.
    #[must_use]
    pub fn with_product(mut self, product: impl Into<String>) -> Self {
        self.product = product.into();
        self
    }
}

impl fmt::Display for CapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(definition) = self.definition else {
            return write!(f, "the capability {:?} is not known to this frontend", self.id);
        };
        let status = match definition.status {
            CapStatus::Stable => "",
            CapStatus::Experimental => "experimental ",
            CapStatus::Prerelease => "prerelease ",
        };
        write!(f, "this build needs the {status}feature {:?}", self.id)?;
        if !definition.name.is_empty() {
            write!(f, " ({})", definition.name)?;
        }
        match &self.state {
            None => {
                f.write_str(", which the BuildKit daemon does not have")?;
                let product = match self.product.as_str() {
                    "" => "BuildKit",
                    product => product,
                };
                let hint = definition.hints.iter().find(|(of, _)| *of == self.product);
                match hint {
                    Some((_, version)) => write!(f, ": update {product} to {version} or later"),
                    None => write!(f, ": update {product}"),
                }
            }
            Some(state) => {
                f.write_str(", which is disabled at the BuildKit daemon")?;
                if !state.disabled_reason_msg.is_empty() {
                    write!(f, ": {}", state.disabled_reason_msg)?;
                }
                if !state.disabled_alternative.is_empty() {
                    write!(f, "; use {} instead", state.disabled_alternative)?;
                }
                Ok(())
            }
        }
    }
}

impl Error for CapError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capability_has_to_be_known_listed_and_enabled() {
        let mut states: Vec<CapState> = CapSet::enabled(KNOWN_LLB, [MERGE_OP, "future"])
            .states
            .values()
            .cloned()
            .collect();
        states.push(CapState {
            id: DIFF_OP.to_owned(),
            disabled_reason_msg: "too slow".to_owned(),
            ..CapState::default()
        });
        let caps = CapSet::llb(states);
        assert!(caps.supports(MERGE_OP));
        assert!(caps.contains("future") && !caps.supports("future"));
        let message = |id: &str| caps.require(id).unwrap_err().with_product("docker").to_string();
        assert!(message("future").contains("not known"));
        assert!(message(DIFF_OP).ends_with("disabled at the BuildKit daemon: too slow"));
        assert!(message(FILE_BASE).ends_with("update docker to Docker v19.03 or later"));
        assert!(message(SOURCE_DATE_EPOCH).contains("(source date epoch)"));
    }

    #[test]
    fn what_old_daemons_can_do_is_known() {
        let caps = CapSet::frozen_llb();
        assert_eq!(FROZEN_LLB.len(), 29);
        assert!(FROZEN_LLB.iter().all(|id| caps.supports(id)));
        assert!(!caps.supports(EXEC_META_SETS_DEFAULT_PATH));
    }
}
