//! A panic of the frontend reaches the daemon as an error, over the connection that was open.

#![allow(clippy::expect_used, reason = "a failed expectation ends a test")]

use std::process::{Command, Output, Stdio};
use std::rc::Rc;
use std::time::Duration;

use plimsoll_fake_bridge::{Answer, Case, Daemon, FakeBridge, Script};
use plimsoll_frontend::gateway::Code;
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::task::LocalSet;

/// Longer than anything here takes.
const HANGS: Duration = Duration::from_secs(60);

/// Runs the frontend that panics, on two pipes as under BuildKit; a daemon hears it.
async fn panics(place: &'static str, script: Script) -> (Output, FakeBridge) {
    let (stdin, to_program) = std::io::pipe().expect("a pipe");
    let (from_program, stdout) = std::io::pipe().expect("a pipe");
    let program = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_panics"));
        command
            .arg(place)
            .stdin(stdin)
            .stdout(stdout)
            .stderr(Stdio::piped());
        let child = command.spawn().expect("the program");
        drop(command);
        child.wait_with_output().expect("its end")
    });
    let from_program = Receiver::from_owned_fd(from_program.into()).expect("a pipe");
    let to_program = Sender::from_owned_fd(to_program.into()).expect("a pipe");
    let bridge = FakeBridge::new(Case::dockerfile("FROM scratch\n"));
    let daemon = Rc::new(Daemon::new(bridge, script));
    let local = LocalSet::new();
    local.spawn_local(Rc::clone(&daemon).serve(tokio::io::join(from_program, to_program)));
    let output = tokio::time::timeout(HANGS, local.run_until(program)).await;
    let output = output.expect("it hangs").expect("its output");
    (output, daemon.bridge().clone())
}

fn usual() -> Script {
    Box::new(|_, _| Answer::Usual)
}

#[tokio::test]
async fn the_daemon_is_told_and_nothing_of_what_the_panic_said() {
    let late: Script = Box::new(|method, _| match method {
        "Inputs" => Answer::Late(HANGS),
        _ => Answer::Usual,
    });
    for (place, script) in [("between calls", usual()), ("beside a call", late)] {
        let (output, bridge) = panics(place, script).await;
        let said = String::from_utf8_lossy(&output.stderr);
        let status = bridge.returned_error().expect(&said);
        assert_eq!(status.code, Code::INTERNAL);
        assert!(status.message.contains("hit a bug in itself at "), "{status}");
        assert!(status.message.contains("panics.rs:"), "{status}");
        assert!(!status.message.contains("secret"), "{status}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.starts_with("plimsoll: internal error at "), "{said}");
    }
}

#[tokio::test]
async fn a_daemon_that_does_not_answer_is_not_waited_for_long() {
    for answer in [Answer::HangUp, Answer::Reset, Answer::Late(HANGS)] {
        let script: Script = Box::new(move |method, _| match method {
            "Return" => answer.clone(),
            _ => Answer::Usual,
        });
        let (output, bridge) = panics("between calls", script).await;
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(bridge.returned_result(), None);
    }
}

#[tokio::test]
async fn nothing_is_said_before_a_connection_is_there() {
    let (output, bridge) = panics("before", usual()).await;
    assert_not_told(&output, &bridge);
}

#[tokio::test]
async fn nothing_is_said_in_the_middle_of_a_frame() {
    // The daemon reads no further while it thinks about its second call, so the pipe is full before the window is.
    let script: Script = Box::new(|method, count| {
        if (method, count) == ("Ping", 1) {
            std::thread::sleep(Duration::from_secs(1));
        }
        Answer::Usual
    });
    let (output, bridge) = panics("within a call", script).await;
    assert_not_told(&output, &bridge);
}

fn assert_not_told(output: &Output, bridge: &FakeBridge) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("BuildKit could not be told of it"), "{said}");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(bridge.returned_error(), None);
}
