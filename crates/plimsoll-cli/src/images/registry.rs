//! Images as a registry has them.

use std::sync::Arc;

use dockerfile_compile::{ImageAnswer, ImageRequest, ImageStore, host};
use llb_graph::Platform;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use serde::Deserialize;
use tokio::task::JoinSet;

use super::credentials::Credentials;

/// What a manifest may be.
const MANIFESTS: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];
/// The largest config of an image.
const CONFIG_BYTES: i64 = 8 << 20;
/// How long a registry may be silent.
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// Looks images up, with the credentials of `docker login`.
pub(super) struct Registry {
    /// Registries without TLS.
    insecure: Vec<String>,
    credentials: Arc<Credentials>,
}

/// A manifest of an image, or an index of several.
#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    manifests: Vec<Descriptor>,
    config: Option<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
    #[serde(default)]
    size: i64,
    platform: Option<WirePlatform>,
}

#[derive(Deserialize)]
struct WirePlatform {
    os: String,
    architecture: String,
    #[serde(default)]
    variant: String,
}

impl Registry {
    /// With these registries spoken to without TLS, beside those on this machine.
    pub(super) fn new(insecure: &[String]) -> Self {
        provide_encryption();
        Self {
            insecure: insecure.to_vec(),
            credentials: Arc::new(Credentials::of_user()),
        }
    }

    /// Looks images up side by side; a result for each request, in the same order.
    pub(super) fn look_up(&self, requests: &[&ImageRequest]) -> Vec<Result<ImageAnswer, String>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => {
                let message = format!("can't look images up: {error}");
                return requests.iter().map(|_| Err(message.clone())).collect();
            }
        };
        let unfinished = || Err("the look-up ended before it was done; please report it".to_owned());
        let mut found: Vec<Result<ImageAnswer, String>> = requests.iter().map(|_| unfinished()).collect();
        runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for (index, request) in requests.iter().enumerate() {
                let insecure = self.insecure.clone();
                let credentials = Arc::clone(&self.credentials);
                let request = (*request).clone();
                tasks.spawn(async move { (index, look_up(&request, insecure, &credentials).await) });
            }
            while let Some(ended) = tasks.join_next().await {
                if let Ok((index, result)) = ended
                    && let Some(slot) = found.get_mut(index)
                {
                    *slot = result;
                }
            }
        });
        found
    }
}

/// Says what encrypts; without it the client panics.
pub(crate) fn provide_encryption() {
    // A second call finds the same provider in place.
    let _ = rustls_graviola::default_provider().install_default();
}

async fn look_up(
    request: &ImageRequest,
    insecure: Vec<String>,
    credentials: &Credentials,
) -> Result<ImageAnswer, String> {
    if let ImageStore::OciLayout { store_id, .. } = &request.store {
        return Err(format!(
            "the OCI layout {store_id} is served by clients such as `docker buildx`, not here"
        ));
    }
    let name = &request.reference;
    let image: Reference = name.parse().map_err(|error| format!("{name}: {error}"))?;
    let auth = credentials.of(image.registry())?;
    let client = client(&image, insecure)?;
    let (top, digest) = manifest(&client, &image, &auth).await?;
    let (image, manifest) = match choose(&top, request.platform.as_ref()) {
        None => (image, top),
        Some(chosen) => {
            let image = image.clone_with_digest(chosen?.digest.clone());
            let (manifest, _) = manifest(&client, &image, &auth).await?;
            (image, manifest)
        }
    };
    let config = manifest
        .config
        .ok_or_else(|| format!("{name} is no image: its manifest has no config"))?;
    if config.size > CONFIG_BYTES {
        return Err(format!(
            "the config of {name} has {} bytes, which no image needs",
            config.size
        ));
    }
    let mut bytes = Vec::new();
    let pulled = client.pull_blob(&image, config.digest.as_str(), &mut bytes).await;
    pulled.map_err(|error| told(&image, &error))?;
    Ok(ImageAnswer::Found {
        reference: name.clone(),
        digest,
        config: bytes,
    })
}

fn client(image: &Reference, insecure: Vec<String>) -> Result<Client, String> {
    let mut plain = insecure;
    let registry = image.resolve_registry();
    if is_here(registry) {
        plain.push(registry.to_owned());
    }
    if !can_encrypt() && !plain.iter().any(|known| known == registry) {
        return Err(format!(
            "{image}: this processor is too old for the encryption that registries are spoken to with: use \
             `--images FILE` with a file that `plimsoll images` wrote on another machine"
        ));
    }
    Ok(Client::new(ClientConfig {
        protocol: ClientProtocol::HttpsExcept(plain),
        connect_timeout: Some(PATIENCE),
        read_timeout: Some(PATIENCE),
        user_agent: concat!("plimsoll/", env!("CARGO_PKG_VERSION")),
        ..ClientConfig::default()
    }))
}

/// Whether the processor has the instructions without which the library that encrypts would panic.
#[cfg(target_arch = "x86_64")]
pub(crate) fn can_encrypt() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("aes") && has!("pclmulqdq") && has!("bmi1") && has!("adx") && has!("avx") && has!("avx2")
}

/// Whether the processor has the instructions without which the library that encrypts would panic.
#[cfg(target_arch = "aarch64")]
pub(crate) fn can_encrypt() -> bool {
    use std::arch::is_aarch64_feature_detected as has;
    has!("neon") && has!("aes") && has!("pmull") && has!("sha2")
}

/// Whether a registry is on this machine, where clients speak without TLS.
fn is_here(registry: &str) -> bool {
    let host = match registry.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => registry.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host == "::1" || host.parse().is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback())
}

async fn manifest(
    client: &Client,
    image: &Reference,
    auth: &RegistryAuth,
) -> Result<(Manifest, String), String> {
    let pulled = client.pull_manifest_raw(image, auth, &MANIFESTS).await;
    let (bytes, digest) = pulled.map_err(|error| told(image, &error))?;
    let manifest = serde_json::from_slice(&bytes);
    let manifest = manifest.map_err(|error| format!("the manifest of {image} can't be read: {error}"))?;
    Ok((manifest, digest))
}

/// An error about an image.
fn told(image: &Reference, error: &dyn std::error::Error) -> String {
    with_causes(format!("{image}: {error}"), error)
}

/// An error with all its causes, since the outermost alone says little; `text` tells it so far.
pub(crate) fn with_causes(mut text: String, error: &dyn std::error::Error) -> String {
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(&format!(": {more}"));
        }
        cause = error.source();
    }
    text
}

/// The manifest of an index that suits a platform best; `None` where there is no index.
fn choose<'m>(top: &'m Manifest, wanted: Option<&Platform>) -> Option<Result<&'m Descriptor, String>> {
    if top.manifests.is_empty() {
        return None;
    }
    let wanted = wanted.cloned().unwrap_or_else(host::platform).normalize();
    let there: Vec<(Platform, &Descriptor)> = top
        .manifests
        .iter()
        .filter_map(|descriptor| {
            let platform = descriptor.platform.as_ref()?;
            let platform = Platform::new(platform.os.as_str(), platform.architecture.as_str())
                .with_variant(platform.variant.as_str());
            Some((platform.normalize(), descriptor))
        })
        .collect();
    let best = suiting(&wanted).into_iter().find_map(|suiting| {
        let same = |platform: &Platform| {
            (&platform.os, &platform.architecture, &platform.variant)
                == (&suiting.os, &suiting.architecture, &suiting.variant)
        };
        there
            .iter()
            .find(|(platform, _)| same(platform))
            .map(|(_, descriptor)| *descriptor)
    });
    Some(best.ok_or_else(|| {
        let mut names: Vec<String> = there
            .iter()
            .filter(|(platform, _)| platform.os != "unknown")
            .map(|(platform, _)| platform.format_all())
            .collect();
        names.dedup();
        format!(
            "the image is not there for {}, only for {}",
            wanted.format_all(),
            names.join(", ")
        )
    }))
}

/// The platforms whose programs run on `wanted`, the best one first.
fn suiting(wanted: &Platform) -> Vec<Platform> {
    let of = |architecture: &str, variant: &str| {
        let platform = Platform::new(wanted.os.as_str(), architecture).with_variant(variant);
        platform.normalize()
    };
    let number = |default: u32| wanted.variant.trim_start_matches('v').parse().unwrap_or(default);
    let mut suiting = vec![wanted.clone()];
    match wanted.architecture.as_str() {
        "amd64" => {
            let lower = (1..number(1)).rev();
            suiting.extend(lower.map(|variant| of("amd64", &format!("v{variant}"))));
            suiting.push(of("386", ""));
        }
        "arm64" => suiting.extend((5..=8).rev().map(|variant| of("arm", &format!("v{variant}")))),
        "arm" => suiting.extend(
            (5..number(7))
                .rev()
                .map(|variant| of("arm", &format!("v{variant}"))),
        ),
        _ => {}
    }
    suiting
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(there: &[&str], wanted: &str) -> Result<String, String> {
        let host = host::platform();
        let manifests = there.iter().map(|text| {
            let platform = Platform::parse(text, &host).unwrap();
            Descriptor {
                digest: (*text).to_owned(),
                size: 0,
                platform: Some(WirePlatform {
                    os: platform.os,
                    architecture: platform.architecture,
                    variant: platform.variant,
                }),
            }
        });
        let top = Manifest {
            manifests: manifests.collect(),
            config: None,
        };
        let wanted = Platform::parse(wanted, &host).unwrap();
        choose(&top, Some(&wanted))
            .unwrap()
            .map(|descriptor| descriptor.digest.clone())
    }

    #[test]
    fn the_platform_that_suits_best() {
        let there = ["linux/amd64", "linux/arm/v6", "linux/arm/v7", "windows/amd64"];
        for (wanted, found) in [
            ("linux/amd64", Some("linux/amd64")),
            ("linux/amd64/v3", Some("linux/amd64")),
            ("linux/arm64", Some("linux/arm/v7")),
            ("linux/arm/v6", Some("linux/arm/v6")),
            ("windows/amd64", Some("windows/amd64")),
            ("linux/riscv64", None),
        ] {
            assert_eq!(chosen(&there, wanted).ok().as_deref(), found, "{wanted}");
        }
        let error = chosen(&there, "linux/riscv64").unwrap_err();
        assert!(
            error.contains("linux/riscv64, only for linux/amd64, linux/arm/v6"),
            "{error}"
        );
    }

    #[test]
    fn registries_on_this_machine() {
        for (registry, here) in [
            ("localhost:5000", true),
            ("127.0.0.1:41", true),
            ("[::1]:5000", true),
            ("localhost.example.com", false),
            ("index.docker.io", false),
        ] {
            assert_eq!(is_here(registry), here, "{registry}");
        }
    }
}
