//! One HTTP/2 connection as a service that tonic can call, with all that comes over it counted.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine as _, alphabet};
use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::client::conn::http2;
use tonic::Status;
use tonic::body::Body;

use super::size::mebibytes;

/// The most that all answers to one build may have together: most are kept to its end, and many are under way at once.
/// Left out are listings of folders, which are looked at and forgotten, and the answer to the last call.
pub const MAX_RECEIVED_BYTES: usize = 64 << 20;

/// How the error about more begins.
pub(super) const TOO_MUCH: &str = "too much received: ";

/// What a header takes beside its text, as HTTP/2 counts it.
const HEADER_BYTES: usize = 32;

/// Where an error has its details.
const DETAILS: &str = "grpc-status-details-bin";

/// An error of the connection, or a [`Status`].
type BoxError = Box<dyn Error + Send + Sync>;

/// A connection that counts.
#[derive(Clone)]
pub(super) struct Http2 {
    sender: http2::SendRequest<Body>,
    received: Received,
}

impl Http2 {
    /// Counts from nothing.
    pub(super) fn new(sender: http2::SendRequest<Body>) -> Self {
        let received = Received::default();
        Self { sender, received }
    }
}

impl tower_service::Service<http::Request<Body>> for Http2 {
    type Response = http::Response<Counted>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.sender.poll_ready(cx).map_err(BoxError::from)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = request.uri().path().rsplit('/').next().unwrap_or_default();
        // What is too much has to be told by the last call.
        let counts_headers = method != "Return";
        let counts_data = counts_headers && method != "ReadDir";
        let received = self.received.clone();
        let response = self.sender.send_request(request);
        Box::pin(async move {
            let (mut head, body) = response.await?.into_parts();
            let counted = Counted {
                body,
                received,
                counts_headers,
                counts_data,
            };
            counted.headers(&mut head.headers)?;
            Ok(http::Response::from_parts(head, counted))
        })
    }
}

/// How many bytes came so far.
#[derive(Clone, Default)]
struct Received(Arc<AtomicUsize>);

impl Received {
    /// Counts `bytes`, unless they are too many.
    fn add(&self, bytes: usize) -> Result<(), BoxError> {
        let more = |so_far: usize| so_far.checked_add(bytes).filter(|sum| *sum <= MAX_RECEIVED_BYTES);
        match self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => Ok(()),
            Err(_) => Err(Box::new(Status::resource_exhausted(format!(
                "{TOO_MUCH}more than {}",
                mebibytes(MAX_RECEIVED_BYTES)
            )))),
        }
    }
}

/// The body of an answer, which is counted.
pub(super) struct Counted {
    body: Incoming,
    received: Received,
    counts_headers: bool,
    counts_data: bool,
}

impl Counted {
    fn headers(&self, headers: &mut HeaderMap) -> Result<(), BoxError> {
        // tonic panics where they are no base64.
        if headers
            .get(DETAILS)
            .is_some_and(|value| !is_base64(value.as_bytes()))
        {
            headers.remove(DETAILS);
        }
        let sizes = headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + HEADER_BYTES);
        match self.counts_headers {
            true => self.received.add(sizes.sum()),
            false => Ok(()),
        }
    }
}

impl hyper::body::Body for Counted {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)) else {
            return Poll::Ready(None);
        };
        let mut frame = frame?;
        if let Some(trailers) = frame.trailers_mut() {
            self.headers(trailers)?;
        }
        if let Some(data) = frame.data_ref().filter(|_| self.counts_data) {
            self.received.add(data.len())?;
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What tonic decodes with: the standard alphabet, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn is_base64(text: &[u8]) -> bool {
    BASE64.decode(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_base64() {
        for text in ["", "AA", "AA==", "AAA", "AAA=", "AA=", "AAAA", "ab+/", "/w"] {
            assert!(is_base64(text.as_bytes()), "{text}");
        }
        for text in [
            "A", "A===", "AB", "AAB=", "=", "====", "AA-_", "A A ", "AAAAA", "AA==AA==",
        ] {
            assert!(!is_base64(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_is_too_much_is_not_counted() {
        let received = Received::default();
        received.add(MAX_RECEIVED_BYTES - 1).unwrap();
        assert!(received.add(2).is_err());
        received.add(1).unwrap();
        assert!(received.add(1).is_err());
        assert!(received.add(usize::MAX).is_err());
    }
}
