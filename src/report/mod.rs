//! What people and their tools get to read: errors with their places, warnings, the log.

mod display;
mod failure;
mod json;
mod lent;
mod log;
mod panic;
mod place;
mod tickets;
mod warning;

pub use display::{fit_for_display, safe_lines, safe_source, safe_text, without_details};
pub use failure::{
    SHOWN_ERRORS, STATUS_BYTES, compile_failure, missing_frontend_cap, syntax_errors, unknown_subrequest,
    with_source,
};
pub use json::{go_json, go_json_pretty};
pub use lent::{borrows, say_what_to_pass};
pub use log::start as start_log;
pub use panic::install_hook;
pub use tickets::Tickets;
pub use warning::{SHOWN_WARNINGS, send_warnings};

pub(crate) use json::base64;
