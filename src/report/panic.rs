//! A bug must reach the person who builds as an error, not as a broken connection.

use std::future::Future;
use std::io::{self, Write as _};
use std::panic::{self, AssertUnwindSafe, Location};
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use crate::gateway::{Code, Status};

/// Where the last panic was.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Makes panics say where they were on standard error. What they say is left out: it may quote the input, and
/// with it a secret.
pub fn install_hook() {
    panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or_else(|| "an unknown place".to_owned(), Location::to_string);
        let _ = writeln!(io::stderr(), "plimsoll: internal error at {place}");
        if let Ok(mut last) = PLACE.lock() {
            *last = Some(place);
        }
    }));
}

/// A future that turns a panic into an error.
pub struct CatchPanic<F>(Pin<Box<F>>);

impl<F> CatchPanic<F> {
    /// Watches over `future`.
    pub fn new(future: F) -> Self {
        Self(Box::pin(future))
    }
}

impl<T, F: Future<Output = Result<T, Status>>> Future for CatchPanic<F> {
    type Output = Result<T, Status>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let inner = self.0.as_mut();
        // What a panic leaves behind is not looked at again.
        panic::catch_unwind(AssertUnwindSafe(|| inner.poll(cx)))
            .unwrap_or_else(|_| Poll::Ready(Err(internal_error())))
    }
}

fn internal_error() -> Status {
    let place = PLACE.lock().ok().and_then(|mut place| place.take());
    let place = place.unwrap_or_else(|| "an unknown place".to_owned());
    let message = format!(
        "Plimsoll {} hit a bug in itself at {place}; nothing is wrong with your Dockerfile that we know of. Please \
         report it with the Dockerfile, if you may share it",
        env!("CARGO_PKG_VERSION"),
    );
    Status::with_code(Code::INTERNAL, message)
}
