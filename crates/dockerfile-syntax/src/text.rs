//! Text as the reference sees it: bytes first, characters where it decodes them.

/// Decodes bytes; each byte that is no UTF-8 becomes one U+FFFD (`String::from_utf8_lossy` may join several).
pub(crate) fn lossy(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for _ in chunk.invalid() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }
    out
}
