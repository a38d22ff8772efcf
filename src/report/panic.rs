//! A bug must reach the person who builds as an error, not as a broken connection.

use std::io::{self, Write as _};
use std::panic::{self, Location};
use std::process;

use crate::gateway::{Code, Status, last_words};

/// Makes a panic end the program, with an error for the daemon that says where it was, and a line on standard error. What
/// the panic itself says is left out: it may quote the input, and with it a secret.
pub fn install_hook() {
    panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map_or_else(|| "an unknown place".to_owned(), Location::to_string);
        let _ = writeln!(io::stderr(), "plimsoll: internal error at {place}");
        if let Err(error) = last_words(internal_error(&place)) {
            let _ = writeln!(
                io::stderr(),
                "plimsoll: BuildKit could not be told of it: {error}"
            );
        }
        process::exit(1);
    }));
}

fn internal_error(place: &str) -> Status {
    let message = format!(
        "Plimsoll {} hit a bug in itself at {place}; nothing is wrong with your Dockerfile that we know of. Please \
         report it with the Dockerfile, if you may share it",
        env!("CARGO_PKG_VERSION"),
    );
    Status::with_code(Code::INTERNAL, message)
}
