//! What may be shown: safe for a terminal, and no more than fits.

use std::borrow::Cow;

pub use dockerfile_compile::view::{safe_lines, safe_text};
use dockerfile_compile::{SourceFile, SourcePart};
use prost::Message;

use crate::gateway::Status;

/// The longest message that is shown, in bytes. It travels in an HTTP/2 header.
const MESSAGE_BYTES: usize = 256 << 10;
/// The largest error, in bytes. As a header it grows by a third, and clients refuse headers of 16 MiB.
const STATUS_BYTES: usize = 8 << 20;

/// An error as it may be shown: without credentials and control characters, and of a size that reaches the client.
/// Details that are too large are left out, the largest first.
#[must_use]
pub fn fit_for_display(mut status: Status) -> Status {
    let safe = safe_text(&status.message);
    status.message = shortened(&safe, MESSAGE_BYTES).into_owned();
    while status.encoded_len() > STATUS_BYTES {
        let sizes = status.details.iter().map(Message::encoded_len).enumerate();
        let Some((largest, _)) = sizes.max_by_key(|(_, size)| *size) else {
            break;
        };
        status.details.remove(largest);
    }
    status
}

/// An error with nothing but its message, for a daemon that did not take it whole.
#[must_use]
pub fn without_details(status: &Status) -> Status {
    Status::with_code(status.code, shortened(&status.message, MESSAGE_BYTES >> 4))
}

/// A file as it may be shown, by its name and its lines.
#[must_use]
pub fn safe_source(source: &SourceFile) -> Cow<'_, SourceFile> {
    if !source.parts.is_empty() {
        return Cow::Owned(safe_parts(source));
    }
    match (safe_text(&source.filename), safe_lines(&source.data)) {
        (Cow::Borrowed(_), Cow::Borrowed(_)) => Cow::Borrowed(source),
        (filename, data) => Cow::Owned(SourceFile {
            filename: filename.into_owned(),
            data: data.into_owned().into(),
            ..source.clone()
        }),
    }
}

/// Several files as they may be shown; each may be longer than it was.
fn safe_parts(source: &SourceFile) -> SourceFile {
    let mut data = Vec::with_capacity(source.data.len());
    let parts = source.parts.iter().map(|part| {
        let before = source.data.get(..part.bytes.start).unwrap_or_default();
        let written = source.data.get(part.bytes.clone()).unwrap_or_default();
        if before.ends_with(b"\n") && !data.ends_with(b"\n") {
            data.push(b'\n');
        }
        let start = data.len();
        data.extend_from_slice(&safe_lines(written));
        SourcePart {
            filename: safe_text(&part.filename).into_owned(),
            bytes: start..data.len(),
            ..part.clone()
        }
    });
    let parts = parts.collect();
    SourceFile {
        filename: safe_text(&source.filename).into_owned(),
        data: data.into(),
        parts,
        ..source.clone()
    }
}

/// At most `limit` bytes of a text, with a mark where something is missing.
#[must_use]
pub(super) fn shortened(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit {
        return Cow::Borrowed(text);
    }
    let end = (0..=limit).rev().find(|end| text.is_char_boundary(*end));
    Cow::Owned(format!("{}…", &text[..end.unwrap_or_default()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_a_largest_size() {
        let status = Status::new("m".repeat(MESSAGE_BYTES + 9))
            .detail("small", vec![0; 10])
            .detail("large", vec![0; STATUS_BYTES]);
        let fitted = fit_for_display(status);
        assert!(fitted.message.ends_with("m…") && fitted.message.len() <= MESSAGE_BYTES + 3);
        assert!(fitted.has_detail("small") && !fitted.has_detail("large"));
        assert!(without_details(&fitted).message.len() < MESSAGE_BYTES / 8);
    }
}
