//! Advice on Dockerfiles that a build does not need and its owner may want: `light/…` for the image's size, `fast/…`
//! for the time of a build, `safe/…` for secrets, users and downloads, `sure/…` for the same result tomorrow.
//!
//! A rule reads the parsed file alone: nothing is looked up, nothing is run. What a RUN does is read by
//! [`shell_commands`]. Each rule is a file under `rules/`, with why one wants to follow it, what that costs, an example
//! of each kind, and how a program can mend it.
//!
//! ```
//! use dockerfile_advice::{Adviser, Selection, Triggers};
//!
//! let text = b"FROM debian:latest\nUSER 0\nRUN sudo make install\n";
//! let parsed = dockerfile_syntax::parse(text);
//! let triggers = Triggers::bytes(&parsed.dockerfile, text);
//! let triggers = Triggers::read(&triggers);
//! let adviser = Adviser::new(&parsed.dockerfile, text, &triggers, None);
//! let rules: Vec<_> = adviser.advise(&Selection::parse("safe,sure/latest-image")?).iter().map(|advice| advice.rule).collect();
//! assert_eq!(rules, ["sure/latest-image", "safe/root-user", "safe/sudo"]);
//! # Ok::<(), String>(())
//! ```

mod advise;
mod comments;
mod environment;
mod mapping;
mod rule;
mod rules;
mod scripts;
mod selection;
mod shells;
mod stages;
mod subject;
mod triggers;

pub use comments::{head_comment, listed_in};
pub use rule::{Advice, RuleDoc};
pub use rules::rule_docs;
pub use scripts::ShellText;
pub use selection::Selection;
pub use subject::Adviser;
pub use triggers::Triggers;
