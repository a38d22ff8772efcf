//! From the command line to the options of the compile core.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dockerfile_compile::{BuildOptions, SourceFile, host, validate_check};
use llb_graph::{Platform, Reference};

use crate::arguments::BuildArguments;
use crate::files::Input;
use crate::output::Failure;

/// The build argument that replaces the file's `# check=` line, as in builds.
const CHECK_ARG: &str = "BUILDKIT_DOCKERFILE_CHECK";
/// The one that asks for cache mounts that nobody wrote.
const CACHE_ARG: &str = "PLIMSOLL_CACHE";

/// What a command line says of a build, understood.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) target: Option<String>,
    /// What is the same for all files: options without a file, one for each platform that was asked for.
    bare: Vec<BuildOptions>,
    /// Named contexts in the form in which builds get them.
    pub(crate) contexts: BTreeMap<String, String>,
    /// The folders behind some of them.
    folders: BTreeMap<String, PathBuf>,
    context: Option<PathBuf>,
}

impl Wanted {
    /// Reads the command line.
    ///
    /// # Errors
    /// Says what is malformed.
    pub(crate) fn parse(arguments: &BuildArguments) -> Result<Self, Failure> {
        let build_args = arguments.build_args.iter().filter_map(|text| build_arg(text));
        let build_args: BTreeMap<String, String> = build_args.collect::<Result<_, _>>()?;
        if let Some(check) = build_args.get(CHECK_ARG) {
            validate_check(check).map_err(|error| format!("--build-arg {CHECK_ARG}: {error}"))?;
        }
        if let Some(value) = build_args.get(CACHE_ARG).filter(|value| !value.is_empty())
            && parse_switch(value).is_none()
        {
            return Err(Failure::new(format!(
                "--build-arg {CACHE_ARG}={value} is neither yes nor no: write 1 or 0"
            )));
        }
        let platforms = arguments.platform.iter().map(|text| platform(text));
        let platforms: Vec<Platform> = platforms.collect::<Result<_, _>>()?;
        let mut wanted = Self {
            target: arguments.target.clone().filter(|target| !target.is_empty()),
            bare: Vec::new(),
            contexts: BTreeMap::new(),
            folders: BTreeMap::new(),
            context: arguments.context.clone(),
        };
        if let Some(folder) = wanted.context.as_deref().filter(|folder| !folder.is_dir()) {
            return Err(Failure::new(format!(
                "--context {}: there is no such folder",
                folder.display()
            )));
        }
        for text in &arguments.build_contexts {
            wanted.add_context(text)?;
        }
        let of = |platform: Option<&Platform>| BuildOptions {
            target: wanted.target.clone(),
            build_args: build_args.clone(),
            target_platform: platform.cloned(),
            named_contexts: wanted.contexts.clone(),
            check: build_args.get(CHECK_ARG).cloned(),
            cache_mounts: build_args.get(CACHE_ARG).and_then(|value| parse_switch(value)),
            ..BuildOptions::new(SourceFile::new("", ""))
        };
        // Without any it is left to the base image.
        wanted.bare = match platforms.as_slice() {
            [] => vec![of(None)],
            platforms => platforms.iter().map(|platform| of(Some(platform))).collect(),
        };
        Ok(wanted)
    }

    fn add_context(&mut self, text: &str) -> Result<(), Failure> {
        let malformed = |why: &str| Failure::new(format!("--build-context {text}: {why}"));
        let (name, value) = text
            .split_once('=')
            .filter(|(name, value)| !name.is_empty() && !value.is_empty())
            .ok_or_else(|| malformed("write NAME=VALUE, such as lib=../lib or base=docker-image://alpine"))?;
        let reference = Reference::parse_normalized(name).map_err(|error| malformed(&error.to_string()))?;
        let familiar = reference.familiar();
        let name = familiar.strip_suffix(":latest").unwrap_or(&familiar);
        let value = if is_elsewhere(value) {
            value.to_owned()
        } else {
            let folder = PathBuf::from(value);
            if !folder.is_dir() {
                return Err(malformed(&format!("there is no folder {value}")));
            }
            self.folders.insert(name.to_owned(), folder);
            format!("local:{name}")
        };
        self.contexts.insert(name.to_owned(), value);
        Ok(())
    }

    /// The options for each platform that was asked for; at least one.
    pub(crate) fn options(&self, source: &SourceFile) -> Vec<BuildOptions> {
        let source = Arc::new(source.clone());
        let of = |bare: &BuildOptions| BuildOptions {
            source: Arc::clone(&source),
            ..bare.clone()
        };
        self.bare.iter().map(of).collect()
    }

    /// The options where there can be one platform only.
    ///
    /// # Errors
    /// Fails where several are asked for.
    pub(crate) fn single(&self, source: &SourceFile) -> Result<BuildOptions, Failure> {
        let mut options = self.options(source);
        match (options.pop(), options.len()) {
            (Some(only), 0) => Ok(only),
            _ => Err(Failure::new("--platform: this takes one platform at a time")),
        }
    }

    /// The folder of the build context.
    pub(crate) fn context(&self, input: &Input) -> PathBuf {
        self.context.clone().unwrap_or_else(|| input.folder())
    }

    /// The folder of a local source of a named context.
    pub(crate) fn folder(&self, local: &str) -> Option<&Path> {
        self.folders.get(local).map(PathBuf::as_path)
    }
}

/// `NAME=VALUE`, or `NAME` with a value in the environment; nothing where it has none, as with other clients.
fn build_arg(text: &str) -> Option<Result<(String, String), Failure>> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, value.to_owned()),
        None => (text, env::var(text).ok()?),
    };
    if name.is_empty() {
        return Some(Err(Failure::new(format!(
            "--build-arg {text}: the name is missing; write NAME=VALUE, or NAME for a variable of the environment"
        ))));
    }
    Some(Ok((name.to_owned(), value)))
}

fn platform(text: &str) -> Result<Platform, Failure> {
    let platform = Platform::parse(text, &host::platform()).map_err(|error| {
        Failure::new(format!(
            "--platform {text}: {error}; write OS/ARCHITECTURE[/VARIANT], such as linux/arm64"
        ))
    })?;
    Ok(platform.normalize())
}

/// Whether the value of a named context is something else than a folder.
fn is_elsewhere(value: &str) -> bool {
    value.contains("://")
        || value.starts_with("git@")
        || ["target:", "oci-layout:", "input:"]
            .iter()
            .any(|scheme| value.starts_with(scheme))
}

/// What Go's `strconv.ParseBool` takes.
fn parse_switch(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
