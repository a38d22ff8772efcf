//! What the encoding of an operation works with.

use prost::Message;

use crate::{CapSet, MarshalOptions, Op, Output, Vertex, caps, proto, wire};

/// The input index of the empty file system.
pub(crate) const EMPTY: i64 = -1;
/// The output index of what is no output.
pub(crate) const SKIP_OUTPUT: i64 = -1;

/// The field of an op with the constraints on workers.
const CONSTRAINTS: u8 = 11;

/// What an operation is encoded with: its inputs and capabilities come together here.
pub(crate) struct Encoder<'a> {
    daemon: Option<&'a CapSet>,
    /// Those of the definition, for an operation that waits for them.
    options: Option<&'a MarshalOptions>,
    /// The inputs as the message lists them.
    pub(crate) inputs: Vec<Output>,
    caps: Vec<&'static str>,
}

impl<'a> Encoder<'a> {
    pub(crate) fn new(daemon: Option<&'a CapSet>, options: Option<&'a MarshalOptions>) -> Self {
        Self {
            daemon,
            options,
            inputs: Vec::new(),
            caps: Vec::new(),
        }
    }

    /// The index of an input, listed once however often it is used.
    pub(crate) fn input(&mut self, output: Output) -> i64 {
        match self.inputs.iter().position(|known| *known == output) {
            Some(index) => index_of(index),
            None => self.push_input(output),
        }
    }

    /// The index of an input that is listed again if it is there already.
    pub(crate) fn push_input(&mut self, output: Output) -> i64 {
        self.inputs.push(output);
        index_of(self.inputs.len() - 1)
    }

    pub(crate) fn input_count(&self) -> i64 {
        index_of(self.inputs.len())
    }

    /// Notes that the daemon needs a capability.
    pub(crate) fn cap(&mut self, id: &'static str) {
        self.caps.push(id);
    }

    /// The capabilities of the operation and of its metadata, sorted, each once.
    pub(crate) fn all_caps<'v>(&self, vertex: &'v Vertex) -> Vec<&'v str> {
        let mut all: Vec<&str> = self.caps.clone();
        all.extend(vertex.metadata.caps.iter().map(String::as_str));
        if let Op::Source(source) = &vertex.op {
            all.extend(source.caps.iter().map(String::as_str));
        }
        if matches!(vertex.op, Op::Exec(_)) && vertex.metadata.linux_resources.is_some() {
            all.push(caps::EXEC_META_LINUX_RESOURCES);
        }
        all.sort_unstable();
        all.dedup();
        all
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

/// Writes the constraints of an op, and what it does.
pub(crate) fn write_body(out: &mut Vec<u8>, vertex: &Vertex, encoder: &mut Encoder<'_>) {
    // There even when it is empty.
    wire::message(out, CONSTRAINTS, |out| {
        wire::elements(out, 1, &vertex.worker_filter);
    });
    // Go's protobuf library writes a oneof after all other fields, whatever its number; other libraries write it in its
    // place.
    vertex.op.write(out, encoder);
}

/// Writes an op in the reference's order of fields.
pub(crate) fn write_op(op: proto::Op) -> Vec<u8> {
    let mut rest = op;
    let kind = rest.op.take();
    let mut out = rest.encode_to_vec();
    if let Some(kind) = kind {
        kind.encode(&mut out);
    }
    out
}
