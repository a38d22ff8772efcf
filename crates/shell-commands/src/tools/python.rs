//! Python's package managers.

use super::model::{Action, CACHE, Cache, Sharing, TOOL, Tool, Versions};

/// PEP 440's comparisons, and PEP 508's direct references.
const VERSIONS: Versions = Versions::Signs(&["===", "==", "~=", "!=", ">=", "<=", ">", "<", "@"]);

const VALUED: &[&str] = &[
    "-r",
    "--requirement",
    "--requirements",
    "-c",
    "--constraint",
    "--constraints",
    "-t",
    "--target",
    "-i",
    "--index-url",
    "--extra-index-url",
    "--default-index",
    "--index",
    "-f",
    "--find-links",
    "--platform",
    "--python-version",
    "--implementation",
    "--abi",
    "--root",
    "--prefix",
    "--src",
    "--upgrade-strategy",
    "-C",
    "--config-settings",
    "--config-setting",
    "--global-option",
    "--no-binary",
    "--only-binary",
    "--progress-bar",
    "--report",
    "--python",
    "-p",
    "--log",
    "--proxy",
    "--retries",
    "--timeout",
    "--exists-action",
    "--trusted-host",
    "--cert",
    "--client-cert",
    "--cache-dir",
    "-d",
    "--dest",
    "-w",
    "--wheel-dir",
    "--use-feature",
    "--use-deprecated",
    "--override",
    "--overrides",
    "--exclude-newer",
    "--index-strategy",
    "--keyring-provider",
    "--link-mode",
    "--directory",
    "--project",
    "--config-file",
    "--extra",
    "--group",
    "--only-group",
    "--no-group",
    "--package",
    "--with",
    "--from",
    "--color",
    "--refresh-package",
    "--no-install-package",
    "--reinstall-package",
    "-P",
    "--upgrade-package",
    "--torch-backend",
    "--allow-insecure-host",
];

const PIP_COMMANDS: &[(&str, Action)] = &[
    ("install", Action::Install),
    ("uninstall", Action::Remove),
    ("download", Action::Download),
    ("wheel", Action::Build),
    ("cache purge", Action::Clean),
    ("cache remove", Action::Clean),
];

/// pip's "Caching" and "pip install"; Docker's "Optimize cache usage in builds".
const PIP: Tool = Tool {
    name: "pip",
    programs: &["pip"],
    commands: PIP_COMMANDS,
    valued: VALUED,
    lists: &["-r", "--requirement"],
    versions: VERSIONS,
    yes: &["-y", "--yes", "--no-input"],
    no_cache: &["--no-cache-dir"],
    no_cache_variables: &["PIP_NO_CACHE_DIR"],
    caches: PIP_CACHES,
    ..TOOL
};

const PIP_CACHES: &[Cache] = &[PIP_CACHE];

const PIP_CACHE: Cache = Cache {
    id: "pip",
    folder: "~/.cache/pip",
    variables: &[("PIP_CACHE_DIR", ""), ("XDG_CACHE_HOME", "/pip")],
    flags: &["--cache-dir"],
    sharing: Sharing::Shared,
    cleaned_by: &["cache purge"],
    ..CACHE
};

/// uv's "Caching" (safe for several at once; copies where it can't link) and "Using uv in Docker".
const UV: Tool = Tool {
    name: "uv",
    programs: &["uv"],
    commands: &[
        ("pip install", Action::Install),
        ("pip sync", Action::Install),
        ("pip uninstall", Action::Remove),
        ("tool install", Action::Install),
        ("python install", Action::Install),
        ("cache clean", Action::Clean),
        ("cache prune", Action::Clean),
        ("sync", Action::Install),
        ("add", Action::Install),
        ("remove", Action::Remove),
        ("build", Action::Build),
        ("run", Action::Build),
        ("lock", Action::Update),
    ],
    valued: VALUED,
    lists: &["-r", "--requirement", "--requirements"],
    versions: VERSIONS,
    no_cache: &["--no-cache", "--no-cache-dir", "-n"],
    no_cache_variables: &["UV_NO_CACHE"],
    offline: &["--offline"],
    keeps: &["--link-mode"],
    keeps_variables: &["UV_LINK_MODE"],
    caches: &[Cache {
        id: "uv",
        folder: "~/.cache/uv",
        variables: &[("UV_CACHE_DIR", ""), ("XDG_CACHE_HOME", "/uv")],
        flags: &["--cache-dir"],
        sharing: Sharing::Shared,
        cleaned_by: &["cache clean"],
        ..CACHE
    }],
    ..TOOL
};

/// Poetry's "Configuration": the folder holds `virtualenvs` too, which are what it is there to make.
const POETRY: Tool = Tool {
    name: "poetry",
    programs: &["poetry"],
    commands: &[
        ("install", Action::Install),
        ("sync", Action::Install),
        ("add", Action::Install),
        ("self add", Action::Install),
        ("update", Action::Upgrade),
        ("remove", Action::Remove),
        ("build", Action::Build),
        ("lock", Action::Update),
        ("cache clear", Action::Clean),
    ],
    valued: &[
        "-C",
        "--directory",
        "-P",
        "--project",
        "--with",
        "--without",
        "--only",
        "-E",
        "--extras",
        "-G",
        "--group",
        "--python",
        "--source",
        "--platform",
        "-f",
        "--format",
        "-o",
        "--output",
    ],
    versions: Versions::Signs(&["==", "~=", ">=", "<=", "@", ">", "<"]),
    yes: &["-n", "--no-interaction"],
    no_cache: &["--no-cache"],
    caches: &[
        Cache {
            id: "poetry",
            folder: "~/.cache/pypoetry/cache",
            variables: &[
                ("POETRY_CACHE_DIR", "/cache"),
                ("XDG_CACHE_HOME", "/pypoetry/cache"),
            ],
            cleaned_by: &["cache clear --all"],
            ..CACHE
        },
        Cache {
            id: "poetry-artifacts",
            folder: "~/.cache/pypoetry/artifacts",
            variables: &[
                ("POETRY_CACHE_DIR", "/artifacts"),
                ("XDG_CACHE_HOME", "/pypoetry/artifacts"),
            ],
            ..CACHE
        },
    ],
    ..TOOL
};

/// Pipenv's "Configuration"; it runs pip.
const PIPENV: Tool = Tool {
    name: "pipenv",
    programs: &["pipenv"],
    commands: &[
        ("install", Action::Install),
        ("sync", Action::Install),
        ("update", Action::Upgrade),
        ("upgrade", Action::Upgrade),
        ("uninstall", Action::Remove),
        ("lock", Action::Update),
    ],
    valued: VALUED,
    lists: &["-r", "--requirements"],
    versions: VERSIONS,
    caches: &[
        Cache {
            id: "pipenv",
            folder: "~/.cache/pipenv",
            variables: &[("PIPENV_CACHE_DIR", ""), ("XDG_CACHE_HOME", "/pipenv")],
            ..CACHE
        },
        Cache {
            cleaned_by: &[],
            ..PIP_CACHE
        },
    ],
    ..TOOL
};

/// conda's "Settings" (`pkgs_dirs`) and "conda clean"; the folder is that of the images of conda-forge and Anaconda.
const CONDA: Tool = Tool {
    name: "conda",
    programs: &["conda", "mamba", "micromamba"],
    commands: &[
        ("env create", Action::Install),
        ("env update", Action::Install),
        ("install", Action::Install),
        ("create", Action::Install),
        ("update", Action::Upgrade),
        ("upgrade", Action::Upgrade),
        ("remove", Action::Remove),
        ("uninstall", Action::Remove),
        ("clean", Action::Clean),
    ],
    valued: &[
        "-n",
        "--name",
        "-p",
        "--prefix",
        "-c",
        "--channel",
        "-f",
        "--file",
        "--revision",
        "--solver",
        "--platform",
        "--subdir",
        "--repodata-fn",
        "--clone",
        "-r",
        "--root-prefix",
    ],
    lists: &["-f", "--file"],
    versions: Versions::Signs(&["==", ">=", "<=", "!=", "~=", "=", ">", "<"]),
    yes: &["-y", "--yes"],
    offline: &["--offline"],
    caches: &[Cache {
        id: "conda",
        folder: "/opt/conda/pkgs",
        variables: &[("CONDA_PKGS_DIRS", ""), ("MAMBA_ROOT_PREFIX", "/pkgs")],
        cleaned_by: &["clean -a", "clean --all", "clean -f", "clean --force-pkgs-dirs"],
        ..CACHE
    }],
    ..TOOL
};

pub(super) const TOOLS: [&Tool; 5] = [&PIP, &UV, &POETRY, &PIPENV, &CONDA];
