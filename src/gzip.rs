//! Reading gzip (RFC 1952), around flate2's deflate.
//!
//! Its own reader of gzip brings 16 kB of tables for the checksum, four times what is here.

use std::io::{self, BufRead, ErrorKind, Read};

use flate2::bufread::DeflateDecoder;

/// Flags of a header, section 2.3.1.
const CHECKSUM: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;

/// The remainders of CRC-32 for each byte, section 8.
const REMAINDERS: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut remainder = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            remainder = (remainder >> 1) ^ ((remainder & 1) * 0xedb8_8320);
            bit += 1;
        }
        table[byte] = remainder;
        byte += 1;
    }
    table
};

/// How every gzip file begins.
pub(crate) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Unpacks all members of a gzip file, one after the other.
///
/// Reading fails where it is no gzip file, ends too early, or has another checksum than it says.
pub(crate) struct Gzip<'a> {
    member: DeflateDecoder<&'a [u8]>,
    checksum: u32,
    length: u32,
    is_over: bool,
}

impl<'a> Gzip<'a> {
    /// Unpacks `file`.
    ///
    /// # Errors
    /// Fails where it doesn't begin with a header.
    pub(crate) fn new(file: &'a [u8]) -> io::Result<Self> {
        let mut file = file;
        skip_header(&mut file)?;
        Ok(Self {
            member: DeflateDecoder::new(file),
            checksum: u32::MAX,
            length: 0,
            is_over: false,
        })
    }

    /// Holds a member against its trailer and goes on to the next, if there is one.
    fn end_member(&mut self) -> io::Result<()> {
        let mut rest = *self.member.get_ref();
        if (number(&mut rest)?, number(&mut rest)?) != (!self.checksum, self.length) {
            return Err(ErrorKind::InvalidData.into());
        }
        if rest.is_empty() {
            self.is_over = true;
            return Ok(());
        }
        *self = Self::new(rest)?;
        Ok(())
    }
}

impl Read for Gzip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.is_over && !buffer.is_empty() {
            let read = self.member.read(buffer)?;
            if read > 0 {
                for byte in &buffer[..read] {
                    let at = usize::from(self.checksum as u8 ^ byte);
                    self.checksum = (self.checksum >> 8) ^ REMAINDERS[at];
                }
                self.length = self.length.wrapping_add(read as u32);
                return Ok(read);
            }
            self.end_member()?;
        }
        Ok(0)
    }
}

fn skip_header(file: &mut &[u8]) -> io::Result<()> {
    let mut head = [0; 10];
    file.read_exact(&mut head)?;
    // 8 is deflate, the only method that there is.
    let flags = match head {
        [0x1f, 0x8b, 8, flags, ..] => flags,
        _ => return Err(ErrorKind::InvalidData.into()),
    };
    if flags & EXTRA != 0 {
        let mut length = [0; 2];
        file.read_exact(&mut length)?;
        skip(file, u16::from_le_bytes(length).into())?;
    }
    for flag in [NAME, COMMENT] {
        if flags & flag != 0 && file.skip_until(0)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    if flags & CHECKSUM != 0 {
        skip(file, 2)?;
    }
    Ok(())
}

fn skip(file: &mut &[u8], count: usize) -> io::Result<()> {
    *file = file.get(count..).ok_or(ErrorKind::UnexpectedEof)?;
    Ok(())
}

fn number(file: &mut &[u8]) -> io::Result<u32> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::GzBuilder;
    use std::io::Write as _;

    use super::*;

    fn packed(text: &[u8], builder: GzBuilder) -> Vec<u8> {
        let mut writer = builder.write(Vec::new(), Compression::default());
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    fn unpacked(file: &[u8]) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        Gzip::new(file)?.read_to_end(&mut text)?;
        Ok(text)
    }

    #[test]
    fn members_with_all_that_a_header_may_have() {
        let text: Vec<u8> = (0..100_000_u32)
            .map(|number| (number.wrapping_mul(number) >> 7) as u8)
            .collect();
        let plain = packed(&text, GzBuilder::new());
        let full = packed(
            b"short",
            GzBuilder::new().extra(vec![1, 0, 2]).filename("a").comment("b"),
        );
        let empty = packed(b"", GzBuilder::new());
        let all = [plain.as_slice(), &full, &empty].concat();
        assert_eq!(unpacked(&all).unwrap(), [text.as_slice(), b"short"].concat());
    }

    #[test]
    fn what_is_cut_or_changed_is_an_error() {
        let file = packed(b"some text", GzBuilder::new().filename("name").comment("text"));
        for length in 0..file.len() {
            assert!(unpacked(&file[..length]).is_err(), "{length}");
        }
        // Time, system and names may be anything; the text and its trailer may not.
        for at in file.len() - 8..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(unpacked(&changed).is_err(), "{at}");
        }
        assert!(unpacked(&[file.as_slice(), b"more"].concat()).is_err());
    }
}
