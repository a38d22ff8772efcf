//! A word with its variables.

use std::collections::BTreeMap;

use dockerfile_syntax::budget::{BUDGET_BYTES, BUDGET_STEPS};
use dockerfile_syntax::{
    Budget,
    expand::{Lexer, Listed},
};

use crate::fields::Fields;

/// What one word may get: a full budget shows nothing more, and takes longer.
const ROOM: usize = 1 << 20;
const STEPS: usize = 1 << 22;

/// A word gets no larger than its budget, and without a replacement no larger than each of its characters being the
/// longest value; what was asked for is told; and equal words give equal texts.
///
/// The input is the word, switches, and variables such as `A=b`.
pub fn expand(data: &[u8]) {
    let mut fields = Fields::new(data);
    let word = fields.text();
    let mut switches = fields.switches();
    let lexer = Lexer {
        escape: switches.pick(&['\\', '`']),
        raw_quotes: switches.flag(),
        raw_escapes: switches.flag(),
        skip_process_quotes: switches.flag(),
        skip_unset_env: switches.flag(),
        listed: Listed::All,
    };
    let mut variables = BTreeMap::new();
    for line in fields.text().lines() {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        variables.insert(name.to_owned(), value.to_owned());
    }
    if variables.is_empty() {
        variables.insert("A".to_owned(), "aXbaXb".to_owned());
        variables.insert("B".to_owned(), String::new());
    }
    let expanded = lexer.process_word(&word, &variables, &budget());
    assert_eq!(expanded, lexer.process_word(&word, &variables, &budget()));
    let (matched, unmatched) = match &expanded {
        Ok(done) => (&done.matched, &done.unmatched),
        Err(error) => (&error.matched, &error.unmatched),
    };
    assert!(
        matched.iter().all(|name| variables.contains_key(name)),
        "{matched:?}"
    );
    assert!(
        !unmatched.iter().any(|name| variables.contains_key(name)),
        "{unmatched:?}"
    );
    let longest = variables
        .values()
        .map(String::len)
        .max()
        .unwrap_or_default()
        .max(3);
    if let Ok(done) = &expanded {
        assert!(done.text.len() <= ROOM, "{} bytes", done.text.len());
        let most = word.len() * longest;
        assert!(
            word.contains('/') || done.text.len() <= most,
            "{} of {most}",
            done.text.len()
        );
    }
    let words = lexer.process_words(&word, &variables, &budget());
    assert_eq!(words, lexer.process_words(&word, &variables, &budget()));
    if let Ok(words) = words {
        let total: usize = words.iter().map(|word| word.len()).sum();
        assert!(total <= ROOM, "{total} bytes");
    }
}

fn budget() -> Budget {
    let budget = Budget::new();
    assert_eq!(budget.spend(BUDGET_BYTES - ROOM), Ok(()));
    assert_eq!(budget.spend_steps(BUDGET_STEPS - STEPS), Ok(()));
    budget
}
