//! The package managers of distributions.

use super::model::{Action, CACHE, Cache, Grammar, TOOL, Tool, Versions};

const RPM_COMMANDS: &[(&str, Action)] = &[
    ("install", Action::Install),
    ("localinstall", Action::Install),
    ("groupinstall", Action::Install),
    ("group install", Action::Install),
    ("in", Action::Install),
    ("reinstall", Action::Install),
    ("rei", Action::Install),
    ("builddep", Action::Install),
    ("swap", Action::Install),
    ("makecache", Action::Update),
    ("check-update", Action::Update),
    ("update", Action::Upgrade),
    ("upgrade", Action::Upgrade),
    ("up", Action::Upgrade),
    ("distro-sync", Action::Upgrade),
    ("upgrade-minimal", Action::Upgrade),
    ("remove", Action::Remove),
    ("erase", Action::Remove),
    ("autoremove", Action::Remove),
    ("clean", Action::Clean),
    ("download", Action::Download),
];

const RPM_VALUED: &[&str] = &[
    "--installroot",
    "--releasever",
    "--setopt",
    "--repo",
    "--repoid",
    "--repofrompath",
    "--enablerepo",
    "--disablerepo",
    "--enable-repo",
    "--disable-repo",
    "--exclude",
    "--disableplugin",
    "--enableplugin",
    "--config",
    "--forcearch",
    "--advisory",
    "--downloaddir",
    "--destdir",
    "--debuglevel",
    "--errorlevel",
    "--rpmverbosity",
    "--comment",
    "-c",
    "-d",
    "-e",
    "-x",
    "-R",
];

/// dnf(8), dnf.conf(5), "DNF5 Caching".
const DNF_CACHES: &[Cache] = &[
    Cache {
        id: "dnf",
        folder: "/var/cache/dnf",
        cleaned_by: &["clean all"],
        ..CACHE
    },
    // Packages are deleted after the install (keepcache is off); what stays is metadata.
    Cache {
        id: "libdnf5",
        folder: "/var/cache/libdnf5",
        cleaned_by: &["clean all"],
        ..CACHE
    },
];

/// yum(8), yum.conf(5).
const YUM_CACHES: &[Cache] = &[Cache {
    id: "yum",
    folder: "/var/cache/yum",
    cleaned_by: &["clean all"],
    ..CACHE
}];

/// The README of microdnf, and Red Hat's examples for UBI minimal.
const MICRODNF_CACHES: &[Cache] = &[
    Cache {
        id: "microdnf-yum",
        folder: "/var/cache/yum",
        cleaned_by: &["clean all"],
        ..CACHE
    },
    Cache {
        id: "microdnf",
        folder: "/var/cache/dnf",
        cleaned_by: &["clean all"],
        ..CACHE
    },
];

/// apt-get(8), apt.conf(5), Docker's "Optimize cache usage in builds". Of /var/lib/apt only the lists: beside them
/// `extended_states` remembers which packages nobody asked for, and belongs to the image. Debian's and Ubuntu's images
/// delete archives after each run (apt.conf.d/docker-clean).
const APT: Tool = Tool {
    name: "apt",
    programs: &["apt-get", "apt", "aptitude"],
    commands: &[
        ("install", Action::Install),
        ("reinstall", Action::Install),
        ("satisfy", Action::Install),
        ("build-dep", Action::Install),
        ("update", Action::Update),
        ("upgrade", Action::Upgrade),
        ("dist-upgrade", Action::Upgrade),
        ("full-upgrade", Action::Upgrade),
        ("safe-upgrade", Action::Upgrade),
        ("remove", Action::Remove),
        ("purge", Action::Remove),
        ("autoremove", Action::Remove),
        ("autopurge", Action::Remove),
        ("clean", Action::Clean),
        ("autoclean", Action::Clean),
        ("distclean", Action::Clean),
        ("download", Action::Download),
        ("source", Action::Download),
    ],
    valued: &[
        "-o",
        "--option",
        "-c",
        "--config-file",
        "-t",
        "--target-release",
        "--default-release",
        "-a",
        "--host-architecture",
        "-P",
        "--build-profiles",
        "--solver",
    ],
    versions: Versions::Signs(&["=", "/"]),
    yes: &["-y", "--yes", "--assume-yes"],
    caches: &[
        Cache {
            id: "apt",
            folder: "/var/cache/apt",
            stays: false,
            cleaned_by: &["clean", "distclean"],
            ..CACHE
        },
        Cache {
            id: "apt-lists",
            folder: "/var/lib/apt/lists",
            filled_by: Some(Action::Update),
            cleaned_by: &["distclean"],
            ..CACHE
        },
    ],
    ..TOOL
};

/// apk(8), apk-add(8), apk-cache(5). /etc/apk/cache is there only where somebody made it; a mount there switches the cache of
/// packages on, and puts the index there, too.
const APK: Tool = Tool {
    name: "apk",
    programs: &["apk"],
    commands: &[
        ("add", Action::Install),
        ("update", Action::Update),
        ("upgrade", Action::Upgrade),
        ("fix", Action::Upgrade),
        ("del", Action::Remove),
        ("cache clean", Action::Clean),
        ("cache purge", Action::Clean),
        ("cache download", Action::Download),
        ("fetch", Action::Download),
    ],
    valued: &[
        "-t",
        "--virtual",
        "-X",
        "--repository",
        "-p",
        "--root",
        "--arch",
        "--keys-dir",
        "--repositories-file",
        "--cache-dir",
        "--cache-max-age",
        "--wait",
        "--progress-fd",
        "-o",
        "--output",
        "--timeout",
    ],
    versions: Versions::Signs(&["==", "~=", "=~", ">=", "<=", "><", "=", "~", ">", "<", "@"]),
    no_cache: &["--no-cache"],
    offline: &["--no-network"],
    caches: &[
        Cache {
            id: "apk",
            folder: "/etc/apk/cache",
            flags: &["--cache-dir"],
            stays: false,
            filled_by: Some(Action::Update),
            cleaned_by: &["cache purge"],
            ..CACHE
        },
        Cache {
            id: "apk-index",
            folder: "/var/cache/apk",
            filled_by: Some(Action::Update),
            ..CACHE
        },
    ],
    ..TOOL
};

const DNF: Tool = Tool {
    name: "dnf",
    programs: &["dnf", "dnf5"],
    commands: RPM_COMMANDS,
    valued: RPM_VALUED,
    versions: Versions::Dash,
    yes: &["-y", "--assumeyes"],
    offline: &["-C", "--cacheonly"],
    caches: DNF_CACHES,
    ..TOOL
};

const YUM: Tool = Tool {
    name: "yum",
    programs: &["yum"],
    caches: YUM_CACHES,
    ..DNF
};

const MICRODNF: Tool = Tool {
    name: "microdnf",
    programs: &["microdnf"],
    caches: MICRODNF_CACHES,
    ..DNF
};

/// zypper(8), zypp.conf: the folder, and that packages of remote repositories are not kept.
const ZYPPER: Tool = Tool {
    name: "zypper",
    programs: &["zypper"],
    commands: &[
        ("install", Action::Install),
        ("in", Action::Install),
        ("source-install", Action::Install),
        ("refresh", Action::Update),
        ("ref", Action::Update),
        ("update", Action::Upgrade),
        ("up", Action::Upgrade),
        ("patch", Action::Upgrade),
        ("dist-upgrade", Action::Upgrade),
        ("dup", Action::Upgrade),
        ("remove", Action::Remove),
        ("rm", Action::Remove),
        ("clean", Action::Clean),
        ("cc", Action::Clean),
        ("download", Action::Download),
    ],
    valued: &[
        "-R",
        "--root",
        "--installroot",
        "-D",
        "--reposd-dir",
        "-C",
        "--cache-dir",
        "--config",
        "-c",
        "-r",
        "--repo",
        "--from",
        "-t",
        "--type",
        "-n",
        "--name",
        "--plus-repo",
        "-p",
        "--plus-content",
        "--releasever",
        "--gpg-check",
    ],
    versions: Versions::Signs(&[">=", "<=", "=", ">", "<"]),
    yes: &["-y", "--no-confirm", "-n", "--non-interactive"],
    offline: &["--no-refresh"],
    caches: &[Cache {
        id: "zypp",
        folder: "/var/cache/zypp",
        flags: &["-C", "--cache-dir", "--pkg-cache-dir"],
        cleaned_by: &["clean -a", "clean --all", "cc -a", "cc --all"],
        ..CACHE
    }],
    ..TOOL
};

/// pacman(8), pacman.conf(5).
const PACMAN: Tool = Tool {
    name: "pacman",
    programs: &["pacman", "yay", "paru"],
    grammar: Grammar::Letters,
    valued: &[
        "-b",
        "--dbpath",
        "-r",
        "--root",
        "--arch",
        "--cachedir",
        "--color",
        "--config",
        "--gpgdir",
        "--hookdir",
        "--logfile",
        "--sysroot",
        "--overwrite",
        "--ignore",
        "--ignoregroup",
        "--assume-installed",
    ],
    versions: Versions::Signs(&[">=", "<=", "=", ">", "<"]),
    yes: &["--noconfirm"],
    caches: &[Cache {
        id: "pacman",
        folder: "/var/cache/pacman/pkg",
        flags: &["--cachedir"],
        cleaned_by: &["-Scc"],
        ..CACHE
    }],
    ..TOOL
};

pub(super) const TOOLS: [&Tool; 7] = [&APT, &APK, &DNF, &YUM, &MICRODNF, &ZYPPER, &PACMAN];
