//! A daemon that speaks gRPC over a real HTTP/2 connection, for what only shows on the wire.
//!
//! It answers from a [`FakeBridge`], except where its script says otherwise.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use h2::SendStream;
use h2::server::{self, SendResponse};
use http::{HeaderMap, HeaderValue, Request, Response};
use plimsoll_frontend::gateway::{Bridge, Status, pb, protocol::google::rpc};
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{FakeBridge, base64};

/// How one call is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// As the bridge says.
    Usual,
    /// With an error.
    Error(Status),
    /// With the usual message and bytes behind it, such as fields that nobody knows.
    WithBytes(Vec<u8>),
    /// With an empty message, so without any field.
    Empty,
    /// With an announced length that the connection never gives, and then the end of the stream.
    CutShort,
    /// With a message of so many bytes.
    OfSize(usize),
    /// With a message, and no word on how the call went.
    WithoutEnd,
    /// With the usual message after a while.
    Late(Duration),
    /// With bytes that are no message.
    Garbage,
    /// With these bytes as the message.
    Message(Bytes),
    /// With nothing but these trailers.
    Trailers(HeaderMap),
    /// Not at all: the stream is reset.
    Reset,
    /// Not at all: the connection ends.
    HangUp,
}

/// Says how the n-th call of a method, such as `Solve`, is answered; counting begins at 0.
pub type Script = Box<dyn Fn(&str, usize) -> Answer>;

/// A daemon at one end of a connection.
pub struct Daemon {
    bridge: FakeBridge,
    script: Script,
    calls: RefCell<BTreeMap<String, usize>>,
}

impl Daemon {
    /// A daemon that answers from `bridge`.
    #[must_use]
    pub fn new(bridge: FakeBridge, script: Script) -> Self {
        Self {
            bridge,
            script,
            calls: RefCell::default(),
        }
    }

    /// What the frontend did.
    #[must_use]
    pub fn bridge(&self) -> &FakeBridge {
        &self.bridge
    }

    /// Serves one connection until it ends. Must be called within a [`tokio::task::LocalSet`].
    pub async fn serve(self: Rc<Self>, io: impl AsyncRead + AsyncWrite + Unpin) {
        let mut builder = server::Builder::new();
        builder
            .max_header_list_size(128 << 20)
            .initial_window_size(64 << 20)
            // As Go's servers have it.
            .initial_connection_window_size(1 << 20);
        let Ok(mut connection) = builder.handshake::<_, Bytes>(io).await else {
            return;
        };
        let (hang_up, mut hung_up) = tokio::sync::mpsc::channel::<()>(1);
        loop {
            let accepted = tokio::select! {
                accepted = connection.accept() => accepted,
                _ = hung_up.recv() => return,
            };
            let Some(Ok((request, respond))) = accepted else {
                return;
            };
            let (daemon, hang_up) = (Rc::clone(&self), hang_up.clone());
            tokio::task::spawn_local(async move {
                // A frontend that is gone is no concern of the daemon's.
                if daemon.answer(request, respond).await == Some(()) {
                    let _ = hang_up.send(()).await;
                }
            });
        }
    }

    /// Answers a call; `Some` where the connection is to end.
    async fn answer(&self, request: Request<h2::RecvStream>, mut respond: SendResponse<Bytes>) -> Option<()> {
        let method = request
            .uri()
            .path()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        let body = read(request.into_body()).await?;
        let count = {
            let mut calls = self.calls.borrow_mut();
            let count = calls.entry(method.clone()).or_default();
            *count += 1;
            *count - 1
        };
        let answer = (self.script)(&method, count);
        match answer {
            Answer::HangUp => return Some(()),
            Answer::Reset => {
                respond.send_reset(h2::Reason::INTERNAL_ERROR);
                return None;
            }
            Answer::Late(time) => tokio::time::sleep(time).await,
            _ => {}
        }
        let head = Response::builder()
            .header("content-type", "application/grpc")
            .body(());
        let mut stream = respond.send_response(head.ok()?, false).ok()?;
        match answer {
            Answer::Message(message) => {
                // Sent as it is: the script may send it many times.
                let _ = stream.send_data(header(message.len()).into(), false);
                let _ = stream.send_data(message, false);
                finish(&mut stream, None, Some(fine()));
                return None;
            }
            Answer::Trailers(trailers) => {
                finish(&mut stream, None, Some(trailers));
                return None;
            }
            _ => {}
        }
        let usual = self.call(&method, &body).await;
        let (message, end) = match (answer, usual) {
            (Answer::Error(status), _) | (_, Err(status)) => (None, Some(trailers(&status))),
            (Answer::Empty, _) => (Some(frame(&[])), Some(fine())),
            (Answer::WithBytes(more), Ok(message)) => (Some(frame(&[message, more].concat())), Some(fine())),
            (Answer::OfSize(size), _) => (Some(frame(&large(size))), Some(fine())),
            (Answer::Garbage, _) => (Some(frame(&[0xff; 32])), Some(fine())),
            (Answer::CutShort, Ok(message)) => {
                let mut cut = frame(&[message, vec![0; 1 << 10]].concat());
                cut.truncate(cut.len() - 512);
                (Some(cut), None)
            }
            (Answer::WithoutEnd, Ok(message)) => (Some(frame(&message)), None),
            (_, Ok(message)) => (Some(frame(&message)), Some(fine())),
        };
        finish(&mut stream, message, end);
        None
    }

    /// Calls the bridge, message for message.
    async fn call(&self, method: &str, body: &[u8]) -> Result<Vec<u8>, Status> {
        let bridge = &self.bridge;
        match method {
            "Ping" => bridge.ping().await.map(|pong| pong.encode_to_vec()),
            "Solve" => bridge
                .solve(decode(body)?)
                .await
                .map(|answer| answer.encode_to_vec()),
            "ResolveSourceMeta" => {
                let answer = bridge.resolve_source_meta(decode(body)?).await;
                answer.map(|answer| answer.encode_to_vec())
            }
            "ResolveImageConfig" => {
                let answer = bridge.resolve_image_config(decode(body)?).await;
                answer.map(|answer| answer.encode_to_vec())
            }
            "ReadFile" => bridge
                .read_file(decode(body)?)
                .await
                .map(|answer| answer.encode_to_vec()),
            "ReadDir" => bridge
                .read_dir(decode(body)?)
                .await
                .map(|answer| answer.encode_to_vec()),
            "StatFile" => bridge
                .stat_file(decode(body)?)
                .await
                .map(|answer| answer.encode_to_vec()),
            "Evaluate" => bridge.evaluate(decode(body)?).await.map(|()| Vec::new()),
            "Inputs" => bridge.inputs().await.map(|answer| answer.encode_to_vec()),
            "Warn" => bridge.warn(decode(body)?).await.map(|()| Vec::new()),
            "Return" => {
                let request: pb::ReturnRequest = decode(body)?;
                bridge.return_(request).await.map(|()| Vec::new())
            }
            other => Err(Status::new(format!("unknown method {other}"))),
        }
    }
}

fn decode<T: Message + Default>(body: &[u8]) -> Result<T, Status> {
    let message = body.get(5..).unwrap_or_default();
    T::decode(message).map_err(|error| Status::new(error.to_string()))
}

async fn read(mut body: h2::RecvStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.data().await {
        let chunk = chunk.ok()?;
        body.flow_control().release_capacity(chunk.len()).ok()?;
        bytes.extend_from_slice(&chunk);
    }
    Some(bytes)
}

/// A message with gRPC's header: not compressed, and its length.
fn frame(message: &[u8]) -> Vec<u8> {
    [header(message.len()).as_slice(), message].concat()
}

fn header(length: usize) -> Vec<u8> {
    let length = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    [&[0], length.as_slice()].concat()
}

/// A field that nobody knows, of a size.
fn large(size: usize) -> Vec<u8> {
    let mut message = vec![0xfa, 0x3f];
    let payload = vec![b'x'; size];
    prost::encoding::encode_varint(size as u64, &mut message);
    message.extend(payload);
    message
}

fn fine() -> HeaderMap {
    HeaderMap::from_iter([(
        http::HeaderName::from_static("grpc-status"),
        HeaderValue::from_static("0"),
    )])
}

fn trailers(status: &Status) -> HeaderMap {
    let wire = rpc::Status {
        code: status.code.0,
        message: status.message.clone(),
        details: status.details.clone(),
    };
    let details = base64::encode(&wire.encode_to_vec());
    let text: String = status.message.bytes().map(percent).collect();
    let mut map = HeaderMap::new();
    for (key, value) in [
        ("grpc-status", status.code.0.to_string()),
        ("grpc-message", text),
        (
            "grpc-status-details-bin",
            details.trim_end_matches('=').to_owned(),
        ),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            map.insert(key, value);
        }
    }
    map
}

fn percent(byte: u8) -> String {
    match byte {
        b' '..=b'~' if byte != b'%' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    }
}

fn finish(stream: &mut SendStream<Bytes>, message: Option<Vec<u8>>, end: Option<HeaderMap>) {
    if let Some(message) = message {
        // Whether the other side still listens shows in what it does next.
        let _ = stream.send_data(message.into(), end.is_none());
    }
    if let Some(end) = end {
        let _ = stream.send_trailers(end);
    }
}
