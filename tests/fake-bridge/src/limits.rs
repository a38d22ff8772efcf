//! What a daemon takes and gives at once.

use std::collections::BTreeMap;

use plimsoll_frontend::gateway::{Code, Stat, Status, pb};
use prost::Message;

use crate::FakeBridge;

/// The limits of a daemon. Without any, it takes and gives whatever there is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits {
    /// The largest message in both directions.
    message: Option<usize>,
    /// Whether a range of a file is passed over.
    no_ranges: bool,
    /// What files are said to have, whatever they have.
    sizes: BTreeMap<String, i64>,
}

impl FakeBridge {
    /// Takes and gives no message of more bytes, as gRPC does.
    #[must_use]
    pub fn with_largest_message(mut self, bytes: usize) -> Self {
        self.limits.message = Some(bytes);
        self
    }

    /// Gives whole files alone, whatever range is asked for.
    #[must_use]
    pub fn without_ranges(mut self) -> Self {
        self.limits.no_ranges = true;
        self
    }

    /// Says that a file has so many bytes, whatever it has.
    #[must_use]
    pub fn with_size(mut self, path: &str, bytes: i64) -> Self {
        self.limits.sizes.insert(path.to_owned(), bytes);
        self
    }
}

impl Limits {
    /// Refuses a message that is too large.
    pub(crate) fn check(&self, verb: &str, message: &impl Message) -> Result<(), Status> {
        let size = message.encoded_len();
        match self.message {
            Some(limit) if size > limit => Err(Status::with_code(
                Code::RESOURCE_EXHAUSTED,
                format!("grpc: {verb} message larger than max ({size} vs. {limit})"),
            )),
            _ => Ok(()),
        }
    }

    /// What is given of a file.
    pub(crate) fn part<'d>(&self, data: &'d [u8], range: Option<pb::FileRange>) -> &'d [u8] {
        let Some(range) = range.filter(|_| !self.no_ranges) else {
            return data;
        };
        let bound = |number: i64| usize::try_from(number).unwrap_or_default();
        let data = &data[bound(range.offset).min(data.len())..];
        &data[..bound(range.length).min(data.len())]
    }

    /// What is said of a file.
    pub(crate) fn stat(&self, path: &str, mut stat: Stat) -> Stat {
        if let Some(size) = self.sizes.get(path) {
            stat.size = *size;
        }
        stat
    }
}
