//! Unpacks gzip. The deflating is flate2's; its own reader of the format brings 16 kB of tables for the checksum, more than
//! the rest of it, for archives that few builds have.

use std::io::{self, Read};

use flate2::bufread::DeflateDecoder;

/// What a member begins with: two magic bytes, and deflate as its method.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// Flags of what follows a header.
const HAS_CHECKSUM: u8 = 1 << 1;
const HAS_EXTRA: u8 = 1 << 2;
const HAS_NAME: u8 = 1 << 3;
const HAS_COMMENT: u8 = 1 << 4;

/// Whether these bytes are gzip's.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC[..2])
}

/// The content of all members, one behind the other. Reading fails where one is malformed, cut off, or not what its
/// checksum says.
pub(crate) struct Unpacked<'a> {
    member: DeflateDecoder<&'a [u8]>,
    sum: Sum,
    length: u32,
}

impl<'a> Unpacked<'a> {
    /// Reads the first header.
    pub(crate) fn new(packed: &'a [u8]) -> io::Result<Self> {
        Ok(Self {
            member: DeflateDecoder::new(content(packed)?),
            sum: Sum::default(),
            length: 0,
        })
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.member.read(out)?;
            self.sum.add(&out[..read]);
            self.length = self.length.wrapping_add(read as u32);
            if read > 0 || out.is_empty() {
                return Ok(read);
            }
            let rest = *self.member.get_ref();
            let Some((trailer, rest)) = rest.split_at_checked(8) else {
                return Err(malformed());
            };
            if trailer != [self.sum.value(), self.length].map(u32::to_le_bytes).concat() {
                return Err(malformed());
            }
            if rest.is_empty() {
                return Ok(0);
            }
            *self = Self::new(rest)?;
        }
    }
}

/// What follows a member's header.
fn content(member: &[u8]) -> io::Result<&[u8]> {
    after_header(member).ok_or_else(malformed)
}

fn after_header(member: &[u8]) -> Option<&[u8]> {
    let (header, mut rest) = member.split_at_checked(10)?;
    let flags = header[3];
    if !header.starts_with(&MAGIC) {
        return None;
    }
    if flags & HAS_EXTRA != 0 {
        let (length, extra) = rest.split_first_chunk()?;
        rest = extra.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    for text in [HAS_NAME, HAS_COMMENT] {
        if flags & text != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & HAS_CHECKSUM != 0 {
        let mut sum = Sum::default();
        sum.add(&member[..member.len() - rest.len()]);
        let [low, high, ..] = sum.value().to_le_bytes();
        rest = rest.strip_prefix(&[low, high])?;
    }
    Some(rest)
}

fn malformed() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// CRC-32, four bits at a time.
struct Sum(u32);

impl Default for Sum {
    fn default() -> Self {
        Self(u32::MAX)
    }
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        const TABLE: [u32; 16] = table();
        for byte in bytes {
            self.0 ^= u32::from(*byte);
            for _ in 0..2 {
                self.0 = self.0 >> 4 ^ TABLE[(self.0 & 15) as usize];
            }
        }
    }

    fn value(&self) -> u32 {
        !self.0
    }
}

const fn table() -> [u32; 16] {
    let mut table = [0; 16];
    let mut index = 0;
    while index < 16 {
        let mut entry = index as u32;
        let mut bit = 0;
        while bit < 4 {
            entry = entry >> 1 ^ (0xedb8_8320 * (entry & 1));
            bit += 1;
        }
        table[index] = entry;
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, GzBuilder};

    use super::*;

    fn packed(builder: GzBuilder, text: &[u8]) -> Vec<u8> {
        let mut encoder = builder.write(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Unpacked::new(packed)?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn members() {
        let long = b"a line of text, and one more\n".repeat(10_000);
        let plain = packed(GzBuilder::new(), &long);
        assert_eq!(unpacked(&plain).unwrap(), long);
        let named = GzBuilder::new().filename("a").comment("b").extra([1, 2, 3]);
        let named = packed(named, b"second");
        let both = [&plain[..], &named[..], &packed(GzBuilder::new(), b"")].concat();
        assert_eq!(unpacked(&both).unwrap(), [&long[..], b"second"].concat());
    }

    #[test]
    fn a_header_with_a_checksum() {
        let plain = packed(GzBuilder::new(), b"text");
        let mut header = plain[..10].to_vec();
        header[3] = HAS_CHECKSUM;
        let mut sum = Sum::default();
        sum.add(&header);
        let sum = sum.value().to_le_bytes();
        let whole = |low: u8| [&header[..], &[low, sum[1]], &plain[10..]].concat();
        assert_eq!(unpacked(&whole(sum[0])).unwrap(), b"text");
        assert!(unpacked(&whole(!sum[0])).is_err());
    }

    #[test]
    fn what_is_wrong_is_an_error() {
        let whole = packed(GzBuilder::new().filename("name"), b"text");
        for length in 0..whole.len() {
            assert!(unpacked(&whole[..length]).is_err(), "{length}");
        }
        for at in 1..=8 {
            let mut changed = whole.clone();
            changed[whole.len() - at] ^= 1;
            assert!(unpacked(&changed).is_err(), "{at}");
        }
        assert!(unpacked(&[&whole[..], b"more"].concat()).is_err());
    }
}
