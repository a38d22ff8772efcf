//! Several futures at once on one thread.

use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// Runs all futures side by side and gives their results in the same order.
pub(crate) async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut slots: Vec<Slot<F>> = futures
        .into_iter()
        .map(|future| Slot::Running(Box::pin(future)))
        .collect();
    poll_fn(|cx| {
        let mut pending = false;
        for slot in &mut slots {
            if let Slot::Running(future) = slot {
                match future.as_mut().poll(cx) {
                    Poll::Ready(output) => *slot = Slot::Done(output),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    let outputs = slots.into_iter().filter_map(|slot| match slot {
        Slot::Done(output) => Some(output),
        Slot::Running(_) => None,
    });
    outputs.collect()
}

/// Runs all futures side by side and gives their results in the same order, or the first error, and lets the others go.
pub(crate) async fn try_join_all<T, E, F: Future<Output = Result<T, E>>>(
    futures: impl IntoIterator<Item = F>,
) -> Result<Vec<T>, E> {
    let error = RefCell::new(None);
    let noting = futures.into_iter().map(|future| async {
        match future.await {
            Ok(value) => Some(value),
            Err(first) => {
                error.borrow_mut().get_or_insert(first);
                None
            }
        }
    });
    let mut all = pin!(join_all(noting));
    let values = poll_fn(|cx| {
        let ended = all.as_mut().poll(cx);
        if error.borrow().is_some() {
            return Poll::Ready(Vec::new());
        }
        ended
    })
    .await;
    match error.take() {
        Some(error) => Err(error),
        None => Ok(values.into_iter().flatten().collect()),
    }
}

enum Slot<F: Future> {
    Running(Pin<Box<F>>),
    Done(F::Output),
}

/// Work that is begun before its result is needed, and goes on beside other work.
pub(crate) struct Ahead<'a, T>(RefCell<Progress<'a, T>>);

enum Progress<'a, T> {
    Running(Pin<Box<dyn Future<Output = T> + 'a>>),
    Done(T),
}

impl<'a, T: Clone> Ahead<'a, T> {
    /// Does nothing yet.
    pub(crate) fn new(work: impl Future<Output = T> + 'a) -> Self {
        Self(RefCell::new(Progress::Running(Box::pin(work))))
    }

    /// Waits for `main`, and lets this go on meanwhile.
    pub(crate) async fn beside<M: Future>(&self, main: M) -> M::Output {
        let mut main = pin!(main);
        poll_fn(|cx| {
            let ended = main.as_mut().poll(cx);
            if ended.is_pending() {
                // It is asked for later.
                let _ = self.poll(cx);
            }
            ended
        })
        .await
    }

    /// Waits for the result.
    pub(crate) async fn get(&self) -> T {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<T> {
        let mut progress = self.0.borrow_mut();
        if let Progress::Running(work) = &mut *progress {
            match work.as_mut().poll(cx) {
                Poll::Ready(result) => *progress = Progress::Done(result),
                Poll::Pending => return Poll::Pending,
            }
        }
        match &*progress {
            Progress::Done(result) => Poll::Ready(result.clone()),
            Progress::Running(_) => Poll::Pending,
        }
    }
}

impl<T> fmt::Debug for Ahead<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ahead").finish_non_exhaustive()
    }
}
