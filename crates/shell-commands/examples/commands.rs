//! Prints the commands of a shell script, given or on standard input, with their bytes and what known tools do.
//!
//! ```console
//! $ cargo run --example commands -- 'apt-get update && apt-get install -y curl=8.*'
//! 0..14   apt-get update                   apt: update
//! 18..45  apt-get install -y curl=8.*      apt: install curl
//! ```

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _, stdin, stdout};

use shell_commands::{Command, parse};

/// A line a command.
#[must_use]
pub fn report(text: &str) -> String {
    let script = parse(text);
    let mut out: String = script
        .commands
        .iter()
        .map(|command| show(text, command))
        .collect();
    if !script.is_whole {
        out += "not all of it was understood\n";
    }
    out
}

fn show(text: &str, command: &Command<'_>) -> String {
    let span = format!("{:?}", command.span);
    let written = text
        .get(command.span.clone())
        .unwrap_or_default()
        .escape_debug()
        .to_string();
    let mut out = format!("{span:7} {written:32}");
    if let Some(found) = command.tool() {
        let action = format!("{:?}", found.action).to_lowercase();
        let _ = write!(out, " {}: {action}", found.tool.name);
        for package in found.packages() {
            let _ = write!(out, " {}", package.name);
        }
    }
    format!("{}\n", out.trim_end())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    match env::args().nth(1) {
        Some(given) => text = given,
        None => {
            stdin().read_to_string(&mut text)?;
        }
    }
    stdout().write_all(report(&text).as_bytes())?;
    Ok(())
}
