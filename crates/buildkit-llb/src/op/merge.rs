//! File systems laid over each other.

use crate::encode::Encoder;
use crate::{Output, caps, proto};

/// All of the inputs in one, later ones over earlier ones, without copying.
/// [`Graph::merge`](crate::Graph::merge) leaves out empty ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeOp {
    /// Two or more.
    pub inputs: Vec<Output>,
}

impl MergeOp {
    /// Lays these over each other.
    pub fn new(inputs: impl Into<Vec<Output>>) -> Self {
        Self {
            inputs: inputs.into(),
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> proto::MergeOp {
        encoder.cap(caps::MERGE_OP);
        proto::MergeOp {
            // One that comes twice is listed twice.
            inputs: self
                .inputs
                .iter()
                .map(|input| proto::MergeInput {
                    input: encoder.push_input(*input),
                })
                .collect(),
        }
    }
}
