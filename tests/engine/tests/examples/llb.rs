//! The graph that the frontend makes of each example is the reference's, operation by operation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use plimsoll_engine::{Engine, FRONTEND};
use serde_json::{Map, Value, json};

use crate::common::{REFERENCE, engine, folder};

/// Every example with each of its targets and the arguments that change its graph.
const BUILDS: [(&str, &[&str]); 14] = [
    ("go-hello", &[]),
    ("go-hello", &["--target=compliance"]),
    ("go-hello", &["--target=single-stage"]),
    ("python-web", &[]),
    ("python-web", &["--target=builder", "--no-cache"]),
    ("parallel", &[]),
    ("parallel", &["--target=ship"]),
    ("secret", &[]),
    (
        "ssh",
        &["--build-arg=REPOSITORY=git@git.example.com:you/private.git"],
    ),
    (
        "versions",
        &["--build-arg=repository=https://git.example.com/greet.git"],
    ),
    ("versions", &["--build-arg=branch=v2", "--label=by=test"]),
    ("loops", &[]),
    ("loops", &["--target=lines"]),
    ("cache", &[]),
];

/// What a frontend image answers to `frontend.convertllb` for a folder.
pub fn convert(engine: &Engine, folder: &Path, frontend: &str, arguments: &[String]) -> Result<Value> {
    let mut build = engine.buildx()?;
    build.args(["build", "--progress=plain", "--call=convertllb,format=json"]);
    build.arg(format!(
        "--build-arg=BUILDKIT_SYNTAX={}",
        engine.image_name(frontend)
    ));
    let output = build.args(arguments).arg(folder).output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{frontend} could not convert {}:\n{stderr}",
        folder.display()
    );
    serde_json::from_slice(&output.stdout).with_context(|| format!("{frontend} gave no JSON:\n{stderr}"))
}

#[test]
fn every_example_has_the_reference_s_graph() -> Result<()> {
    let engine = engine()?;
    let mut differences = String::new();
    for (name, arguments) in BUILDS {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let ours = convert(engine, &folder(name), FRONTEND, &arguments)?;
        let reference = convert(engine, &folder(name), REFERENCE, &arguments)?;
        if let Err(error) = compare(&ours, &reference) {
            differences += &format!("{name} {}: {error:#}\n", arguments.join(" "));
        }
    }
    ensure!(differences.is_empty(), "{differences}");
    Ok(())
}

/// Compares two graphs from their ends; the error names the first operation that differs.
fn compare(ours: &Value, theirs: &Value) -> Result<()> {
    let mut pairs = Pairs {
        ours: Graph::read(ours)?,
        theirs: Graph::read(theirs)?,
        seen: BTreeMap::new(),
        groups: BTreeMap::new(),
    };
    let (end, other) = (pairs.ours.end()?, pairs.theirs.end()?);
    pairs.compare(&end, &other)?;
    let counts = (pairs.ours.operations.len(), pairs.theirs.operations.len());
    ensure!(
        counts.0 == counts.1,
        "{} operations, and the reference has {}",
        counts.0,
        counts.1
    );
    let (a, b) = (files(&ours["source"]["infos"]), files(&theirs["source"]["infos"]));
    difference("source.infos", &a, &b).map_or(Ok(()), |difference| bail!(difference))
}

/// The Dockerfiles that locations refer to. Each has the graph that its text was read with, and as that names the client
/// and its transfer, only its size and what is said of its operations can be the same for two builds.
fn files(infos: &Value) -> Value {
    let mut infos = infos.clone();
    for info in infos.as_array_mut().into_iter().flatten() {
        let graph = info["definition"].take();
        let sizes: Vec<usize> = graph["def"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::len)
            .collect();
        let mut said: Vec<String> = graph["metadata"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, value)| value.to_string())
            .collect();
        said.sort();
        info["definition"] = json!({"sizes": sizes, "metadata": said});
    }
    infos
}

/// A graph as `result.json` has it.
struct Graph {
    operations: Map<String, Value>,
    metadata: Value,
    locations: Value,
}

impl Graph {
    fn read(result: &Value) -> Result<Self> {
        Ok(Self {
            operations: result["def"]
                .as_object()
                .context("result.json has no `def`")?
                .clone(),
            metadata: result["metadata"].clone(),
            locations: result["source"]["locations"].clone(),
        })
    }

    /// The operation that no other one builds on.
    fn end(&self) -> Result<String> {
        let used: BTreeSet<&str> = self
            .operations
            .values()
            .flat_map(inputs)
            .filter_map(|input| input["digest"].as_str())
            .collect();
        let ends: Vec<&String> = self
            .operations
            .keys()
            .filter(|digest| !used.contains(digest.as_str()))
            .collect();
        match ends.as_slice() {
            [end] => Ok((*end).clone()),
            _ => bail!("the graph has {} ends", ends.len()),
        }
    }

    fn name(&self, digest: &str) -> String {
        let name = &self.metadata[digest]["description"]["llb.customname"];
        name.as_str().map_or_else(
            || format!("the operation {}", self.operations[digest]),
            str::to_owned,
        )
    }

    /// All that is said of an operation but its inputs' digests.
    fn facts(&self, digest: &str) -> Value {
        let mut operation = self.operations[digest].clone();
        for input in operation["inputs"].as_array_mut().into_iter().flatten() {
            input["digest"] = Value::Null;
        }
        // Which client it was and which of its transfers: new for each build.
        for random in ["local.session", "local.unique"] {
            if let Some(value) = operation.pointer_mut(&format!("/source/attrs/{random}")) {
                *value = Value::Null;
            }
        }
        json!({"op": operation, "metadata": self.metadata[digest], "locations": self.locations[digest]})
    }
}

fn inputs(operation: &Value) -> impl Iterator<Item = &Value> {
    operation["inputs"].as_array().into_iter().flatten()
}

struct Pairs {
    ours: Graph,
    theirs: Graph,
    seen: BTreeMap<String, String>,
    groups: BTreeMap<String, String>,
}

impl Pairs {
    fn compare(&mut self, ours: &str, theirs: &str) -> Result<()> {
        if let Some(before) = self.seen.insert(ours.to_owned(), theirs.to_owned()) {
            ensure!(
                before == theirs,
                "{} is two operations in the reference",
                self.ours.name(ours)
            );
            return Ok(());
        }
        let next: Vec<(String, String)> = inputs(&self.ours.operations[ours])
            .zip(inputs(&self.theirs.operations[theirs]))
            .filter_map(|(a, b)| Some((a["digest"].as_str()?.to_owned(), b["digest"].as_str()?.to_owned())))
            .collect();
        for (a, b) in &next {
            self.compare(a, b)?;
        }
        let (mut a, mut b) = (self.ours.facts(ours), self.theirs.facts(theirs));
        self.same_group(&mut a, &mut b)?;
        match difference("", &a, &b) {
            Some(difference) => bail!("{}{difference}", self.ours.name(ours)),
            None => Ok(()),
        }
    }

    /// Groups have random names: one of ours must always be the same one of the reference.
    fn same_group(&mut self, ours: &mut Value, theirs: &mut Value) -> Result<()> {
        let id = "/metadata/progress_group/id";
        let (Some(a), Some(b)) = (ours.pointer_mut(id), theirs.pointer_mut(id)) else {
            return Ok(());
        };
        let (a, b) = (a.take().to_string(), b.take().to_string());
        let known = self.groups.entry(a).or_insert_with(|| b.clone());
        ensure!(*known == b, "a progress group is two in the reference");
        Ok(())
    }
}

/// Where two values differ first, and in what.
fn difference(path: &str, ours: &Value, theirs: &Value) -> Option<String> {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter()
                .find_map(|key| difference(&format!("{path}.{key}"), &ours[key], &theirs[key]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut pairs = a.iter().zip(b).enumerate();
            pairs.find_map(|(index, (a, b))| difference(&format!("{path}[{index}]"), a, b))
        }
        _ => (ours != theirs).then(|| format!("{path} is {ours}, and the reference has {theirs}")),
    }
}

#[test]
fn the_comparison_finds_what_differs() -> Result<()> {
    let graph = |command: &str, group: &str, session: &str| {
        json!({
            "def": {
                format!("sha256:1{session}"): {"source": {"identifier": "local://context", "attrs": {"local.session": session}}},
                format!("sha256:2{session}"): {"inputs": [{"digest": format!("sha256:1{session}")}], "exec": {"args": [command]}},
                format!("sha256:3{session}"): {"inputs": [{"digest": format!("sha256:2{session}")}]},
            },
            "metadata": {
                format!("sha256:1{session}"): {"progress_group": {"id": group, "name": "g"}},
                format!("sha256:2{session}"): {"description": {"llb.customname": "[1/1] RUN x"}, "progress_group": {"id": group}},
            },
            "source": {"locations": {}, "infos": []},
        })
    };
    compare(&graph("x", "a", "s"), &graph("x", "b", "t"))?;
    let Err(error) = compare(&graph("x", "a", "s"), &graph("y", "b", "t")) else {
        bail!("two commands are one to it");
    };
    assert_eq!(
        error.to_string(),
        "[1/1] RUN x.op.exec.args[0] is \"x\", and the reference has \"y\""
    );
    Ok(())
}
