//! What chained states refuse and in which words, and what they survive. Their bytes are in `tests/reference/states.rs`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use llb_graph::{
    CdiDevice, CopyAction, Definition, FileAction, FileOp, Graph, MarshalOptions, Mount, Platform, Run,
    SecretEnv, SshMount, State, StateError, copy, diff, git, http, image, local, merge, mkdir, oci_layout,
    scratch, shlex,
};

fn options() -> MarshalOptions {
    MarshalOptions::new(Platform::new("linux", "amd64"))
}

fn run() -> Run {
    image("alpine").run(["a"])
}

/// A mistake and what is said of it.
type Mistake = (State, &'static str);

fn run_with(change: fn(Run) -> Run) -> State {
    change(run()).root()
}

fn mistakes_of_sources() -> Vec<Mistake> {
    let empty_op = Definition {
        def: vec![Vec::new()],
        ..Definition::default()
    };
    vec![
        (
            image("Alpine"),
            "image `Alpine`: image names are lower case; write `library/alpine`",
        ),
        (
            image(""),
            "image ``: not an image name; expected [HOST[:PORT]/]NAME[:TAG][@DIGEST]",
        ),
        (
            oci_layout("app:1"),
            "image `app:1`: a digest is needed; write NAME@sha256:DIGEST",
        ),
        (
            http("ftp://host/a"),
            "`ftp://host/a` can't be downloaded; expected http://… or https://…",
        ),
        (
            git("nothing", ""),
            "`nothing` is no git repository; expected https://HOST/PATH",
        ),
        (State::from(empty_op), "the definition's last op names no result"),
        (
            image("a").with_image_config(b"{"),
            "the config of the image can't be read: EOF",
        ),
        (
            image("a").with_image_config(br#"{"config":{"Env":"x"}}"#),
            "the config of the image can't be read: invalid type",
        ),
        (
            scratch().file(copy(local("context"), "/", "/")),
            "the local directory `context` would be taken for that of any other client; set MarshalOptions::with_local",
        ),
    ]
}

fn mistakes_of_commands() -> Vec<Mistake> {
    vec![
        (
            image("a").run(shlex("echo 'x")).root(),
            "the quote ' in column 6 of `echo 'x` is never closed",
        ),
        (
            image("a").run(shlex(" # x")).root(),
            "a command needs at least one argument",
        ),
        (
            image("a").run(Vec::<String>::new()).root(),
            "a command needs at least one argument",
        ),
        (image("a").env("", "x"), "an environment variable needs a name"),
        (
            image("a").env("A=x", "y"),
            "the name of an environment variable can't have an equals sign: `A=x`",
        ),
        (
            run_with(|run| run.with_env("A=x", "y")),
            "the name of an environment variable",
        ),
        (
            scratch().requires("why", [image("a")]),
            "a passthrough needs at least one output",
        ),
        (image("a").requires("", [image("b")]), "a passthrough needs an id"),
    ]
}

fn mistakes_of_mounts() -> Vec<Mistake> {
    vec![
        (
            run_with(|run| run.cache(".cache")),
            "the destination `.cache` in the container is relative; write `/.cache`",
        ),
        (
            run_with(|run| run.mount("./out", scratch())),
            "the destination `./out` in the container is relative; write `/out`",
        ),
        (
            run_with(|run| run.tmpfs("")),
            "a destination in the container is missing",
        ),
        (
            run_with(|run| run.mount("//", scratch())),
            "a mount at `/` would hide the root file system",
        ),
        (
            run_with(|run| run.add_mount(Mount::cache("/c", "", Default::default()), scratch())),
            "the cache mount at /c needs an id",
        ),
        (
            run_with(|run| run.add_mount(Mount::tmpfs("/t", 0), image("a"))),
            "the tmpfs mount at /t starts empty, so it can't have a source",
        ),
        (run_with(|run| run.secret("")), "a secret needs the id"),
        (
            run_with(|run| run.secret_env(SecretEnv::new("", "A"))),
            "a secret needs the id",
        ),
        (
            run_with(|run| run.secret_env(SecretEnv::new("a", "A="))),
            "the name of an environment variable",
        ),
        (
            run_with(|run| run.ssh(SshMount::default().with_dest("sock"))),
            "the destination `sock` in the container is relative; write `/sock`",
        ),
        (
            run().output_of("/out"),
            "the command has no mount at `/out`, nor at any other place",
        ),
        (
            run().mount("/a", scratch()).tmpfs("/b").output_of("/out"),
            "the command has no mount at `/out`; it has some at `/a`, `/b`",
        ),
        (
            run().cache("/c").output_of("/c"),
            "what the command writes to `/c` is not kept",
        ),
    ]
}

#[test]
fn mistakes_say_what_to_write() {
    let mistakes = [
        mistakes_of_sources(),
        mistakes_of_commands(),
        mistakes_of_mounts(),
    ];
    for (state, want) in mistakes.concat() {
        let error = state.marshal(&options()).unwrap_err();
        assert!(error.to_string().starts_with(want), "{error}");
        let mut graph = Graph::new();
        // The local directory is no mistake of its own: whoever marshals the graph may know better.
        let added = state.add_to(&mut graph);
        assert_eq!(
            added.is_ok(),
            matches!(error, StateError::NoLocalId(_)),
            "{error}"
        );
        assert_eq!(graph.is_empty(), added.is_err(), "{error}");
        assert!(state.error().is_none_or(|early| *early == error));
    }
}

/// The first mistake is told, whatever is made of the state.
#[test]
fn mistakes_go_with_the_state() {
    let wrong = image("Alpine");
    let ok = image("alpine");
    let actions = || mkdir("/a", 0o755).then(copy(&wrong, "/", "/"));
    for state in [
        wrong.clone(),
        wrong
            .dir("/")
            .env("A=", "")
            .file(mkdir("/a", 0o755))
            .named("x")
            .build(None),
        wrong.run(shlex("'")).cache("x").root(),
        wrong.run(["a"]).mount("/a", scratch()).output_of("/b"),
        ok.run(["a"]).mount("/a", &wrong).cache("x").root(),
        ok.run(["a"]).mount("/a", &wrong).output_of("/a"),
        ok.file(actions()),
        merge([&ok, &wrong]),
        diff(&ok, &wrong),
        diff(&wrong, &ok),
        diff(scratch(), &wrong),
        ok.requires("why", [&wrong]),
        wrong.requires("why", [&ok]),
    ] {
        assert_eq!(state.error(), wrong.error());
        assert_eq!(state.marshal(&options()), Err(wrong.error().unwrap().clone()));
    }
    assert_eq!(ok.error(), None);
}

/// Branches share what they have in common, and leave each other alone.
#[test]
fn a_state_stays_as_it_was() {
    let base = image("alpine").env("A", "1");
    let before = base.run(["a"]).marshal(&options()).unwrap();
    let changed = base.env("A", "2").dir("/x").user("me").named("other");
    assert_ne!(changed.run(["a"]).marshal(&options()).unwrap(), before);
    assert_eq!(base.run(["a"]).marshal(&options()).unwrap(), before);

    let run = base.run(["a"]).mount("/out", scratch());
    let named = run.clone().named("named");
    let both = merge([run.root(), run.output_of("/out")]);
    assert_eq!(both.marshal(&options()).unwrap().count(), 4);
    assert_ne!(
        named.marshal(&options()).unwrap(),
        run.marshal(&options()).unwrap()
    );
}

/// A state that is used many times is one operation, also in a graph that has others.
#[test]
fn each_operation_is_added_once() {
    let base = image("alpine");
    let one = base.run(["one"]).root();
    let two = base.run(["two"]).mount("/one", &one).mount("/again", &one).root();
    let mut graph = Graph::new();
    let first = two.add_to(&mut graph).unwrap();
    assert_eq!(graph.len(), 3);
    let list = FileAction::from(CopyAction::new(first, "/list", "/"));
    let copied = graph.add(FileOp::new(None, list)).unwrap();
    let definition = graph.marshal(Some(copied.first_output()), &options()).unwrap();
    assert_eq!(definition.count(), 5);
}

/// Longer than a thread's stack is deep, to be made, marshalled and dropped.
#[test]
fn depth_is_no_problem() {
    let mut state = image("alpine");
    for step in 0..50_000 {
        state = state.run([step.to_string()]).root();
    }
    assert_eq!(state.marshal(&options()).unwrap().count(), 50_002);
    let branch = state.run(["branch"]);
    drop(state);
    drop(branch);
}

#[test]
fn the_usual_values() {
    let cdi = CdiDevice::from("vendor.com/gpu=1");
    assert!(!cdi.optional);
    assert_eq!(SshMount::from("agent").mode, 0o600);
    // The empty file system has no operation that could have a name.
    assert_eq!(scratch().named("x").marshal(&options()).unwrap().count(), 0);
    assert_eq!(
        State::from(Definition::default())
            .marshal(&options())
            .unwrap()
            .count(),
        0
    );
}
