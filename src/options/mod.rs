//! Option strings to typed options. The only place that knows the strings.
//!
//! The table of options is the reference's (`frontend/dockerui/config.go`, `attr.go`, `context.go`).

mod attestation;
mod build;
mod cache_import;
mod environment;
mod frontend_caps;
mod keys;
mod network;
mod platform;
mod resources;
mod value;

use std::collections::BTreeMap;

use dockerfile_advice::Selection;
use dockerfile_compile::{NoCache, validate_check};
use llb_graph::{ExtraHost, LinuxResources, NetworkMode, Platform, ResolveMode, Ulimit};

pub use attestation::SbomRequest;
pub(crate) use build::unique_id;
pub use cache_import::CacheImport;
pub use environment::Environment;
pub use frontend_caps::{FRONTEND_CAPS, MissingCap};
pub use platform::{Targets, own as own_platform};

use keys::Options;
use value::{Problems, malformed, parse_bool};

/// A request as the client made it, typed.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where the Dockerfile and the files of the build are.
    pub place: PlaceOptions,
    /// Who compiles, and what is asked for instead of a build.
    pub handling: Handling,
    /// What the image shall be.
    pub image: ImageOptions,
    /// How each `RUN` runs.
    pub run: RunOptions,
    /// Contexts beside the main one.
    pub contexts: ContextOptions,
    /// Platforms of the result.
    pub targets: Targets,
    /// Platforms that run natively; never empty.
    pub build_platforms: Vec<Platform>,
    /// Where to look for cached results.
    pub cache_imports: Vec<CacheImport>,
    /// Whether a bill of materials goes with the image.
    pub sbom: Option<SbomRequest>,
    /// All options, to hand them to another frontend.
    pub forwarded: BTreeMap<String, String>,
    /// Session that holds the client's files; empty where there is none.
    pub session_id: String,
    /// Sessions of local sources that differ, by name of the source.
    pub local_session_ids: BTreeMap<String, String>,
}

/// Where the Dockerfile and the files of the build are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceOptions {
    /// Path of the Dockerfile in its source.
    pub filename: String,
    /// Name of the local source with the Dockerfile.
    pub dockerfile_local: String,
    /// Whether the Dockerfile is in that local source even where the context is elsewhere.
    pub dockerfile_is_local: bool,
    /// Value of the main context: a URL, or anything else for the client's files.
    pub context: String,
    /// Folder of a remote context that stands for all of it.
    pub context_subdir: Option<String>,
    /// Whether a git context keeps its `.git`, where said.
    pub keep_git_dir: bool,
    /// Whether files of a git context take the date of the commit.
    pub commit_time: bool,
    /// Whether git may print its advice.
    pub git_advice: bool,
}

/// Who compiles, and what is asked for instead of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handling {
    /// Set where BuildKit started this frontend for a `# syntax=` line, which then must not be followed again.
    pub is_forwarded: bool,
    /// A frontend that the client wants, whatever the file says.
    pub syntax: Option<String>,
    /// A feature that the client needs and that is lacking here.
    pub missing_cap: Option<MissingCap>,
    /// Name of a request for something other than a build.
    pub subrequest: Option<String>,
}

/// What the image shall be.
#[derive(Clone, Debug)]
pub struct ImageOptions {
    /// Stage to build; `None` is the last.
    pub target: Option<String>,
    /// Build args, the `BUILDKIT_*` ones too.
    pub build_args: BTreeMap<String, String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Which stages run anew.
    pub no_cache: NoCache,
    /// How images are looked up.
    pub resolve_mode: ResolveMode,
    /// Lint settings that replace those of the file.
    pub check: Option<String>,
    /// Which advice is asked for.
    pub advice: Option<Selection>,
    /// Whether tools get cache mounts that nobody wrote; `None` leaves it to the file.
    pub cache_mounts: Option<bool>,
    /// Whether sources are what the lock file says; `None` leaves it to the file.
    pub lock: Option<LockMode>,
}

/// What a lock file is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    /// It is not looked at.
    Off,
    /// Sources are what it says.
    Use,
    /// The same, and one that it lacks is an error.
    Require,
}

/// How each `RUN` runs.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Network where the instruction names none.
    pub network: NetworkMode,
    /// Entries of `/etc/hosts`.
    pub extra_hosts: Vec<ExtraHost>,
    /// Bytes of `/dev/shm`; 0 for the default.
    pub shm_size: i64,
    /// `setrlimit` limits.
    pub ulimits: Vec<Ulimit>,
    /// Parent of the containers' cgroups.
    pub cgroup_parent: String,
    /// Host name.
    pub hostname: String,
    /// Memory and CPU limits.
    pub resources: Option<LinuxResources>,
    /// Prefix of the ids of cache mounts.
    pub cache_mount_namespace: String,
}

/// Contexts beside the main one, as the client wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextOptions {
    /// `context:NAME`.
    pub named: BTreeMap<String, String>,
    /// `input-metadata:NAME`.
    pub input_metadata: BTreeMap<String, String>,
    /// `sharedkey:localdir:NAME`.
    pub shared_keys: BTreeMap<String, String>,
}

impl Request {
    /// Reads all options of a request.
    ///
    /// # Errors
    /// Names every malformed option with its value and the form expected, a line each.
    pub fn parse(environment: &Environment) -> Result<Self, String> {
        let options = Options(&environment.options);
        let mut problems = Problems::default();
        problems.take(refuse_removed(options));
        let request = Self {
            place: parse_place(options, &mut problems),
            handling: parse_handling(options),
            image: parse_image(options, &mut problems),
            run: parse_run(options, &mut problems),
            contexts: ContextOptions {
                named: options.family("context:"),
                input_metadata: options.family("input-metadata:"),
                shared_keys: options.family("sharedkey:localdir:"),
            },
            targets: problems.take(platform::parse_targets(options)),
            build_platforms: platform::build_platforms(environment),
            cache_imports: problems.take(cache_import::parse(options)),
            sbom: problems.take(attestation::parse_sbom(options)),
            forwarded: forwarded(options),
            session_id: environment.session_id.clone(),
            local_session_ids: options.family("local-sessionid:"),
        };
        problems.finish(request)
    }

    /// Session that serves a local source.
    #[must_use]
    pub fn session_of(&self, local: &str) -> &str {
        self.local_session_ids.get(local).unwrap_or(&self.session_id)
    }
}

/// All options as another frontend shall see them. As with the reference, build-args that override an option have
/// done so already.
fn forwarded(options: Options<'_>) -> BTreeMap<String, String> {
    let mut forwarded = options.0.clone();
    for (arg, key) in [
        ("build-arg:BUILDKIT_MULTI_PLATFORM", "multi-platform"),
        ("build-arg:BUILDKIT_SANDBOX_HOSTNAME", "hostname"),
    ] {
        if let Some(value) = options.find(arg).filter(|value| !value.is_empty()) {
            forwarded.insert(key.to_owned(), value.to_owned());
        }
    }
    forwarded
}

impl Request {
    /// The options for the frontend `source`, which a line or option named as `command`.
    #[must_use]
    pub fn forwarded_to(&self, source: &str, command: &str) -> BTreeMap<String, String> {
        let mut options = self.forwarded.clone();
        options.insert("cmdline".to_owned(), command.to_owned());
        options.insert("source".to_owned(), source.to_owned());
        options
    }
}

/// The target and the platforms that the client asks for, as it wrote them.
#[must_use]
pub fn asked_for(environment: &Environment) -> (&str, &str) {
    let options = Options(&environment.options);
    (options.get("target"), options.get("platform"))
}

/// The level of the log on standard error that a build-arg or the environment asks for.
#[must_use]
pub fn log_level(environment: &Environment) -> Option<&str> {
    Options(&environment.options)
        .find("build-arg:PLIMSOLL_LOG")
        .or(environment.log.as_deref())
}

/// Options that no BuildKit since 0.11 honours; silence would be worse than an error.
fn refuse_removed(options: Options<'_>) -> Result<(), String> {
    if !options.get("override-copy-image").is_empty() {
        return Err("option `override-copy-image` was removed in BuildKit 0.11: leave it out".to_owned());
    }
    if parse_bool(options.get("build-arg:BUILDKIT_DISABLE_FILEOP")) == Some(true) {
        return Err(
            "build-arg `BUILDKIT_DISABLE_FILEOP` was removed in BuildKit 0.11: leave it out".to_owned(),
        );
    }
    Ok(())
}

fn parse_place(options: Options<'_>, problems: &mut Problems) -> PlaceOptions {
    let context_key = options.find("contextkey").unwrap_or("context");
    PlaceOptions {
        filename: options.find("filename").unwrap_or("Dockerfile").to_owned(),
        dockerfile_local: options.find("dockerfilekey").unwrap_or("dockerfile").to_owned(),
        dockerfile_is_local: options.find("dockerfilekey").is_some(),
        context: options.get(context_key).to_owned(),
        context_subdir: options.find("contextsubdir").map(str::to_owned),
        keep_git_dir: parse_bool(options.get("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR")) == Some(true),
        commit_time: !options.get("build-arg:SOURCE_DATE_EPOCH").is_empty(),
        git_advice: problems.take(parse_switch(options, "build-arg:BUILDKIT_GIT_ADVICE")),
    }
}

/// A yes or no; no where it is absent or empty.
fn parse_switch(options: Options<'_>, key: &str) -> Result<bool, String> {
    match options.get(key) {
        "" => Ok(false),
        value => parse_bool(value).ok_or_else(|| malformed(key, value, "true or false")),
    }
}

/// As [`parse_switch`]; `None` where it is absent or empty.
fn parse_choice(options: Options<'_>, key: &str) -> Result<Option<bool>, String> {
    let value = Some(options.get(key)).filter(|value| !value.is_empty());
    value.map(|_| parse_switch(options, key)).transpose()
}

fn parse_handling(options: Options<'_>) -> Handling {
    Handling {
        is_forwarded: options.find("cmdline").is_some(),
        syntax: options.find("build-arg:BUILDKIT_SYNTAX").map(str::to_owned),
        missing_cap: frontend_caps::parse_missing(options.get("frontend.caps")),
        subrequest: options.find("requestid").map(str::to_owned),
    }
}

fn parse_image(options: Options<'_>, problems: &mut Problems) -> ImageOptions {
    ImageOptions {
        target: Some(options.get("target"))
            .filter(|target| !target.is_empty())
            .map(str::to_owned),
        build_args: options.family("build-arg:"),
        labels: options.family("label:"),
        no_cache: match options.find("no-cache") {
            None => NoCache::Off,
            Some("") => NoCache::All,
            Some(stages) => NoCache::Stages(stages.split(',').map(str::to_owned).collect()),
        },
        resolve_mode: problems.take(parse_resolve_mode(
            "image-resolve-mode",
            options.get("image-resolve-mode"),
        )),
        check: problems.take(parse_check(options, "build-arg:BUILDKIT_DOCKERFILE_CHECK")),
        advice: problems.take(parse_advice(options, "build-arg:PLIMSOLL_ADVICE")),
        cache_mounts: problems.take(parse_choice(options, "build-arg:PLIMSOLL_CACHE")),
        lock: problems.take(parse_lock(options, "build-arg:PLIMSOLL_LOCK")),
    }
}

fn parse_check(options: Options<'_>, key: &str) -> Result<Option<String>, String> {
    let Some(check) = options.find(key) else {
        return Ok(None);
    };
    validate_check(check).map_err(|error| format!("option `{key}`: {error}"))?;
    Ok(Some(check.to_owned()))
}

fn parse_advice(options: Options<'_>, key: &str) -> Result<Option<Selection>, String> {
    let selection = options.find(key).map(Selection::parse).transpose();
    selection.map_err(|error| format!("option `{key}`: {error}"))
}

fn parse_lock(options: Options<'_>, key: &str) -> Result<Option<LockMode>, String> {
    Ok(match options.get(key) {
        "" => None,
        "off" => Some(LockMode::Off),
        "use" => Some(LockMode::Use),
        "require" => Some(LockMode::Require),
        value => return Err(malformed(key, value, "`use`, `require` or `off`")),
    })
}

fn parse_resolve_mode(key: &str, value: &str) -> Result<ResolveMode, String> {
    match value {
        "" | "default" => Ok(ResolveMode::Default),
        "pull" => Ok(ResolveMode::ForcePull),
        "local" => Ok(ResolveMode::PreferLocal),
        _ => Err(malformed(key, value, "`default`, `pull` or `local`")),
    }
}

fn parse_run(options: Options<'_>, problems: &mut Problems) -> RunOptions {
    let hostname = match options.get("build-arg:BUILDKIT_SANDBOX_HOSTNAME") {
        "" => options.get("hostname"),
        hostname => hostname,
    };
    RunOptions {
        network: problems.take(network::parse_mode(
            "force-network-mode",
            options.get("force-network-mode"),
        )),
        extra_hosts: problems.take(network::parse_hosts("add-hosts", options.get("add-hosts"))),
        shm_size: problems.take(parse_shm_size("shm-size", options.get("shm-size"))),
        ulimits: problems.take(resources::parse_ulimits("ulimit", options.get("ulimit"))),
        cgroup_parent: options.get("cgroup-parent").to_owned(),
        hostname: hostname.to_owned(),
        resources: resources::parse_resources(&options, problems),
        cache_mount_namespace: options.get("build-arg:BUILDKIT_CACHE_MOUNT_NS").to_owned(),
    }
}

fn parse_shm_size(key: &str, value: &str) -> Result<i64, String> {
    match value {
        "" => Ok(0),
        value => value
            .parse()
            .map_err(|_| malformed(key, value, "a number of bytes, such as 67108864")),
    }
}

#[cfg(test)]
mod tests;
