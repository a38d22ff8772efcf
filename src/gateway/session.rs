//! One conversation with a daemon: the calls of [`Bridge`], fitted to what that daemon can do.

use std::cell::Cell;
use std::collections::BTreeMap;

use llb_graph::{CapSet, Marshalled, Platform, RawDefinition, SourceOp, proto};

use super::caps::llb_caps;
use super::{
    Bridge, Code, GatewayCap, GatewayCaps, MAX_MESSAGE_BYTES, Stat, Status, from_entries, pb, to_entries,
};

/// A [`Bridge`] and what the daemon behind it can do.
pub struct Session<'a, B> {
    bridge: &'a B,
    caps: GatewayCaps,
    llb_caps: CapSet,
    product: String,
    rounds: Cell<usize>,
}

/// Asks for the config of an image.
#[derive(Clone, Debug)]
pub struct ImageQuery<'a> {
    /// Full name with tag or digest.
    pub reference: &'a str,
    /// Variant to take; `None` leaves it to the daemon.
    pub platform: Option<&'a Platform>,
    /// `default`, `pull` or `local`.
    pub resolve_mode: &'a str,
    /// Whether daemons with `source.metaresolver` are told the mode. The reference tells them only for the SBOM
    /// scanner; elsewhere it would make them look in another place than it does.
    pub send_mode: bool,
    /// What the client shows meanwhile.
    pub log_name: &'a str,
    /// Session and name of an OCI layout; `None` for a registry.
    pub oci_layout: Option<(&'a str, &'a str)>,
}

/// What became of an [`ImageQuery`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageLookup {
    /// There is such an image.
    Found {
        /// The name in effect.
        reference: String,
        /// Digest of the manifest or index; may be empty.
        digest: String,
        /// The config, JSON.
        config: Vec<u8>,
    },
    /// A source policy put a source there that is no image; its identifier.
    Redirected(String),
}

/// Asks what a source is, without its content.
#[derive(Clone, Debug)]
pub struct SourceQuery<'a> {
    /// Identifier of the source op.
    pub identifier: &'a str,
    /// Attributes of the source op.
    pub attrs: &'a BTreeMap<String, String>,
    /// What the client shows meanwhile.
    pub log_name: &'a str,
    /// Asks for the commit object of a git source.
    pub commit_object: bool,
}

impl<'a, B: Bridge> Session<'a, B> {
    /// Greets the daemon.
    ///
    /// # Errors
    /// Fails where the daemon does not answer.
    pub async fn open(bridge: &'a B, product: &str) -> Result<Self, Status> {
        let pong = bridge.ping().await;
        let pong = pong.map_err(|status| status.context("BuildKit did not answer the first call"))?;
        Ok(Self {
            bridge,
            caps: GatewayCaps::from_pong(&pong.frontend_api_caps),
            llb_caps: llb_caps(&pong.llb_caps),
            product: product.to_owned(),
            rounds: Cell::new(0),
        })
    }

    /// How many rounds of questions the compiler had answered so far.
    pub fn rounds(&self) -> usize {
        self.rounds.get()
    }

    /// Counts a round of questions.
    pub fn count_round(&self) {
        self.rounds.set(self.rounds.get() + 1);
    }

    /// Features of the gateway.
    pub fn caps(&self) -> &GatewayCaps {
        &self.caps
    }

    /// What graphs may ask for.
    pub fn llb_caps(&self) -> &CapSet {
        &self.llb_caps
    }

    /// The calls themselves.
    pub fn bridge(&self) -> &'a B {
        self.bridge
    }

    /// Checks that graphs may use a feature.
    ///
    /// # Errors
    /// Says what lacks and what to do about it.
    pub fn require_llb(&self, cap: &str) -> Result<(), Status> {
        let required = self.llb_caps.require(cap);
        required.map_err(|error| Status::new(error.with_product(&self.product).to_string()))
    }

    /// Solves a graph and gives its one result; `None` is an empty file system.
    ///
    /// # Errors
    /// Fails where the daemon lacks a feature that the graph needs, or where building it fails.
    pub async fn solve(
        &self,
        definition: &Marshalled,
        cache_imports: Vec<pb::CacheOptionsEntry>,
    ) -> Result<Option<pb::Ref>, Status> {
        let request = pb::SolveRequest {
            cache_imports,
            ..self.solve_request(definition)?
        };
        single(self.bridge.solve(request).await?)
    }

    /// Like [`Session::solve`], and computes the result before it returns.
    ///
    /// # Errors
    /// As [`Session::solve`].
    pub async fn solve_now(
        &self,
        definition: &Marshalled,
        cache_imports: Vec<pb::CacheOptionsEntry>,
    ) -> Result<Option<pb::Ref>, Status> {
        let evaluate = self.caps.supports(GatewayCap::SolveEvaluate);
        let request = pb::SolveRequest {
            evaluate,
            cache_imports,
            ..self.solve_request(definition)?
        };
        let reference = single(self.bridge.solve(request).await?)?;
        if let (false, Some(reference)) = (evaluate, &reference) {
            // Looking at the root makes older daemons compute it.
            self.stat_file(reference, ".").await?;
        }
        Ok(reference)
    }

    fn solve_request(&self, definition: &Marshalled) -> Result<pb::SolveRequest, Status> {
        for cap in definition.caps() {
            self.require_llb(cap)?;
        }
        Ok(pb::SolveRequest {
            definition: Some(RawDefinition::from(definition)),
            allow_result_return: true,
            allow_result_array_ref: true,
            ..pb::SolveRequest::default()
        })
    }

    /// Lets another frontend do the whole work.
    ///
    /// # Errors
    /// Fails as that frontend fails.
    pub async fn run_frontend(
        &self,
        frontend: &str,
        options: BTreeMap<String, String>,
        inputs: BTreeMap<String, RawDefinition>,
    ) -> Result<pb::Result, Status> {
        let request = pb::SolveRequest {
            frontend: frontend.to_owned(),
            frontend_opt: options,
            frontend_inputs: to_entries(inputs),
            allow_result_return: true,
            allow_result_array_ref: true,
            ..pb::SolveRequest::default()
        };
        Ok(result_of(self.bridge.solve(request).await?))
    }

    /// Looks an image up.
    ///
    /// # Errors
    /// Fails where there is no such image, or none for the platform.
    pub async fn resolve_image(&self, query: &ImageQuery<'_>) -> Result<ImageLookup, Status> {
        if self.caps.supports(GatewayCap::SourceMetaResolver) {
            self.resolve_image_meta(query).await
        } else {
            self.resolve_image_config(query).await
        }
    }

    async fn resolve_image_meta(&self, query: &ImageQuery<'_>) -> Result<ImageLookup, Status> {
        let source = match query.oci_layout {
            None => SourceOp::new(format!("docker-image://{}", query.reference)),
            Some((session, store)) => {
                let mut source = SourceOp::new(format!("oci-layout://{}", query.reference));
                source.set("oci.session", session).set("oci.store", store);
                source
            }
        };
        let request = pb::ResolveSourceMetaRequest {
            source: Some(wire_source(&source.identifier, &source.attrs)),
            platform: query.platform.map(proto::Platform::from),
            log_name: query.log_name.to_owned(),
            resolve_mode: if query.send_mode {
                query.resolve_mode.to_owned()
            } else {
                String::new()
            },
            image: query.send_mode.then(pb::ResolveSourceImageRequest::default),
            ..pb::ResolveSourceMetaRequest::default()
        };
        let response = self.bridge.resolve_source_meta(request).await?;
        let identifier = response
            .source
            .map(|source| source.identifier)
            .unwrap_or(source.identifier);
        let Some(image) = response.image else {
            return Ok(ImageLookup::Redirected(identifier));
        };
        let reference = identifier
            .strip_prefix("docker-image://")
            .or_else(|| identifier.strip_prefix("oci-layout://"))
            .unwrap_or(&identifier);
        // Of its own: what it was received in may hold more.
        let config = image.config.to_vec();
        Ok(ImageLookup::Found {
            reference: reference.to_owned(),
            digest: image.digest,
            config,
        })
    }

    async fn resolve_image_config(&self, query: &ImageQuery<'_>) -> Result<ImageLookup, Status> {
        let (session, store) = query.oci_layout.unwrap_or_default();
        let request = pb::ResolveImageConfigRequest {
            r#ref: query.reference.to_owned(),
            platform: query.platform.map(proto::Platform::from),
            resolve_mode: match query.oci_layout {
                None => query.resolve_mode.to_owned(),
                Some(_) => String::new(),
            },
            log_name: query.log_name.to_owned(),
            resolver_type: i32::from(query.oci_layout.is_some()),
            session_id: session.to_owned(),
            store_id: store.to_owned(),
        };
        let response = self.bridge.resolve_image_config(request).await?;
        let reference = match response.r#ref.as_str() {
            // Daemons before source policies don't repeat the name.
            "" => query.reference.to_owned(),
            name => name.to_owned(),
        };
        Ok(ImageLookup::Found {
            reference,
            digest: response.digest,
            config: response.config.to_vec(),
        })
    }

    /// What a source is; `None` where the daemon can't tell without fetching it.
    ///
    /// # Errors
    /// Fails where there is no such source.
    pub async fn resolve_source(
        &self,
        query: &SourceQuery<'_>,
    ) -> Result<Option<pb::ResolveSourceMetaResponse>, Status> {
        if !self.caps.supports(GatewayCap::SourceMetaResolver) {
            return Ok(None);
        }
        let request = pb::ResolveSourceMetaRequest {
            source: Some(wire_source(query.identifier, query.attrs)),
            log_name: query.log_name.to_owned(),
            git: query
                .commit_object
                .then_some(pb::ResolveSourceGitRequest { return_object: true }),
            ..pb::ResolveSourceMetaRequest::default()
        };
        self.bridge.resolve_source_meta(request).await.map(Some)
    }

    /// A file of a result.
    ///
    /// # Errors
    /// Fails where there is no such file, or where it is larger than a message may be.
    pub async fn read_file(&self, reference: &pb::Ref, path: &str) -> Result<Vec<u8>, Status> {
        // Keeps a daemon from loading more than it could send.
        let length = MAX_MESSAGE_BYTES as i64 + 1;
        self.read_head(reference, path, length).await
    }

    /// A file of a result; `None` where the daemon says that there is no such file. A daemon that can't tell is no
    /// reason to go on without a file that may be there.
    ///
    /// # Errors
    /// As [`Session::read_file`], but for that.
    pub async fn read_file_if_any(&self, reference: &pb::Ref, path: &str) -> Result<Option<Vec<u8>>, Status> {
        if_any(self.read_file(reference, path).await)
    }

    /// [`Session::read_head`] as [`Session::read_file_if_any`].
    ///
    /// # Errors
    /// Fails where the daemon can't tell whether there is such a file.
    pub async fn read_head_if_any(
        &self,
        reference: &pb::Ref,
        path: &str,
        length: i64,
    ) -> Result<Option<Vec<u8>>, Status> {
        if_any(self.read_head(reference, path, length).await)
    }

    /// The first bytes of a file of a result.
    ///
    /// # Errors
    /// Fails where there is no such file.
    pub async fn read_head(&self, reference: &pb::Ref, path: &str, length: i64) -> Result<Vec<u8>, Status> {
        let request = pb::ReadFileRequest {
            r#ref: reference.id.clone(),
            file_path: path.to_owned(),
            range: Some(pb::FileRange { offset: 0, length }),
        };
        let read = self.bridge.read_file(request).await;
        Ok(read.map_err(|refused| name_size(refused, path))?.data.into())
    }

    /// What a path of a result is.
    ///
    /// # Errors
    /// Fails where the daemon is too old for the question or there is no such path.
    pub async fn stat_file(&self, reference: &pb::Ref, path: &str) -> Result<Stat, Status> {
        self.caps.require(GatewayCap::StatFile)?;
        let request = pb::StatFileRequest {
            r#ref: reference.id.clone(),
            path: path.to_owned(),
        };
        Ok(self.bridge.stat_file(request).await?.stat.unwrap_or_default())
    }

    /// What is in a folder of a result.
    ///
    /// # Errors
    /// Fails where the daemon is too old for the question or there is no such folder.
    pub async fn read_dir(&self, reference: &pb::Ref, path: &str) -> Result<Vec<Stat>, Status> {
        self.caps.require(GatewayCap::ReadDir)?;
        let request = pb::ReadDirRequest {
            r#ref: reference.id.clone(),
            dir_path: path.to_owned(),
            include_pattern: String::new(),
        };
        Ok(self.bridge.read_dir(request).await?.entries)
    }

    /// Graphs that the client passed; none where the daemon knows no such thing.
    ///
    /// # Errors
    /// Fails where the daemon fails to hand them over.
    pub async fn inputs(&self) -> Result<BTreeMap<String, RawDefinition>, Status> {
        if !self.caps.supports(GatewayCap::FrontendInputs) {
            return Ok(BTreeMap::new());
        }
        let response = self.bridge.inputs().await;
        response
            .map(|inputs| from_entries(inputs.definitions))
            .map_err(|status| status.context("reading the frontend's inputs"))
    }
}

fn wire_source(identifier: &str, attrs: &BTreeMap<String, String>) -> proto::SourceOp {
    proto::SourceOp {
        identifier: identifier.to_owned(),
        attrs: proto::string_entries(attrs),
    }
}

/// The result, also where an old daemon gives it as a bare id.
fn result_of(response: pb::SolveResponse) -> pb::Result {
    response.result.unwrap_or_else(|| pb::Result {
        result: Some(pb::result::Result::RefDeprecated(response.r#ref)),
        ..pb::Result::default()
    })
}

/// The one result of a graph, of which no graph has several.
fn single(response: pb::SolveResponse) -> Result<Option<pb::Ref>, Status> {
    let reference = match result_of(response).result {
        None => None,
        Some(pb::result::Result::RefDeprecated(id)) => Some(pb::Ref {
            id,
            ..pb::Ref::default()
        }),
        Some(pb::result::Result::Ref(reference)) => Some(reference),
        Some(pb::result::Result::Refs(_) | pb::result::Result::RefsDeprecated(_)) => {
            let message = "BuildKit gave several results for one graph; please report it to BuildKit";
            return Err(Status::with_code(Code::INTERNAL, message));
        }
    };
    Ok(reference.filter(|reference| !reference.id.is_empty()))
}

/// What was read; nothing where there is no such file.
fn if_any(read: Result<Vec<u8>, Status>) -> Result<Option<Vec<u8>>, Status> {
    match read {
        Ok(data) => Ok(Some(data)),
        Err(status) if says_no_such_file(&status) => Ok(None),
        Err(status) => Err(status),
    }
}

/// Whether an error is that of an operating system about a file that is not there. Daemons give it no code of its own.
fn says_no_such_file(status: &Status) -> bool {
    let words = [
        "no such file or directory",
        "file does not exist",
        "cannot find the file",
        "cannot find the path",
    ];
    words.iter().any(|words| status.message.contains(words))
}

/// A daemon that refuses a file for its size says so in words of its own, under a general code.
fn name_size(refused: Status, path: &str) -> Status {
    let is_size = ["maximum allowed size", "larger than max"]
        .iter()
        .any(|words| refused.message.contains(words));
    if !is_size {
        return refused;
    }
    let message = format!(
        "`{path}` is larger than 16 MiB, the most that BuildKit hands over in a message ({}); keep data in files of \
         their own, for COPY to read",
        refused.message
    );
    Status {
        code: Code::RESOURCE_EXHAUSTED,
        message,
        ..refused
    }
}
