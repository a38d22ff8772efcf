//! One conversation with a daemon: the calls of [`Bridge`], fitted to what that daemon can do.

use std::cell::Cell;
use std::collections::BTreeMap;

use prost::Message;

use llb_graph::{CapSet, Marshalled, Platform, RawDefinition, SourceOp, proto};

use super::caps::llb_caps;
use super::client::too_large;
use super::size::told;
use super::{
    Bridge, Code, GatewayCap, GatewayCaps, MAX_MESSAGE_BYTES, Stat, Status, from_entries, pb, to_entries,
};

/// How errors call what is solved.
const GRAPH: &str = "the build graph";

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
        single(self.send(request).await?)
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
        let reference = single(self.send(request).await?)?;
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

    /// Sends a graph; without the text of the files that it comes from where that is more than the daemon takes. What
    /// is built is the same.
    async fn send(&self, mut request: pb::SolveRequest) -> Result<pb::SolveResponse, Status> {
        let mut limit = MAX_MESSAGE_BYTES;
        let size = request.encoded_len();
        if size <= limit {
            let answer = self.bridge.solve(request.clone()).await;
            match refused_for(size, &answer) {
                Some(told) => limit = told,
                None => return answer,
            }
        }
        request.definition = request.definition.map(|graph| graph.without_texts());
        let size = request.encoded_len();
        let too_large = |limit| {
            Err(too_large(
                GRAPH,
                (size, limit),
                "build a target that needs fewer of its stages, or split the Dockerfile",
            ))
        };
        if size > limit {
            return too_large(limit);
        }
        let answer = self.bridge.solve(request).await;
        refused_for(size, &answer).map_or(answer, too_large)
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

/// The limit of a daemon that takes no message of this size, as it says.
fn refused_for<T>(size: usize, answer: &Result<T, Status>) -> Option<usize> {
    let refused = answer.as_ref().err()?;
    let (sent, limit) = told(&refused.message)?;
    (sent == size).then_some(limit)
}

/// Whether an error is that of a graph that is too large to be sent.
pub fn is_of_graph_size(status: &Status) -> bool {
    status.code == Code::RESOURCE_EXHAUSTED && status.message.starts_with(GRAPH)
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
