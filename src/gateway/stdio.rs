//! Standard input and output as one two-way connection.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;

use super::last_words::Frames;

/// What standard input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inlet {
    /// The end of a pipe or socket: the way a daemon starts a frontend.
    Connected,
    /// A terminal: a person started the program.
    Terminal,
    /// A file, a device or nothing: nobody talks to the program.
    Other,
}

impl Inlet {
    /// Looks at the process' standard input.
    #[must_use]
    pub fn of_process() -> Self {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            return Self::Terminal;
        }
        let kind = stdin
            .as_fd()
            .try_clone_to_owned()
            .map(File::from)
            .and_then(|file| file.metadata());
        match kind.map(|metadata| metadata.file_type()) {
            Ok(kind) if kind.is_fifo() || kind.is_socket() => Self::Connected,
            _ => Self::Other,
        }
    }
}

/// Opens the process' standard input and output as a connection.
///
/// Must be called within a Tokio runtime with I/O.
///
/// # Errors
/// Fails where either is neither a pipe nor a socket.
pub fn connection() -> io::Result<impl AsyncRead + AsyncWrite + Unpin + Send> {
    let reader = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let writer = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    Ok(Stdio {
        reader: End::reader(reader)?,
        writer: End::writer(writer)?,
        frames: Frames::new(),
    })
}

/// Reads from one descriptor and writes to another.
struct Stdio {
    reader: End,
    writer: End,
    frames: Frames,
}

/// One direction.
enum End {
    Receiver(pipe::Receiver),
    Sender(pipe::Sender),
    Socket(UnixStream),
}

impl End {
    fn reader(file: File) -> io::Result<Self> {
        let kind = file.metadata()?.file_type();
        if kind.is_socket() {
            return Self::socket(file);
        }
        pipe::Receiver::from_file(file).map(Self::Receiver)
    }

    fn writer(file: File) -> io::Result<Self> {
        let kind = file.metadata()?.file_type();
        if kind.is_socket() {
            return Self::socket(file);
        }
        pipe::Sender::from_file(file).map(Self::Sender)
    }

    fn socket(file: File) -> io::Result<Self> {
        let stream = StdUnixStream::from(std::os::fd::OwnedFd::from(file));
        stream.set_nonblocking(true)?;
        UnixStream::from_std(stream).map(Self::Socket)
    }
}

impl AsyncRead for Stdio {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.reader {
            End::Receiver(pipe) => Pin::new(pipe).poll_read(cx, buf),
            End::Socket(socket) => Pin::new(socket).poll_read(cx, buf),
            End::Sender(_) => Poll::Ready(Err(io::ErrorKind::Unsupported.into())),
        }
    }
}

impl AsyncWrite for Stdio {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = match &mut self.writer {
            End::Sender(pipe) => ready!(Pin::new(pipe).poll_write(cx, buf))?,
            End::Socket(socket) => ready!(Pin::new(socket).poll_write(cx, buf))?,
            End::Receiver(_) => return Poll::Ready(Err(io::ErrorKind::Unsupported.into())),
        };
        self.frames.pass(&buf[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.writer {
            End::Sender(pipe) => ready!(Pin::new(pipe).poll_shutdown(cx))?,
            End::Socket(socket) => ready!(Pin::new(socket).poll_shutdown(cx))?,
            End::Receiver(_) => {}
        }
        Poll::Ready(Ok(()))
    }
}
