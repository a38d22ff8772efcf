//! What the encoding of an operation works with.

use crate::{CapSet, MarshalOptions, Output, caps};

/// The input index of the empty file system.
pub(crate) const EMPTY: i64 = -1;
/// The output index of what is no output.
pub(crate) const SKIP_OUTPUT: i64 = -1;

/// So many capabilities come up for most operations, or fewer.
const USUAL_CAPS: usize = 16;

/// What an operation is encoded with: its inputs and capabilities come together here.
pub(crate) struct Encoder<'a> {
    daemon: Option<&'a CapSet>,
    /// Those of the definition, for an operation that waits for them.
    options: Option<&'a MarshalOptions>,
    /// A list that the inputs are appended to, as the message lists them.
    inputs: &'a mut Vec<Output>,
    /// Where those of this operation begin.
    first: usize,
    /// What the daemon needs for the operation, as it came up.
    pub(crate) caps: Vec<&'static str>,
}

impl<'a> Encoder<'a> {
    pub(crate) fn new(
        daemon: Option<&'a CapSet>,
        options: Option<&'a MarshalOptions>,
        inputs: &'a mut Vec<Output>,
    ) -> Self {
        Self {
            daemon,
            options,
            first: inputs.len(),
            inputs,
            caps: Vec::with_capacity(USUAL_CAPS),
        }
    }

    /// The index of an input, listed once however often it is used.
    pub(crate) fn input(&mut self, output: Output) -> i64 {
        match self.listed().iter().position(|known| *known == output) {
            Some(index) => index_of(index),
            None => self.push_input(output),
        }
    }

    /// The index of an input that is listed again if it is there already.
    pub(crate) fn push_input(&mut self, output: Output) -> i64 {
        self.inputs.push(output);
        self.input_count() - 1
    }

    pub(crate) fn input_count(&self) -> i64 {
        index_of(self.listed().len())
    }

    fn listed(&self) -> &[Output] {
        self.inputs.get(self.first..).unwrap_or_default()
    }

    /// Notes that the daemon needs a capability.
    pub(crate) fn cap(&mut self, id: &'static str) {
        self.caps.push(id);
    }

    /// Whether the daemon gives programs a PATH; `None` without a daemon.
    pub(crate) fn daemon_sets_path(&self) -> Option<bool> {
        Some(self.daemon?.supports(caps::EXEC_META_SETS_DEFAULT_PATH))
    }

    /// Whether the definition as a whole is for Windows.
    pub(crate) fn is_windows(&self) -> bool {
        self.options
            .is_some_and(|options| options.platform.os == "windows")
    }

    pub(crate) fn local_unique_id(&self) -> &str {
        self.options.map_or("", |options| &options.local_unique_id)
    }
}

fn index_of(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}
