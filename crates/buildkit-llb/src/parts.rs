//! Messages in parts: what is large is shared, not copied.

use std::borrow::Cow;
use std::ops::Deref;

use prost::bytes::Bytes;

/// A text of a message that is at least as long is a part of its own.
pub(crate) const LARGE: usize = 64 << 10;

/// A message in parts, one behind the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts(Vec<Bytes>);

impl Parts {
    /// How many bytes they have together.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    /// The message as one; a copy where it has several parts.
    pub(crate) fn joined(&self) -> Bytes {
        match &self.0[..] {
            [] => Bytes::new(),
            [only] => only.clone(),
            parts => parts.concat().into(),
        }
    }

    /// [`Parts::joined`] without a copy of a message in one part, also where the bytes are to be changed.
    pub(crate) fn into_joined(mut self) -> Bytes {
        match self.0.len() {
            1 => self.0.pop().unwrap_or_default(),
            _ => self.joined(),
        }
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Bytes> {
        self.0.iter()
    }
}

impl From<Vec<u8>> for Parts {
    fn from(message: Vec<u8>) -> Self {
        Self(vec![message.into()])
    }
}

/// Where a message is cut says nothing.
impl PartialEq for Parts {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.joined() == other.joined()
    }
}

impl Eq for Parts {}

/// What becomes a part of a message, or is copied into it.
pub(crate) enum Part<'b> {
    Copied(Cow<'b, [u8]>),
    Shared(Bytes),
}

impl<'b> Part<'b> {
    /// A part that is copied.
    pub(crate) fn copied(bytes: impl Into<Cow<'b, [u8]>>) -> Self {
        Self::Copied(bytes.into())
    }
}

impl Deref for Part<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Copied(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

/// A message that is being written.
#[derive(Default)]
pub(crate) struct Message {
    /// All that is not shared.
    pub(crate) out: Vec<u8>,
    /// What is, and where it belongs.
    shared: Vec<(usize, Bytes)>,
}

impl Message {
    /// A message with room for so many bytes beside those that are shared.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self {
            out: Vec::with_capacity(bytes),
            shared: Vec::new(),
        }
    }

    /// Appends a part.
    pub(crate) fn append(&mut self, part: Part<'_>) {
        match part {
            Part::Copied(bytes) => self.out.extend_from_slice(&bytes),
            Part::Shared(bytes) => self.shared.push((self.out.len(), bytes)),
        }
    }

    /// The parts.
    pub(crate) fn finish(self) -> Parts {
        let out = Bytes::from(self.out);
        let mut parts = Vec::with_capacity(2 * self.shared.len() + 1);
        let mut start = 0;
        for (at, bytes) in self.shared {
            parts.extend([out.slice(start..at), bytes]);
            start = at;
        }
        parts.push(out.slice(start..));
        parts.retain(|part| !part.is_empty());
        Parts(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_the_order_written() {
        let mut message = Message::with_capacity(0);
        for part in ["a", "B", "C", "d", "E"] {
            message.append(match part {
                "a" | "d" => Part::copied(part.as_bytes()),
                _ => Part::Shared(part.into()),
            });
        }
        let parts = message.finish();
        assert_eq!(parts.iter().collect::<Vec<_>>(), ["a", "B", "C", "d", "E"]);
        assert_eq!((parts.len(), parts.joined()), (5, "aBCdE".into()));
        assert_eq!(parts, Parts::from(b"aBCdE".to_vec()));
        assert_eq!(Parts::default().joined(), "");
    }
}
