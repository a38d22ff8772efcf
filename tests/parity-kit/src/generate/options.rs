//! Options, images, and daemons that lack something.

use serde_json::{Value, json};

use super::Random;
use super::file::refused;
use super::word::NAMES;
use crate::bytes::encode;

/// Puts options that fit the Dockerfile into a request; those that are refused are left out most of the time.
pub(super) fn put_options(random: &mut Random, request: &mut Value, stages: &[String]) {
    while random.one_in(2) {
        let (key, value) = option(random, stages);
        try_option(random, request, &key, &value);
    }
    if random.one_in(8) {
        request["locals"]["src"] = json!({ ".dockerignore": encode(b"skip\n!skip/not\n") });
        for _ in 0..=random.below(2) {
            let (key, value) = context(random);
            try_option(random, request, &key, value);
        }
    }
}

fn try_option(random: &mut Random, request: &mut Value, key: &str, value: &str) {
    let mut with = request.clone();
    with["opts"][key] = json!(value);
    if random.one_in(20) || !refused(&with) || refused(request) {
        *request = with;
    }
}

/// Puts images, files and what the daemon lacks into a request.
pub(super) fn put_world(random: &mut Random, request: &mut Value) {
    request["images"] = images(random);
    if random.one_in(8) {
        let ignore = random.pick(&[
            "*.md\n",
            "a\n!a/b\n",
            "# c\n/lead\n**/x\n",
            "b/\n\n ../up\n",
            "!\n",
            "[\n",
            ".\n",
            "*\n!a\n",
        ]);
        request["locals"]["context"][".dockerignore"] = json!(encode(ignore.as_bytes()));
    }
    if random.one_in(8) {
        let caps = [
            "mergeop",
            "diffop",
            "exec.mount.bind.readwrite-nooutput",
            "source.http.checksum",
            "exec.meta.setsdefaultpath",
            "exec.meta.cdi",
            "source.git.checksum",
            "file.copy.includeexcludepatterns",
            "exec.secretenv",
            "exec.meta.ulimit",
            "exec.mount.tmpfs.size",
            "file.copy.mode.string",
            "exec.meta.proxyenv",
            "file.copy.requiredpaths",
            "file.copy.alwaysreplaceexistingdestpaths",
            "exec.meta.removemountstubs.recursive",
            "exec.mount.cache.sharing",
            "exec.meta.network",
            "source.local.followpaths",
            "exec.mount.ssh",
            "exec.mount.secret",
            "file.rm.wildcard",
            "source.git.keepgitdir",
        ];
        let absent: Vec<&str> = (0..=random.below(2)).map(|_| random.pick(&caps)).collect();
        request["caps_absent"] = json!(absent);
    }
    if random.one_in(20) {
        request["workers"] = json!([{ "platforms": [random.pick(&["linux/arm64", "linux/arm/v7", "linux/386", "windows/amd64"]), "linux/amd64"] }]);
    }
}

/// Keys and values that they may have, malformed ones among them.
const CHOICES: &[(&str, &[&str])] = &[
    (
        "platform",
        &[
            "linux/arm64",
            "linux/amd64,linux/arm64",
            "linux/arm/v7",
            "windows/amd64",
            "linux/amd64",
            "x/y/z/w",
            "linux/arm64/v8",
        ],
    ),
    (
        "platform",
        &[
            "linux/arm64",
            "linux/s390x,linux/386",
            "darwin/arm64",
            "linux/amd64,linux/amd64",
        ],
    ),
    ("no-cache", &["", "one", "two,Four", "build", ","]),
    (
        "force-network-mode",
        &["none", "host", "default", "sandbox", "x", ""],
    ),
    ("image-resolve-mode", &["pull", "local", "default", "x", ""]),
    ("multi-platform", &["true", "false", "x", "1"]),
    ("add-hosts", &["a=1.2.3.4", "a=1.2.3.4,b=::1", "a", "", "a=x"]),
    ("shm-size", &["1024", "x", "0", "-1", "64m", ""]),
    (
        "ulimit",
        &[
            "nofile=10:20",
            "nofile=5",
            "core=-1",
            "x",
            "nofile=5:1",
            "nope=1",
            "",
        ],
    ),
    (
        "build-arg:SOURCE_DATE_EPOCH",
        &["0", "1700000000", "soon", "", "-5", "context"],
    ),
    ("build-arg:BUILDKIT_CACHE_MOUNT_NS", &["ns", ""]),
    ("hostname", &["h", ""]),
    ("build-arg:http_proxy", &["p"]),
    ("build-arg:NO_PROXY", &["n"]),
    ("build-arg:BUILDKIT_MULTI_PLATFORM", &["1", "x"]),
    ("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR", &["1"]),
    ("build-arg:BUILDKIT_SANDBOX_HOSTNAME", &["sb"]),
    ("build-arg:BUILDKIT_GIT_ADVICE", &["1"]),
    (
        "build-arg:BUILDKIT_DOCKERFILE_CHECK",
        &[
            "skip=all",
            "error=true",
            "skip=JSONArgsRecommended;error=true",
            "experimental=all",
        ],
    ),
    ("build-arg:TARGETARCH", &["x"]),
    ("build-arg:BUILDPLATFORM", &["linux/s390x"]),
    ("build-arg:FOO", &["bar"]),
    ("cgroup-parent", &["/cg"]),
    ("memory", &["1000", "x"]),
    ("cpushares", &["5"]),
    ("cpuquota", &["x", "-1"]),
    ("cache-from", &["a/b,c"]),
    ("local-sessionid:context", &["s1"]),
    ("sharedkey:localdir:context", &["k"]),
    ("attest:sbom", &["", "generator=busybox"]),
    ("attest:provenance", &["mode=max"]),
    ("filename", &["Dockerfile"]),
    (
        "requestid",
        &[
            "frontend.outline",
            "frontend.targets",
            "frontend.lint",
            "frontend.convertllb",
        ],
    ),
];

fn option(random: &mut Random, stages: &[String]) -> (String, String) {
    match random.below(5) {
        0 => {
            let stage = stages.get(random.below(stages.len() + 1));
            (
                "target".to_owned(),
                stage.cloned().unwrap_or_else(|| "nope".to_owned()),
            )
        }
        1 => {
            let value = random.pick(&[
                "",
                "1",
                "abcabc",
                "linux/arm64",
                "x y",
                "$B",
                "alpine:3",
                "'q'",
                "/p",
                "80",
            ]);
            (format!("build-arg:{}", random.pick(&NAMES)), value.to_owned())
        }
        2 if random.one_in(3) => {
            let value = random.pick(&["", "1", "$A", "\"x\""]);
            (
                format!("label:{}", random.pick(&["a", "b.c", "A"])),
                value.to_owned(),
            )
        }
        _ => {
            let (key, values) = random.pick(CHOICES);
            (key.to_owned(), random.pick(values).to_owned())
        }
    }
}

fn context(random: &mut Random) -> (String, &'static str) {
    let name = random.pick(&[
        "ctx",
        "img",
        "remote",
        "alpine",
        "one",
        "base",
        "busybox::linux/arm64",
        "alpine:3.20",
        "oci",
    ]);
    let value = random.pick(&[
        "local:src",
        "docker-image://busybox:1",
        "docker-image://onbuild",
        "https://example.com/r.git#x",
        "https://example.com/f.tar",
        "docker-image://scratch",
        "oci-layout://store@sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
        "target:x",
        "x",
        "local:context",
        "docker-image://base",
        "",
    ]);
    (format!("context:{name}"), value)
}

/// Images that are more than a name.
fn images(random: &mut Random) -> Value {
    let image = |config: Value| {
        let layers = json!({ "type": "layers", "diff_ids": [format!("sha256:{:064}", 1)] });
        json!({ "config": { "architecture": "amd64", "os": "linux", "config": config, "rootfs": layers, "history": [{ "created_by": "x" }] } })
    };
    let triggers: Vec<&str> = (0..=random.below(3))
        .map(|_| {
            random.pick(&[
                "RUN a",
                "COPY . /d",
                "ENV A=1",
                "ARG Z=1",
                "WORKDIR w",
                "COPY --from=busybox /a /b",
                "RUN --mount=from=one,target=/o x",
                "ADD a b",
                "LABEL x=y",
                "USER u",
                "COPY --link a b",
                "NOPE",
                "FROM x",
                "RUN <<E\nx\nE",
                "CMD a",
                "ENV $A=1",
                "copy x y",
                "COPY --from=one /x /y",
                "",
            ])
        })
        .collect();
    json!({
        "docker.io/library/base:latest": image(json!({
            "Env": ["A=1", "B=2", "PATH=/bin"], "User": "u:g", "WorkingDir": "/w", "Entrypoint": ["e"], "Cmd": ["c"], "Labels": { "l": "1" },
            "ExposedPorts": { "1/tcp": {} }, "Volumes": { "/v": {} }, "StopSignal": "SIGQUIT", "Shell": ["/bin/bash", "-c"],
            "Healthcheck": { "Test": ["NONE"] }
        })),
        "docker.io/library/onbuild:latest": image(json!({ "OnBuild": triggers })),
        "docker.io/library/trigger:latest": image(json!({ "OnBuild": ["RUN --mount=type=cache,target=/c x", "ARG A", "COPY $A /x"], "Env": ["V=abcabc"] })),
        "docker.io/library/nested:latest": image(json!({ "OnBuild": ["COPY --from=onbuild /a /b", "COPY --from=trigger /a /b"] })),
        "docker.io/library/noenv:latest": image(json!({})),
        "docker.io/library/quoted:latest": image(json!({ "Env": ["A", "B=", "=x", "C=a=b", "C=2"], "WorkingDir": "rel", "User": "" })),
        "docker.io/library/empty:latest": { "config": { "architecture": "amd64", "os": "linux", "config": { "Env": ["A=b"] }, "rootfs": { "type": "layers", "diff_ids": [] } } },
        "docker.io/library/arm:latest": { "config": { "architecture": "arm64", "variant": "v8", "os": "linux", "config": {}, "rootfs": { "type": "layers", "diff_ids": [] } } },
        "docker.io/library/win:latest": { "config": { "architecture": "amd64", "os": "windows", "os.version": "10.0.1", "config": { "Env": ["Path=C:\\x"] }, "rootfs": { "type": "layers", "diff_ids": [] } } },
    })
}
