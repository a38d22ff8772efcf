//! What one compilation may make and do, counted while it grows.
//!
//! A few lines can ask for more text than any machine holds (`ENV A=$A$A`, forty times), and none of it could be sent:
//! BuildKit takes no message over [`MESSAGE_BYTES`]. So everything that grows is paid for before it is made.

use std::cell::Cell;
use std::fmt;

/// The most bytes that a message from or to BuildKit may have: 16 MiB.
pub const MESSAGE_BYTES: usize = 16 << 20;

/// The most bytes that a file may have, with all that it takes in: 48 MiB. It is read in as many messages as it takes.
pub const FILE_BYTES: usize = 3 * MESSAGE_BYTES;

/// The most bytes of text that one compilation may make, all its platforms together: 64 MiB, four messages. That is
/// room for a graph and an image config as large as messages can be, and as much again for what is left out of them.
pub const BUDGET_BYTES: usize = 4 * MESSAGE_BYTES;

/// The most steps that one compilation may take to match patterns such as that of `${name#pattern}`.
pub const BUDGET_STEPS: usize = 1 << 28;

/// What is left of [`BUDGET_BYTES`] and [`BUDGET_STEPS`]. Counts through a shared reference.
#[derive(Debug, Clone)]
pub struct Budget {
    bytes: Cell<usize>,
    steps: Cell<usize>,
    exceeded: Cell<bool>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            bytes: Cell::new(BUDGET_BYTES),
            steps: Cell::new(BUDGET_STEPS),
            exceeded: Cell::new(false),
        }
    }
}

impl Budget {
    /// A full budget.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bytes one text may still get: what is left, and no more than a message holds.
    #[must_use]
    pub fn room(&self) -> usize {
        self.bytes.get().min(MESSAGE_BYTES)
    }

    /// Whether something asked for more than there was. Whatever comes after it is not worth telling.
    #[must_use]
    pub fn is_exceeded(&self) -> bool {
        self.exceeded.get()
    }

    /// Pays for `bytes` of text.
    ///
    /// # Errors
    /// There are not so many left.
    pub fn spend(&self, bytes: usize) -> Result<(), Exceeded> {
        take(&self.bytes, bytes).ok_or_else(|| self.exceed(Exceeded::Bytes))
    }

    /// Pays for `steps` of matching.
    ///
    /// # Errors
    /// There are not so many left.
    pub fn spend_steps(&self, steps: usize) -> Result<(), Exceeded> {
        take(&self.steps, steps).ok_or_else(|| self.exceed(Exceeded::Steps))
    }

    /// Pays for `steps` of something that can be left out; false where there are not so many left.
    #[must_use]
    pub fn affords_steps(&self, steps: usize) -> bool {
        // What is needed comes first.
        self.steps.get() > BUDGET_STEPS / 2 && take(&self.steps, steps).is_some()
    }

    /// Makes sure that one text may get `bytes` long, without paying.
    ///
    /// # Errors
    /// There is no room for that.
    pub fn check(&self, bytes: usize) -> Result<(), Exceeded> {
        if bytes <= self.room() {
            Ok(())
        } else {
            Err(self.exceed(Exceeded::Bytes))
        }
    }

    /// Goes back to what `earlier`, a copy of this budget, had left: what was made since then is gone.
    pub fn restore(&self, earlier: &Self) {
        self.bytes.set(earlier.bytes.get());
        self.steps.set(earlier.steps.get());
    }

    fn exceed(&self, what: Exceeded) -> Exceeded {
        self.exceeded.set(true);
        what
    }
}

fn take(left: &Cell<usize>, amount: usize) -> Option<()> {
    left.set(left.get().checked_sub(amount)?);
    Some(())
}

/// More was asked for than a [`Budget`] has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// Of [`BUDGET_BYTES`].
    Bytes,
    /// Of [`BUDGET_STEPS`].
    Steps,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes => write!(
                f,
                "with this instruction the build gets larger than Plimsoll compiles: a text may have {} MiB, which is what BuildKit takes in a message, and all texts of a build {} MiB; look for a variable that grows, or for long values that many instructions repeat",
                MESSAGE_BYTES >> 20,
                BUDGET_BYTES >> 20
            ),
            Self::Steps => f.write_str(
                "matching the patterns of this build's variables takes too long; shorten the value or the pattern",
            ),
        }
    }
}

impl std::error::Error for Exceeded {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spent_is_gone_until_it_is_restored() {
        let budget = Budget::new();
        let full = budget.clone();
        assert_eq!(budget.room(), MESSAGE_BYTES);
        assert_eq!(budget.spend(BUDGET_BYTES - 5), Ok(()));
        assert_eq!(budget.room(), 5);
        assert_eq!(budget.spend(6), Err(Exceeded::Bytes));
        assert!(budget.is_exceeded());
        assert_eq!(budget.spend(5), Ok(()));
        budget.restore(&full);
        assert_eq!(budget.check(MESSAGE_BYTES), Ok(()));
        assert_eq!(budget.check(MESSAGE_BYTES + 1), Err(Exceeded::Bytes));
        assert_eq!(budget.spend_steps(BUDGET_STEPS + 1), Err(Exceeded::Steps));
    }
}
