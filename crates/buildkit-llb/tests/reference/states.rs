//! Chained states: the same programs as in `tests/generate/states.go`.

use std::net::IpAddr;
use std::sync::Arc;

use llb_graph::{
    CacheSharing, CdiDevice, ChownOpt, ContentCache, CopyMode, LinuxResources, LocalOptions, Mount,
    NetworkMode, Platform, ProgressGroup, ProxyEnv, Range, Run, SecretEnv, SecretMount, SecurityMode,
    SourceMap, SourceOp, SshMount, State, Ulimit, copy, diff, git, http, image, local, merge, mkdir, mkfile,
    oci_layout, rm, scratch, shlex, symlink,
};

use crate::{Case, all, few, options, with};

pub fn cases() -> Vec<Case> {
    [
        chains(),
        settings(),
        commands(),
        mounts(),
        files(),
        layers(),
        sources(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn case(name: &'static str, state: impl Into<State>) -> Case {
    on(name, llb_graph::Graph::new(), state)
}

fn on(name: &'static str, graph: llb_graph::Graph, state: impl Into<State>) -> Case {
    with(name, graph, |graph| state.into().add_to(graph).unwrap())
}

fn arm() -> Platform {
    Platform::new("linux", "arm").with_variant("v7")
}

fn golang() -> State {
    image("golang").dir("/src").env("A", "b")
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn chains() -> Vec<Case> {
    let fetched = golang()
        .run(shlex("go mod download"))
        .cache("/go/pkg")
        .secret("token");
    let one = golang().run(shlex("one")).root();
    let two = golang().env("B", "two").run(shlex("two"));
    let definition = one.marshal(&options()).unwrap().decode().unwrap();
    vec![
        case(
            "state-readme",
            fetched.run(shlex("go build ./...")).cache("/go/pkg"),
        ),
        case("state-branches", one.run(shlex("three")).mount("/two", two)),
        on("state-old", few(), golang().run(shlex("a"))),
        case(
            "state-imported",
            State::from(definition).run(shlex("b")).mount("/golang", golang()),
        ),
    ]
}

fn settings() -> Vec<Case> {
    let all = golang()
        .user("me:us")
        .hostname("h")
        .network(NetworkMode::None)
        .security(SecurityMode::Insecure)
        .extra_host("one", ip("10.0.0.1"))
        .extra_host("two", ip("::1"))
        .ulimit(Ulimit::new("nofile", 1, 2))
        .ulimit(Ulimit::new("cpu", 3, -1))
        .cgroup_parent("cg");
    let config = br#"{"architecture":"arm64","os":"linux","variant":"v8","os.version":"1","os.features":["b","a"],
        "config":{"Env":["PATH=/bin:/x","A=from image","EMPTY","=x"],"WorkingDir":"work","User":"nobody","Cmd":["x"]}}"#;
    let empty = br#"{"os":"linux","config":{"Env":null,"WorkingDir":""},"rootfs":null}"#;
    let on_arm = golang().platform(&arm()).run(shlex("a"));
    vec![
        case(
            "state-dirs",
            golang()
                .dir("a/../b")
                .run(shlex("one"))
                .root()
                .dir("")
                .run(shlex("two"))
                .root()
                .dir("/x//y/")
                .run(shlex("three")),
        ),
        case(
            "state-env",
            golang()
                .env("B", "1")
                .env("A", "2")
                .env("AB", "=")
                .run(shlex("a"))
                .root()
                .env("B", "")
                .run(shlex("b")),
        ),
        case("state-settings", all.run(shlex("a")).run(shlex("b"))),
        case("state-config", golang().with_image_config(config).run(shlex("a"))),
        case(
            "state-config-empty",
            golang().with_image_config(empty).run(shlex("a")),
        ),
        case(
            "state-platform",
            on_arm
                .run(shlex("b"))
                .for_platform(&Platform::new("linux", "s390x"))
                .run(shlex("c")),
        ),
        case(
            "state-image-platform",
            image("alpine").for_platform(&arm()).run(shlex("a")),
        ),
    ]
}

fn commands() -> Vec<Case> {
    let words = "a 'b c' \"d \\\" $e \\n\" f\\ g''\"\" '' # h\n\ti#j \"k\nl\"\\# ü";
    let own = image("alpine")
        .env("A", "1")
        .run(["a"])
        .with_env("A", "2")
        .with_env("B", "3")
        .with_dir("x")
        .with_user("u")
        .with_hostname("h")
        .with_network(NetworkMode::Host)
        .with_security(SecurityMode::Insecure)
        .with_extra_host("e", ip("1.2.3.4"))
        .with_ulimit(Ulimit::new("core", 0, 0))
        .with_cgroup_parent("c")
        .with_valid_exit_codes([0, 9])
        .with_proxy(ProxyEnv {
            http_proxy: "p".to_owned(),
            ..ProxyEnv::default()
        })
        .device(CdiDevice::new("v/c=1").optional())
        .with_resources(LinuxResources {
            memory: 5,
            ..LinuxResources::default()
        })
        .ignore_cache()
        .named("named")
        .described("k", "v")
        .export_cache(false)
        .progress_group(ProgressGroup::new("g", "group"))
        .worker_filter("w");
    let lent = image("alpine")
        .run(shlex("a"))
        .secret(
            SecretMount::new("id")
                .with_dest("/s")
                .with_owner(1, 2)
                .with_mode(0o440)
                .optional(),
        )
        .secret_env(SecretEnv::new("tok", "TOKEN"))
        .secret_env(SecretEnv::new("opt", "OPT").optional())
        .ssh(SshMount::default())
        .ssh(
            SshMount::new("other")
                .with_dest("/sock")
                .with_owner(3, 4)
                .with_mode(0o666)
                .optional(),
        );
    let mut file = SourceMap::new("build.star", "one\ntwo\n");
    file.language = "Starlark".to_owned();
    let file = Arc::new(file);
    vec![
        case("state-shlex", image("alpine").run(shlex(words))),
        on("state-own", all(), own.run(["after"])),
        case("state-lent", lent),
        case(
            "state-located",
            image("alpine")
                .run(shlex("a"))
                .located(&file, [Range::line(1)])
                .run(shlex("b"))
                .located(&file, [Range::line(2)]),
        ),
    ]
}

fn mounted() -> Run {
    let busy = image("busybox").dir("/busy");
    image("alpine")
        .run(["a"])
        .mount("/z", &busy)
        .add_mount(
            Mount::bind("/b", None).with_readonly(true).with_selector("/sel"),
            &busy,
        )
        .add_mount(Mount::bind("/a", None).without_output(), image("alpine"))
        .mount("/-", scratch())
        .tmpfs("/tmp")
        .add_mount(Mount::tmpfs("/shm", 9), scratch())
        .add_mount(
            Mount::cache("/cache", "id", CacheSharing::Locked).with_selector("/c"),
            &busy,
        )
        .add_mount(
            Mount::bind("/on", None).with_content_cache(ContentCache::On),
            busy,
        )
}

fn mounts() -> Vec<Case> {
    let run = mounted();
    let readonly = image("alpine")
        .run(["a"])
        .readonly_root()
        .mount("/out", scratch())
        .for_platform(&arm());
    let own = image("busybox").for_platform(&arm());
    let other = own.platform(&Platform::new("linux", "s390x"));
    let kept = other.run(shlex("a")).readonly_root().mount_readonly("/m", &own);
    let below = kept.output_of("/m").run(shlex("c"));
    vec![
        case("state-readonly-platform", kept.run(shlex("b")).mount("/m", below)),
        case("state-mounts", &run),
        case("state-mounts-z", run.output_of("/z").run(shlex("b"))),
        case("state-mounts-b", run.output_of("/b").run(shlex("b"))),
        case(
            "state-mounts-both",
            merge([run.output_of("/-"), run.root(), run.output_of("/on")]),
        ),
        case(
            "state-readonly",
            readonly
                .run(shlex("b"))
                .mount_readonly("/in", readonly.output_of("/out")),
        ),
        case("state-readonly-out", readonly.output_of("/out").run(shlex("b"))),
    ]
}

fn files() -> Vec<Case> {
    let alpine = image("alpine").dir("/work");
    let session = LocalOptions {
        session_id: Some("s".to_owned()),
        ..LocalOptions::default()
    };
    let context = State::from(SourceOp::local("context", &session)).dir("sub");
    let many = mkdir("d", 0o755)
        .with_parents()
        .then(mkfile("d/f", 0o600, "x").with_owner("me:us"))
        .then(copy(&context, "a/", "d/"))
        .then(copy(&context, "/abs/./x", "rel/."))
        .then(rm("../gone*").allow_not_found().allow_wildcard())
        .then(symlink("f", "d/l").with_owner(ChownOpt::ids(1, 2)));
    let made = alpine.run(shlex("make")).mount("/out", scratch());
    let options = copy(made, "*.so", "/lib/")
        .with_mode(CopyMode::Bits(0o644))
        .follow_symlinks()
        .contents_only()
        .include(["a", "b"])
        .exclude(["c"])
        .require(["d"])
        .unpack()
        .create_dest_path()
        .allow_empty_wildcard()
        .replace()
        .with_owner("me");
    vec![
        case("state-files", alpine.file(many).named("many").run(shlex("ls"))),
        case("state-files-copy", scratch().file(options)),
        case("state-local", scratch().file(copy(local("context"), "/", "/"))),
        case(
            "state-http",
            scratch().file(copy(http("https://example.com/a.tar"), "/a.tar", "/")),
        ),
    ]
}

fn layers() -> Vec<Case> {
    let alpine = image("alpine").env("A", "1");
    let busy = image("busybox").env("B", "2");
    let made = alpine.run(shlex("touch a")).root();
    let env = || shlex("env");
    let merged = merge([scratch(), busy.clone(), diff(&alpine, &made)]).named("merge");
    vec![
        case("state-merge", merged.run(env())),
        case("state-merge-one", merge([scratch(), busy.clone()]).run(env())),
        case("state-merge-none", merge([scratch()])),
        case("state-diff", diff(&alpine, &busy).run(env())),
        case("state-diff-lower-scratch", diff(scratch(), &busy).run(env())),
        case("state-diff-upper-scratch", diff(&alpine, scratch())),
        case(
            "state-requires",
            alpine.requires("why", [busy, scratch(), made]).run(env()),
        ),
        case("state-build", alpine.build(Some("f")).run(env())),
    ]
}

fn sources() -> Vec<Case> {
    let pinned = |name: &str| format!("{name}@sha256:{}", "a".repeat(64));
    let names = [
        "alpine",
        "index.docker.io/me/app:1",
        &pinned("localhost/a"),
        "Host/b",
    ];
    vec![
        case("state-names", merge(names.map(image))),
        case(
            "state-git",
            git("https://github.com/moby/buildkit.git", "v0.33.1"),
        ),
        case("state-git-bare", git("github.com/moby/buildkit", ":docs/../x/")),
        case("state-oci-layout", oci_layout(&pinned("example.com/app"))),
    ]
}
