//! The frontend's program: serves one request of BuildKit on standard input and output.

use std::io::{self, Write};
use std::process::ExitCode;

use plimsoll_frontend::gateway::{GrpcBridge, Inlet, Status, connection};
use plimsoll_frontend::options::{self, Environment};
use plimsoll_frontend::{Outcome, report, run};

/// Said to a person who starts the program.
const ABOUT: &str = "\
plimsoll-frontend is a BuildKit frontend: BuildKit starts it to read a Dockerfile, so there is nothing to do by hand.

Put its image into the first line of a Dockerfile and build as always:

    # syntax=REGISTRY/plimsoll
    FROM alpine
    ...

    docker build .
    buildctl build --frontend gateway.v0 --opt source=REGISTRY/plimsoll --local context=. --local dockerfile=.

Options: --version prints the version. PLIMSOLL_LOG=debug (variable or build-arg) logs to standard error.
";

/// musl's allocator hands memory back to the kernel at every turn; this one keeps some.
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None => {}
        Some("-version" | "--version" | "-V") => {
            return say(
                io::stdout(),
                concat!("plimsoll-frontend ", env!("CARGO_PKG_VERSION"), "\n"),
                0,
            );
        }
        Some("-h" | "-help" | "--help") => return say(io::stdout(), ABOUT, 0),
        Some(other) => {
            return say(
                io::stderr(),
                &format!("plimsoll-frontend: unknown argument {other}\n\n{ABOUT}"),
                2,
            );
        }
    }
    let environment = Environment::of_process();
    match Inlet::of_process() {
        Inlet::Terminal => return say(io::stderr(), ABOUT, 0),
        Inlet::Connected if environment.present => {}
        _ => return say(io::stderr(), ABOUT, 2),
    }
    report::install_hook();
    if let Some(level) = options::log_level(&environment) {
        report::start_log(level);
    }
    match serve(&environment) {
        Outcome::Built => ExitCode::SUCCESS,
        // BuildKit shows the error; standard error would repeat it.
        Outcome::Refused(_) => ExitCode::FAILURE,
        Outcome::Lost(status) => say(
            io::stderr(),
            &format!("plimsoll-frontend: {}\n", report::safe_text(&status.message)),
            1,
        ),
    }
}

fn serve(environment: &Environment) -> Outcome {
    let lost = |what: &str, error: io::Error| Outcome::Lost(Status::new(format!("{what}: {error}")));
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return lost("starting", error),
    };
    runtime.block_on(async {
        let connection = match connection() {
            Ok(connection) => connection,
            Err(error) => return lost("standard input and output are no connection to BuildKit", error),
        };
        match GrpcBridge::connect(connection).await {
            Ok(bridge) => run(&bridge, environment).await,
            Err(status) => Outcome::Lost(status),
        }
    })
}

/// Writes a text; nobody is left to tell where that fails.
fn say(mut out: impl Write, text: &str, code: u8) -> ExitCode {
    let _ = out.write_all(text.as_bytes());
    ExitCode::from(code)
}
