//! The whole frontend over a daemon in memory: what it asks, what it returns, and what it does when things fail.

#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "a failed expectation ends a test"
)]

use plimsoll_fake_bridge::{Case, Failed, FakeBridge, Fault, Image, Moment, Worker, run};
use plimsoll_frontend::Outcome;
use plimsoll_frontend::gateway::{Code, Status, pb};

const HELLO: &str = "FROM alpine\nRUN echo hello\n";

/// Runs a case that must succeed.
async fn built(case: Case) -> FakeBridge {
    let (outcome, bridge) = run(case).await;
    assert_eq!(outcome, Outcome::Built, "{:?}", bridge.returned_error());
    bridge
}

/// Runs a case that must fail with an error for the client.
async fn refused(case: Case) -> (Status, FakeBridge) {
    let (outcome, bridge) = run(case).await;
    let Outcome::Refused(status) = outcome else {
        panic!("expected an error, got {outcome:?}")
    };
    assert_eq!(bridge.returned_error().as_ref(), Some(&status));
    (status, bridge)
}

/// Runs a case on a daemon where something goes wrong.
async fn with_fault(case: Case, method: &'static str, fault: Fault) -> (Outcome, FakeBridge) {
    let environment = case.environment();
    let bridge = FakeBridge::new(case).with_fault(method, fault);
    let outcome = plimsoll_frontend::run(&bridge, &environment).await;
    (outcome, bridge)
}

fn metadata(bridge: &FakeBridge) -> Vec<String> {
    bridge
        .returned_result()
        .expect("a result")
        .metadata
        .into_keys()
        .collect()
}

#[tokio::test]
async fn calls_of_a_plain_build() {
    let bridge = built(Case::dockerfile(HELLO)).await;
    let calls = bridge.noted().calls;
    assert_eq!(calls.first().map(String::as_str), Some("ping"));
    assert_eq!(calls.last().map(String::as_str), Some("return"));
    let lookups = |call: &&String| call.starts_with("resolve_source_meta");
    assert_eq!(calls.iter().filter(lookups).count(), 1, "{calls:?}");
    let noted = bridge.noted();
    assert_eq!(noted.returned.len(), 1);
    // Without this a daemon answers as it did before results had metadata.
    let result = |solve: &pb::SolveRequest| solve.allow_result_return && solve.allow_result_array_ref;
    assert!(noted.solves.iter().all(result), "{:?}", noted.solves);
    assert_eq!(
        metadata(&bridge),
        [
            "containerimage.base.config",
            "containerimage.config",
            "refs.platforms"
        ]
    );
}

#[tokio::test]
async fn lookups_of_one_round_go_out_together() {
    let case = Case::dockerfile("FROM a AS one\nRUN x\nFROM b\nCOPY --from=one / /\nCOPY . /\n");
    let moments = built(case).await.noted().moments;
    let is_lookup = |call: &str| call.starts_with("resolve_source_meta");
    let begins: Vec<bool> = moments
        .iter()
        .filter_map(|moment| match moment {
            Moment::Begin(call) => is_lookup(call).then_some(true),
            Moment::End(call) => is_lookup(call).then_some(false),
        })
        .collect();
    assert_eq!(begins, [true, true, false, false], "{moments:?}");
}

#[tokio::test]
async fn the_dockerfile_in_lower_case() {
    let mut case = Case::dockerfile("");
    case.locals.insert("dockerfile".to_owned(), Default::default());
    built(case.file("dockerfile", "dockerfile", HELLO)).await;
}

#[tokio::test]
async fn no_dockerfile() {
    let mut case = Case::dockerfile("");
    case.locals.clear();
    let (status, _) = refused(case).await;
    assert!(status.message.contains("`Dockerfile` can't be read"), "{status}");
    assert!(status.message.contains("--file"), "{status}");
}

#[tokio::test]
async fn malformed_options_are_told_before_anything_is_read() {
    let (status, bridge) = refused(Case::dockerfile(HELLO).opt("shm-size", "1g").opt("platform", "?")).await;
    assert_eq!(status.code, Code::INVALID_ARGUMENT);
    assert!(status.message.contains("`shm-size` is `1g`") && status.message.contains("`platform` is `?`"));
    assert_eq!(bridge.noted().calls, ["ping", "return"]);
}

#[tokio::test]
async fn several_platforms() {
    let case = Case::dockerfile(HELLO).opt("platform", "linux/amd64,linux/arm64");
    let bridge = built(case).await;
    assert_eq!(
        metadata(&bridge),
        [
            "containerimage.base.config/linux/amd64",
            "containerimage.base.config/linux/arm64",
            "containerimage.config/linux/amd64",
            "containerimage.config/linux/arm64",
            "refs.platforms",
        ]
    );
    let result = bridge.returned_result().expect("a result");
    assert_eq!(
        result.metadata["refs.platforms"],
        br#"{"Platforms":[{"ID":"linux/amd64","Platform":{"architecture":"amd64","os":"linux"}},{"ID":"linux/arm64","Platform":{"architecture":"arm64","os":"linux"}}]}"#.as_slice()
    );
    let Some(pb::result::Result::Refs(refs)) = result.result else {
        panic!("no refs")
    };
    let keys: Vec<_> = refs
        .refs
        .iter()
        .filter_map(|entry| entry.key.as_deref())
        .collect();
    assert_eq!(keys, ["linux/amd64", "linux/arm64"]);
}

#[tokio::test]
async fn one_platform_with_a_key() {
    let case = Case::dockerfile(HELLO)
        .opt("platform", "linux/arm64")
        .opt("multi-platform", "true");
    assert!(metadata(&built(case).await).contains(&"containerimage.config/linux/arm64".to_owned()));
}

#[tokio::test]
async fn daemons_of_bare_ids_get_bare_ids() {
    let mut case = Case::dockerfile(HELLO).opt("platform", "linux/amd64,linux/arm64");
    case.frontend_caps_absent = vec!["proto.refarray".to_owned(), "source.metaresolver".to_owned()];
    let bridge = built(case).await;
    let kind = bridge.returned_result().and_then(|result| result.result);
    assert!(
        matches!(kind, Some(pb::result::Result::RefsDeprecated(_))),
        "{kind:?}"
    );
    assert_eq!(bridge.noted().image_configs.len(), 2);
}

#[tokio::test]
async fn daemons_before_feature_lists() {
    let mut case = Case::dockerfile(HELLO);
    case.frontend_caps_only = Some(Vec::new());
    let (outcome, bridge) = run(case).await;
    let Outcome::Lost(status) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(status.message.contains("update it"), "{status}");
    assert_eq!(bridge.noted().calls, ["ping"]);
}

#[tokio::test]
async fn daemons_without_file_operations() {
    let mut case = Case::dockerfile(HELLO);
    case.caps_absent = vec!["file.base".to_owned()];
    let (status, _) = refused(case).await;
    assert!(status.message.contains("0.5"), "{status}");
}

#[tokio::test]
async fn no_daemon() {
    let fault = Fault::Status(Status::with_code(Code::UNAVAILABLE, "broken pipe"));
    let (outcome, bridge) = with_fault(Case::dockerfile(HELLO), "ping", fault).await;
    let Outcome::Lost(status) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(status.message.ends_with("broken pipe"));
    assert_eq!(bridge.noted().calls, ["ping"]);
}

#[tokio::test]
async fn the_result_can_not_be_handed_over() {
    let fault = Fault::Status(Status::with_code(Code::RESOURCE_EXHAUSTED, "too large"));
    let (outcome, _) = with_fault(Case::dockerfile(HELLO), "return", fault).await;
    let Outcome::Lost(status) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(status.code, Code::RESOURCE_EXHAUSTED);
    assert!(status.message.ends_with("too large"));
}

#[tokio::test]
async fn errors_of_a_solve_pass_through() {
    let told = Status::with_code(Code(7), "denied")
        .detail("github.com/moby/buildkit/errdefs.Solve+json", b"{}".to_vec());
    let (outcome, _) = with_fault(Case::dockerfile(HELLO), "solve", Fault::Status(told.clone())).await;
    let Outcome::Refused(status) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!((status.code, &status.details), (told.code, &told.details));
    assert!(status.message.ends_with("denied"), "{status}");
}

#[tokio::test]
async fn an_image_that_does_not_exist() {
    let mut case = Case::dockerfile(HELLO);
    case.any_image = false;
    let (status, _) = refused(case).await;
    assert_eq!(status.code, Code::NOT_FOUND);
    assert!(status.message.contains("alpine"), "{status}");
    assert!(status.has_source(), "{:?}", status.details);
}

#[tokio::test]
async fn a_failed_lookup_keeps_its_code_and_place() {
    let mut case = Case::dockerfile("FROM alpine\nFROM private\nRUN x\n");
    let error = Some(Failed {
        code: 16,
        message: "log in first".to_owned(),
    });
    let image = Image {
        error,
        ..Image::default()
    };
    case.images
        .insert("docker.io/library/private:latest".to_owned(), image);
    let (status, bridge) = refused(case).await;
    assert_eq!(status.code, Code(16));
    assert!(status.message.contains("log in first"), "{status}");
    let sources = &bridge.answer()["error"]["sources"];
    assert_eq!(
        sources[0]["ranges"],
        serde_json::json!([[2, 0, 2, 0]]),
        "{sources}"
    );
}

#[tokio::test]
async fn all_syntax_errors_at_once() {
    let (status, bridge) = refused(Case::dockerfile("FROM alpine\nRUM x\nCOPYY a b\n")).await;
    assert!(
        status.message.contains("Dockerfile:2:1: ") && status.message.contains("Dockerfile:3:1: "),
        "{status}"
    );
    assert!(status.has_source());
    // An image that is not there would be told as well.
    let calls = bridge.noted().calls;
    assert_eq!(calls.iter().filter(|call| call.starts_with("resolve")).count(), 1);
    assert_eq!(calls.iter().filter(|call| call.starts_with("solve")).count(), 2);
}

#[tokio::test]
async fn another_frontend() {
    let text = format!("# syntax=example.org/other:1 --flag\n{HELLO}");
    let bridge = built(
        Case::dockerfile(&text)
            .opt("target", "x")
            .opt("build-arg:BUILDKIT_MULTI_PLATFORM", "1"),
    )
    .await;
    let solve = bridge.noted().solves.pop().expect("a solve");
    assert_eq!(solve.frontend, "gateway.v0");
    let option = |key: &str| solve.frontend_opt.get(key).map(String::as_str);
    assert_eq!(option("source"), Some("example.org/other:1"));
    assert_eq!(option("cmdline"), Some("example.org/other:1 --flag"));
    assert_eq!(
        (option("target"), option("multi-platform")),
        (Some("x"), Some("1"))
    );
    assert_eq!(metadata(&bridge), ["forwarded"]);
}

#[tokio::test]
async fn the_clients_choice_of_frontend_goes_first() {
    let text = format!("# syntax=example.org/other:1\n{HELLO}");
    let bridge = built(Case::dockerfile(&text).opt("build-arg:BUILDKIT_SYNTAX", "example.org/mine x")).await;
    let solve = bridge.noted().solves.pop().expect("a solve");
    assert_eq!(solve.frontend_opt["source"], "example.org/mine");
}

#[tokio::test]
async fn the_frontend_that_a_line_names_does_not_start_itself() {
    let text = format!("# syntax=example.org/plimsoll\n{HELLO}");
    let bridge = built(Case::dockerfile(&text).opt("cmdline", "example.org/plimsoll")).await;
    assert!(
        bridge
            .noted()
            .solves
            .iter()
            .all(|solve| solve.frontend.is_empty())
    );
}

#[tokio::test]
async fn features_that_a_client_needs() {
    let (status, bridge) = refused(Case::dockerfile(HELLO).opt("frontend.caps", "moby.new")).await;
    assert_eq!(status.code, Code::UNIMPLEMENTED);
    assert!(status.has_detail("github.com/moby/buildkit/errdefs.FrontendCap+json"));
    assert_eq!(bridge.noted().calls, ["ping", "return"]);

    let text = format!("# syntax=example.org/newer\n{HELLO}");
    built(Case::dockerfile(&text).opt("frontend.caps", "moby.new+forward")).await;
    let (status, _) = refused(Case::dockerfile(HELLO).opt("frontend.caps", "moby.new+forward")).await;
    assert_eq!(status.code, Code::UNIMPLEMENTED);
    built(Case::dockerfile(HELLO).opt("frontend.caps", "moby.buildkit.frontend.contexts.zstd")).await;
}

#[tokio::test]
async fn questions() {
    let bridge = built(Case::dockerfile(HELLO).opt("requestid", "frontend.convertllb")).await;
    assert_eq!(metadata(&bridge), ["result.json", "version"]);
    let bridge = built(Case::dockerfile(HELLO).opt("requestid", "frontend.subrequests.describe")).await;
    assert_eq!(metadata(&bridge), ["result.json", "result.txt", "version"]);
    let (status, _) = refused(Case::dockerfile(HELLO).opt("requestid", "frontend.nonsense")).await;
    assert!(status.has_detail("github.com/moby/buildkit/errdefs.Subrequest+json"));
}

/// What the client asked for, as JSON.
fn answer_json(bridge: &FakeBridge) -> serde_json::Value {
    let metadata = bridge.returned_result().expect("a result").metadata;
    serde_json::from_slice(&metadata["result.json"]).expect("JSON")
}

#[tokio::test]
async fn questions_about_the_file() {
    let file = "FROM alpine AS a\nARG V=1\nRUN --mount=type=secret,id=s x\nFROM a\nCMD x\n";
    let ask = |name: &str| Case::dockerfile(file).opt("requestid", name);
    let bridge = built(ask("frontend.targets")).await;
    assert_eq!(metadata(&bridge), ["result.json", "result.txt", "version"]);
    assert_eq!(answer_json(&bridge)["targets"][1]["base"], "a");

    let json = answer_json(&built(ask("frontend.outline")).await);
    assert_eq!(
        (&json["args"][0]["value"], &json["secrets"][0]["name"]),
        (&"1".into(), &"s".into())
    );

    let bridge = built(ask("frontend.graph")).await;
    assert_eq!(metadata(&bridge), ["result.json", "result.txt", "version"]);
    let json = answer_json(&bridge);
    assert_eq!(json["steps"][0]["secrets"][0]["id"], "s");
    assert_eq!(json["stages"][1]["base"]["stage"], 0);

    let bridge = built(ask("frontend.explain")).await;
    assert_eq!(metadata(&bridge), ["result.json", "result.txt", "version"]);
    assert_eq!(answer_json(&bridge)["steps"][0]["variables"][0]["name"], "V");

    let bridge = built(ask("frontend.lint")).await;
    let parts = ["result.json", "result.statuscode", "result.txt", "version"];
    assert_eq!(metadata(&bridge), parts);
    assert_eq!(
        answer_json(&bridge)["warnings"][0]["ruleName"],
        "JSONArgsRecommended"
    );
    assert!(bridge.noted().warnings.is_empty());
    let status = bridge.returned_result().expect("a result").metadata["result.statuscode"].clone();
    assert_eq!(status, "1");
}

#[tokio::test]
async fn what_is_read_of_the_context() {
    let case = Case::dockerfile("FROM scratch\nCOPY src go.mod /\n")
        .file("context", "src/a", "12345")
        .file("context", "src/b/c", "1")
        .file("context", "go.mod", "12")
        .opt("requestid", "frontend.context");
    let json = answer_json(&built(case).await);
    let context = &json["contexts"][0];
    assert_eq!(context["read"], serde_json::json!({ "files": 3, "bytes": 8 }));
    assert_eq!(context["reads"][0]["bytes"], 6);
    assert_eq!(context["largest"][0]["path"], "src/a");
    assert_eq!(context["isSent"], true);
    let none = Case::dockerfile("FROM scratch\n").opt("requestid", "frontend.context");
    assert_eq!(answer_json(&built(none).await)["contexts"], serde_json::json!([]));
}

#[tokio::test]
async fn questions_about_a_broken_file() {
    let ask = |name: &str| Case::dockerfile("FROM alpine AS A\nFOO\n").opt("requestid", name);
    let json = answer_json(&built(ask("frontend.lint")).await);
    assert_eq!(json["warnings"][0]["ruleName"], "StageNameCasing");
    assert_eq!(json["buildError"]["location"]["ranges"][0]["start"]["line"], 2);
    refused(ask("frontend.targets")).await;
    refused(ask("frontend.outline")).await;
    built(ask("frontend.subrequests.describe")).await;
    let (_, bridge) = refused(Case::dockerfile("FROM alpine AS A\nFOO\n")).await;
    assert_eq!(bridge.noted().warnings.len(), 1);
}

#[tokio::test]
async fn findings_as_errors() {
    let case = |file| Case::dockerfile(file).opt("platform", "linux/amd64,linux/arm64");
    let (_, bridge) = refused(case("# check=error=true\nFROM alpine AS A\n")).await;
    assert_eq!(
        bridge.noted().warnings.len(),
        1,
        "the first platform speaks for all"
    );
    built(case(
        "# check=error=true;skip=StageNameCasing\nFROM alpine AS A\n",
    ))
    .await;
    let option = "build-arg:BUILDKIT_DOCKERFILE_CHECK";
    built(case("# check=error=true\nFROM alpine AS A\n").opt(option, "")).await;
    let (status, _) = refused(case(HELLO).opt(option, "skip")).await;
    assert!(status.message.contains(option), "{status}");
}

#[tokio::test]
async fn nothing_but_scratch() {
    let bridge = built(Case::dockerfile("FROM scratch\n")).await;
    let answer = bridge.answer();
    assert_eq!(
        answer["result"]["refs"],
        serde_json::json!({ "": null }),
        "{answer}"
    );
}

#[tokio::test]
async fn cache_imports_go_with_the_build_only() {
    let bridge = built(Case::dockerfile(HELLO).opt("cache-from", "example.org/a,example.org/b")).await;
    let imports: Vec<usize> = bridge
        .noted()
        .solves
        .iter()
        .map(|solve| solve.cache_imports.len())
        .collect();
    assert_eq!(imports.last(), Some(&2));
    assert_eq!(imports.iter().sum::<usize>(), 2, "{imports:?}");
}

#[tokio::test]
async fn a_bill_of_materials() {
    let mut case = Case::dockerfile(HELLO).opt("attest:sbom", "generator=example.org/scan:1,depth=2");
    case.workers = vec![Worker {
        platforms: vec!["linux/arm64".to_owned()],
        ..Worker::default()
    }];
    let bridge = built(case).await;
    let answer = bridge.answer();
    let statements = answer["result"]["attestations"]
        .as_object()
        .expect("attestations");
    let statement = &statements.values().next().expect("a platform")[0];
    assert_eq!(statement["kind"], "Bundle");
    assert_eq!(statement["predicate_type"], "https://spdx.dev/Document");
    let id: usize = statement["ref"]["solve"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .expect("a graph");
    let scan = bridge.noted().solves[id].definition.clone().expect("a graph");
    let graph = llb_graph::text::format(&scan.decode().expect("a definition"));
    for part in [
        "docker-image://example.org/scan:1",
        "docker-image://docker.io/library/alpine:latest",
        "echo hello",
        "BUILDKIT_SCAN_SOURCE=/run/src/core/sbom",
        "BUILDKIT_SCAN_depth=2",
        "generating sbom using example.org/scan:1",
    ] {
        assert!(graph.contains(part), "{part} in {graph}");
    }
}
