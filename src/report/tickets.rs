//! What the daemon said of look-ups that failed, kept while the compile core carries only a number.

use std::cell::RefCell;

use dockerfile_compile::Failure;

use crate::gateway::Status;

/// Failures of look-ups, by ticket.
#[derive(Debug, Default)]
pub struct Tickets(RefCell<Vec<Status>>);

impl Tickets {
    /// Keeps a status and gives what the compile core is told of it.
    pub fn keep(&self, status: Status) -> Failure {
        let mut kept = self.0.borrow_mut();
        let failure = Failure {
            message: status.message.clone(),
            ticket: kept.len(),
        };
        kept.push(status);
        failure
    }

    /// The status that belongs to a ticket.
    #[must_use]
    pub fn get(&self, ticket: usize) -> Option<Status> {
        self.0.borrow().get(ticket).cloned()
    }
}
