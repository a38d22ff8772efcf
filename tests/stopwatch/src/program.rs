//! One test program: it runs as if it were alone, and notes are taken of what took how long.

use std::env;
use std::ffi::OsString;
use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::job::Job;
use crate::report::Note;

/// How long what a program has started may hold on to its output after its end.
const PATIENCE: Duration = Duration::from_secs(5);

/// A test, and when it was done, counted from the start of its program.
type Done = (String, Duration);

/// A part of what a program prints, or the end of one of its tests.
enum Heard {
    Output(Vec<u8>),
    Done(Done),
}

/// How a program ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) took: Duration,
    /// What it printed.
    pub(crate) output: Vec<u8>,
    /// A line for it and for each of its tests.
    pub(crate) notes: String,
}

/// Runs a program to its end.
pub(crate) fn run(job: &Job) -> io::Result<Ended> {
    let start = Instant::now();
    // One pipe for both, so that what is printed stays in order.
    let (reader, writer) = io::pipe()?;
    let mut command = Command::new(&job.program);
    command
        .args(&job.arguments)
        .current_dir(&job.folder)
        .env_clear()
        .envs(job.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let mut child = command.spawn()?;
    // With it go the ends of the pipe that are ours.
    drop(command);
    let (sender, receiver) = mpsc::channel();
    let listener = thread::spawn(move || {
        // Where nobody listens any more the program has long ended.
        listen(reader, |heard| drop(sender.send(heard)), start)
    });
    let mut done = Vec::new();
    let mut output = Vec::new();
    let mut hear = |heard| match heard {
        Heard::Output(bytes) => output.extend_from_slice(&bytes),
        Heard::Done(one) => done.push(one),
    };
    let status = child.wait()?;
    let took = start.elapsed();
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok(heard) => hear(heard),
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => {
                listener
                    .join()
                    .map_err(|_| io::Error::other("the listener panicked"))??;
                break;
            }
        }
    }
    let note = |test, took| {
        let program = job.name.clone();
        Note { took, program, test }.line()
    };
    let mut notes = note(String::new(), took);
    let tests = durations(done, threads(&job.arguments));
    notes.extend(tests.into_iter().map(|(test, took)| note(test, took)));
    Ok(Ended {
        status,
        took,
        output,
        notes,
    })
}

/// Tells of what comes as it comes, and of each test that is done.
fn listen(mut from: impl Read, mut tell: impl FnMut(Heard), start: Instant) -> io::Result<()> {
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
        tell(Heard::Output(new.to_vec()));
        for byte in new {
            line.push(*byte);
            if *byte == b'\n' {
                if let Some(test) = test_of(&String::from_utf8_lossy(&line)) {
                    tell(Heard::Done((test, start.elapsed())));
                }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_is_kept_and_tests_are_heard_of() {
        let text = "running 3 tests\ntest a::b ... ok\ntest x/y      ... FAILED\r\ntest c - should panic ... ok\n\
                    test d ... ignored, for now\ntest nothing\n\u{fffd}no line end";
        let (mut out, mut tests) = (Vec::new(), Vec::new());
        let hear = |heard| match heard {
            Heard::Output(bytes) => out.extend(bytes),
            Heard::Done((test, _)) => tests.push(test),
        };
        listen(text.as_bytes(), hear, Instant::now()).unwrap();
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
        let shell = |script: &str| {
            let job = Job {
                name: "package program".to_owned(),
                folder: "/".into(),
                program: "/bin/sh".into(),
                arguments: ["-c", script].map(OsString::from).to_vec(),
                environment: vec![("A".into(), "b".into())],
            };
            run(&job).unwrap()
        };
        let ended = ["exit 0", "exit 101", "kill -9 $$"].map(|script| shell(script).status.code());
        assert_eq!(ended, [Some(0), Some(101), None]);
        let ended = shell("echo out; echo err >&2; echo test $A$HOME ... ok; pwd");
        assert_eq!(
            String::from_utf8(ended.output).unwrap(),
            "out\nerr\ntest b ... ok\n/\n"
        );
        let names = ended.notes.lines().map(|line| line.split_once('\t').unwrap().1);
        assert_eq!(
            names.collect::<Vec<_>>(),
            ["package program\t", "package program\tb"]
        );
    }
}
