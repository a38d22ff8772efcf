//! One `buildctl build`, and what it said about itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::program::tail;
use crate::{Engine, FRONTEND, Record};

/// What becomes of a build's result.
#[derive(Debug, Clone)]
pub enum Output {
    /// An OCI layout tar in this file.
    OciTar(PathBuf),
    /// The files of the result in this folder.
    Folder(PathBuf),
    /// An image of this name in the engine's registry.
    Push(String),
    /// Anything else, as `--output` takes it.
    Raw(String),
}

/// A build to be run with `buildctl`.
#[derive(Debug, Clone)]
pub struct Build {
    frontend: Frontend,
    context: PathBuf,
    dockerfile: Option<PathBuf>,
    options: Vec<(String, String)>,
    flags: Vec<String>,
    env: Vec<(String, String)>,
    output: Option<Output>,
}

#[derive(Debug, Clone)]
enum Frontend {
    /// An image, run by the daemon.
    Image(String),
    /// The daemon's own `dockerfile.v0`, which goes by the `# syntax=` line.
    BuiltIn,
}

/// A finished build.
#[derive(Debug)]
pub struct Built {
    /// How the client ended.
    pub status: ExitStatus,
    /// The progress record.
    pub record: Record,
    /// What the client printed beside the record: for a failed build, its error as a person sees it.
    pub stderr: String,
    /// The record as the client printed it: all bytes of its stdout and stderr.
    pub raw: String,
    /// The exporter's answer, such as `containerimage.digest`; null for a failed build.
    pub metadata: Value,
}

impl Build {
    /// A build of the folder `context` by Plimsoll's image, which was pushed as [`FRONTEND`].
    pub fn new(context: impl Into<PathBuf>) -> Self {
        Self {
            frontend: Frontend::Image(FRONTEND.to_owned()),
            context: context.into(),
            dockerfile: None,
            options: Vec::new(),
            flags: Vec::new(),
            env: Vec::new(),
            output: None,
        }
    }

    /// Uses another frontend image, by the name that it was pushed as.
    pub fn frontend(mut self, name: &str) -> Self {
        self.frontend = Frontend::Image(name.to_owned());
        self
    }

    /// Uses the frontend that the daemon has built in, which hands over to the one of a `# syntax=` line.
    pub fn built_in(mut self) -> Self {
        self.frontend = Frontend::BuiltIn;
        self
    }

    /// The daemon's own frontend, whatever the `# syntax=` line says: the reference.
    pub fn reference(self) -> Self {
        // The empty value stops the frontend from looking at the line.
        self.built_in()
            .opt("build-arg:BUILDKIT_SYNTAX", "")
            .opt("cmdline", "reference")
    }

    /// The Dockerfile, when it is not `Dockerfile` in the context's folder.
    pub fn dockerfile(mut self, file: impl Into<PathBuf>) -> Self {
        self.dockerfile = Some(file.into());
        self
    }

    /// An option for the frontend.
    pub fn opt(mut self, key: &str, value: &str) -> Self {
        self.options.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The stage to build.
    pub fn target(self, stage: &str) -> Self {
        self.opt("target", stage)
    }

    /// A build argument.
    pub fn arg(self, name: &str, value: &str) -> Self {
        self.opt(&format!("build-arg:{name}"), value)
    }

    /// Ignores cached results.
    pub fn no_cache(mut self) -> Self {
        self.flags.push("--no-cache".to_owned());
        self
    }

    /// Offers the file as the secret `id`.
    pub fn secret_file(self, id: &str, file: &Path) -> Self {
        self.flag("--secret")
            .flag(&format!("id={id},src={}", file.display()))
    }

    /// Offers the value as the secret `id`, by way of an environment variable of the client.
    pub fn secret(mut self, id: &str, value: &str) -> Self {
        let variable = format!("PLIMSOLL_SECRET_{}", self.env.len());
        self.env.push((variable.clone(), value.to_owned()));
        self.flag("--secret").flag(&format!("id={id},env={variable}"))
    }

    /// Offers the ssh agent at a socket, or the key in a file, as `id`.
    pub fn ssh(self, id: &str, agent_or_key: &Path) -> Self {
        self.flag("--ssh")
            .flag(&format!("{id}={}", agent_or_key.display()))
    }

    /// Offers a further folder under a name, for a named context: pass `context:NAME` as `local:FOLDER_NAME` yourself.
    pub fn local(self, name: &str, folder: &Path) -> Self {
        self.flag("--local").flag(&format!("{name}={}", folder.display()))
    }

    /// Offers a folder as the named context `name`, as `--build-context` of other clients does.
    pub fn context(self, name: &str, folder: &Path) -> Self {
        let local = format!("context-{name}");
        self.opt(&format!("context:{name}"), &format!("local:{local}"))
            .local(&local, folder)
    }

    /// Any other argument of `buildctl build`.
    pub fn flag(mut self, argument: &str) -> Self {
        self.flags.push(argument.to_owned());
        self
    }

    /// An environment variable of the client.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What becomes of the result; without it the result only stays in the daemon's cache.
    pub fn output(mut self, output: Output) -> Self {
        self.output = Some(output);
        self
    }

    /// The result as an OCI layout tar in `file`.
    pub fn oci(self, file: impl Into<PathBuf>) -> Self {
        self.output(Output::OciTar(file.into()))
    }

    /// The client's command, with `progress` as the way in which it shows progress (`rawjson`, `plain`, `auto`).
    pub fn command(&self, engine: &Engine, progress: &str) -> Command {
        let mut command = engine.buildctl();
        command.args(["build", "--progress", progress]);
        match &self.frontend {
            Frontend::Image(name) => {
                command.args(["--frontend", "gateway.v0", "--opt"]);
                command.arg(format!("source={}", engine.image_name(name)));
            }
            Frontend::BuiltIn => {
                command.args(["--frontend", "dockerfile.v0"]);
            }
        }
        command
            .arg("--local")
            .arg(format!("context={}", self.context.display()));
        let folder = self
            .dockerfile
            .as_deref()
            .and_then(Path::parent)
            .unwrap_or(&self.context);
        command
            .arg("--local")
            .arg(format!("dockerfile={}", folder.display()));
        if let Some(name) = self.dockerfile.as_deref().and_then(Path::file_name) {
            command.arg("--opt").arg(format!("filename={}", name.display()));
        }
        for (key, value) in &self.options {
            command.arg("--opt").arg(format!("{key}={value}"));
        }
        command
            .args(&self.flags)
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        match &self.output {
            Some(Output::OciTar(file)) => command
                .arg("--output")
                .arg(format!("type=oci,dest={}", file.display())),
            Some(Output::Folder(folder)) => command
                .arg("--output")
                .arg(format!("type=local,dest={}", folder.display())),
            Some(Output::Push(name)) => {
                let crate::Reference { repository, tag } = crate::Reference::parse(name);
                let name = format!("{}/{repository}:{tag}", engine.registry().address());
                command
                    .arg("--output")
                    .arg(format!("type=image,name={name},push=true"))
            }
            Some(Output::Raw(text)) => command.arg("--output").arg(text),
            None => &mut command,
        };
        command
    }

    /// Runs the build to its end. A build that fails is an answer and no error.
    pub fn run(&self, engine: &Engine) -> Result<Built> {
        let metadata = tempfile::NamedTempFile::new()?;
        let mut command = self.command(engine, "rawjson");
        command
            .arg("--metadata-file")
            .arg(metadata.path())
            .stdin(Stdio::null());
        let output = command.output().context("could not start buildctl")?;
        let raw = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        let raw = String::from_utf8_lossy(&raw).into_owned();
        let (record, stderr) = Record::parse(&raw);
        let metadata = fs::read(metadata.path())
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(Built {
            status: output.status,
            record,
            stderr,
            raw,
            metadata: metadata.unwrap_or_default(),
        })
    }

    /// Runs the build and fails when it fails, with the client's error and what the failed steps printed.
    pub fn run_ok(&self, engine: &Engine) -> Result<Built> {
        let built = self.run(engine)?;
        if !built.status.success() {
            let failed = built
                .record
                .vertices
                .iter()
                .filter(|vertex| !vertex.error.is_empty());
            let output: String = failed
                .map(|vertex| format!("{}\n{}", vertex.name, vertex.output))
                .collect();
            bail!("the build failed:\n{}\n{}", tail(&output, 40), built.stderr);
        }
        Ok(built)
    }

    /// Runs the build with its progress shown as to a person, on this process's own stderr.
    pub fn run_shown(&self, engine: &Engine, progress: &str) -> Result<()> {
        let status = self
            .command(engine, progress)
            .status()
            .context("could not start buildctl")?;
        anyhow::ensure!(status.success(), "the build failed");
        Ok(())
    }
}
