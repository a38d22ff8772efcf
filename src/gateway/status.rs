//! Errors as they travel between BuildKit and a frontend.

use std::fmt;

use prost::Message;

pub use prost_types::Any;

use super::codec;
use super::protocol::google::rpc;

/// A gRPC code, of which a frontend needs few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub i32);

impl Code {
    /// No closer code fits; the default of BuildKit's errors.
    pub const UNKNOWN: Self = Self(2);
    /// The client asked for something malformed.
    pub const INVALID_ARGUMENT: Self = Self(3);
    /// It took too long.
    pub const DEADLINE_EXCEEDED: Self = Self(4);
    /// What was asked for does not exist.
    pub const NOT_FOUND: Self = Self(5);
    /// A limit was hit, such as the size of a message.
    pub const RESOURCE_EXHAUSTED: Self = Self(8);
    /// The other side lacks the feature.
    pub const UNIMPLEMENTED: Self = Self(12);
    /// A bug on one side.
    pub const INTERNAL: Self = Self(13);
    /// The other side is gone.
    pub const UNAVAILABLE: Self = Self(14);
}

/// An error with a code and typed details.
///
/// BuildKit's details are JSON in a protobuf `Any` whose type ends with `+json`. What a frontend receives it
/// passes on as it came, so that clients find what the daemon meant for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// What kind of error.
    pub code: Code,
    /// For people.
    pub message: String,
    /// For programs.
    pub details: Vec<Any>,
}

impl Status {
    /// An error of the code without a closer meaning.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self::with_code(Code::UNKNOWN, message)
    }

    /// An error of a given code.
    #[must_use]
    pub fn with_code(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: Vec::new(),
        }
    }

    /// Says in front what was tried when the error came; code and details stay.
    #[must_use]
    pub fn context(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Adds a detail: `value` is JSON, `kind` the type that clients know it by.
    #[must_use]
    pub fn detail(mut self, kind: &str, value: Vec<u8>) -> Self {
        self.details.push(Any {
            type_url: kind.to_owned(),
            value,
        });
        self
    }

    /// Whether a detail of this type is among the details.
    #[must_use]
    pub fn has_detail(&self, kind: &str) -> bool {
        self.details.iter().any(|detail| detail.type_url == kind)
    }

    /// The size on the wire, in bytes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        // Code and the message's frame take less than 32 bytes, a detail's frame less than 16.
        let details = self.details.iter().map(|detail| detail.encoded_len() + 16);
        self.message.len() + details.sum::<usize>() + 32
    }

    /// The form that [`super::protocol`] carries.
    #[must_use]
    pub fn into_wire(self) -> rpc::Status {
        rpc::Status {
            code: self.code.0,
            message: self.message,
            details: self.details,
        }
    }
}

impl From<rpc::Status> for Status {
    fn from(wire: rpc::Status) -> Self {
        Self {
            code: Code(wire.code),
            message: wire.message,
            details: wire.details,
        }
    }
}

impl From<tonic::Status> for Status {
    fn from(status: tonic::Status) -> Self {
        // The details are a whole status once more; a daemon that sends none leaves the bytes out. Those that can't be
        // read are left out, for what went wrong is in the message.
        let details = codec::decode::<rpc::Status>(status.details())
            .map(|inner| inner.details)
            .unwrap_or_default();
        Self {
            code: Code(status.code() as i32),
            message: status.message().to_owned(),
            details,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Status {}
