//! A registry on loopback.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::json;
use ureq::Agent;

use crate::apt::{self, Package};
use crate::docker_host::DockerHost;
use crate::layer::digest;
use crate::oci::{Descriptor, Manifest, OciImage};
use crate::program::need;
use crate::supervise::{Keep, Supervised, private_folder};
use crate::{ImageSpec, Progress, Reference};

/// The registry as an image, for where its package can't be installed.
const REGISTRY_IMAGE: &str = "registry:2";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// From this size on, a blob is shared with the cache instead of copied.
const SHARED_FROM: u64 = 1 << 14;

/// A running registry; stopped on drop, and its folder removed.
#[derive(Debug)]
pub struct Registry {
    // Dropped first, so that the server is gone before anything else of ours.
    _server: Supervised,
    address: String,
    folder: PathBuf,
    agent: Agent,
}

impl Registry {
    /// Starts docker-registry on a free port, with what `seed` has (the data folder of another registry).
    pub fn start(seed: Option<&Path>, progress: &mut dyn Progress) -> Result<Self> {
        let folder = private_folder("reg")?;
        let data = folder.join("data");
        fs::create_dir_all(&data)?;
        if let Some(seed) = seed {
            share(seed, &data).context("could not fill the registry from the cache")?;
        }
        Self::start_on(folder, &data, None, progress)
    }

    /// Starts a registry whose data is in `data`, which is left in place at the end.
    pub fn start_over(data: &Path, progress: &mut dyn Progress) -> Result<Self> {
        Self::start_on(private_folder("reg")?, data, None, progress)
    }

    /// Starts a registry over the data of another one that only those are let into who are in `users`, the text of an
    /// htpasswd file with bcrypt's hashes.
    pub fn start_private(data: &Path, users: &str, progress: &mut dyn Progress) -> Result<Self> {
        Self::start_on(private_folder("reg")?, data, Some(users), progress)
    }

    /// Starts the registry that Docker Hub has as an image, in the user's Docker Engine and on this machine's network.
    pub fn start_in(docker: &DockerHost) -> Result<Self> {
        Self::serve(private_folder("reg")?, Duration::from_secs(120), |address, _| {
            Ok(docker.run(
                REGISTRY_IMAGE,
                &["--env", &format!("REGISTRY_HTTP_ADDR={address}")],
                &[],
            ))
        })
    }

    fn start_on(
        folder: PathBuf,
        data: &Path,
        users: Option<&str>,
        progress: &mut dyn Progress,
    ) -> Result<Self> {
        apt::ensure(&[Package::new("docker-registry", "docker-registry")], progress)?;
        let program = need("docker-registry", "docker-registry")?;
        Self::serve(folder, Duration::from_secs(15), |address, folder| {
            let config = folder.join("config.json");
            let mut settings = json!({
                "version": "0.1",
                "log": {"level": "info"},
                "storage": {"filesystem": {"rootdirectory": data}, "delete": {"enabled": true}},
                "http": {"addr": address},
            });
            if let Some(users) = users {
                let file = folder.join("users");
                fs::write(&file, users)?;
                settings["auth"] = json!({"htpasswd": {"realm": "plimsoll", "path": file}});
            }
            fs::write(&config, serde_json::to_vec(&settings)?)?;
            let mut command = Command::new(&program);
            command
                .arg("serve")
                .arg(&config)
                .env("OTEL_TRACES_EXPORTER", "none");
            Ok(command)
        })
    }

    /// Starts the server whose command `command` gives for an address and a folder, and waits at most `limit` for it.
    fn serve(
        folder: PathBuf,
        limit: Duration,
        command: impl Fn(&str, &Path) -> Result<Command>,
    ) -> Result<Self> {
        let agent: Agent = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(5)))
            .build()
            .into();
        let log = folder.join("registry.log");
        let mut failure = None;
        // Somebody may take the free port between our look and the server's start.
        for _ in 0..3 {
            fs::create_dir_all(&folder)?;
            let address = format!("127.0.0.1:{}", free_port()?);
            let keep = Keep {
                grace: Duration::from_secs(10),
                mark: None,
                folder: Some(folder.clone()),
            };
            let mut server = Supervised::start(&command(&address, &folder)?, &keep, &log)?;
            let url = format!("http://{address}/v2/");
            // One that asks for a password is there as well.
            let ready = || {
                let answer = agent.get(&url).call();
                answer.is_ok_and(|answer| matches!(answer.status().as_u16(), 200 | 401))
            };
            match server.wait_ready(limit, ready) {
                Ok(()) => {
                    return Ok(Self {
                        _server: server,
                        address,
                        folder,
                        agent,
                    });
                }
                Err(error) => failure = Some(error),
            }
        }
        let failure = failure.unwrap_or_else(|| anyhow::anyhow!("no free port"));
        Err(failure.context("could not start the registry"))
    }

    /// Where it listens, as `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The full name here, such as `127.0.0.1:PORT/plimsoll:1`, of an image that was pushed as `name`.
    pub fn image_name(&self, name: &str) -> String {
        let Reference { repository, tag } = Reference::parse(name);
        format!("{}/{repository}:{tag}", self.address)
    }

    /// A folder for scratch files that lives as long as the registry.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The server's log: one line for each request.
    pub fn log(&self) -> PathBuf {
        self.folder.join("registry.log")
    }

    /// Pushes an image that was assembled here, under each of the names.
    pub fn push_image(&self, image: &ImageSpec, names: &[&str]) -> Result<()> {
        let config = image.config_json()?;
        let layers: Vec<_> = image
            .layers
            .iter()
            .map(|layer| json!({"mediaType": LAYER, "digest": layer.digest, "size": layer.size}))
            .collect();
        let manifest = serde_json::to_vec(&json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": digest(&config), "size": config.len()},
            "layers": layers,
        }))?;
        for name in names.iter().map(|name| Reference::parse(name)) {
            for layer in &image.layers {
                self.push_blob(&name.repository, &layer.digest, &layer.path)?;
            }
            let file = tempfile::NamedTempFile::new()?;
            fs::write(file.path(), &config)?;
            self.push_blob(&name.repository, &digest(&config), file.path())?;
            self.push_manifest(&name.repository, &name.tag, MANIFEST, &manifest)?;
        }
        Ok(())
    }

    /// Pushes what an OCI layout tar holds, with all its platforms and attestations, under a name.
    pub fn push_oci_tar(&self, tar: &Path, name: &str) -> Result<()> {
        let image = OciImage::open(tar)?;
        let name = Reference::parse(name);
        let [root] = image.roots.as_slice() else {
            bail!(
                "{} holds {} images: give one at a time",
                tar.display(),
                image.roots.len()
            );
        };
        self.push_tree(&image, root, &name.repository, &name.tag)
    }

    fn push_tree(&self, image: &OciImage, root: &Descriptor, repository: &str, tag: &str) -> Result<()> {
        let bytes = fs::read(image.blob(&root.digest)?)?;
        let manifest: Manifest = serde_json::from_slice(&bytes)?;
        for child in &manifest.manifests {
            self.push_tree(image, child, repository, &child.digest)?;
        }
        for blob in manifest.layers.iter().chain(&manifest.config) {
            self.push_blob(repository, &blob.digest, &image.blob(&blob.digest)?)?;
        }
        self.push_manifest(repository, tag, &root.media_type, &bytes)
    }

    fn push_blob(&self, repository: &str, digest: &str, file: &Path) -> Result<()> {
        let base = format!("http://{}/v2/{repository}/blobs", self.address);
        if self.agent.head(format!("{base}/{digest}")).call()?.status() == 200 {
            return Ok(());
        }
        let begun = self.agent.post(format!("{base}/uploads/")).send_empty()?;
        let location = begun
            .headers()
            .get("location")
            .and_then(|value| value.to_str().ok());
        let location =
            location.with_context(|| format!("the registry refused an upload: {}", begun.status()))?;
        let url = format!("{location}&digest={digest}");
        let size = file.metadata()?.len();
        let answer = self
            .agent
            .put(url)
            .header("content-type", "application/octet-stream")
            .header("content-length", size.to_string())
            .send(File::open(file)?)?;
        if answer.status() != 201 {
            bail!(
                "the registry refused {digest} of {repository}: {}",
                answer.status()
            );
        }
        Ok(())
    }

    fn push_manifest(&self, repository: &str, tag: &str, kind: &str, bytes: &[u8]) -> Result<()> {
        let url = format!("http://{}/v2/{repository}/manifests/{tag}", self.address);
        let mut answer = self.agent.put(url).header("content-type", kind).send(bytes)?;
        if answer.status() != 201 {
            let why = answer.body_mut().read_to_string().unwrap_or_default();
            bail!(
                "the registry refused {repository}:{tag}: {} {why}",
                answer.status()
            );
        }
        Ok(())
    }

    /// Says whether the registry has an image of that name.
    pub fn has(&self, name: &str) -> Result<bool> {
        let name = Reference::parse(name);
        let url = format!(
            "http://{}/v2/{}/manifests/{}",
            self.address, name.repository, name.tag
        );
        let accept = format!("{MANIFEST}, application/vnd.oci.image.index.v1+json");
        Ok(self.agent.head(url).header("accept", accept).call()?.status() == 200)
    }
}

/// A port on loopback that nobody listens on just now.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Copies a registry's data; large blobs are linked, for the server never writes to a finished blob.
fn share(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let meta = entry.metadata()?;
        if meta.is_dir() {
            fs::create_dir_all(&target)?;
            share(&source, &target)?;
        } else if meta.len() < SHARED_FROM {
            fs::copy(&source, &target)?;
        } else if fs::hard_link(&source, &target).is_err() {
            // The temporary folder may be on another disk.
            std::os::unix::fs::symlink(&source, &target)?;
        }
    }
    Ok(())
}
