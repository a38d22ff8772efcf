//! What the daemon's gateway can do.

use std::collections::BTreeMap;

use llb_graph::collect;
use llb_graph::{CapSet, CapState, caps};

use super::protocol::moby::buildkit::v1::apicaps::ApiCap;
use super::{Code, Status};

/// A feature of the gateway that a frontend may have to do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayCap {
    /// [`super::Bridge::return_`] exists.
    Return,
    /// A result may have several platforms.
    ReturnMap,
    /// Results are handles with definitions rather than bare ids.
    RefArray,
    /// [`super::Bridge::inputs`] exists.
    FrontendInputs,
    /// A solve can be told to compute its result at once.
    SolveEvaluate,
    /// [`super::Bridge::resolve_source_meta`] exists.
    SourceMetaResolver,
    /// [`super::Bridge::read_dir`] exists.
    ReadDir,
    /// [`super::Bridge::stat_file`] exists.
    StatFile,
}

impl GatewayCap {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Return => "return",
            Self::ReturnMap => "returnmap",
            Self::RefArray => "proto.refarray",
            Self::FrontendInputs => "frontend.inputs",
            Self::SolveEvaluate => "gateway.solve.evaluate",
            Self::SourceMetaResolver => "source.metaresolver",
            Self::ReadDir => "readdir",
            Self::StatFile => "statfile",
        }
    }
}

/// The features that a daemon announced: name to "is it on", with the reason where it is off.
#[derive(Clone, Debug, Default)]
pub struct GatewayCaps {
    known: BTreeMap<String, Result<(), String>>,
}

impl GatewayCaps {
    /// Reads the daemon's list. A daemon that sends none is older than such lists, and has only what every
    /// daemon had then.
    #[must_use]
    pub fn from_pong(caps: &[ApiCap]) -> Self {
        if caps.is_empty() {
            let frozen = caps::FROZEN_GATEWAY.iter().map(|id| ((*id).to_owned(), Ok(())));
            return Self {
                known: collect::map(frozen),
            };
        }
        let known = caps.iter().filter(|cap| !cap.id.is_empty()).map(|cap| {
            let state = if cap.enabled {
                Ok(())
            } else {
                Err(cap.disabled_reason_msg.clone())
            };
            (cap.id.clone(), state)
        });
        Self {
            known: collect::map(known),
        }
    }

    /// Whether the daemon has the feature switched on.
    #[must_use]
    pub fn supports(&self, cap: GatewayCap) -> bool {
        matches!(self.known.get(cap.as_str()), Some(Ok(())))
    }

    /// Like [`GatewayCaps::supports`], with an error that says what to do.
    ///
    /// # Errors
    /// Fails where the daemon lacks the feature or has it switched off.
    pub fn require(&self, cap: GatewayCap) -> Result<(), Status> {
        let message = match self.known.get(cap.as_str()) {
            Some(Ok(())) => return Ok(()),
            Some(Err(reason)) if !reason.is_empty() => {
                format!(
                    "BuildKit has its feature `{}` switched off: {reason}",
                    cap.as_str()
                )
            }
            Some(Err(_)) => format!("BuildKit has its feature `{}` switched off", cap.as_str()),
            None => format!("this BuildKit lacks the feature `{}`: update it", cap.as_str()),
        };
        Err(Status::with_code(Code::UNIMPLEMENTED, message))
    }
}

/// Reads the daemon's list of what graphs may ask for.
pub(super) fn llb_caps(caps: &[ApiCap]) -> CapSet {
    if caps.is_empty() {
        return CapSet::frozen_llb();
    }
    CapSet::llb(caps.iter().map(|cap| CapState {
        id: cap.id.clone(),
        enabled: cap.enabled,
        deprecated: cap.deprecated,
        disabled_reason: cap.disabled_reason.clone(),
        disabled_reason_msg: cap.disabled_reason_msg.clone(),
        disabled_alternative: cap.disabled_alternative.clone(),
    }))
}
