use llb_graph::{
    CacheSharing, CdiDevice, ContentCache, ExecOp, ExtraHost, FileSystem, Graph, LinuxResources,
    MarshalOptions, Metadata, Mount, MountKind, NetworkMode, Op, Platform, ProgressGroup, ProxyEnv,
    SecretEnv, SecretMount, SecurityMode, SshMount, Ulimit, Vertex, latest_env,
};

use crate::{Case, add, all, alpine, alpine_vertex, busybox, case, few, local, run, with};

pub fn cases() -> Vec<Case> {
    [plain(), meta(), mounts(), secrets(), platforms()]
        .into_iter()
        .flatten()
        .collect()
}

fn exec(graph: &mut Graph, args: &[&str]) -> ExecOp {
    ExecOp::new(alpine(graph), args.iter().copied())
}

fn changed(graph: &mut Graph, change: impl FnOnce(&mut ExecOp)) -> FileSystem {
    let mut op = exec(graph, &["a"]);
    change(&mut op);
    run(graph, op)
}

fn plain() -> Vec<Case> {
    let simple = |graph: &mut Graph| {
        let op = exec(graph, &["true"]);
        run(graph, op)
    };
    let windows = Case {
        options: MarshalOptions::new(Platform::new("windows", "amd64")),
        ..with("exec-old-windows", few(), simple)
    };
    vec![
        case("exec", |graph| {
            let op = exec(graph, &["/bin/sh", "-c", "true"]);
            run(graph, op)
        }),
        with("exec-caps", all(), simple),
        with("exec-old", few(), |graph| {
            let mut op = exec(graph, &["true"]);
            op.env = vec!["A=1".to_owned()].into();
            op.ssh.push(ssh(""));
            run(graph, op)
        }),
        with("exec-old-path", few(), |graph| {
            let mut op = exec(graph, &["true"]);
            op.env = vec!["PATH=/bin".to_owned()].into();
            run(graph, op)
        }),
        windows,
        case("exec-scratch", |graph| run(graph, ExecOp::new(None, ["/x"]))),
        case("chain", |graph| {
            let mut last = alpine(graph);
            for step in 0..40 {
                let op = ExecOp::new(last, ["step".to_owned(), step.to_string()]);
                let vertex = Vertex::new(Op::Exec(op)).with_name(format!("step {step}"));
                last = Some(graph.add(vertex).unwrap().first_output());
            }
            last
        }),
    ]
}

fn meta() -> Vec<Case> {
    vec![
        with("exec-meta", all(), |graph| {
            let mut op = exec(graph, &["a", "", "c"]);
            fill_meta(&mut op);
            let vertex = Vertex::new(Op::Exec(op)).with_metadata(every_metadata());
            Some(graph.add(vertex).unwrap().first_output())
        }),
        case("exec-network-none", |graph| {
            let mut op = exec(graph, &["a"]);
            op.network = NetworkMode::None;
            let vertex = Vertex::new(Op::Exec(op)).with_metadata(Metadata {
                export_cache: Some(false),
                ..Default::default()
            });
            Some(graph.add(vertex).unwrap().first_output())
        }),
    ]
}

fn fill_meta(op: &mut ExecOp) {
    op.env = latest_env(&["A=1", "B=2", "A=3", "E="].map(String::from)).into();
    op.cwd = "/work".into();
    op.user = "me:us".to_owned();
    op.hostname = "host".to_owned();
    op.network = NetworkMode::Host;
    op.security = SecurityMode::Insecure;
    op.extra_hosts = [
        ("one", "10.0.0.1"),
        ("two", "::ffff:10.0.0.2"),
        ("three", "2001:db8:0:0:0:0:0:1"),
        ("four", "::1.2.3.4"),
    ]
    .map(|(host, ip)| ExtraHost {
        host: host.to_owned(),
        ip: ip.parse().unwrap(),
    })
    .to_vec();
    op.ulimits = [("nofile", 1024, -1), ("cpu", 0, 5)]
        .map(|(name, soft, hard)| Ulimit {
            name: name.to_owned(),
            soft,
            hard,
        })
        .to_vec();
    op.cgroup_parent = "cg".to_owned();
    op.valid_exit_codes = vec![0, 3, 255];
    op.proxy = Some(ProxyEnv {
        http_proxy: "h".to_owned(),
        https_proxy: "hs".to_owned(),
        ftp_proxy: "f".to_owned(),
        no_proxy: "n".to_owned(),
        all_proxy: "a".to_owned(),
    });
    op.devices = [("vendor.com/gpu=1", false), ("vendor.com/gpu=2", true)]
        .map(|(name, optional)| CdiDevice {
            name: name.to_owned(),
            optional,
        })
        .to_vec();
}

fn every_metadata() -> Metadata {
    Metadata {
        ignore_cache: true,
        description: [("x", "y"), ("", "")]
            .map(|(key, value)| (key.into(), value.to_owned()))
            .into(),
        export_cache: Some(true),
        progress_group: Some(ProgressGroup {
            id: "pg".to_owned(),
            name: "group".to_owned(),
            weak: true,
        }),
        linux_resources: Some(LinuxResources {
            memory: 1 << 30,
            memory_swap: -1,
            cpu_shares: 512,
            cpu_period: 100_000,
            cpu_quota: 50_000,
            cpuset_cpus: "0-3".to_owned(),
            cpuset_mems: "0".to_owned(),
        }),
        ..Default::default()
    }
}

/// An exec with a mount of every kind.
fn many_mounts(graph: &mut Graph) -> ExecOp {
    let mut op = exec(graph, &["a"]);
    let src = busybox(graph);
    let other = local(graph);
    let cached = |dest: &str, id: &str, sharing| Mount::cache(dest, id, sharing);
    let mut dropped = Mount::bind("/a", other);
    dropped.kind = MountKind::Bind { no_output: true };
    let mut seeded = cached("/cache2", "ns//cache2", CacheSharing::Private).with_selector("/cache");
    seeded.source = src;
    let mut on = Mount::bind("/on", src);
    on.content_cache = ContentCache::On;
    let mut off = Mount::bind("/off", other).with_readonly(true);
    off.content_cache = ContentCache::Off;
    op.mounts = vec![
        Mount::bind("/z", src),
        Mount::bind("/b", src).with_readonly(true).with_selector("/sel"),
        dropped,
        Mount::bind("/c", None),
        cached("/cache", "id", CacheSharing::Locked),
        seeded,
        cached("/cache3", "c3", CacheSharing::Shared).with_readonly(true),
        Mount::tmpfs("/dev/shm", 64 << 20),
        Mount::tmpfs("/tmp", 0),
        on,
        off,
    ];
    op
}

fn mounts() -> Vec<Case> {
    let mounted = |name, index: usize| {
        case(name, move |graph| {
            let op = many_mounts(graph);
            let output = op.mount_output(index);
            let id = add(graph, Op::Exec(op));
            output.map(|output| id.output(output))
        })
    };
    vec![
        case("exec-mounts-root", |graph| {
            let op = many_mounts(graph);
            run(graph, op)
        }),
        mounted("exec-mounts-z", 0),
        mounted("exec-mounts-c", 3),
        case("exec-mounts-b", |graph| {
            let op = many_mounts(graph);
            assert_eq!(op.mount_output(1), None);
            op.mounts[1].source
        }),
        case("exec-mount-before-root", |graph| {
            let mut op = exec(graph, &["a"]);
            let src = busybox(graph);
            op.mounts = vec![Mount::bind("", src), Mount::bind("-x", src)];
            assert_eq!(op.root_output(), Some(2));
            run(graph, op)
        }),
        case("exec-readonly-root", |graph| {
            let mut op = exec(graph, &["a"]);
            op.root_readonly = true;
            op.mounts.push(Mount::bind("/out", None));
            assert_eq!(op.root_output(), None);
            let output = op.mount_output(0).unwrap();
            Some(add(graph, Op::Exec(op)).output(output))
        }),
    ]
}

fn ssh(id: &str) -> SshMount {
    SshMount {
        id: id.to_owned(),
        dest: None,
        uid: 0,
        gid: 0,
        mode: 0o600,
        optional: false,
    }
}

fn secret_env(id: &str, name: &str, optional: bool) -> SecretEnv {
    SecretEnv {
        id: id.to_owned(),
        name: name.to_owned(),
        optional,
    }
}

fn secrets() -> Vec<Case> {
    let secret = |id: &str, dest: &str| SecretMount {
        id: id.to_owned(),
        dest: dest.to_owned(),
        uid: 0,
        gid: 0,
        mode: 0o400,
        optional: true,
    };
    let owned = SecretMount {
        uid: 1,
        gid: 2,
        mode: 0o440,
        ..secret("x", "/run/secrets/x")
    };
    let both = secret("both", "/run/secrets/both");
    let to = |dest: &str| Some(dest.to_owned());
    vec![
        with("exec-secrets", all(), |graph| {
            changed(graph, |op| {
                op.secrets = vec![owned, both];
                op.secret_env = vec![
                    secret_env("tok", "TOKEN", false),
                    secret_env("both", "BOTH", true),
                ];
            })
        }),
        with("exec-secret-env-only", all(), |graph| {
            changed(graph, |op| {
                op.secret_env = vec![secret_env("tok", "TOKEN", false)];
            })
        }),
        with("exec-ssh", all(), |graph| {
            changed(graph, |op| {
                op.env = vec!["SSH_AUTH_SOCK=/mine".to_owned()].into();
                let one = SshMount {
                    dest: to("/sock"),
                    uid: 1,
                    gid: 2,
                    mode: 0o644,
                    ..ssh("one")
                };
                let two = SshMount {
                    optional: true,
                    ..ssh("")
                };
                op.ssh = vec![one, two];
            })
        }),
        with("exec-ssh-env", all(), |graph| {
            changed(graph, |op| {
                let two = SshMount {
                    dest: to("/sock"),
                    ..ssh("")
                };
                op.ssh = vec![ssh(""), two];
            })
        }),
    ]
}

fn platforms() -> Vec<Case> {
    vec![with("exec-platform", all(), |graph| {
        let arm = Platform::new("linux", "arm64");
        let image = alpine_vertex().with_platform(arm.clone());
        let image = graph.add(image).unwrap();
        let op = ExecOp::new(Some(image.first_output()), ["a"]);
        let vertex = Vertex::new(Op::Exec(op)).with_platform(arm);
        Some(graph.add(vertex).unwrap().first_output())
    })]
}
