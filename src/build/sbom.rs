//! The bill of materials: a scanner's image is run on what was built.
//!
//! The graph is the reference's (`frontend/attestations/sbom/sbom.go`).

use std::collections::BTreeMap;
use std::iter;

use dockerfile_compile::lock::{LockInUse, SourceKind, image_name, platform_name};
use dockerfile_compile::{Compiled, Reference};
use llb_graph::{
    ExecOp, FileAction, FileOp, Graph, ImageOptions, ImportError, Marshalled, MkdirAction, Mount, MountKind,
    Op, Output, Platform, ResolveMode, SourceOp, Vertex, latest_env,
};
use serde::Deserialize;

use super::result::key;
use crate::entry::{graph_failure, marshal};
use crate::gateway::{Bridge, Code, ImageLookup, ImageQuery, Session, Status, pb};
use crate::options::{Request, SbomRequest};

/// What is to be scanned, and the name of its statement.
const CORE: &str = "sbom";
/// Folder of what is to be scanned.
const SOURCE_DIR: &str = "/run/src";
/// Folder that the scanner writes to.
const OUT_DIR: &str = "/run/out/";
/// Kind of statement: an SPDX document.
const PREDICATE: &str = "https://spdx.dev/Document";

/// A scanner whose image was found.
pub(super) struct Scanner {
    reference: String,
    platform: Platform,
    args: Vec<String>,
    /// The image's own environment.
    env: Vec<String>,
    cwd: String,
    /// What the client tells the scanner.
    parameters: BTreeMap<String, String>,
}

/// The name of a scanner, with the digest that the lock has for it.
fn locked(request: &Request, image: &str, lock: Option<&LockInUse>) -> Result<String, String> {
    let reference = Reference::parse_normalized(image).map(Reference::or_latest);
    let (Some(lock), Ok(reference)) = (lock, reference) else {
        return Ok(image.to_owned());
    };
    let mut platforms = request.targets.platforms.iter().chain(&request.build_platforms);
    let platform = platforms.next().map(platform_name).unwrap_or_default();
    let Some(name) = image_name(&reference) else {
        return Ok(image.to_owned());
    };
    let pinned = match lock.find(SourceKind::Image, &name, &platform)? {
        Some(digest) => reference.with_digest(digest),
        None => return Ok(image.to_owned()),
    };
    pinned
        .map(|pinned| pinned.to_string())
        .map_err(|error| error.to_string())
}

/// The digest of a scanner; `None` where the daemon does not tell it.
pub(super) async fn digest<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
    image: &str,
) -> Result<Option<String>, Status> {
    let (_, digest, _) = look_up(session, request, image).await?;
    Ok(Some(digest).filter(|digest| !digest.is_empty()))
}

/// The name in effect, the digest and the config of a scanner.
async fn look_up<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
    image: &str,
) -> Result<(String, String, Vec<u8>), Status> {
    let query = ImageQuery {
        reference: image,
        platform: request.build_platforms.first(),
        resolve_mode: match request.image.resolve_mode {
            ResolveMode::Default => "",
            mode => mode.as_str(),
        },
        send_mode: true,
        log_name: "",
        oci_layout: None,
    };
    let failed = |status: Status| status.context(format!("looking up the SBOM scanner {image}"));
    match session.resolve_image(&query).await.map_err(failed)? {
        ImageLookup::Found {
            reference,
            digest,
            config,
        } => Ok((reference, digest, config)),
        ImageLookup::Redirected(identifier) => Err(Status::new(format!(
            "the SBOM scanner {image} must be an image; it is {identifier}"
        ))),
    }
}

/// As much of an image config as running it takes.
#[derive(Default, Deserialize)]
struct ImageConfig {
    #[serde(default)]
    config: Option<RunConfig>,
}

#[derive(Default, Deserialize)]
struct RunConfig {
    #[serde(rename = "Entrypoint", default)]
    entrypoint: Option<Vec<String>>,
    #[serde(rename = "Cmd", default)]
    cmd: Option<Vec<String>>,
    #[serde(rename = "Env", default)]
    env: Option<Vec<String>>,
    #[serde(rename = "WorkingDir", default)]
    working_dir: String,
}

impl Scanner {
    /// Looks the scanner's image up.
    pub(super) async fn find<B: Bridge>(
        session: &Session<'_, B>,
        request: &Request,
        sbom: &SbomRequest,
        lock: Option<&LockInUse>,
    ) -> Result<Self, Status> {
        let image = locked(request, &sbom.scanner, lock).map_err(Status::new)?;
        let platform = request.build_platforms.first().cloned().unwrap_or_default();
        let (reference, _, config) = look_up(session, request, &image).await?;
        let config: ImageConfig = serde_json::from_slice(&config)
            .map_err(|error| Status::new(format!("the config of the SBOM scanner {reference}: {error}")))?;
        let config = config.config.unwrap_or_default();
        let args: Vec<String> = config
            .entrypoint
            .into_iter()
            .chain(config.cmd)
            .flatten()
            .collect();
        if args.is_empty() {
            let message =
                format!("the SBOM scanner {reference} has neither an entry point nor a command to run");
            return Err(Status::with_code(Code::UNKNOWN, message));
        }
        let env = config.env.unwrap_or_default();
        let cwd = llb_graph::path::join(&["/", &config.working_dir]);
        Ok(Self {
            reference,
            platform,
            args,
            env,
            cwd,
            parameters: sbom.parameters.clone(),
        })
    }

    /// Scans what was built for a platform and gives the statement about it.
    pub(super) async fn scan<B: Bridge>(
        &self,
        session: &Session<'_, B>,
        platform: &Platform,
        compiled: &Compiled,
    ) -> Result<pb::Attestation, Status> {
        let definition = self.graph(&key(platform), compiled)?;
        let reference = session.solve(&definition, Vec::new()).await?;
        let metadata = [("reason", "sbom"), ("sbom-core", CORE)];
        Ok(pb::Attestation {
            kind: pb::AttestationKind::Bundle.into(),
            metadata: metadata.map(|(key, value)| (key.to_owned(), value.into())).into(),
            r#ref: Some(reference.unwrap_or_default()),
            in_toto_predicate_type: PREDICATE.to_owned(),
            ..pb::Attestation::default()
        })
    }

    /// The graph that runs the scanner.
    fn graph(&self, id: &str, compiled: &Compiled) -> Result<Marshalled, Status> {
        let mut graph = Graph::new();
        let image = Op::Source(SourceOp::image_unchecked(
            &self.reference,
            &ImageOptions::default(),
        ));
        let image = Vertex::new(image).with_platform(self.platform.clone());
        let image = graph
            .add(image)
            .map_err(|error| graph_failure(&error))?
            .first_output();

        let mut exec = ExecOp::new(Some(image), self.args.clone());
        exec.env = latest_env(&self.environment(&compiled.scan_extras)).into();
        exec.cwd = self.cwd.clone().into();
        exec.mounts.push(self.tmp(&mut graph, image)?);
        let core = compiled.scan_definition.as_ref().unwrap_or(&compiled.definition);
        let parts = iter::once(core).chain(compiled.scan_extras.values());
        let parts: Result<Vec<_>, _> = parts.map(Marshalled::decode).collect();
        let parts = parts.map_err(ImportError::Op);
        let parts = parts
            .and_then(|parts| graph.import_parts(&parts))
            .map_err(|error| {
                let message = format!("Plimsoll can't read a graph of its own, please report it: {error}");
                Status::with_code(Code::INTERNAL, message)
            })?;
        let extras = compiled.scan_extras.keys();
        let folders =
            iter::once(format!("core/{CORE}")).chain(extras.map(|name| format!("extras/{CORE}-{name}")));
        let scanned = folders
            .zip(parts)
            .map(|(folder, part)| Mount::bind(format!("{SOURCE_DIR}/{folder}"), part).with_readonly(true));
        exec.mounts.extend(scanned);
        exec.mounts.push(Mount::bind(OUT_DIR, None));
        let output = exec.mount_output(exec.mounts.len() - 1).unwrap_or_default();

        let run = Vertex::new(Op::Exec(exec))
            .with_platform(self.platform.clone())
            .with_ignore_cache(compiled.ignore_cache)
            .with_name(format!("[{id}] generating sbom using {}", self.reference));
        let run = graph.add(run).map_err(|error| graph_failure(&error))?;
        marshal(&graph, Some(run.output(output)))
    }

    /// What the scanner is told, behind its image's own settings.
    fn environment(&self, extras: &BTreeMap<String, Marshalled>) -> Vec<String> {
        let mut env = self.env.clone();
        env.push(format!("BUILDKIT_SCAN_DESTINATION={OUT_DIR}"));
        env.push(format!("BUILDKIT_SCAN_SOURCE={SOURCE_DIR}/core/{CORE}"));
        if !extras.is_empty() {
            env.push(format!("BUILDKIT_SCAN_SOURCE_EXTRAS={SOURCE_DIR}/extras"));
        }
        env.extend(
            self.parameters
                .iter()
                .map(|(key, value)| format!("BUILDKIT_SCAN_{key}={value}")),
        );
        env
    }

    /// A place for temporary files. Windows has no file systems in memory.
    fn tmp(&self, graph: &mut Graph, image: Output) -> Result<Mount, Status> {
        if self.platform.os != "windows" {
            return Ok(Mount::tmpfs("/tmp", 0));
        }
        let mkdir = MkdirAction {
            path: "/tmp".to_owned(),
            mode: 0o777,
            make_parents: true,
            ..MkdirAction::default()
        };
        let folder = Vertex::new(Op::File(FileOp::new(Some(image), FileAction::Mkdir(mkdir))));
        let folder = graph
            .add(folder.with_platform(self.platform.clone()))
            .map_err(|error| graph_failure(&error))?;
        let mut mount = Mount::bind("/tmp", Some(folder.first_output())).with_selector("/tmp");
        mount.kind = MountKind::Bind { no_output: true };
        Ok(mount)
    }
}
