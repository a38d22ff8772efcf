//! Inputs that have to be there, some of which are given on.

use crate::encode::Encoder;
use crate::{GraphError, Output, caps, proto};

/// Gives some of its inputs on, once all of them are done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassthroughOp {
    /// Says what for; a part of the cache key.
    pub id: String,
    /// What has to be done first.
    pub inputs: Vec<Output>,
    /// Which input each output is, as an index of `inputs`.
    pub outputs: Vec<u32>,
}

impl PassthroughOp {
    /// Gives `input` on, once `after` are done too.
    pub fn new(id: impl Into<String>, input: Output, after: impl IntoIterator<Item = Output>) -> Self {
        Self {
            id: id.into(),
            inputs: [input].into_iter().chain(after).collect(),
            outputs: vec![0],
        }
    }

    pub(crate) fn validate(&self) -> Result<(), GraphError> {
        if self.id.is_empty() {
            return Err(GraphError::NoPassthroughId);
        }
        let known = |output: &u32| (*output as usize) < self.inputs.len();
        if self.outputs.is_empty() || !self.outputs.iter().all(known) {
            return Err(GraphError::PassthroughOutputs);
        }
        Ok(())
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> proto::PassthroughOp {
        encoder.cap(caps::PASSTHROUGH_OP);
        for input in &self.inputs {
            encoder.push_input(*input);
        }
        proto::PassthroughOp {
            id: self.id.clone(),
            outputs: self.outputs.iter().copied().map(i64::from).collect(),
        }
    }
}
