//! Writes what the fuzzers begin with: `seeds FOLDER` leaves FOLDER/seeds/NAME of each, and FOLDER/dictionary.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use plimsoll_properties::{seeds, tokens};

fn main() -> ExitCode {
    match std::env::args_os()
        .nth(1)
        .map(PathBuf::from)
        .map(|folder| write(&folder))
    {
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => {
            tell(&error);
            ExitCode::FAILURE
        }
        None => {
            tell("usage: seeds FOLDER");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stderr, reason = "a tool for people")]
fn tell(text: &str) {
    eprintln!("{text}");
}

fn write(folder: &Path) -> Result<(), String> {
    let say = |error: std::io::Error| error.to_string();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    for (name, inputs) in seeds::of_corpus(&corpus)? {
        let folder = folder.join("seeds").join(name);
        std::fs::create_dir_all(&folder).map_err(say)?;
        for (number, input) in inputs.iter().enumerate() {
            std::fs::write(folder.join(number.to_string()), input).map_err(say)?;
        }
    }
    std::fs::write(folder.join("dictionary"), tokens::dictionary()).map_err(say)
}
