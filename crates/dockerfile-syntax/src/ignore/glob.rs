//! The first check of a pattern: it is matched as a plain file glob against `.`.
//!
//! Only whether that fails counts. A glob is checked no further than it matches, so a broken bracket behind a part
//! that does not match goes unnoticed here; it may be noticed later or never.

/// A glob that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Whether the first check refuses a pattern.
pub(super) fn check(pattern: &str) -> Result<(), Malformed> {
    let mut name: &[u8] = b".";
    let mut rest = pattern.as_bytes();
    while !rest.is_empty() {
        let stars = rest.iter().take_while(|&&byte| byte == b'*').count();
        let (chunk, tail) = rest[stars..].split_at(chunk_len(&rest[stars..]));
        rest = tail;
        if stars > 0 && chunk.is_empty() {
            return Ok(());
        }
        // A star may also pass over the name's one character.
        let skips = if stars > 0 { name.len() } else { 0 };
        let mut found = None;
        for skip in 0..=skips {
            if let Some(left) = match_chunk(chunk, &name[skip..])?
                && (left.is_empty() || !rest.is_empty())
            {
                found = Some(left);
                break;
            }
        }
        match found {
            Some(left) => name = left,
            None => return Ok(()),
        }
    }
    Ok(())
}

/// The length of the part before the next star outside of brackets.
fn chunk_len(pattern: &[u8]) -> usize {
    let mut in_brackets = false;
    let mut at = 0;
    while at < pattern.len() {
        match pattern[at] {
            b'\\' if at + 1 < pattern.len() => at += 1,
            b'[' => in_brackets = true,
            b']' => in_brackets = false,
            b'*' if !in_brackets => return at,
            _ => {}
        }
        at += 1;
    }
    pattern.len()
}

/// Matches a part without stars against the beginning of a name (of ASCII); gives what is left of the name.
fn match_chunk<'n>(chunk: &[u8], name: &'n [u8]) -> Result<Option<&'n [u8]>, Malformed> {
    let mut rest = chunk;
    let mut left = Some(name);
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        let ch = left.and_then(<[u8]>::first).copied();
        let fits = match first {
            b'[' => brackets(&mut rest, ch)?,
            b'?' => ch != Some(b'/'),
            b'\\' => {
                let (&literal, tail) = rest.split_first().ok_or(Malformed)?;
                rest = tail;
                ch == Some(literal)
            }
            literal => ch == Some(literal),
        };
        left = left
            .filter(|left| fits && !left.is_empty())
            .map(|left| &left[1..]);
    }
    Ok(left)
}

/// Reads brackets behind their `[`; whether the character is one of theirs.
fn brackets(rest: &mut &[u8], ch: Option<u8>) -> Result<bool, Malformed> {
    let negated = rest.first() == Some(&b'^');
    if negated {
        *rest = &rest[1..];
    }
    let ch = ch.map(char::from);
    let mut found = false;
    let mut first = true;
    loop {
        if rest.first() == Some(&b']') && !first {
            *rest = &rest[1..];
            return Ok(found != negated);
        }
        first = false;
        let low = bracket_char(rest)?;
        let mut high = low;
        if rest.first() == Some(&b'-') {
            *rest = &rest[1..];
            high = bracket_char(rest)?;
        }
        found |= ch.is_some_and(|ch| (low..=high).contains(&ch));
    }
}

/// A character within brackets; something must follow it.
fn bracket_char(rest: &mut &[u8]) -> Result<char, Malformed> {
    match rest.first() {
        None | Some(b'-' | b']') => return Err(Malformed),
        Some(b'\\') => *rest = &rest[1..],
        Some(_) => {}
    }
    let (ch, width) = crate::text::decode(rest);
    *rest = &rest[width..];
    if width == 0 || rest.is_empty() || (width == 1 && !ch.is_ascii()) {
        return Err(Malformed);
    }
    Ok(ch)
}
