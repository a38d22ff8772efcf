//! What a build does, asked through `docker buildx build --call`: in text, in JSON, and listed by name.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use plimsoll_engine::Engine;
use serde_json::Value;

use crate::common::{Frontend, folder};

#[test]
fn questions_about_a_build_are_answered() -> Result<()> {
    if Frontend::chosen() != Frontend::Plimsoll {
        // The reference knows none of them.
        return Ok(());
    }
    let engine = crate::common::engine()?;
    let graph = ask(engine, "graph")?;
    ensure!(
        graph.starts_with("flowchart LR\n") && graph.contains("RUN go mod download"),
        "{graph}"
    );
    let explained = ask(engine, "explain")?;
    ensure!(
        explained.contains("golang:1@sha256:"),
        "the base has no digest: {explained}"
    );
    ensure!(
        explained.contains("nothing reads it"),
        "nothing is left out: {explained}"
    );
    let context = ask(engine, "context")?;
    ensure!(
        context.contains("go.mod") && context.contains("SENT:"),
        "{context}"
    );
    for (name, list) in [("graph", "steps"), ("explain", "steps"), ("context", "contexts")] {
        let json: Value = serde_json::from_str(&ask(engine, &format!("{name},format=json"))?)?;
        ensure!(
            json[list].as_array().is_some_and(|list| !list.is_empty()),
            "{name}: {json}"
        );
    }
    let known = ask(engine, "subrequests.describe,format=json")?;
    for name in ["frontend.graph", "frontend.explain", "frontend.context"] {
        ensure!(known.contains(name), "{known}");
    }
    Ok(())
}

/// The step that copies a changed file has another key, and what else it reads the digests that it had.
#[test]
fn changed_files_are_found() -> Result<()> {
    if Frontend::chosen() != Frontend::Plimsoll {
        return Ok(());
    }
    let engine = crate::common::engine()?;
    let context = crate::common::copy_of("cache")?;
    let files = || -> Result<(Value, BTreeMap<String, String>)> {
        let json = ask_about(engine, "explain,format=json", context.path())?;
        let json: Value = serde_json::from_str(&json)?;
        let steps = json["steps"].as_array().into_iter().flatten();
        let reads = steps.flat_map(|step| step["reads"].as_array().into_iter().flatten());
        let files = reads.flat_map(|read| read["files"].as_array().into_iter().flatten());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let files = files.map(|file| (text(&file[0]), text(&file[1]))).collect();
        Ok((json, files))
    };
    let (before, was) = files()?;
    ensure!(
        was.contains_key("main.go") && was.contains_key("go.mod"),
        "{before:#}"
    );
    let (again, same) = files()?;
    ensure!(same == was && again["steps"] == before["steps"], "{again:#}");
    let main = context.path().join("main.go");
    fs::write(&main, fs::read_to_string(&main)? + "// more\n")?;
    let (after, is) = files()?;
    let changed: Vec<&String> = is.keys().filter(|path| is.get(*path) != was.get(*path)).collect();
    ensure!(changed == ["main.go"], "{changed:?}");
    ensure!(after["steps"] != before["steps"], "{after:#}");
    Ok(())
}

/// What the client prints for a question about examples/go-hello.
fn ask(engine: &Engine, question: &str) -> Result<String> {
    ask_about(engine, question, &folder("go-hello"))
}

fn ask_about(engine: &Engine, question: &str, context: &Path) -> Result<String> {
    let mut build = engine.buildx()?;
    let frontend = engine.image_name(plimsoll_engine::FRONTEND);
    build.args(["build", &format!("--call={question}")]);
    build.arg(format!("--build-arg=BUILDKIT_SYNTAX={frontend}"));
    let output = build.arg(context).output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{question}: {stderr}");
    Ok(String::from_utf8(output.stdout)?)
}
