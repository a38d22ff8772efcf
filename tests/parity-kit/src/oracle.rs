//! The reference, asked through the program in `tests/oracle`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;

use serde_json::Value;

/// A running oracle.
pub struct Oracle {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Oracle {
    /// Whether this machine has what it takes to build one.
    #[must_use]
    pub fn is_possible() -> bool {
        let mut version = Command::new("go");
        version.arg("version").stdout(Stdio::null()).stderr(Stdio::null());
        version.status().is_ok_and(|status| status.success())
    }

    /// Builds the program into `target` and starts it with `workers` processes.
    ///
    /// # Errors
    /// Fails as `go build` fails, with what it printed, or where the program can't be started.
    pub fn start(repository: &Path, target: &Path, workers: usize) -> io::Result<Self> {
        let program = build(repository, target)?;
        let mut child = Command::new(program)
            .arg("-j")
            .arg(workers.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let missing = || io::Error::other("the oracle has no pipes");
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        Ok(Self {
            child,
            stdin: Some(stdin),
            stdout: BufReader::new(stdout),
        })
    }

    /// The answers to requests, each a line of JSON, in the same order.
    ///
    /// # Errors
    /// Fails where the program ends early or writes what is no answer.
    pub fn answer(&mut self, requests: &[String]) -> io::Result<Vec<Value>> {
        let Some(stdin) = self.stdin.take() else {
            return Err(io::Error::other("the oracle has ended"));
        };
        let Self { stdout, .. } = self;
        // Both ways at a time, or full pipes would block both programs.
        let (stdin, answers) = thread::scope(|scope| {
            let writer = scope.spawn(move || write_lines(stdin, requests));
            let answers: io::Result<Vec<Value>> = requests.iter().map(|_| read_line(stdout)).collect();
            (writer.join(), answers)
        });
        let stdin = stdin.map_err(|_| io::Error::other("writing to the oracle panicked"))?;
        self.stdin = Some(stdin?);
        answers
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        self.stdin = None;
        // It ends with its input; nobody is left to tell where that fails.
        let _ = self.child.wait();
    }
}

fn write_lines(stdin: ChildStdin, lines: &[String]) -> io::Result<ChildStdin> {
    let mut out = BufWriter::new(stdin);
    for line in lines {
        out.write_all(line.as_bytes())?;
        out.write_all(b"\n")?;
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)
}

fn read_line(stdout: &mut BufReader<ChildStdout>) -> io::Result<Value> {
    let mut line = String::new();
    if stdout.read_line(&mut line)? == 0 {
        return Err(io::Error::other("the oracle ended before it had answered"));
    }
    serde_json::from_str(&line).map_err(io::Error::other)
}

/// Builds the program; one build at a time, as several tests may ask for it.
fn build(repository: &Path, target: &Path) -> io::Result<PathBuf> {
    let folder = target.join("oracle");
    std::fs::create_dir_all(&folder)?;
    let lock = File::create(folder.join("lock"))?;
    lock.lock()?;
    let program = folder.join("oracle");
    let output = Command::new("go")
        .args(["build", "-trimpath", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(repository.join("tests/oracle"))
        .env("CGO_ENABLED", "0")
        .output()?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(io::Error::other(format!(
            "go build of tests/oracle failed:\n{text}"
        )));
    }
    Ok(program)
}
