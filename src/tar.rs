//! As much of the tar format as telling an archive from a Dockerfile takes, and finding its newest file.

use std::io::{self, Read};

/// Size of a header, and the unit of all sizes in an archive.
const BLOCK: usize = 512;
/// The largest extended header that is read. Those of real archives have a few hundred bytes.
const HEADER_BYTES: u64 = 1 << 20;
/// How much of an archive is read, unpacked.
pub(crate) const UNPACKED_BYTES: u64 = 512 << 20;

/// Why an archive's files can't be told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TarError {
    /// It is no archive, or ends too early.
    Malformed,
    /// It has more than [`UNPACKED_BYTES`], or a header that only a hostile archive has.
    TooLarge,
}

impl From<io::Error> for TarError {
    fn from(_: io::Error) -> Self {
        Self::Malformed
    }
}

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
/// Fails where it is no archive, ends too early, or is larger than an archive may be.
pub(crate) fn newest_file(mut archive: impl Read) -> Result<Option<i64>, TarError> {
    let archive: &mut dyn Read = &mut archive;
    let mut archive = archive.take(UNPACKED_BYTES);
    let newest = newest_member(&mut archive);
    match archive.limit() {
        0 => Err(TarError::TooLarge),
        _ => newest,
    }
}

fn newest_member(archive: &mut impl Read) -> Result<Option<i64>, TarError> {
    let mut newest = None;
    let mut extended = None;
    let mut block = [0; BLOCK];
    loop {
        if !read_block(archive, &mut block)? || block.iter().all(|byte| *byte == 0) {
            return Ok(newest);
        }
        let size = parse_number(&block[124..136]).and_then(|size| u64::try_from(size).ok());
        let Some(size) = size.filter(|_| has_checksum(&block)) else {
            return Err(TarError::Malformed);
        };
        let padded = size.checked_next_multiple_of(BLOCK as u64).unwrap_or(u64::MAX);
        match block[156] {
            b'x' if padded > HEADER_BYTES => return Err(TarError::TooLarge),
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

    /// A header alone, of a kind and with a size that nothing stands behind.
    fn header(kind: u8, size: &str) -> Vec<u8> {
        let mut block = member(1, b"");
        block[124..136].copy_from_slice(size.as_bytes());
        block[156] = kind;
        block[148..156].copy_from_slice(b"        ");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    }

    #[test]
    fn bombs() {
        // Four gibibytes of extended header, a member of a tebibyte, a size near the largest number.
        let zeros = || io::repeat(0);
        let pax = header(b'x', "40000000000\0");
        assert_eq!(newest_file(pax.chain(zeros())), Err(TarError::TooLarge));
        // One mebibyte may be there, and not a block more.
        let most = header(b'x', "00004000000\0");
        assert_eq!(newest_file(most.chain(zeros())), Ok(None));
        let more = header(b'x', "00004000001\0");
        assert_eq!(newest_file(more.chain(zeros())), Err(TarError::TooLarge));
        let large = header(b'0', "777777777777");
        assert_eq!(newest_file(large.chain(zeros())), Err(TarError::TooLarge));
        let mut wide = header(b'0', "000000000000");
        wide[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        wide[148..156].copy_from_slice(b"        ");
        let sum: u32 = wide.iter().map(|byte| u32::from(*byte)).sum();
        wide[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert_eq!(newest_file(wide.as_slice()), Ok(Some(1)));
        assert_eq!(newest_file(header(b'x', "00000000777\0").as_slice()), Ok(None));
    }

    #[test]
    fn dates_of_extended_headers() {
        let mut extended = member(1, b"30 path=b\n18 mtime=1234.9\n");
        extended[156] = b'x';
        extended[148..156].copy_from_slice(b"        ");
        let sum: u32 = extended[..BLOCK].iter().map(|byte| u32::from(*byte)).sum();
        extended[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        // It is about the next member alone.
        let archive = [extended.clone(), member(5000, b"a")].concat();
        assert_eq!(newest_file(archive.as_slice()), Ok(Some(1234)));
        let archive = [extended, member(5000, b"a"), member(2000, b"a")].concat();
        assert_eq!(newest_file(archive.as_slice()), Ok(Some(2000)));
        assert_eq!(pax_mtime(b"9 mtime=-5\n"), Some(-5));
        assert_eq!(pax_mtime(b"9 atime=5\n"), None);
    }

    #[test]
    fn numbers() {
        assert_eq!(parse_number(b"  755 \0"), Some(0o755));
        assert_eq!(parse_number(b" \0\0"), Some(0));
        assert_eq!(parse_number(b"8"), None);
        assert_eq!(parse_number(&[0x80, 1, 2]), Some(258));
        assert_eq!(parse_number(&[0x81, 0]), Some(256));
        assert_eq!(parse_number(&[0xff; 12]), None);
    }

    #[test]
    fn only_files_count() {
        for (kind, newest) in [
            (0, Some(1)),
            (b'0', Some(1)),
            (b'7', Some(1)),
            (b'5', None),
            (b'2', None),
        ] {
            let archive = header(kind, "00000000000\0");
            assert_eq!(newest_file(archive.as_slice()), Ok(newest), "{kind}");
        }
    }
}
