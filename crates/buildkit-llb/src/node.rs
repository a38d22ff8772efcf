//! Operations as a graph keeps them.

use std::ops::Range;

use crate::{Digest, GraphError, Metadata, Output, Platform, SourceLocation, SourceMapId, Vertex};

/// An operation as the graph keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) body: Body,
    pub(crate) platform: PlatformOf,
    /// The inputs as the message lists them. Those of a late body are listed when it is encoded.
    pub(crate) inputs: Slice,
    /// The inputs in the order in which their vertices come in a definition.
    pub(crate) visits: Slice,
    /// How many outputs it has; `u32::MAX` where only the daemon knows.
    pub(crate) outputs: u32,
    /// The message about it, but for a late body.
    pub(crate) metadata: Slice,
    /// Index of its capabilities in [`Graph::cap_sets`].
    pub(crate) caps: u32,
    pub(crate) told: Told,
    pub(crate) places: Slice,
}

/// What an operation is, without inputs and platform.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// Encoded constraints and operation.
    Encoded(Slice),
    /// Encoded when a definition is made.
    Late(Box<Vertex>),
    /// A whole op of another definition.
    Imported(Digest, Slice),
}

/// Which platform is in the bytes of an op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlatformOf {
    /// None.
    Nothing,
    /// That of the definition.
    Definition,
    /// One of [`Graph::platforms`].
    Own(u32),
    /// One of [`Graph::platforms`], which is told, but is not in the bytes.
    Beside(u32),
}

/// What of its metadata the definition as a whole has to say as well.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told {
    pub(crate) ignore_cache: bool,
    pub(crate) description: bool,
    pub(crate) export_cache: bool,
}

/// A part of one of the graph's lists.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slice {
    start: u32,
    end: u32,
}

/// A place of an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) map: SourceMapId,
    pub(crate) pieces: Pieces,
}

/// Which pieces of a file a place has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pieces {
    /// All lines from the first to the last. There may be very many, so they are encoded last.
    Lines(i32, i32),
    /// Encoded ranges.
    Encoded(Slice),
}

/// An op of another definition, on its way into a graph. Its bytes stay as they came, so its digest does too, even if
/// it says things this crate doesn't know.
pub(crate) struct ImportedOp<'a> {
    pub(crate) digest: Digest,
    pub(crate) bytes: &'a [u8],
    pub(crate) inputs: Vec<Output>,
    pub(crate) platform: Option<Platform>,
    pub(crate) metadata: &'a Metadata,
    pub(crate) locations: &'a [SourceLocation],
}

impl Slice {
    /// What a list has got since it had `start` elements.
    pub(crate) fn since<T>(list: &[T], start: usize) -> Result<Self, GraphError> {
        let index = |index| u32::try_from(index).map_err(|_| GraphError::TooLarge);
        Ok(Self {
            start: index(start)?,
            end: index(list.len())?,
        })
    }

    pub(crate) fn of<T>(self, list: &[T]) -> &[T] {
        list.get(self.range()).unwrap_or_default()
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub(crate) fn len(self) -> usize {
        self.range().len()
    }
}

impl Node {
    /// Its encoded parts.
    pub(crate) fn pieces(&self) -> [Slice; 2] {
        let body = match self.body {
            Body::Encoded(body) | Body::Imported(_, body) => body,
            Body::Late(_) => Slice::default(),
        };
        [body, self.metadata]
    }
}

impl Pieces {
    /// How many lines are still to be encoded.
    pub(crate) fn lines(self) -> usize {
        match self {
            Self::Lines(first, last) => (first..=last).count(),
            Self::Encoded(_) => 0,
        }
    }
}

impl Told {
    pub(crate) fn by(metadata: &Metadata) -> Self {
        Self {
            ignore_cache: metadata.ignore_cache,
            description: !metadata.description.is_empty(),
            export_cache: metadata.export_cache.is_some(),
        }
    }
}
