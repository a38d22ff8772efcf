//! A daemon that lies: calls that fail, or are answered with bytes of the input.

use std::cell::{Cell, RefCell};

use plimsoll_fake_bridge::{Case, FakeBridge};
use plimsoll_frontend::Outcome;
use plimsoll_frontend::gateway::{Any, Bridge, Code, MAX_MESSAGE_BYTES, Status, pb};
use prost::Message;

use crate::fields::Fields;
use crate::tokens;

/// More calls than these are a circle.
const MOST_CALLS: usize = 5_000;

/// The result, the error in its place, and the error without its details.
const MOST_RETURNS: usize = 3;

/// A request ends after so many calls, whatever the daemon answers: without a panic, with a Return of the size that the
/// wire takes, and with nothing behind one that was taken. A second run gives what the first one gave.
///
/// The input is the Dockerfile, options such as `target=one`, an ignore file, switches (how each call goes), and the
/// answers to the calls that are lied to.
pub fn daemon(data: &[u8]) {
    let first = served(data);
    let second = served(data);
    assert_eq!(first.0, second.0, "served twice");
    assert_eq!(first.1, second.1, "served twice");
    if let Outcome::Refused(status) | Outcome::Lost(status) = &first.0 {
        assert!(!status.message.contains("hit a bug in itself"), "{status}");
    }
    let returns = first.1.iter().filter(|(method, _)| *method == "Return").count();
    assert!(returns <= MOST_RETURNS, "{returns} returns");
}

/// How a request ended, and what was sent.
fn served(data: &[u8]) -> (Outcome, Vec<(&'static str, Vec<u8>)>) {
    let mut fields = Fields::new(data);
    let dockerfile = fields.bytes();
    let options = fields.text();
    let ignore = fields.text();
    let turns = fields.bytes();
    let text = match turns.first() {
        Some(first) if first & 1 == 1 => tokens::spell(dockerfile),
        _ => dockerfile.to_vec(),
    };
    let mut case = Case::dockerfile("").file("context", ".dockerignore", &ignore);
    let file = plimsoll_fake_bridge::Bytes(text);
    case.locals
        .entry("dockerfile".to_owned())
        .or_default()
        .insert("Dockerfile".to_owned(), file);
    for line in options.lines().take(100) {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        case.opts.insert(key.to_owned(), value.to_owned());
    }
    let environment = case.environment();
    let liar = Liar {
        bridge: FakeBridge::new(case),
        turns,
        calls: Cell::new(0),
        is_over: Cell::new(false),
        lies: RefCell::new(fields),
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
    else {
        return (Outcome::Built, Vec::new());
    };
    let outcome = runtime.block_on(plimsoll_frontend::run(&liar, &environment));
    let sent = liar.bridge.noted().sent;
    (
        outcome,
        sent.into_iter().map(|sent| (sent.method, sent.message)).collect(),
    )
}

/// The daemon in memory, with answers of its own.
struct Liar<'a> {
    bridge: FakeBridge,
    /// How each call goes, first one first; all others go as usual.
    turns: &'a [u8],
    calls: Cell<usize>,
    /// A Return was taken.
    is_over: Cell<bool>,
    lies: RefCell<Fields<'a>>,
}

impl Liar<'_> {
    /// Takes the usual answer, or makes another.
    async fn answer<T: Message + Default>(
        &self,
        usual: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, Status> {
        let call = self.calls.replace(self.calls.get() + 1);
        assert!(call < MOST_CALLS, "calls without an end");
        assert!(!self.is_over.get(), "a call behind the last one");
        let turn = self.turns.get(call).copied().unwrap_or_default();
        let usual = usual.await;
        match turn >> 1 & 7 {
            0..3 => usual,
            3 => Err(self.error(turn)),
            4 => Ok(T::default()),
            // What can be decoded of it; the real wire refuses the rest before the frontend sees it.
            5 => T::decode(self.lies.borrow_mut().bytes()).or(usual),
            6 => {
                let mut merged = usual?;
                let _ = merged.merge(self.lies.borrow_mut().bytes());
                Ok(merged)
            }
            _ => self.damaged(usual?),
        }
    }

    fn error(&self, turn: u8) -> Status {
        let lie = self.lies.borrow_mut().bytes();
        let mut status = Status::with_code(Code(i32::from(turn >> 4)), String::from_utf8_lossy(lie));
        status.details = vec![Any {
            type_url: "github.com/moby/buildkit/errdefs.Source+json".to_owned(),
            value: lie.to_vec(),
        }];
        status
    }

    /// The usual answer with some of its bytes replaced.
    fn damaged<T: Message + Default>(&self, usual: T) -> Result<T, Status> {
        let mut bytes = usual.encode_to_vec();
        for damage in self.lies.borrow_mut().bytes().chunks(3) {
            if let [high, low, byte] = damage {
                let at = (usize::from(*high) << 8 | usize::from(*low)) % bytes.len().max(1);
                if let Some(place) = bytes.get_mut(at) {
                    *place = *byte;
                }
            }
        }
        Ok(T::decode(bytes.as_slice()).unwrap_or(usual))
    }

    async fn done(&self, usual: impl Future<Output = Result<(), Status>>) -> Result<(), Status> {
        self.answer(async { usual.await.map(|()| pb::PingRequest {}) })
            .await
            .map(drop)
    }
}

fn check(definition: Option<&llb_graph::RawDefinition>) {
    if let Some(definition) = definition {
        let ops = definition.decode().and_then(|definition| definition.ops());
        assert!(ops.is_ok(), "what is solved is a graph");
    }
}

impl Bridge for Liar<'_> {
    async fn ping(&self) -> Result<pb::PongResponse, Status> {
        self.answer(self.bridge.ping()).await
    }

    async fn solve(&self, request: pb::SolveRequest) -> Result<pb::SolveResponse, Status> {
        check(request.definition.as_ref());
        self.answer(self.bridge.solve(request)).await
    }

    async fn resolve_source_meta(
        &self,
        request: pb::ResolveSourceMetaRequest,
    ) -> Result<pb::ResolveSourceMetaResponse, Status> {
        self.answer(self.bridge.resolve_source_meta(request)).await
    }

    async fn resolve_image_config(
        &self,
        request: pb::ResolveImageConfigRequest,
    ) -> Result<pb::ResolveImageConfigResponse, Status> {
        self.answer(self.bridge.resolve_image_config(request)).await
    }

    async fn read_file(&self, request: pb::ReadFileRequest) -> Result<pb::ReadFileResponse, Status> {
        self.answer(self.bridge.read_file(request)).await
    }

    async fn read_dir(&self, request: pb::ReadDirRequest) -> Result<pb::ReadDirResponse, Status> {
        self.answer(self.bridge.read_dir(request)).await
    }

    async fn stat_file(&self, request: pb::StatFileRequest) -> Result<pb::StatFileResponse, Status> {
        self.answer(self.bridge.stat_file(request)).await
    }

    async fn evaluate(&self, request: pb::EvaluateRequest) -> Result<(), Status> {
        self.done(self.bridge.evaluate(request)).await
    }

    async fn inputs(&self) -> Result<pb::InputsResponse, Status> {
        self.answer(self.bridge.inputs()).await
    }

    async fn warn(&self, request: pb::WarnRequest) -> Result<(), Status> {
        self.done(self.bridge.warn(request)).await
    }

    async fn return_(&self, request: pb::ReturnRequest) -> Result<(), Status> {
        assert!(
            request.encoded_len() <= MAX_MESSAGE_BYTES,
            "the answer fits the wire"
        );
        let taken = self.done(self.bridge.return_(request)).await;
        self.is_over.set(taken.is_ok());
        taken
    }
}
