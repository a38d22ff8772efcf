//! Holds this frontend against the reference, for as long as one likes.
//!
//! `parity random N [SEED]` makes up N requests; `parity file REQUESTS` takes one request a line.

#![allow(clippy::print_stdout, reason = "a program for people")]

use std::path::Path;
use std::process::ExitCode;

use plimsoll_parity::compare::Scope;
use plimsoll_parity::{Oracle, held};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let mut scope = Scope::ALL;
    scope.warnings = std::env::var_os("NO_WARNINGS").is_none();
    let outcome = Oracle::start(&root, &target, 2)
        .map_err(|error| error.to_string())
        .and_then(|mut oracle| {
            let number = |index: usize, default: u64| {
                arguments
                    .get(index)
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(default)
            };
            match arguments.first().map(String::as_str) {
                Some("random") => held::random(&mut oracle, number(2, 1), number(1, 10_000), scope),
                Some("file") => held::file(&mut oracle, arguments.get(1).map_or("", String::as_str), scope),
                _ => Err("parity random N [SEED] | parity file REQUESTS".to_owned()),
            }
        });
    match outcome {
        Ok(report) => {
            println!("{report}");
            if report.failures.is_empty() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}
