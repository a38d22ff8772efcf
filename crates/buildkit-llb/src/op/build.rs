//! A build whose definition is a file that another vertex made.

use crate::encode::Encoder;
use crate::{Output, caps, proto};

/// Asks for the definition in a file to be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildOp {
    /// Holds the file.
    pub source: Output,
    /// The file's path; `None` is the daemon's default.
    pub filename: Option<String>,
}

/// The builder that reads LLB.
const LLB_BUILDER: i64 = -1;

impl BuildOp {
    /// Asks for the definition in the file at the daemon's default path.
    pub fn new(source: Output) -> Self {
        Self {
            source,
            filename: None,
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> proto::BuildOp {
        encoder.cap(caps::BUILD_OP_LLB_FILE_NAME);
        let input = encoder.push_input(self.source);
        proto::BuildOp {
            builder: LLB_BUILDER,
            inputs: vec![proto::BuildInputEntry {
                key: Some("buildkit.llb.definition".to_owned()),
                value: Some(proto::BuildInput { input }),
            }],
            def: None,
            attrs: self
                .filename
                .iter()
                .filter(|name| !name.is_empty())
                .map(|name| proto::StringEntry {
                    key: Some("llbbuild.filename".to_owned()),
                    value: Some(name.clone()),
                })
                .collect(),
        }
    }
}
