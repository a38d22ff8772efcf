//! What the graphs of a build hold that no case can pin: it depends on the machine, or is compared between builds.

#![allow(clippy::expect_used, reason = "a failed expectation ends a test")]

use plimsoll_fake_bridge::{Case, run};
use plimsoll_frontend::Outcome;
use plimsoll_frontend::gateway::pb;

/// The graphs of a case that must succeed.
async fn solves(case: Case) -> Vec<pb::SolveRequest> {
    let (outcome, bridge) = run(case).await;
    assert_eq!(outcome, Outcome::Built, "{:?}", bridge.returned_error());
    bridge.noted().solves
}

/// As with the reference, a step on an empty base is scanned as one of the frontend's own platform.
#[tokio::test]
async fn a_bill_of_materials_of_steps_on_nothing() {
    let case = Case::dockerfile("FROM scratch\nRUN x\n")
        .opt("attest:sbom", "generator=example.org/scan:1")
        .opt("platform", "linux/s390x");
    let solves = solves(case).await;
    let platform_of_step = |solve: &pb::SolveRequest| {
        let definition = solve.definition.as_ref()?.decode().expect("a definition");
        let mut ops = definition.ops().expect("operations").into_iter();
        let (_, step) = ops.find(|(_, op)| match &op.op {
            Some(llb_graph::proto::op::Op::Exec(exec)) => exec
                .meta
                .as_ref()
                .is_some_and(|meta| meta.args.ends_with(&["x".to_owned()])),
            _ => false,
        })?;
        Some(llb_graph::Platform::from(step.platform?).format_all())
    };
    let platforms: Vec<String> = solves.iter().filter_map(platform_of_step).collect();
    let own = plimsoll_frontend::options::own_platform().format_all();
    assert_eq!(platforms, ["linux/s390x".to_owned(), own]);
}

/// Clients show groups of equal ids as one, whichever build of a bake they come from.
#[tokio::test]
async fn groups_of_progress_are_each_builds_own() {
    async fn groups(text: &str, platform: &str) -> Vec<String> {
        let case = Case::dockerfile(text).opt("platform", platform);
        let solves = solves(case).await;
        let definitions = solves
            .into_iter()
            .filter_map(|solve| solve.definition?.decode().ok());
        let metadata = definitions.flat_map(|definition| definition.metadata.into_values());
        let groups = metadata.filter_map(|metadata| metadata.progress_group);
        let mut ids: Vec<String> = groups.map(|group| group.id).collect();
        ids.sort();
        ids.dedup();
        ids
    }
    let one = "FROM alpine\nCOPY --link a b\n";
    let first = groups(one, "linux/amd64").await;
    assert_eq!(first.len(), 1);
    assert_eq!(first, groups(one, "linux/amd64").await);
    assert_ne!(
        first,
        groups("FROM debian\nCOPY --link a b\n", "linux/amd64").await
    );
    assert_ne!(first, groups(one, "linux/arm64").await);
    assert_eq!(groups(one, "linux/amd64,linux/arm64").await.len(), 2);
}
