//! JavaScript's package managers.

use super::model::{Action, CACHE, Cache, CacheKind, Sharing, TOOL, Tool, Versions};

const VERSIONS: Versions = Versions::Signs(&["@"]);

const VALUED: &[&str] = &[
    "--prefix",
    "--registry",
    "--cache",
    "-w",
    "--workspace",
    "--omit",
    "--include",
    "--only",
    "--loglevel",
    "--tag",
    "--otp",
    "--userconfig",
    "--globalconfig",
    "--install-strategy",
    "--before",
    "--cpu",
    "--os",
    "--libc",
    "-C",
    "--dir",
    "--store-dir",
    "--virtual-store-dir",
    "-F",
    "--filter",
    "--filter-prod",
    "--reporter",
    "--network-concurrency",
    "--child-concurrency",
    "--lockfile-dir",
    "--modules-dir",
    "--cwd",
    "--cache-folder",
    "--modules-folder",
    "--mutex",
    "--network-timeout",
    "--proxy",
    "--https-proxy",
    "--use-yarnrc",
    "--global-folder",
    "--mode",
    "--cache-dir",
    "--backend",
    "-c",
    "--config",
    "--concurrent-scripts",
    "--network-family",
];

/// npm's "config" (`cache`) and "npm cache"; cacache's page has it stand several users.
const NPM: Tool = Tool {
    name: "npm",
    programs: &["npm"],
    commands: &[
        ("install", Action::Install),
        ("i", Action::Install),
        ("add", Action::Install),
        ("ci", Action::Install),
        ("clean-install", Action::Install),
        ("install-clean", Action::Install),
        ("ic", Action::Install),
        ("install-test", Action::Install),
        ("update", Action::Upgrade),
        ("up", Action::Upgrade),
        ("upgrade", Action::Upgrade),
        ("uninstall", Action::Remove),
        ("un", Action::Remove),
        ("remove", Action::Remove),
        ("rm", Action::Remove),
        ("prune", Action::Remove),
        ("cache clean", Action::Clean),
        ("cache clear", Action::Clean),
        ("pack", Action::Build),
        ("run build", Action::Build),
        ("run", Action::Other),
        ("rebuild", Action::Build),
    ],
    valued: VALUED,
    versions: VERSIONS,
    yes: &["-y", "--yes"],
    offline: &["--offline"],
    caches: &[Cache {
        id: "npm",
        folder: "~/.npm",
        variables: &[("npm_config_cache", ""), ("NPM_CONFIG_CACHE", "")],
        flags: &["--cache"],
        sharing: Sharing::Shared,
        cleaned_by: &[
            "cache clean --force",
            "cache clean -f",
            "cache clear --force",
            "cache clear -f",
        ],
        ..CACHE
    }],
    ..TOOL
};

/// Yarn 1's "yarn cache" and its sources (root's home); Yarn's "Settings" (`cacheFolder`, `globalFolder`). Yarn 1 asks
/// for `--mutex` where several run at once. What Plug'n'Play starts is read from the folder of the later Yarns.
const YARN: Tool = Tool {
    name: "yarn",
    programs: &["yarn", "yarnpkg"],
    commands: &[
        ("global add", Action::Install),
        ("global upgrade", Action::Upgrade),
        ("global remove", Action::Remove),
        ("workspaces focus", Action::Install),
        ("install", Action::Install),
        ("add", Action::Install),
        ("upgrade", Action::Upgrade),
        ("up", Action::Upgrade),
        ("remove", Action::Remove),
        ("cache clean", Action::Clean),
        ("cache clear", Action::Clean),
        ("build", Action::Build),
        ("pack", Action::Build),
        ("run build", Action::Build),
    ],
    otherwise: Action::Install,
    valued: VALUED,
    versions: VERSIONS,
    yes: &["--non-interactive"],
    offline: &["--offline"],
    caches: &[
        Cache {
            id: "yarn",
            folder: "~/.cache/yarn",
            root_folder: Some("/usr/local/share/.cache/yarn"),
            variables: &[("YARN_CACHE_FOLDER", ""), ("XDG_CACHE_HOME", "/yarn")],
            flags: &["--cache-folder"],
            cleaned_by: &["cache clean", "cache clear"],
            ..CACHE
        },
        Cache {
            id: "yarn-berry",
            folder: "~/.yarn/berry/cache",
            variables: &[("YARN_CACHE_FOLDER", ""), ("YARN_GLOBAL_FOLDER", "/cache")],
            kind: CacheKind::Output,
            cleaned_by: &["cache clean --all", "cache clean --mirror"],
            ..CACHE
        },
    ],
    ..TOOL
};

/// pnpm's "Settings" (`storeDir`) and "Working with Docker". Where the store can't be linked from, it is copied from.
const PNPM: Tool = Tool {
    name: "pnpm",
    programs: &["pnpm"],
    commands: &[
        ("self-update", Action::Upgrade),
        ("store prune", Action::Clean),
        ("install", Action::Install),
        ("i", Action::Install),
        ("ci", Action::Install),
        ("add", Action::Install),
        ("update", Action::Upgrade),
        ("up", Action::Upgrade),
        ("upgrade", Action::Upgrade),
        ("remove", Action::Remove),
        ("rm", Action::Remove),
        ("uninstall", Action::Remove),
        ("un", Action::Remove),
        ("prune", Action::Remove),
        ("fetch", Action::Download),
        ("deploy", Action::Build),
        ("pack", Action::Build),
        ("build", Action::Build),
        ("run build", Action::Build),
    ],
    valued: VALUED,
    versions: VERSIONS,
    offline: &["--offline"],
    keeps: &[
        "-g",
        "--global",
        "--package-import-method",
        "--enable-global-virtual-store",
    ],
    keeps_variables: &[
        "npm_config_package_import_method",
        "npm_config_enable_global_virtual_store",
    ],
    caches: &[Cache {
        id: "pnpm",
        folder: "~/.local/share/pnpm/store",
        variables: &[
            ("npm_config_store_dir", ""),
            ("NPM_CONFIG_STORE_DIR", ""),
            ("PNPM_HOME", "/store"),
            ("XDG_DATA_HOME", "/pnpm/store"),
        ],
        flags: &["--store-dir"],
        sharing: Sharing::Shared,
        // `store prune` leaves what some project uses.
        ..CACHE
    }],
    ..TOOL
};

/// Bun's "Global cache", "bun install" and "bun pm".
const BUN: Tool = Tool {
    name: "bun",
    programs: &["bun"],
    commands: &[
        ("pm cache rm", Action::Clean),
        ("install", Action::Install),
        ("i", Action::Install),
        ("add", Action::Install),
        ("ci", Action::Install),
        ("update", Action::Upgrade),
        ("remove", Action::Remove),
        ("rm", Action::Remove),
        ("build", Action::Build),
    ],
    valued: VALUED,
    versions: VERSIONS,
    no_cache: &["--no-cache"],
    keeps: &["--backend"],
    caches: &[Cache {
        id: "bun",
        folder: "~/.bun/install/cache",
        variables: &[("BUN_INSTALL_CACHE_DIR", ""), ("BUN_INSTALL", "/install/cache")],
        flags: &["--cache-dir"],
        cleaned_by: &["pm cache rm"],
        ..CACHE
    }],
    ..TOOL
};

pub(super) const TOOLS: [&Tool; 4] = [&NPM, &YARN, &PNPM, &BUN];
