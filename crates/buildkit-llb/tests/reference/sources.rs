use llb_graph::source::git::GitBundle;
use llb_graph::{
    Differ, FileInfo, GitOptions, GitRemote, HttpOptions, HttpSignature, ImageOptions, LocalOptions,
    MetadataTransfer, OciLayoutOptions, Op, Platform, ResolveMode, SourceOp, Vertex,
};

use crate::{Case, alpine, case, source};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn sha(char: &str) -> String {
    format!("sha256:{}", char.repeat(64))
}

pub fn cases() -> Vec<Case> {
    [images(), http(), locals(), git()]
        .into_iter()
        .flatten()
        .collect()
}

fn images() -> Vec<Case> {
    let layout = OciLayoutOptions {
        session_id: some("session"),
        store_id: some("store"),
        layer_limit: None,
    };
    let limited = OciLayoutOptions {
        layer_limit: Some(2),
        ..layout.clone()
    };
    let app = format!("example.com/app@{}", sha("b"));
    let blob = format!("docker.io/library/app@{}", sha("c"));
    let named = FileInfo {
        filename: some("f"),
        ..Default::default()
    };
    vec![
        case("scratch", |_| None),
        case("image", alpine),
        case("image-options", |graph| {
            let options = ImageOptions {
                resolve_mode: ResolveMode::ForcePull,
                record_type: some("internal"),
                layer_limit: Some(3),
                checksum: Some(sha("a")),
            };
            let op = Op::Source(SourceOp::image("docker.io/library/alpine:3.22", &options).unwrap());
            let vertex = Vertex::new(op).with_platform(Platform {
                os: "windows".to_owned(),
                architecture: "amd64".to_owned(),
                variant: "v2".to_owned(),
                os_version: "10.0.17763".to_owned(),
                os_features: strings(&["win32k", "x"]),
            });
            Some(graph.add(vertex).unwrap().first_output())
        }),
        case("image-prefer-local", |graph| {
            let options = ImageOptions {
                resolve_mode: ResolveMode::PreferLocal,
                ..Default::default()
            };
            let op = Op::Source(SourceOp::image("docker.io/library/alpine:3.22", &options).unwrap());
            let vertex = Vertex::new(op)
                .with_name("<base> & \"more\" ünï\u{2028}")
                .with_worker_filter("a==b")
                .with_worker_filter("c");
            Some(graph.add(vertex).unwrap().first_output())
        }),
        case("oci-layout", |graph| {
            source(graph, SourceOp::oci_layout(&app, &limited))
        }),
        case("oci-layout-plain", |graph| {
            source(graph, SourceOp::oci_layout(&app, &Default::default()))
        }),
        case("image-blob", |graph| {
            let file = FileInfo {
                perm: 0o644,
                uid: 1,
                gid: 2,
                ..named.clone()
            };
            source(graph, SourceOp::image_blob(&blob, &file).unwrap())
        }),
        case("oci-layout-blob", |graph| {
            source(graph, SourceOp::oci_layout_blob(&blob, &named, &layout).unwrap())
        }),
    ]
}

fn http() -> Vec<Case> {
    let url = "https://example.com/a.tar.gz";
    vec![
        case("http", |graph| {
            source(graph, SourceOp::http(url, &Default::default()))
        }),
        case("http-options", |graph| {
            let options = HttpOptions {
                checksum: Some(sha("d")),
                file: FileInfo {
                    filename: some("a"),
                    perm: 0o755,
                    uid: 1000,
                    gid: 1001,
                },
                auth_header_secret: some("token"),
                accept: some("a/b"),
                user_agent: some("ua"),
                signature: Some(HttpSignature {
                    public_key: "key\n".to_owned(),
                    signature: "sig\n".to_owned(),
                }),
            };
            source(graph, SourceOp::http(url, &options))
        }),
    ]
}

fn locals() -> Vec<Case> {
    vec![
        case("local-unique", |graph| {
            source(graph, SourceOp::local("context", &Default::default()))
        }),
        case("local-own-unique", |graph| {
            let options = LocalOptions {
                unique_id: some("mine"),
                ..Default::default()
            };
            source(graph, SourceOp::local("context", &options))
        }),
        case("local-options", |graph| {
            let options = LocalOptions {
                session_id: some("s"),
                include_patterns: strings(&["a<b", "\"c\""]),
                exclude_patterns: strings(&["**/*.o", "!x"]),
                shared_key_hint: some("hint"),
                differ: Some(Differ::None { required: false }),
                metadata_transfer: Some(MetadataTransfer {
                    exceptions: strings(&["go.mod"]),
                }),
                ..Default::default()
            };
            let op = Op::Source(SourceOp::local("context", &options));
            let vertex = Vertex::new(op).with_name("[internal] load build context");
            let id = graph.add(vertex).unwrap();
            // As a frontend does: the paths are known when all stages are.
            let source = graph.source_mut(id).unwrap();
            source.follow_paths(&strings(&["a", "b/c"]));
            Some(id.first_output())
        }),
        case("local-differ", |graph| {
            let options = LocalOptions {
                session_id: some("s"),
                differ: Some(Differ::Metadata { required: true }),
                metadata_transfer: Some(MetadataTransfer::default()),
                ..Default::default()
            };
            source(graph, SourceOp::local("dockerfile", &options))
        }),
    ]
}

fn remote(url: &str, host: &str, path: &str, ssh: bool) -> GitRemote {
    GitRemote {
        url: url.to_owned(),
        host: host.to_owned(),
        path: path.to_owned(),
        ssh,
    }
}

fn git() -> Vec<Case> {
    let https = remote(
        "https://github.com/moby/buildkit.git",
        "github.com",
        "/moby/buildkit.git",
        false,
    );
    let git_case = |name, remote: GitRemote, options: GitOptions| {
        case(name, move |graph| source(graph, SourceOp::git(&remote, &options)))
    };
    vec![
        git_case("git", https.clone(), GitOptions::default()),
        git_case(
            "git-ref-subdir",
            remote(
                "https://user@github.com:8443/moby/buildkit.git",
                "github.com:8443",
                "/moby/buildkit.git",
                false,
            ),
            GitOptions {
                reference: some("v0.11.6"),
                subdir: some("docs"),
                ..Default::default()
            },
        ),
        git_case(
            "git-subdir",
            https.clone(),
            GitOptions {
                subdir: some("x"),
                ..Default::default()
            },
        ),
        git_case(
            "git-ssh",
            remote(
                "git@github.com:moby/buildkit.git",
                "github.com",
                "moby/buildkit.git",
                true,
            ),
            GitOptions {
                reference: some("main"),
                known_ssh_hosts: some("github.com ssh-ed25519 AAAA\n"),
                mount_ssh_sock: some("agent"),
                ..Default::default()
            },
        ),
        git_case(
            "git-ssh-default",
            remote(
                "ssh://git@github.com/moby/buildkit.git",
                "github.com",
                "/moby/buildkit.git",
                true,
            ),
            GitOptions {
                known_ssh_hosts: some("k\n"),
                ..Default::default()
            },
        ),
        git_case("git-options", https, every_git_option()),
    ]
}

fn every_git_option() -> GitOptions {
    GitOptions {
        reference: some("refs/tags/v1"),
        subdir: some("a/b"),
        keep_git_dir: true,
        checksum: some("abcdef"),
        skip_submodules: true,
        mtime: some("commit"),
        fetch_by_commit: true,
        advice: true,
        known_ssh_hosts: some("not for https"),
        mount_ssh_sock: some("not for https"),
        auth_token_secret: some("tok"),
        auth_header_secret: some("hdr"),
        bundle: Some(GitBundle {
            locator: format!("oci-layout+blob://x@{}", sha("e")),
            oci_session_id: some("session"),
            oci_store_id: some("store"),
        }),
        checkout_bundle: true,
    }
}
