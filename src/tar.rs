//! As much of the tar format as telling an archive from a Dockerfile takes, and finding its newest file.

use std::io::{self, Read};

/// Size of a header, and the unit of all sizes in an archive.
const BLOCK: usize = 512;

/// Whether these bytes begin with the header of a tar archive.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    match bytes.get(..BLOCK) {
        // Two blocks of zeros are an archive without members.
        Some(block) if block.iter().all(|byte| *byte == 0) => false,
        Some(block) => has_checksum(block),
        None => false,
    }
}

/// A header holds the sum of its bytes, with the sum's own field counted as spaces.
fn has_checksum(block: &[u8]) -> bool {
    let Some(stored) = parse_number(&block[148..156]) else {
        return false;
    };
    let field = |index: usize| (148..156).contains(&index);
    let unsigned: i64 = block
        .iter()
        .enumerate()
        .map(|(i, b)| if field(i) { 32 } else { i64::from(*b) })
        .sum();
    let signed: i64 = block
        .iter()
        .enumerate()
        .map(|(i, b)| if field(i) { 32 } else { i64::from(b.cast_signed()) })
        .sum();
    stored == unsigned || stored == signed
}

/// An octal number with padding, or a binary one where the first bit says so.
fn parse_number(field: &[u8]) -> Option<i64> {
    if field.first()? & 0x80 != 0 {
        let (first, rest) = field.split_first()?;
        let start = i64::from(first & 0x7f);
        return rest.iter().try_fold(start, |number, byte| {
            number.checked_mul(256)?.checked_add(i64::from(*byte))
        });
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches([' ', '\0']);
    if text.is_empty() {
        return Some(0);
    }
    i64::from_str_radix(text, 8).ok()
}

/// The date of the newest regular file of an archive, in seconds since 1970.
///
/// # Errors
/// Fails where it is no archive or ends too early.
pub(crate) fn newest_file(mut archive: impl Read) -> io::Result<Option<i64>> {
    let mut newest = None;
    let mut extended = None;
    let mut block = [0; BLOCK];
    loop {
        if !read_block(&mut archive, &mut block)? || block.iter().all(|byte| *byte == 0) {
            return Ok(newest);
        }
        let size = parse_number(&block[124..136]).and_then(|size| u64::try_from(size).ok());
        let Some(size) = size.filter(|_| has_checksum(&block)) else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is not a tar archive",
            ));
        };
        let padded = size.next_multiple_of(BLOCK as u64);
        match block[156] {
            b'x' => {
                let mut header = Vec::new();
                archive.by_ref().take(padded).read_to_end(&mut header)?;
                extended = pax_mtime(&header);
                continue;
            }
            b'g' | b'L' | b'K' => {}
            kind => {
                let mtime = extended.take().or_else(|| parse_number(&block[136..148]));
                if matches!(kind, 0 | b'0' | b'7') {
                    newest = newest.max(mtime);
                }
            }
        }
        io::copy(&mut archive.by_ref().take(padded), &mut io::sink())?;
    }
}

/// Fills a block; false at the end of the archive.
fn read_block(archive: &mut impl Read, block: &mut [u8; BLOCK]) -> io::Result<bool> {
    match archive.read_exact(block) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The date in an extended header, whose lines are `LENGTH KEY=VALUE`.
fn pax_mtime(content: &[u8]) -> Option<i64> {
    let text = String::from_utf8_lossy(content);
    let value = text
        .lines()
        .find_map(|line| line.split_once(' ')?.1.strip_prefix("mtime="))?;
    value.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One regular file of a given size and date.
    fn member(mtime: i64, content: &[u8]) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..1].copy_from_slice(b"f");
        block[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        block[136..148].copy_from_slice(format!("{mtime:011o}\0").as_bytes());
        block[156] = b'0';
        block[148..156].copy_from_slice(b"        ");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block.extend_from_slice(content);
        block.resize(block.len().next_multiple_of(BLOCK), 0);
        block
    }

    #[test]
    fn newest() {
        let mut archive = member(100, b"a");
        archive.extend(member(300, &[1; 700]));
        archive.extend(member(200, b""));
        archive.extend([0; 2 * BLOCK]);
        assert!(is_header(&archive));
        assert_eq!(newest_file(archive.as_slice()).unwrap(), Some(300));
        assert!(newest_file([b'x'; BLOCK].as_slice()).is_err());
        assert!(!is_header(&[b'x'; BLOCK]));
    }
}
