//! Go, Rust, compilers of C, and what fetches files.

use super::model::{Action, CACHE, Cache, CacheKind, Grammar, Sharing, TOOL, Tool, Versions};

/// "go help environment", "go help cache", the Go Modules Reference (several commands may use the module cache at once);
/// Docker's "Optimize cache usage in builds".
const GO: Tool = Tool {
    name: "go",
    programs: &["go"],
    commands: &[
        ("mod download", Action::Download),
        ("mod vendor", Action::Download),
        ("mod tidy", Action::Update),
        ("mod verify", Action::Other),
        ("install", Action::Install),
        ("get", Action::Install),
        ("build", Action::Build),
        ("test", Action::Build),
        ("run", Action::Build),
        ("vet", Action::Build),
        ("generate", Action::Build),
        ("list", Action::Download),
        ("clean", Action::Clean),
    ],
    valued: &[
        "-C",
        "-o",
        "-p",
        "-ldflags",
        "-tags",
        "-gcflags",
        "-asmflags",
        "-gccgoflags",
        "-mod",
        "-modfile",
        "-overlay",
        "-pkgdir",
        "-toolexec",
        "-buildmode",
        "-compiler",
        "-covermode",
        "-coverpkg",
        "-installsuffix",
        "-run",
        "-timeout",
        "-exec",
        "-count",
        "-pgo",
    ],
    versions: Versions::Signs(&["@"]),
    caches: &[
        Cache {
            id: "go-mod",
            folder: "~/go/pkg/mod",
            variables: &[("GOMODCACHE", ""), ("GOPATH", "/pkg/mod")],
            sharing: Sharing::Shared,
            kind: CacheKind::InPlace,
            cleaned_by: &["clean -modcache"],
            ..CACHE
        },
        Cache {
            id: "go-build",
            folder: "~/.cache/go-build",
            variables: &[("GOCACHE", ""), ("XDG_CACHE_HOME", "/go-build")],
            sharing: Sharing::Shared,
            kind: CacheKind::Compiled,
            cleaned_by: &["clean -cache"],
            ..CACHE
        },
    ],
    ..TOOL
};

/// The Cargo Book's "Cargo Home" and "Build Cache"; Docker's "Optimize cache usage in builds". Cargo locks its folders.
const CARGO: Tool = Tool {
    name: "cargo",
    programs: &["cargo"],
    commands: &[
        ("install", Action::Install),
        ("binstall", Action::Install),
        ("add", Action::Install),
        ("uninstall", Action::Remove),
        ("remove", Action::Remove),
        ("fetch", Action::Download),
        ("vendor", Action::Download),
        ("update", Action::Update),
        ("generate-lockfile", Action::Update),
        ("chef cook", Action::Build),
        ("build", Action::Build),
        ("b", Action::Build),
        ("check", Action::Build),
        ("test", Action::Build),
        ("run", Action::Build),
        ("rustc", Action::Build),
        ("zigbuild", Action::Build),
        ("clean", Action::Clean),
    ],
    valued: &[
        "-F",
        "--features",
        "--version",
        "--vers",
        "--git",
        "--branch",
        "--tag",
        "--rev",
        "--path",
        "--root",
        "--registry",
        "--index",
        "--target",
        "--target-dir",
        "--profile",
        "-j",
        "--jobs",
        "-p",
        "--package",
        "--bin",
        "--example",
        "--test",
        "--bench",
        "--manifest-path",
        "--config",
        "--color",
        "-Z",
        "-C",
        "--exclude",
        "--message-format",
        "--recipe-path",
    ],
    versions: Versions::Signs(&["@"]),
    version_flags: &["--version", "--vers"],
    offline: &["--offline", "--frozen"],
    caches: &[
        Cache {
            id: "cargo-registry",
            folder: "~/.cargo/registry",
            variables: &[("CARGO_HOME", "/registry")],
            sharing: Sharing::Shared,
            kind: CacheKind::InPlace,
            ..CACHE
        },
        Cache {
            id: "cargo-git",
            folder: "~/.cargo/git/db",
            variables: &[("CARGO_HOME", "/git/db")],
            sharing: Sharing::Shared,
            kind: CacheKind::InPlace,
            ..CACHE
        },
        Cache {
            id: "cargo-target",
            folder: "./target",
            variables: &[("CARGO_TARGET_DIR", "")],
            flags: &["--target-dir"],
            kind: CacheKind::Output,
            cleaned_by: &["clean"],
            ..CACHE
        },
    ],
    ..TOOL
};

/// ccache(1): `cache_dir`, and sharing a cache.
const CCACHE: Tool = Tool {
    name: "ccache",
    programs: &["ccache"],
    grammar: Grammar::Plain,
    otherwise: Action::Build,
    caches: &[Cache {
        id: "ccache",
        folder: "~/.cache/ccache",
        variables: &[("CCACHE_DIR", ""), ("XDG_CACHE_HOME", "/ccache")],
        sharing: Sharing::Shared,
        kind: CacheKind::Compiled,
        cleaned_by: &["-C", "--clear"],
        ..CACHE
    }],
    ..TOOL
};

/// Compilers and what drives them.
const COMPILER: Tool = Tool {
    name: "compiler",
    programs: &[
        "make", "gmake", "cmake", "ninja", "meson", "gcc", "g++", "cc", "c++", "clang", "clang++", "rustc",
        "javac", "swift", "swiftc", "tsc", "bazel",
    ],
    grammar: Grammar::Plain,
    otherwise: Action::Build,
    ..TOOL
};

const FETCHER: Tool = Tool {
    name: "fetch",
    programs: &["curl", "wget", "aria2c"],
    grammar: Grammar::Plain,
    otherwise: Action::Download,
    valued: &[
        "-o",
        "--output",
        "-O",
        "--output-document",
        "-P",
        "--directory-prefix",
        "-H",
        "--header",
        "-A",
        "--user-agent",
        "-U",
        "-u",
        "--user",
        "-d",
        "--data",
        "-X",
        "--request",
        "--retry",
        "--retry-delay",
        "--connect-timeout",
        "-m",
        "--max-time",
        "--cacert",
        "-x",
        "--proxy",
        "-T",
        "--timeout",
        "-t",
        "--tries",
        "-e",
        "--referer",
        "--tlsv1.2",
        "--proto",
        "-w",
        "--write-out",
        "--output-dir",
    ],
    ..TOOL
};

const GIT: Tool = Tool {
    name: "git",
    programs: &["git"],
    commands: &[
        ("clone", Action::Download),
        ("fetch", Action::Download),
        ("pull", Action::Download),
        ("submodule", Action::Download),
    ],
    valued: &[
        "-C",
        "-c",
        "--git-dir",
        "--work-tree",
        "-b",
        "--branch",
        "--depth",
        "-o",
        "--origin",
        "-j",
        "--jobs",
        "--config",
        "--filter",
        "--reference",
        "--shallow-since",
        "--template",
    ],
    ..TOOL
};

pub(super) const TOOLS: [&Tool; 6] = [&GO, &CARGO, &CCACHE, &COMPILER, &FETCHER, &GIT];
