//! A world in memory that stands in for BuildKit.
//!
//! [`Case`] says what that world holds, in the request format of the oracle (`tests/oracle`), so one case runs through
//! the reference and through this frontend. [`FakeBridge`] answers the frontend's calls from it and notes them;
//! [`FakeBridge::answer`] tells what happened in the oracle's answer format.

mod answer;
mod base64;
mod bridge;
mod case;
mod daemon;
mod files;
mod limits;
mod noted;
mod sources;

pub use base64::encode as to_base64;
pub use bridge::{FakeBridge, Fault};
pub use case::{Bytes, Case, Download, Failed, Image, InputState, Repository, Tree, Worker};
pub use daemon::{Answer, Daemon, Script};
pub use noted::{Moment, Noted, Sent};

use plimsoll_frontend::Outcome;

/// Runs the whole frontend on a case and gives the bridge with all that it noted.
pub async fn run(case: Case) -> (Outcome, FakeBridge) {
    let environment = case.environment();
    let bridge = FakeBridge::new(case);
    let outcome = plimsoll_frontend::run(&bridge, &environment).await;
    (outcome, bridge)
}
