//! The bridge itself: answers calls and notes them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use llb_graph::caps;
use plimsoll_frontend::gateway::{Bridge, Code, MAX_MESSAGE_BYTES, Stat, Status, pb, protocol};
use plimsoll_frontend::options::Environment;
use prost::Message;

use crate::case::Case;
use crate::limits::Limits;
use crate::noted::{Moment, Noted, Sent};
use crate::{files, sources};

/// All gateway features that a current daemon announces.
const GATEWAY_CAPS: [&str; 25] = [
    "solve.base",
    "solve.inlinereturn",
    "resolveimage",
    "resolveimage.resolvemode",
    "readfile",
    "return",
    "returnmap",
    "readdir",
    "statfile",
    "importcaches",
    "proto.refarray",
    "reference.output",
    "frontend.inputs",
    "gateway.solve.metadata",
    "gateway.exec",
    "gateway.exec.extrahosts",
    "gateway.exec.secretenv",
    "gateway.exec.signals",
    "gateway.exec.filesystem",
    "frontend.caps",
    "gateway.solve.evaluate",
    "gateway.evaluate",
    "gateway.warnings",
    "reference.attestations",
    "source.metaresolver",
];

/// Calls, and what a daemon announces that has them.
const NEEDED: [(&str, &str); 8] = [
    ("resolve_source_meta", "source.metaresolver"),
    ("resolve_image_config", "resolveimage"),
    ("read_file", "readfile"),
    ("read_dir", "readdir"),
    ("stat_file", "statfile"),
    ("evaluate", "gateway.evaluate"),
    ("inputs", "frontend.inputs"),
    ("return", "return"),
];

/// What goes wrong at a call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It ends with this status.
    Status(Status),
    /// It ends with this status the first time, and goes well from then on.
    Once(Status),
}

/// A daemon in memory.
#[derive(Clone, Debug)]
pub struct FakeBridge {
    pub(crate) case: Case,
    faults: BTreeMap<&'static str, Fault>,
    forwarded: Option<pb::Result>,
    folders: BTreeMap<String, Vec<Stat>>,
    trip: Option<Duration>,
    slow: BTreeMap<&'static str, Duration>,
    pub(crate) limits: Limits,
    noted: RefCell<Noted>,
}

impl FakeBridge {
    /// A daemon with what `case` holds.
    #[must_use]
    pub fn new(case: Case) -> Self {
        Self {
            case,
            faults: BTreeMap::new(),
            forwarded: None,
            folders: BTreeMap::new(),
            trip: None,
            slow: BTreeMap::new(),
            limits: Limits::default(),
            noted: RefCell::default(),
        }
    }

    /// Makes every call of a method, such as `solve`, or one call, such as `read_file .dockerignore`, go wrong.
    #[must_use]
    pub fn with_fault(mut self, method: &'static str, fault: Fault) -> Self {
        self.faults.insert(method, fault);
        self
    }

    /// What another frontend gives that the request is handed over to.
    #[must_use]
    pub fn with_forwarded(mut self, result: pb::Result) -> Self {
        self.forwarded = Some(result);
        self
    }

    /// What a folder holds, whatever the case says.
    #[must_use]
    pub fn with_folder(mut self, path: &str, entries: Vec<Stat>) -> Self {
        self.folders.insert(path.to_owned(), entries);
        self
    }

    /// Answers each call after this time; under a paused clock the whole then tells how many calls wait for others.
    #[must_use]
    pub fn with_trip(mut self, trip: Duration) -> Self {
        self.trip = Some(trip);
        self
    }

    /// Answers one call, such as `read_file .dockerignore`, so much later than the others.
    #[must_use]
    pub fn with_slow(mut self, call: &'static str, more: Duration) -> Self {
        self.slow.insert(call, more);
        self
    }

    /// The process environment that a daemon would start the frontend with.
    #[must_use]
    pub fn environment(&self) -> Environment {
        self.case.environment()
    }

    /// All that the frontend did so far.
    #[must_use]
    pub fn noted(&self) -> Noted {
        self.noted.borrow().clone()
    }

    /// Keeps the bytes of a message.
    fn send(&self, method: &'static str, request: &impl Message) {
        let message = request.encode_to_vec();
        self.noted.borrow_mut().sent.push(Sent { method, message });
    }

    /// The error that was returned.
    #[must_use]
    pub fn returned_error(&self) -> Option<Status> {
        let noted = self.noted.borrow();
        noted.returned.last()?.error.clone().map(Status::from)
    }

    /// The result that was returned.
    #[must_use]
    pub fn returned_result(&self) -> Option<pb::Result> {
        self.noted.borrow().returned.last()?.result.clone()
    }

    /// Notes a call, lets other futures of the frontend go on as a real wire would, and fails where it shall.
    #[allow(clippy::panic, reason = "tests ask for it")]
    async fn enter(&self, method: &'static str, what: &str) -> Result<(), Status> {
        let call = format!("{method} {what}").trim_end().to_owned();
        self.noted.borrow_mut().calls.push(call.clone());
        let of_method = |call: &&String| call.split(' ').next() == Some(method);
        let is_first = self.noted.borrow().calls.iter().filter(of_method).count() == 1;
        self.noted.borrow_mut().moments.push(Moment::Begin(call.clone()));
        match (self.trip, self.slow.get(call.as_str())) {
            (None, None) => yield_once().await,
            (trip, more) => {
                let more = more.copied().unwrap_or_default();
                tokio::time::sleep(trip.unwrap_or_default() + more).await;
            }
        }
        self.noted.borrow_mut().moments.push(Moment::End(call.clone()));
        if let Some((_, cap)) = NEEDED.iter().find(|(needing, _)| *needing == method) {
            self.allow(method, cap)?;
        }
        match self.faults.get(call.as_str()).or_else(|| self.faults.get(method)) {
            None => Ok(()),
            Some(Fault::Once(status)) if is_first => Err(status.clone()),
            Some(Fault::Once(_)) => Ok(()),
            Some(Fault::Status(status)) => Err(status.clone()),
        }
    }

    /// The files behind a reference, with the reading noted.
    fn read(&self, reference: &str, verb: &str, path: &str) -> Result<BTreeMap<String, Vec<u8>>, Status> {
        let mut noted = self.noted.borrow_mut();
        let index: usize = reference.parse().map_err(|_| no_reference(reference))?;
        noted
            .reads
            .get_mut(index)
            .ok_or_else(|| no_reference(reference))?
            .push(format!("{verb} {path}"));
        files::of(&self.case, noted.solves[index].definition.as_ref())
    }

    /// Refuses what the daemon did not announce.
    fn allow(&self, what: &str, cap: &str) -> Result<(), Status> {
        let caps = self.gateway_caps();
        let is_frozen = caps.is_empty() && caps::FROZEN_GATEWAY.contains(&cap);
        if is_frozen
            || caps
                .iter()
                .any(|announced| announced.id == cap && announced.enabled)
        {
            return Ok(());
        }
        let message = format!("{what} without the capability {cap}");
        Err(Status::with_code(Code::UNIMPLEMENTED, message))
    }

    fn gateway_caps(&self) -> Vec<ApiCap> {
        let case = &self.case;
        let only = case.frontend_caps_only.as_ref();
        announced(
            &GATEWAY_CAPS,
            only,
            &case.frontend_caps_absent,
            &case.frontend_caps_disabled,
        )
    }

    fn llb_caps(&self) -> Vec<ApiCap> {
        let case = &self.case;
        let known: Vec<&str> = caps::KNOWN_LLB.iter().map(|cap| cap.id).collect();
        announced(
            &known,
            case.caps_only.as_ref(),
            &case.caps_absent,
            &case.caps_disabled,
        )
    }
}

/// The capabilities that a Pong lists.
fn announced(
    all: &[&str],
    only: Option<&Vec<String>>,
    absent: &[String],
    disabled: &[String],
) -> Vec<ApiCap> {
    let is_in = |list: &[String], id: &str| list.iter().any(|one| one == id);
    let listed = all
        .iter()
        .filter(|id| only.is_none_or(|only| is_in(only, id)) && !is_in(absent, id));
    let cap = |id: &&str| ApiCap {
        id: (*id).to_owned(),
        enabled: !is_in(disabled, id),
        ..ApiCap::default()
    };
    listed.map(cap).collect()
}

use protocol::moby::buildkit::v1::apicaps::ApiCap;

async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

/// What a daemon announces that takes a result of this form.
fn needed_to_return(request: &pb::ReturnRequest) -> Vec<&'static str> {
    use pb::result::Result as Kind;

    let Some(result) = &request.result else {
        return Vec::new();
    };
    match &result.result {
        None | Some(Kind::RefDeprecated(_)) => Vec::new(),
        Some(Kind::Ref(_)) => vec!["proto.refarray"],
        Some(Kind::RefsDeprecated(_)) => vec!["returnmap"],
        Some(Kind::Refs(_)) => vec!["returnmap", "proto.refarray"],
    }
}

fn no_reference(reference: &str) -> Status {
    Status::with_code(Code::NOT_FOUND, format!("no such reference {reference:?}"))
}

fn no_file(verb: &str, path: &str) -> Status {
    Status::new(format!("{verb} {path}: no such file or directory"))
}

impl Bridge for FakeBridge {
    async fn ping(&self) -> Result<pb::PongResponse, Status> {
        self.send("Ping", &pb::PingRequest {});
        self.enter("ping", "").await?;
        Ok(pb::PongResponse {
            frontend_api_caps: self.gateway_caps(),
            llb_caps: self.llb_caps(),
            workers: Vec::new(),
        })
    }

    async fn solve(&self, request: pb::SolveRequest) -> Result<pb::SolveResponse, Status> {
        let is_empty = request
            .definition
            .as_ref()
            .is_none_or(|definition| definition.bytes().is_empty());
        let forwarded = (!request.frontend.is_empty()).then(|| request.frontend_opt.get("source").cloned());
        let definition = request.definition.clone();
        self.send("Solve", &request);
        self.limits.check("received", &request)?;
        // What an older daemon passes over, such as cache imports, the reference sends to it, too.
        let asked = [
            (request.evaluate, "gateway.solve.evaluate"),
            (!request.frontend_inputs.is_empty(), "frontend.inputs"),
        ];
        let id = {
            let mut noted = self.noted.borrow_mut();
            noted.solves.push(request);
            noted.reads.push(Vec::new());
            noted.solves.len() - 1
        };
        self.enter("solve", &id.to_string()).await?;
        for (_, cap) in asked.iter().filter(|(is_asked, _)| *is_asked) {
            self.allow("solve", cap)?;
        }
        sources::check(&self.case, definition.as_ref())?;
        let id = if is_empty && forwarded.is_none() {
            String::new()
        } else {
            id.to_string()
        };
        if let (Some(result), true) = (&self.forwarded, forwarded.is_some()) {
            return Ok(pb::SolveResponse {
                result: Some(result.clone()),
                ..pb::SolveResponse::default()
            });
        }
        let result = match self.allow("solve", "proto.refarray").is_ok() {
            true => {
                let def = definition.filter(|_| !id.is_empty());
                let def = def.map(|def| def.encode_to_vec()).unwrap_or_default().into();
                pb::result::Result::Ref(pb::Ref { id, def })
            }
            false => pb::result::Result::RefDeprecated(id),
        };
        let metadata = forwarded.map(|source| ("forwarded".to_owned(), source.unwrap_or_default().into()));
        let result = pb::Result {
            result: Some(result),
            metadata: metadata.into_iter().collect(),
            ..pb::Result::default()
        };
        Ok(pb::SolveResponse {
            r#ref: String::new(),
            result: Some(result),
        })
    }

    async fn resolve_source_meta(
        &self,
        request: pb::ResolveSourceMetaRequest,
    ) -> Result<pb::ResolveSourceMetaResponse, Status> {
        let source = request.source.clone().unwrap_or_default();
        self.send("ResolveSourceMeta", &request);
        self.noted.borrow_mut().source_metas.push(request.clone());
        self.enter("resolve_source_meta", &source.identifier).await?;
        sources::meta(&self.case, source, &request)
    }

    async fn resolve_image_config(
        &self,
        request: pb::ResolveImageConfigRequest,
    ) -> Result<pb::ResolveImageConfigResponse, Status> {
        self.send("ResolveImageConfig", &request);
        self.noted.borrow_mut().image_configs.push(request.clone());
        self.enter("resolve_image_config", &request.r#ref).await?;
        sources::image_config(&self.case, &request)
    }

    async fn read_file(&self, request: pb::ReadFileRequest) -> Result<pb::ReadFileResponse, Status> {
        self.send("ReadFile", &request);
        self.enter("read_file", &request.file_path).await?;
        let files = self.read(&request.r#ref, "read", &request.file_path)?;
        let data = files.get(&files::clean(&request.file_path));
        let data = data.ok_or_else(|| no_file("open", &request.file_path))?;
        let answer = pb::ReadFileResponse {
            data: self.limits.part(data, request.range).to_vec().into(),
        };
        self.limits.check("trying to send", &answer)?;
        Ok(answer)
    }

    async fn read_dir(&self, request: pb::ReadDirRequest) -> Result<pb::ReadDirResponse, Status> {
        self.send("ReadDir", &request);
        self.enter("read_dir", &request.dir_path).await?;
        let files = self.read(&request.r#ref, "readdir", &request.dir_path)?;
        if let Some(entries) = self.folders.get(&request.dir_path) {
            let entries = entries.clone();
            return Ok(pb::ReadDirResponse { entries });
        }
        Ok(pb::ReadDirResponse {
            entries: files::children(&files, &files::clean(&request.dir_path)),
        })
    }

    async fn stat_file(&self, request: pb::StatFileRequest) -> Result<pb::StatFileResponse, Status> {
        self.send("StatFile", &request);
        self.enter("stat_file", &request.path).await?;
        let files = self.read(&request.r#ref, "stat", &request.path)?;
        let stat = files::stat(&files, &files::clean(&request.path));
        let stat = stat.ok_or_else(|| no_file("lstat", &request.path))?;
        Ok(pb::StatFileResponse {
            stat: Some(self.limits.stat(&request.path, stat)),
        })
    }

    async fn evaluate(&self, request: pb::EvaluateRequest) -> Result<(), Status> {
        self.send("Evaluate", &request);
        self.enter("evaluate", &request.r#ref).await
    }

    async fn inputs(&self) -> Result<pb::InputsResponse, Status> {
        self.send("Inputs", &pb::InputsRequest {});
        self.enter("inputs", "").await?;
        let decode = |(name, bytes): (&String, &crate::Bytes)| {
            let definition = llb_graph::Definition::decode(&bytes.0);
            let definition = definition.map_err(|error| Status::new(format!("input {name}: {error}")))?;
            Ok(pb::DefinitionEntry {
                key: Some(name.clone()),
                value: Some((&definition).into()),
            })
        };
        let definitions = self
            .case
            .inputs
            .iter()
            .map(decode)
            .collect::<Result<_, Status>>()?;
        Ok(pb::InputsResponse { definitions })
    }

    async fn warn(&self, request: pb::WarnRequest) -> Result<(), Status> {
        self.send("Warn", &request);
        self.noted.borrow_mut().warnings.push(request);
        self.enter("warn", "").await
    }

    async fn return_(&self, request: pb::ReturnRequest) -> Result<(), Status> {
        let size = request.encoded_len();
        self.send("Return", &request);
        let needed = needed_to_return(&request);
        self.noted.borrow_mut().returned.push(request);
        self.enter("return", "").await?;
        for cap in needed {
            self.allow("return", cap)?;
        }
        match size > MAX_MESSAGE_BYTES {
            true => Err(Status::with_code(
                Code::RESOURCE_EXHAUSTED,
                "received message larger than max",
            )),
            false => Ok(()),
        }
    }
}
