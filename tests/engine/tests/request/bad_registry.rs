//! A registry that fails, stalls, or says one thing now and another later: behind it is the real one.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use plimsoll_engine::{Build, Engine, Output};

use crate::fixture::{engine, files, project};

/// What the registry does with requests for a manifest by its tag.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// They fail.
    Fails,
    /// They get no answer.
    Stalls,
    /// From the second one on they get another tag's.
    Changes,
}

/// A registry with a fault in front of the engine's own.
struct BadRegistry {
    port: u16,
    asked: Arc<AtomicUsize>,
}

impl BadRegistry {
    fn start(engine: &Engine, fault: Fault) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let behind = engine.registry().address().to_owned();
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (behind, counter) = (behind.clone(), Arc::clone(&counter));
                // A client that hangs up is its own affair.
                thread::spawn(move || answer(stream, &behind, fault, &counter).ok());
            }
        });
        Ok(Self { port, asked })
    }

    /// The image of the tests in this registry.
    fn image(&self) -> String {
        format!("127.0.0.1:{}/test/changing:1", self.port)
    }
}

/// Answers one request, and closes the connection.
fn answer(mut client: TcpStream, behind: &str, fault: Fault, asked: &AtomicUsize) -> Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let mut head = String::from_utf8(head)?;
    let by_tag = head
        .lines()
        .next()
        .is_some_and(|line| line.contains("/manifests/1 "));
    let count = if by_tag {
        asked.fetch_add(1, Ordering::SeqCst)
    } else {
        0
    };
    match fault {
        Fault::Fails if by_tag => {
            client.write_all(
                b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            )?;
            return Ok(());
        }
        Fault::Stalls if by_tag => {
            thread::sleep(Duration::from_secs(120));
            return Ok(());
        }
        Fault::Changes if by_tag && count > 0 => head = head.replacen("/manifests/1 ", "/manifests/2 ", 1),
        _ => {}
    }
    let head: String = head
        .lines()
        .filter(|line| !line.to_ascii_lowercase().starts_with("connection:") && !line.is_empty())
        .map(|line| format!("{line}\r\n"))
        .collect();
    let mut registry = TcpStream::connect(behind)?;
    registry.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
    let mut whole = Vec::new();
    registry.read_to_end(&mut whole)?;
    client.write_all(&whole)?;
    client.shutdown(Shutdown::Write)?;
    Ok(())
}

/// Two images that differ in a file and in their config.
fn push_images(engine: &Engine) -> Result<()> {
    for tag in ["1", "2"] {
        let text = format!("FROM scratch\nENV TAG={tag}\nCOPY <<END /tag\n{tag}\nEND\n");
        let folder = project(&[("Dockerfile", &text)])?;
        let push = Output::Push(format!("docker.io/test/changing:{tag}"));
        Build::new(folder.path()).output(push).run_ok(engine)?;
    }
    Ok(())
}

#[test]
fn a_registry_that_changes_its_answer_gives_one_image() -> Result<()> {
    let engine = engine()?;
    push_images(engine)?;
    let registry = BadRegistry::start(engine, Fault::Changes)?;
    // Looked up for the config first, fetched by the digest that came with it.
    let text = format!(
        "FROM {0} AS base\nCOPY <<END /env\n$TAG\nEND\nFROM scratch\nCOPY --from=base /tag /env /\n",
        registry.image()
    );
    let folder = project(&[("Dockerfile", &text)])?;
    let files = files(engine, Build::new(folder.path()))?;
    let text = |name: &str| {
        let found = files.iter().find(|(path, _)| path == name);
        found
            .map(|(_, text)| text.trim().to_owned())
            .context("no such file")
    };
    assert_eq!(text("tag")?, text("env")?, "two images in one build");
    ensure!(registry.asked.load(Ordering::SeqCst) > 0, "nobody asked");
    Ok(())
}

#[test]
fn a_registry_that_fails_is_told_with_the_line() -> Result<()> {
    let engine = engine()?;
    push_images(engine)?;
    let registry = BadRegistry::start(engine, Fault::Fails)?;
    let text = format!(
        "FROM scratch AS a\nFROM {}\nCOPY --from=a / /\n",
        registry.image()
    );
    let folder = project(&[("Dockerfile", &text)])?;
    let built = Build::new(folder.path()).run(engine)?;
    ensure!(!built.status.success(), "it was built");
    ensure!(
        built.stderr.contains("Dockerfile:2") && built.stderr.contains(&registry.image()),
        "{}",
        built.stderr
    );
    Ok(())
}

#[test]
fn a_registry_that_stalls_holds_nobody_who_gives_up() -> Result<()> {
    let engine = engine()?;
    let registry = BadRegistry::start(engine, Fault::Stalls)?;
    let folder = project(&[("Dockerfile", &format!("FROM {}\n", registry.image()))])?;
    let mut command = Build::new(folder.path()).command(engine, "plain");
    let mut client = command.stderr(std::process::Stdio::null()).spawn()?;
    let start = Instant::now();
    while registry.asked.load(Ordering::SeqCst) == 0 {
        ensure!(
            start.elapsed() < Duration::from_secs(60),
            "nobody asks the registry"
        );
        ensure!(client.try_wait()?.is_none(), "the build ended without an answer");
        thread::sleep(Duration::from_millis(20));
    }
    client.kill()?;
    client.wait()?;
    // The engine goes on.
    let other = project(&[("Dockerfile", "FROM scratch\n")])?;
    Build::new(other.path()).run_ok(engine)?;
    Ok(())
}
