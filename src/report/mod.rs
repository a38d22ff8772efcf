//! What people and their tools get to read: errors with their places, warnings, the log.

mod failure;
mod json;
mod lent;
mod log;
mod panic;
mod warning;

pub use failure::{compile_failure, missing_frontend_cap, syntax_errors, unknown_subrequest, with_source};
pub use json::{go_json, go_json_pretty};
pub use lent::{borrows, say_what_to_pass};
pub use log::start as start_log;
pub use panic::{CatchPanic, install_hook};
pub use warning::send_warnings;

pub(crate) use json::base64;
