//! An error that reaches the daemon although the program can't go on.
//!
//! After a panic nothing of the connection may be used any more but its pipes, so the frames of one call are written here
//! by hand. Unwinding to where the connection could do it would cost a fifth of the image. The call's stream is the last
//! that HTTP/2 has (RFC 9113, 5.1.1), and its headers are literals that no table remembers (RFC 7541, 6.2.2), so nothing
//! needs to be known of what went before, except that no other frame was left half written.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use prost::Message;

use super::{Status, pb};

/// What a client says first, before its frames (RFC 9113, 3.4).
const PREFACE_BYTES: usize = 24;
/// Length, type, flags and stream of a frame (RFC 9113, 4.1).
const HEAD_BYTES: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// The last stream of a connection.
const STREAM: [u8; 4] = [0x7f, 0xff, 0xff, 0xff];
/// How long a daemon may take.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(1);

/// Whether all that was written so far are whole frames.
static BETWEEN_FRAMES: AtomicBool = AtomicBool::new(false);

/// Watches where frames end in what is written.
pub(super) struct Frames {
    head: [u8; HEAD_BYTES],
    /// How much of the next head is known.
    known: usize,
    /// How much there is to come until the next head.
    left: usize,
}

impl Frames {
    /// At the start of a connection.
    pub(super) fn new() -> Self {
        Self {
            head: [0; HEAD_BYTES],
            known: 0,
            left: PREFACE_BYTES,
        }
    }

    /// Notes bytes that were written.
    pub(super) fn pass(&mut self, mut written: &[u8]) {
        while !written.is_empty() {
            let skipped = self.left.min(written.len());
            self.left -= skipped;
            written = &written[skipped..];
            let taken = (HEAD_BYTES - self.known).min(written.len());
            self.head[self.known..self.known + taken].copy_from_slice(&written[..taken]);
            self.known += taken;
            written = &written[taken..];
            if self.known == HEAD_BYTES {
                let [high, middle, low, ..] = self.head;
                self.left = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
                self.known = 0;
            }
        }
        BETWEEN_FRAMES.store(self.left == 0 && self.known == 0, Ordering::Relaxed);
    }
}

/// Returns an error to the daemon on standard output and waits until it was heard on standard input. The connection can't be
/// used afterwards.
///
/// # Errors
/// Fails where the connection isn't open, or is in the middle of something, and where the daemon doesn't listen.
pub(crate) fn last_words(status: Status) -> io::Result<()> {
    if !BETWEEN_FRAMES.load(Ordering::Relaxed) {
        return Err(ErrorKind::NotConnected.into());
    }
    let until = Instant::now() + PATIENCE;
    let request = pb::ReturnRequest {
        result: None,
        error: Some(status.into_wire()),
    };
    let call = call(&request.encode_to_vec());
    let mut pipe = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let mut written = 0;
    while written < call.len() {
        written += patiently(until, || pipe.write(&call[written..]))?;
    }
    // The answer's headers come when the daemon has the error; a reset says that it wants none.
    let mut pipe = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = patiently(until, || pipe.read(&mut buffer))?;
        heard.extend_from_slice(&buffer[..read]);
        let is_answered = heard
            .windows(HEAD_BYTES - 3)
            .any(|head| matches!(head[0], HEADERS | RST_STREAM) && head[2..] == STREAM);
        match (is_answered, read) {
            (true, _) => return Ok(()),
            (false, 0) => return Err(ErrorKind::UnexpectedEof.into()),
            (false, _) => {}
        }
    }
}

/// Both pipes don't block.
fn patiently(until: Instant, mut attempt: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match attempt() {
            Err(error) if error.kind() == ErrorKind::WouldBlock && Instant::now() < until => sleep(PAUSE),
            result => return result,
        }
    }
}

/// The frames of a call of `Return`.
fn call(message: &[u8]) -> Vec<u8> {
    // `:method: POST` and `:scheme: http` of the static table (RFC 7541, appendix A).
    let mut headers = vec![0x83, 0x86];
    // Numbers of that table, with a second byte from 15 on; 0 for a name that it lacks.
    literal(&mut headers, &[1], "localhost");
    literal(&mut headers, &[4], "/moby.buildkit.v1.frontend.LLBBridge/Return");
    literal(&mut headers, &[15, 31 - 15], "application/grpc");
    literal(&mut headers, &[0, 2, b't', b'e'], "trailers");
    // Not compressed (the protocol of gRPC, Length-Prefixed-Message).
    let mut data = vec![0];
    data.extend(u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes());
    data.extend_from_slice(message);
    let mut frames = Vec::new();
    frame(&mut frames, HEADERS, END_HEADERS, &headers);
    frame(&mut frames, DATA, END_STREAM, &data);
    frames
}

/// A header as a literal that isn't added to the table, its value without Huffman's code; both are shorter than 127 bytes.
fn literal(headers: &mut Vec<u8>, name: &[u8], value: &str) {
    headers.extend_from_slice(name);
    headers.push(value.len() as u8);
    headers.extend_from_slice(value.as_bytes());
}

/// No frame here comes near the 16 KiB that any receiver takes.
fn frame(frames: &mut Vec<u8>, kind: u8, flags: u8, payload: &[u8]) {
    let [_, length @ ..] = (payload.len() as u32).to_be_bytes();
    frames.extend(length);
    frames.extend([kind, flags]);
    frames.extend(STREAM);
    frames.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_end_where_their_length_says() {
        let mut written = vec![b'P'; PREFACE_BYTES];
        let mut ends = vec![PREFACE_BYTES];
        for length in [0, 1, 300, 70_000_usize] {
            written.extend(&(length as u32).to_be_bytes()[1..]);
            written.extend([DATA, 0, 0, 0, 0, 1]);
            written.extend(vec![0xff; length]);
            ends.push(written.len());
        }
        for step in [1, 2, 8, 9, 10, 1000] {
            let mut frames = Frames::new();
            let mut passed = 0;
            for part in written.chunks(step) {
                frames.pass(part);
                passed += part.len();
                let is_between = frames.left == 0 && frames.known == 0;
                assert_eq!(is_between, ends.contains(&passed), "{passed} by {step}");
            }
        }
    }
}
