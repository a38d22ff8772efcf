//! What must hold for any input. Each function takes bytes, makes an input of them, and panics where a property is broken.
//!
//! The fuzzers (`fuzz/`, `make fuzz T=60`) call these, and so does a plain test, with what the fuzzers found, with the
//! Dockerfiles of the corpus, and with damaged ones. No property is about time: what hangs never comes back, and the
//! fuzzers stop it.

pub mod bounds;
mod commands;
mod compile;
mod config;
mod daemon;
mod definition;
mod expand;
mod fields;
mod heredoc;
mod ignore;
mod options;
mod parse;
mod places;
mod reference;
mod references;
pub mod seeds;
pub mod tokens;
mod world;

pub use commands::commands;
pub use compile::compile;
pub use config::config;
pub use daemon::daemon;
pub use definition::definition;
pub use expand::expand;
pub use fields::Fields;
pub use heredoc::heredoc;
pub use ignore::ignore;
pub use options::options;
pub use parse::parse;
pub use reference::reference;
pub use references::references;

/// A property of any input.
pub type Property = fn(&[u8]);

/// All that need nothing but this process, by the names of their fuzzers.
pub const PROPERTIES: [(&str, Property); 11] = [
    ("commands", commands),
    ("compile", compile),
    ("config", config),
    ("daemon", daemon),
    ("definition", definition),
    ("expand", expand),
    ("heredoc", heredoc),
    ("ignore", ignore),
    ("options", options),
    ("parse", parse),
    ("references", references),
];
