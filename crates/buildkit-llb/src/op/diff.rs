//! What one file system changes of another.

use crate::encode::{EMPTY, Encoder};
use crate::{FileSystem, caps, proto};

/// A layer with what `upper` adds to, changes in and removes from `lower`.
/// [`Graph::diff`](crate::Graph::diff) leaves out those that change nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffOp {
    /// Before.
    pub lower: FileSystem,
    /// After.
    pub upper: FileSystem,
}

impl DiffOp {
    /// What `upper` changes of `lower`.
    pub fn new(lower: FileSystem, upper: FileSystem) -> Self {
        Self { lower, upper }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> proto::DiffOp {
        encoder.cap(caps::DIFF_OP);
        let mut index = |side: FileSystem| side.map_or(EMPTY, |output| encoder.push_input(output));
        proto::DiffOp {
            lower: Some(proto::LowerDiffInput {
                input: index(self.lower),
            }),
            upper: Some(proto::UpperDiffInput {
                input: index(self.upper),
            }),
        }
    }
}
