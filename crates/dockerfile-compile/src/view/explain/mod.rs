//! What a build of a target does: its stages and steps, what each depends on, what is left out and why.
//!
//! One model answers two questions: `explain` prints it, `graph` draws it.

mod bounds;
mod draw;
mod instructions;
mod key;
mod operations;
mod order;
mod read;
mod text;

use std::collections::BTreeSet;

use dockerfile_syntax::Dockerfile;
use serde::{Deserialize, Serialize};

use crate::go::json::is_default;

pub use bounds::one_line;
pub use draw::Edge;

/// What a build of one target does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The version of this form, [`Explanation::VERSION`].
    pub version: u32,
    /// The stage that is built, by its place in `stages`.
    pub target: usize,
    /// The platform of the result.
    pub platform: String,
    /// The stages of the file, in its order.
    pub stages: Vec<Stage>,
    /// Every step, stage by stage.
    pub steps: Vec<Step>,
    /// What comes from outside.
    pub sources: Vec<Source>,
    /// How many steps were left out of `steps`, where there are too many to show.
    #[serde(default, skip_serializing_if = "is_default")]
    pub left_out: usize,
}

/// Something that a step or stage starts from or reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// A stage, by its place among the stages.
    Stage(usize),
    /// What a step made, by its place among the steps.
    Step(usize),
    /// By its place among the sources.
    Source(usize),
}

/// A stage of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// Its name, or `stage-N`.
    pub name: String,
    /// The first line of its `FROM`.
    pub line: usize,
    /// The file of that line, where it is not the Dockerfile itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The base as the file has it.
    pub from: String,
    /// What it stands on; nothing for `scratch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Origin>,
    /// Arguments that its `FROM` names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// Why it is not built; empty where it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pruned: String,
    /// Stages that count only if it succeeds, by their places.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub required_by: BTreeSet<usize>,
    /// A named context stands in for it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub replaced: bool,
    /// Its steps run even if their results are cached.
    #[serde(default, skip_serializing_if = "is_default")]
    pub no_cache: bool,
}

/// An instruction that makes files: `RUN`, `COPY`, `ADD`, `WORKDIR`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Its stage.
    pub stage: usize,
    /// Its first line; that of the `FROM` where it comes from a trigger of the base.
    pub line: usize,
    /// Its last line.
    pub end_line: usize,
    /// The file of those lines, where it is not the Dockerfile itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The instruction as written; variables are not filled in.
    pub text: String,
    /// Nothing that is built needs it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pruned: bool,
    /// It runs in every build: it says so, or one that it works on does.
    #[serde(default, skip_serializing_if = "is_default")]
    pub no_cache: bool,
    /// What changes whenever something changes that its result depends on; empty where it is not built.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// The same of the operation alone, without what it reads.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub own: String,
    /// Parts of `own` by name, or digests of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<(String, String)>,
    /// What it works on and reads, in the order of the operation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Origin>,
    /// What it reads beside what it works on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<Read>,
    /// Variables that it is the first to see, or that its instruction names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// Folders that outlive the build.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caches: Vec<Borrowed>,
    /// Secrets of the client, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Borrowed>,
    /// Ssh agents of the client, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ssh: Vec<Borrowed>,
    /// How many steps have to be done before it can be, itself included: those of one wave can run side by side.
    #[serde(default, skip_serializing_if = "is_default")]
    pub wave: usize,
    /// It is on the longest chain.
    #[serde(default, skip_serializing_if = "is_default")]
    pub longest: bool,
}

/// Files that a step reads from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Read {
    /// From where.
    pub from: Origin,
    /// By a mount, and not copied.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mount: bool,
    /// The path, which may be a pattern of a `COPY`.
    pub path: String,
    /// Of a folder, only what matches one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Of a folder, nothing that matches one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// Where somebody looked: the digest of each file that is read, by its path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<(String, String)>>,
}

/// A variable with its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The line of its `ARG` or `ENV`; 0 for one of the base image.
    #[serde(default, skip_serializing_if = "is_default")]
    pub line: usize,
    /// The file of that line, where it is not the Dockerfile itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Its value, unless its name is that of a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Of a value that is not shown, a short digest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
}

/// Something that a step borrows, so that it is in no key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Borrowed {
    /// Its id.
    pub id: String,
    /// Where the step sees it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// The build fails without it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub required: bool,
}

/// Something from outside of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// `image`, `local`, `git`, `https` and so on.
    pub kind: String,
    /// The image, the local source, the URL.
    pub name: String,
    /// The digest of the image, where it is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// Only stages that are not built stand on it or read it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pruned: bool,
    /// What changes when the source as it is named does; nothing of the files of a local source.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
}

impl Explanation {
    /// The version of the form that is written.
    pub const VERSION: u32 = 1;

    /// Has each line as its own file counts it.
    fn name_files(&mut self, dockerfile: &Dockerfile<'_>) {
        let own = |line: &mut usize, file: &mut String| {
            let (name, own) = dockerfile.own_line(*line);
            name.clone_into(file);
            *line = own;
        };
        if dockerfile.files.is_empty() {
            return;
        }
        let of_stages = self.stages.iter_mut().flat_map(|stage| {
            own(&mut stage.line, &mut stage.file);
            &mut stage.variables
        });
        let of_steps = self.steps.iter_mut().flat_map(|step| {
            step.end_line = dockerfile.own_line(step.end_line).1;
            own(&mut step.line, &mut step.file);
            &mut step.variables
        });
        for variable in of_stages.chain(of_steps) {
            own(&mut variable.line, &mut variable.file);
        }
    }

    /// The stage that something is part of.
    #[must_use]
    pub fn stage_of(&self, origin: Origin) -> Option<usize> {
        match origin {
            Origin::Stage(stage) => Some(stage),
            Origin::Step(step) => self.steps.get(step).map(|step| step.stage),
            Origin::Source(_) => None,
        }
    }

    /// What something is called: a stage, a line of it, a source.
    #[must_use]
    pub fn name_of(&self, origin: Origin) -> String {
        let name = |stage: usize| self.stages.get(stage).map_or("", |stage| &stage.name);
        match origin {
            Origin::Stage(stage) => name(stage).to_owned(),
            Origin::Step(step) => self
                .steps
                .get(step)
                .map_or("", |step| name(step.stage))
                .to_owned(),
            Origin::Source(source) => match self.sources.get(source) {
                Some(source) if source.kind == LOCAL && source.name == MAIN => "the context".to_owned(),
                Some(source) if source.kind == LOCAL => format!("the context {}", source.name),
                Some(source) => source.name.clone(),
                None => String::new(),
            },
        }
    }
}

/// A line as people are told of it: `line 7`, or `base.Dockerfile line 7`.
#[must_use]
pub fn told_line(file: &str, line: usize) -> String {
    match file {
        "" => format!("line {line}"),
        file => format!("{file} line {line}"),
    }
}

impl Read {
    /// The path as people read it.
    #[must_use]
    pub fn shown(&self) -> String {
        match (self.path.trim_start_matches('/'), self.include.as_slice()) {
            ("", []) => "all".to_owned(),
            ("", include) => include.join(", "),
            (path, []) => path.to_owned(),
            (path, include) => format!("{path}/./{}", include.join(", ")),
        }
    }
}

/// The kind of a source that is a folder of the client.
pub const LOCAL: &str = "local";
/// The name of the build context among those.
pub const MAIN: &str = "context";
/// The kind of a source that is an image.
pub const IMAGE: &str = "image";
