//! A build as a chain of calls: the file system of a [`State`], and what the next command on it finds.
//!
//! Two commands, with a cache and a secret:
//!
//! ```
//! use llb_graph::{MarshalOptions, StateError, image, shlex};
//!
//! fn main() -> Result<(), StateError> {
//!     let source = image("golang:1.26").dir("/src").env("CGO_ENABLED", "0");
//!     let fetched = source.run(shlex("go mod download")).cache("/go/pkg/mod").secret("netrc");
//!     let built = fetched.run(shlex("go build ./...")).cache("/go/pkg/mod");
//!     let definition = built.marshal(&MarshalOptions::default())?;
//!     assert_eq!(definition.count(), 4); // the image, two commands, and the terminal op
//!     Ok(())
//! }
//! ```
//!
//! A state is a value: every call gives a new one and leaves the old one as it was, so that two chains can go on from it.
//! Copying one costs nothing. The bytes are those that the same calls of the reference's Go client give. A mistake is kept
//! until the state is marshalled; [`State::error`] tells of it before.

mod about;
mod command;
mod error;
mod files;
mod image_config;
mod node;
mod run;
mod settings;
mod sources;

use std::net::IpAddr;
use std::sync::Arc;

use about::{About, about_methods};
use image_config::ImageConfig;
use node::{Adder, Body, Inputs, Made, Node};
use settings::{Settings, resolve_dir, set_env};

use crate::{
    BuildOp, Definition, DiffOp, ExtraHost, FileSystem, Graph, MarshalOptions, Marshalled, MergeOp,
    NetworkMode, Op, PassthroughOp, Platform, SecurityMode, Ulimit,
};

pub use command::{Command, shell, shlex};
pub use error::StateError;
pub use files::{Actions, Copy, copy, mkdir, mkfile, rm, symlink};
pub use run::Run;
pub use sources::{git, http, image, local, oci_layout, scratch};

/// A file system at some point of a build, and the settings for the commands that come next. See the
/// [module](self).
///
/// The settings are directory, environment, user, platform and the like. They are no part of the file system: they are
/// not in an exported image, whose config a client writes itself.
#[derive(Clone, Debug)]
#[must_use]
pub struct State {
    /// `None` is the empty file system.
    made: Result<Option<Made>, StateError>,
    settings: Arc<Settings>,
}

impl State {
    /// The empty file system, and no settings.
    pub fn scratch() -> Self {
        Self {
            made: Ok(None),
            settings: Arc::default(),
        }
    }

    /// Runs a command on the file system.
    ///
    /// ```
    /// use llb_graph::{image, shell, shlex};
    ///
    /// let alpine = image("alpine");
    /// let one = alpine.run(["echo", "a  b"]);
    /// let two = alpine.run(shlex("echo 'a  b'"));
    /// let three = alpine.run(shell("echo 'a  b' > /greeting"));
    /// # let _ = (one, two, three);
    /// ```
    pub fn run(&self, command: impl Into<Command>) -> Run {
        Run::new(self, command.into())
    }

    /// Copies, writes and removes files, all in one operation.
    ///
    /// ```
    /// use llb_graph::{copy, image, local, mkdir};
    ///
    /// let files = mkdir("/app", 0o755).then(copy(local("context"), "/src", "/app/"));
    /// let state = image("alpine").file(files);
    /// # let _ = state;
    /// ```
    pub fn file(&self, actions: impl Into<Actions>) -> Self {
        let actions = actions.into();
        self.after(|inputs| Ok(actions.on(self, inputs)?.into()))
    }

    /// Sets the working directory, which relative paths are below as well. A relative one is below the one before.
    pub fn dir(&self, dir: &str) -> Self {
        self.set(|settings| settings.dir = resolve_dir(&settings.dir, dir))
    }

    /// Sets an environment variable.
    pub fn env(&self, name: &str, value: &str) -> Self {
        self.try_set(|settings| set_env(&mut settings.env, name, value))
    }

    /// Sets the user that runs commands, and the group after a colon.
    pub fn user(&self, user: impl Into<String>) -> Self {
        self.set(|settings| settings.user = user.into())
    }

    /// Sets the host's name in the containers.
    pub fn hostname(&self, hostname: impl Into<String>) -> Self {
        self.set(|settings| settings.hostname = hostname.into())
    }

    /// Sets what network commands have.
    pub fn network(&self, network: NetworkMode) -> Self {
        self.set(|settings| settings.network = network)
    }

    /// Sets what commands may do.
    pub fn security(&self, security: SecurityMode) -> Self {
        self.set(|settings| settings.security = security)
    }

    /// Adds a line of `/etc/hosts`.
    pub fn extra_host(&self, host: impl Into<String>, ip: impl Into<IpAddr>) -> Self {
        self.set(|settings| settings.extra_hosts.push(ExtraHost::new(host, ip)))
    }

    /// Adds a resource limit of processes.
    pub fn ulimit(&self, limit: Ulimit) -> Self {
        self.set(|settings| settings.ulimits.push(limit))
    }

    /// Sets the control group above the containers'.
    pub fn cgroup_parent(&self, parent: impl Into<String>) -> Self {
        self.set(|settings| settings.cgroup_parent = parent.into())
    }

    /// Sets the platform of the commands that come next. What was made before stays as it is:
    /// [`for_platform`](Self::for_platform) is for an image.
    pub fn platform(&self, platform: &Platform) -> Self {
        self.set(|settings| settings.platform = Some(Arc::new(platform.normalize())))
    }

    /// Sets the platform of the operation that made the state, and of the commands that come next: which image of a list
    /// is taken.
    ///
    /// ```
    /// use llb_graph::{Platform, image};
    ///
    /// let arm = image("alpine").for_platform(&Platform::new("linux", "arm64"));
    /// # let _ = arm;
    /// ```
    pub fn for_platform(&self, platform: &Platform) -> Self {
        let state = self.platform(platform);
        state.edit(|about| about.set_own_platform(platform.clone()))
    }

    /// Takes over what the config of an image says: environment, working directory and platform, but not the user, as
    /// with the reference's client. `json` is the config as a registry has it; a frontend gets it from its gateway.
    ///
    /// ```
    /// use llb_graph::image;
    ///
    /// let config = br#"{"os": "linux", "architecture": "arm64", "config": {"Env": ["PATH=/bin"], "WorkingDir": "/app"}}"#;
    /// let state = image("example.com/app").with_image_config(config);
    /// assert_eq!(state.error(), None);
    /// ```
    pub fn with_image_config(&self, json: &[u8]) -> Self {
        self.try_set(|settings| {
            let config = ImageConfig::parse(json)?;
            for (name, value) in config.env() {
                set_env(&mut settings.env, name, value)?;
            }
            settings.dir = resolve_dir(&settings.dir, config.working_dir());
            if let Some(platform) = config.platform() {
                settings.platform = Some(Arc::new(platform));
            }
            Ok(())
        })
    }

    about_methods!(&Self, self);

    /// The same file system, which is there only once the `others` are done. `id` says what for; it is a part of the
    /// cache key.
    pub fn requires<S: Into<Self>>(&self, id: &str, others: impl IntoIterator<Item = S>) -> Self {
        let others: Vec<Self> = others.into_iter().map(Into::into).collect();
        if others.is_empty() {
            return self.clone();
        }
        self.after(|inputs| {
            let this = inputs.add(self.made());
            let mut all: Vec<_> = this.into_iter().collect();
            for other in &others {
                all.extend(inputs.add(other.check()?));
            }
            Ok(Op::Passthrough(PassthroughOp {
                id: id.to_owned(),
                inputs: all,
                outputs: this.map(|_| 0).into_iter().collect(),
            }))
        })
    }

    /// Builds the definition in a file of this file system; `None` is the daemon's default path.
    pub fn build(&self, filename: Option<&str>) -> Self {
        let Ok(Some(made)) = &self.made else {
            return self.clone();
        };
        self.after(|inputs| {
            Ok(Op::Build(BuildOp {
                filename: filename.map(str::to_owned),
                ..BuildOp::new(inputs.add_output(made))
            }))
        })
    }

    /// What was wrong on the way to this state, if anything: what [`marshal`](Self::marshal) would say.
    ///
    /// ```
    /// use llb_graph::image;
    ///
    /// let error = image("Alpine").error().cloned();
    /// assert!(error.is_some_and(|error| error.to_string().contains("lower case")));
    /// ```
    pub fn error(&self) -> Option<&StateError> {
        self.made.as_ref().err()
    }

    /// The definition of the file system and all that it needs, for `buildctl build` or a gateway's Solve.
    ///
    /// ```
    /// use llb_graph::{MarshalOptions, Platform, image, shlex};
    ///
    /// let made = image("alpine").run(shlex("touch /here"));
    /// let definition = made.marshal(&MarshalOptions::new(Platform::new("linux", "amd64")))?;
    /// let bytes = definition.bytes();
    /// # assert!(!bytes.is_empty());
    /// # Ok::<(), llb_graph::StateError>(())
    /// ```
    ///
    /// # Errors
    /// [`StateError`] for the first mistake on the way here, or for what the graph refuses.
    pub fn marshal(&self, options: &MarshalOptions) -> Result<Marshalled, StateError> {
        let mut graph = Graph::new();
        let (target, anonymous) = self.add(&mut graph)?;
        if let Some(name) = anonymous.filter(|_| options.local_unique_id.is_empty()) {
            return Err(StateError::NoLocalId(name));
        }
        Ok(graph.marshal(target, options)?)
    }

    /// Adds all operations to a graph, such as one for a daemon whose capabilities are known, or one that has other
    /// operations too.
    ///
    /// # Errors
    /// [`StateError`] for the first mistake on the way here, or for what the graph refuses.
    pub fn add_to(&self, graph: &mut Graph) -> Result<FileSystem, StateError> {
        self.add(graph).map(|(file_system, _)| file_system)
    }

    fn add(&self, graph: &mut Graph) -> Result<(FileSystem, Option<String>), StateError> {
        let Some(made) = self.check()? else {
            return Ok((None, None));
        };
        let mark = graph.mark();
        let mut adder = Adder::new(graph);
        let added = adder.add(made);
        let anonymous = adder.anonymous_local.take();
        if added.is_err() {
            graph.go_back(mark);
        }
        Ok((added?, anonymous))
    }

    /// A file system with these settings, or the platform of its own.
    fn of(made: Option<Made>, settings: &Arc<Settings>) -> Self {
        let platform = made.as_ref().and_then(|made| made.node.about.own_platform());
        let platform = platform.map(Platform::normalize);
        let state = Self {
            made: Ok(made),
            settings: Arc::clone(settings),
        };
        match platform {
            Some(platform) => state.platform(&platform),
            None => state,
        }
    }

    fn made(&self) -> Option<&Made> {
        self.made.as_ref().ok()?.as_ref()
    }

    fn check(&self) -> Result<Option<&Made>, StateError> {
        self.made.as_ref().map(Option::as_ref).map_err(StateError::clone)
    }

    fn failed(&self, error: StateError) -> Self {
        Self {
            made: Err(error),
            settings: Arc::clone(&self.settings),
        }
    }

    /// An operation that nothing is known about, and whose first output is the new file system.
    fn after(&self, make: impl FnOnce(&mut Inputs) -> Result<Op, StateError>) -> Self {
        if self.made.is_err() {
            return self.clone();
        }
        let mut inputs = Inputs::default();
        match make(&mut inputs) {
            Err(error) => self.failed(error),
            Ok(op) => Self {
                made: Ok(Some(Made {
                    node: inputs.into_node(op, About::default()),
                    index: 0,
                })),
                settings: Arc::clone(&self.settings),
            },
        }
    }

    fn set(&self, set: impl FnOnce(&mut Settings)) -> Self {
        self.try_set(|settings| {
            set(settings);
            Ok(())
        })
    }

    /// Changes the settings, unless something was wrong before.
    fn try_set(&self, set: impl FnOnce(&mut Settings) -> Result<(), StateError>) -> Self {
        let mut state = self.clone();
        if state.made.is_ok()
            && let Err(error) = set(Arc::make_mut(&mut state.settings))
        {
            state.made = Err(error);
        }
        state
    }

    /// Changes what is known of the operation that made the state. The empty file system and a definition of others have
    /// none.
    fn edit(&self, edit: impl FnOnce(&mut About)) -> Self {
        let Ok(Some(Made { node, index })) = &self.made else {
            return self.clone();
        };
        let mut about = node.about.clone();
        edit(&mut about);
        let node = Node {
            body: node.body.clone(),
            about,
            inputs: node.inputs.clone(),
        };
        Self {
            made: Ok(Some(Made {
                node: Arc::new(node),
                index: *index,
            })),
            settings: Arc::clone(&self.settings),
        }
    }
}

/// Lays file systems over each other, later ones over earlier ones. Empty ones don't count. The settings are those of the
/// first that does.
///
/// ```
/// use llb_graph::{copy, image, local, merge, scratch};
///
/// let files = scratch().file(copy(local("context"), "/", "/app/"));
/// let state = merge([image("alpine"), files]);
/// # let _ = state;
/// ```
pub fn merge<S: Into<State>>(states: impl IntoIterator<Item = S>) -> State {
    let states: Vec<State> = states.into_iter().map(Into::into).collect();
    if let Some(wrong) = states.iter().find(|state| state.made.is_err()) {
        return wrong.clone();
    }
    let mut full = states.iter().filter(|state| state.made().is_some());
    let Some(first) = full.next() else {
        return State::scratch();
    };
    let others: Vec<&State> = full.collect();
    if others.is_empty() {
        return first.clone();
    }
    first.after(|inputs| {
        let all = [first].into_iter().chain(others);
        let inputs = all.filter_map(|state| inputs.add(state.made())).collect();
        Ok(Op::Merge(MergeOp { inputs }))
    })
}

/// What `upper` changes of `lower`, with the settings of `lower`. Against an empty `lower` it is `upper` itself.
///
/// ```
/// use llb_graph::{diff, image, merge, shlex};
///
/// let alpine = image("alpine");
/// let installed = diff(&alpine, alpine.run(shlex("apk add make")));
/// let state = merge([image("alpine:edge"), installed]);
/// # let _ = state;
/// ```
pub fn diff(lower: impl Into<State>, upper: impl Into<State>) -> State {
    let (lower, upper) = (lower.into(), upper.into());
    if matches!(lower.made, Ok(None)) {
        return upper;
    }
    lower.after(|inputs| {
        Ok(Op::Diff(DiffOp {
            lower: inputs.add(lower.made()),
            upper: inputs.add(upper.check()?),
        }))
    })
}

impl From<&State> for State {
    fn from(state: &State) -> Self {
        state.clone()
    }
}

impl From<Definition> for State {
    /// A definition that another program made, such as an input of a frontend.
    fn from(definition: Definition) -> Self {
        let scratch = Self::scratch();
        if definition.def.is_empty() {
            return scratch;
        }
        let node = Node {
            body: Body::Definition(Arc::new(definition)),
            about: About::default(),
            inputs: Vec::new(),
        };
        Self {
            made: Ok(Some(Made {
                node: Arc::new(node),
                index: 0,
            })),
            ..scratch
        }
    }
}
