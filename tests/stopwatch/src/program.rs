//! One test program: it runs as if it were alone, and notes are taken of what took how long.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::ended;
use crate::report::Note;

/// How long what a program has started may hold on to its output after its end.
const PATIENCE: Duration = Duration::from_secs(5);

/// The examples in the documentation of a package.
const DOCUMENTATION: &str = "documentation";

/// A test, and when it was done, counted from the start of its program.
type Done = (String, Duration);

/// Runs the program, and adds a line for it and for each of its tests to the file `notes`.
pub(crate) fn run(notes: &Path, program: &OsStr, arguments: &[OsString]) -> io::Result<ExitCode> {
    let start = Instant::now();
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::piped());
    if name(Path::new(program)).ends_with(DOCUMENTATION) {
        // Of programs without a runner rustdoc sets it itself: each example gets a process of its own.
        command.env("RUSTDOC_DOCTEST_BIN_PATH", program);
    }
    let mut child = command.spawn()?;
    let stdout = child.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
    let (sender, receiver) = mpsc::channel();
    let reader = thread::spawn(move || {
        // Where nobody listens any more the program has long ended.
        pass_on(stdout, io::stdout(), |test| {
            drop(sender.send((test, start.elapsed())));
        })
    });
    let status = child.wait()?;
    let took = start.elapsed();
    let mut done = Vec::new();
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok(one) => done.push(one),
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => {
                reader
                    .join()
                    .map_err(|_| io::Error::other("the reader panicked"))??;
                break;
            }
        }
    }
    if status.code().is_none() {
        eprintln!("{}: {status}", program.display());
    }
    let name = name(Path::new(program));
    let note = |test, took| {
        Note {
            took,
            program: name.clone(),
            test,
        }
        .line()
    };
    let tests = durations(done, threads(arguments));
    let mut lines = note(String::new(), took);
    lines.extend(tests.into_iter().map(|(test, took)| note(test, took)));
    let mut file = OpenOptions::new().append(true).create(true).open(notes)?;
    file.write_all(lines.as_bytes())?;
    Ok(ended(status))
}

/// Copies what comes as it comes, and tells of each test that is done.
fn pass_on(mut from: impl Read, mut to: impl Write, mut done: impl FnMut(String)) -> io::Result<()> {
    let mut buffer = [0; 8192];
    let mut line = Vec::new();
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let new = buffer.get(..count).unwrap_or_default();
        to.write_all(new)?;
        to.flush()?;
        for byte in new {
            line.push(*byte);
            if *byte == b'\n' {
                test_of(&String::from_utf8_lossy(&line))
                    .into_iter()
                    .for_each(&mut done);
                line.clear();
            }
        }
    }
}

/// The test whose end a line tells: `test NAME ... ok`.
fn test_of(line: &str) -> Option<String> {
    let (name, outcome) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let is_outcome = ["ok", "FAILED", "ignored"]
        .iter()
        .any(|word| outcome.starts_with(word));
    is_outcome.then(|| name.trim_end().trim_end_matches(" - should panic").to_owned())
}

/// How long each test ran. The harness takes them in the order of their names, the next one whenever one is done.
fn durations(done: Vec<Done>, threads: usize) -> Vec<Done> {
    let free: Vec<Duration> = done.iter().map(|(_, at)| *at).collect();
    let mut tests = done;
    tests.sort();
    for (place, (_, time)) in tests.iter_mut().enumerate() {
        let start = place.checked_sub(threads).and_then(|before| free.get(before));
        *time = time.saturating_sub(start.copied().unwrap_or_default());
    }
    tests
}

/// How many tests a program runs at once.
fn threads(arguments: &[OsString]) -> usize {
    let arguments: Vec<String> = arguments.iter().map(|word| word.display().to_string()).collect();
    let option = arguments
        .iter()
        .find_map(|word| word.strip_prefix("--test-threads="));
    let after = arguments
        .iter()
        .skip_while(|word| *word != "--test-threads")
        .nth(1);
    let variable = env::var("RUST_TEST_THREADS").ok();
    let said = option.map(str::to_owned).or(after.cloned()).or(variable);
    let said = said.and_then(|count| count.parse().ok());
    said.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
        .max(1)
}

/// The package and the program, without the hash that cargo puts behind its name.
fn name(program: &Path) -> String {
    let package = env::var("CARGO_PKG_NAME").unwrap_or_default();
    let file = program.file_stem().unwrap_or_default().display().to_string();
    let is_hash = |text: &str| text.len() == 16 && text.chars().all(|char| char.is_ascii_hexdigit());
    match file.rsplit_once('-').filter(|(_, end)| is_hash(end)) {
        Some((name, _)) => format!("{package} {name}"),
        None => format!("{package} {DOCUMENTATION}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_goes_on_and_tests_are_heard_of() {
        let text = "running 3 tests\ntest a::b ... ok\ntest x/y      ... FAILED\r\ntest c - should panic ... ok\n\
                    test d ... ignored, for now\ntest nothing\n\u{fffd}no line end";
        let (mut out, mut tests) = (Vec::new(), Vec::new());
        pass_on(text.as_bytes(), &mut out, |test| tests.push(test)).unwrap();
        assert_eq!(out, text.as_bytes());
        assert_eq!(tests, ["a::b", "x/y", "c", "d"]);
    }

    #[test]
    fn a_test_starts_when_one_before_it_is_done() {
        let seconds = |list: &[(&str, u64)]| -> Vec<Done> {
            let one = |(name, at): &(&str, u64)| ((*name).to_owned(), Duration::from_secs(*at));
            list.iter().map(one).collect()
        };
        // Of two threads, one runs `a` all the time, and the other `b`, `c` and `d`.
        let done = seconds(&[("b", 2), ("c", 5), ("d", 6), ("a", 7)]);
        let took = seconds(&[("a", 7), ("b", 2), ("c", 3), ("d", 1)]);
        assert_eq!(durations(done.clone(), 2), took);
        assert_eq!(
            durations(done, 9),
            seconds(&[("a", 7), ("b", 2), ("c", 5), ("d", 6)])
        );
    }

    #[test]
    fn it_ends_as_the_program_ends() {
        let notes = env::temp_dir().join(format!("plimsoll-stopwatch-{}", std::process::id()));
        let shell = |script: &str| {
            let arguments = ["-c", script].map(OsString::from);
            run(&notes, OsStr::new("/bin/sh"), &arguments).unwrap()
        };
        let codes = ["exit 0", "exit 101", "kill -9 $$"].map(shell);
        assert_eq!(codes, [0, 101, 137].map(ExitCode::from));
        let left = std::fs::read_to_string(&notes).unwrap();
        std::fs::remove_file(&notes).unwrap();
        assert_eq!(left.lines().count(), 3, "{left}");
    }
}
