//! A web server on loopback: the files of a folder, and the git repositories among them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::program::need;

/// What a file's last change is said to be.
const DATE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";

/// A running server. Its threads end with the process; a request after its folder is gone gets 404.
#[derive(Debug)]
pub struct WebServer {
    folder: tempfile::TempDir,
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl WebServer {
    /// Starts a server over an empty folder.
    pub fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (root, seen) = (folder.path().to_owned(), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (root, seen) = (root.clone(), Arc::clone(&seen));
                // A client that hangs up in the middle is its own affair.
                thread::spawn(move || answer(&stream, &root, &seen));
            }
        });
        Ok(Self {
            folder,
            port,
            requests,
        })
    }

    /// The folder that is served.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The URL of a path below the folder.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// Serves bytes under a path and gives their URL.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<String> {
        let file = self.folder().join(path);
        fs::create_dir_all(file.parent().unwrap_or(self.folder()))?;
        fs::write(file, bytes)?;
        Ok(self.url(path))
    }

    /// Makes a bare repository from a folder that is a git repository, and gives its URL, which ends in `.git`.
    pub fn publish(&self, name: &str, repository: &Path) -> Result<String> {
        let bare = self.folder().join(format!("{name}.git"));
        let mut clone = Command::new(need("git", "git")?);
        clone
            .args(["-c", "safe.directory=*", "-c", "protocol.file.allow=always"])
            .args(["clone", "-q", "--mirror"])
            .arg(repository)
            .arg(&bare);
        crate::program::run(&mut clone)?;
        // As public hosts have it: any commit may be asked for by its name.
        let mut allow = Command::new(need("git", "git")?);
        allow.args(["-c", "safe.directory=*", "-C"]).arg(&bare).args([
            "config",
            "uploadpack.allowAnySHA1InWant",
            "true",
        ]);
        crate::program::run(&mut allow)?;
        Ok(self.url(&format!("{name}.git")))
    }

    /// The requests so far, each as its method and its path.
    pub fn requests(&self) -> Vec<String> {
        match self.requests.lock() {
            Ok(requests) => requests.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }
}

/// One request.
struct Request {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

fn answer(stream: &TcpStream, root: &Path, seen: &Mutex<Vec<String>>) -> Result<()> {
    let mut out = stream;
    let request = read(stream)?;
    if let Ok(mut seen) = seen.lock() {
        seen.push(format!("{} {}", request.method, request.path));
    }
    let response = if request.path.contains(".git/") {
        git(&request, root)
    } else {
        file(&request, root)
    };
    let none = || b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec();
    out.write_all(&response.unwrap_or_else(|_| none()))?;
    Ok(out.flush()?)
}

fn read(stream: &TcpStream) -> Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (method, target) = (
        words.next().context("no method")?,
        words.next().context("no path")?,
    );
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (method, path, query) = (method.to_owned(), path.to_owned(), query.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut body = Vec::new();
    if headers
        .get("transfer-encoding")
        .is_some_and(|how| how == "chunked")
    {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim(), 16)?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk)?;
            if size == 0 {
                break;
            }
            body.extend_from_slice(&chunk[..size]);
        }
    } else if let Some(length) = headers.get("content-length") {
        body = vec![0; length.parse()?];
        reader.read_exact(&mut body)?;
    }
    Ok(Request {
        method,
        path,
        query,
        headers,
        body,
    })
}

/// A file with its date and a tag of its content.
fn file(request: &Request, root: &Path) -> Result<Vec<u8>> {
    let path = PathBuf::from(request.path.trim_start_matches('/'));
    if path
        .components()
        .any(|part| !matches!(part, Component::Normal(_)))
    {
        bail!("no such path");
    }
    let bytes = fs::read(root.join(path))?;
    let tag = crate::layer::digest(&bytes);
    // Some servers tell no date.
    let date = match request.path.contains("undated") {
        true => String::new(),
        false => format!("Last-Modified: {DATE}\r\n"),
    };
    let head = format!("ETag: \"{tag}\"\r\n{date}Connection: close\r\n");
    let asked = request.headers.get("if-none-match");
    if asked.is_some_and(|asked| asked.contains(&tag)) {
        return Ok(format!("HTTP/1.1 304 Not Modified\r\n{head}\r\n").into_bytes());
    }
    let mut response =
        format!("HTTP/1.1 200 OK\r\n{head}Content-Length: {}\r\n\r\n", bytes.len()).into_bytes();
    if request.method != "HEAD" {
        response.extend_from_slice(&bytes);
    }
    Ok(response)
}

/// Lets git's own CGI program answer.
fn git(request: &Request, root: &Path) -> Result<Vec<u8>> {
    let mut backend = Command::new(need("git", "git")?);
    backend
        .args(["-c", "safe.directory=*", "http-backend"])
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", &request.method)
        .env("PATH_INFO", &request.path)
        .env("QUERY_STRING", &request.query)
        .env("CONTENT_LENGTH", request.body.len().to_string());
    for (header, variable) in [
        ("content-type", "CONTENT_TYPE"),
        ("content-encoding", "HTTP_CONTENT_ENCODING"),
        ("git-protocol", "HTTP_GIT_PROTOCOL"),
    ] {
        if let Some(value) = request.headers.get(header) {
            backend.env(variable, value);
        }
    }
    let mut running = backend
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut input = running.stdin.take().context("git takes no input")?;
    let body = request.body.clone();
    let writer = thread::spawn(move || input.write_all(&body));
    let output = running.wait_with_output()?.stdout;
    // A program that has heard enough closes its input.
    let _ = writer.join();
    let end = memchr::memmem::find(&output, b"\r\n\r\n").context("git gave no headers")?;
    let head = String::from_utf8_lossy(&output[..end]).into_owned();
    let (mut status, mut headers) = ("200 OK", String::new());
    for line in head.lines() {
        match line.strip_prefix("Status: ") {
            Some(other) => status = other,
            None => headers += &format!("{line}\r\n"),
        }
    }
    let body = &output[end + 4..];
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    Ok([head.as_bytes(), body].concat())
}
