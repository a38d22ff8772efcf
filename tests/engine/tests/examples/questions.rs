//! What a build does, asked through `docker buildx build --call`: in text, in JSON, and listed by name.

use anyhow::{Result, ensure};
use plimsoll_engine::Engine;

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
        let json: serde_json::Value = serde_json::from_str(&ask(engine, &format!("{name},format=json"))?)?;
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

/// What the client prints for a question about examples/go-hello.
fn ask(engine: &Engine, question: &str) -> Result<String> {
    let mut build = engine.buildx()?;
    let frontend = engine.image_name(plimsoll_engine::FRONTEND);
    build.args(["build", &format!("--call={question}")]);
    build.arg(format!("--build-arg=BUILDKIT_SYNTAX={frontend}"));
    let output = build.arg(folder("go-hello")).output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{question}: {stderr}");
    Ok(String::from_utf8(output.stdout)?)
}
