//! Digests as BuildKit writes them.

use std::fmt;

use sha2::{Digest as _, Sha256};

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// What comes before the digits.
const ALGORITHM: &str = "sha256:";

/// How long a digest is as text.
pub(crate) const TEXT_LENGTH: usize = ALGORITHM.len() + 64;

/// The SHA-256 of an encoded op, which is its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of these bytes, one part behind the other.
    pub(crate) fn of_parts(parts: [&[u8]; 2]) -> Self {
        let mut hash = Sha256::new();
        parts.iter().for_each(|part| hash.update(part));
        Self(hash.finalize().into())
    }

    /// Reads what [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(ALGORITHM)?.as_bytes();
        let half = |digit: &u8| DIGITS.iter().position(|known| known == digit);
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::try_from(half(pair.first()?)? << 4 | half(pair.last()?)?).ok()?;
        }
        Some(Self(bytes))
    }

    /// The first eight of its bytes: enough to spread digests over a table.
    pub(crate) fn head(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// Appends it as text: `sha256:` and 64 hexadecimal digits.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(ALGORITHM.as_bytes());
        out.extend_from_slice(self.digits().as_flattened());
    }

    /// The two digits of each byte.
    fn digits(&self) -> [[u8; 2]; 32] {
        let digit = |half: u8| DIGITS[usize::from(half)];
        self.0.map(|byte| [digit(byte >> 4), digit(byte & 15)])
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ALGORITHM)?;
        f.write_str(&String::from_utf8_lossy(self.digits().as_flattened()))
    }
}

/// `sha256:` and 64 hexadecimal digits: the name of an encoded op.
pub fn digest(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_written_can_be_read() {
        let digest = super::Digest::of(b"x");
        assert_eq!(super::Digest::parse(&digest.to_string()), Some(digest));
        for wrong in [
            "",
            "sha256:",
            "sha256:00",
            &"0".repeat(71),
            &format!("sha256:{}", "G".repeat(64)),
        ] {
            assert_eq!(super::Digest::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn empty_bytes_have_the_well_known_digest() {
        assert_eq!(
            super::digest(b""),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
