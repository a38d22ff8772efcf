//! Ruby, PHP, the languages of the JVM, .NET and Elixir.

use super::model::{Action, CACHE, Cache, CacheKind, Grammar, Sharing, TOOL, Tool, Versions};

/// RubyGems' "Command Reference" and `Gem.cache_dir`; the folder is that of the official images, which set GEM_HOME.
const GEM: Tool = Tool {
    name: "gem",
    programs: &["gem"],
    commands: &[
        ("install", Action::Install),
        ("i", Action::Install),
        ("update", Action::Upgrade),
        ("uninstall", Action::Remove),
        ("cleanup", Action::Remove),
        ("fetch", Action::Download),
        ("build", Action::Build),
        ("sources", Action::Update),
    ],
    valued: &[
        "-v",
        "--version",
        "-i",
        "--install-dir",
        "-n",
        "--bindir",
        "-P",
        "--trust-policy",
        "-s",
        "--source",
        "-p",
        "--http-proxy",
        "-g",
        "--file",
        "--platform",
        "--document",
        "--build-root",
        "--target-rbconfig",
    ],
    lists: &["-g", "--file"],
    versions: Versions::Signs(&[":"]),
    version_flags: &["-v", "--version"],
    caches: &[GEM_CACHE],
    ..TOOL
};

const GEM_CACHE: Cache = Cache {
    id: "gem",
    folder: "/usr/local/bundle/cache",
    variables: &[("GEM_HOME", "/cache")],
    ..CACHE
};

/// bundle-config(1) and Bundler's sources (`user_cache`).
const BUNDLE: Tool = Tool {
    name: "bundle",
    programs: &["bundle", "bundler"],
    commands: &[
        ("install", Action::Install),
        ("add", Action::Install),
        ("update", Action::Upgrade),
        ("remove", Action::Remove),
        ("clean", Action::Remove),
        ("cache", Action::Download),
        ("package", Action::Download),
        ("lock", Action::Update),
        ("exec", Action::Other),
        ("config", Action::Other),
    ],
    otherwise: Action::Install,
    valued: &[
        "-j",
        "--jobs",
        "--retry",
        "--path",
        "--gemfile",
        "--without",
        "--with",
        "--binstubs",
        "--trust-policy",
        "--shebang",
        "--target-rbconfig",
        "-v",
        "--version",
        "-g",
        "--group",
        "-s",
        "--source",
    ],
    version_flags: &["-v", "--version"],
    offline: &["--local", "--prefer-local"],
    caches: &[
        Cache {
            id: "bundle",
            folder: "~/.bundle/cache",
            variables: &[("BUNDLE_USER_CACHE", ""), ("BUNDLE_USER_HOME", "/cache")],
            ..CACHE
        },
        GEM_CACHE,
    ],
    ..TOOL
};

/// Composer's "Config" (`cache-dir`) and "Command-line interface"; the composer image sets COMPOSER_HOME to /tmp.
const COMPOSER: Tool = Tool {
    name: "composer",
    programs: &["composer", "composer.phar"],
    commands: &[
        ("global require", Action::Install),
        ("global install", Action::Install),
        ("install", Action::Install),
        ("i", Action::Install),
        ("require", Action::Install),
        ("r", Action::Install),
        ("create-project", Action::Install),
        ("update", Action::Upgrade),
        ("upgrade", Action::Upgrade),
        ("u", Action::Upgrade),
        ("remove", Action::Remove),
        ("clear-cache", Action::Clean),
        ("clearcache", Action::Clean),
        ("cc", Action::Clean),
        ("dump-autoload", Action::Build),
        ("archive", Action::Build),
    ],
    valued: &[
        "-d",
        "--working-dir",
        "--ignore-platform-req",
        "-s",
        "--stability",
        "--repository",
    ],
    versions: Versions::Signs(&[":", "="]),
    yes: &["-n", "--no-interaction"],
    no_cache: &["--no-cache"],
    caches: &[Cache {
        id: "composer",
        folder: "~/.cache/composer",
        variables: &[
            ("COMPOSER_CACHE_DIR", ""),
            ("COMPOSER_HOME", "/cache"),
            ("XDG_CACHE_HOME", "/composer"),
        ],
        sharing: Sharing::Shared,
        cleaned_by: &["clear-cache", "clearcache", "cc"],
        ..CACHE
    }],
    ..TOOL
};

/// Maven's "Settings Reference" (`localRepository`) and Maven Resolver's "Local Repository": its own locks are for one
/// process. The goal `install` puts what it made there, beside what it fetched.
const MAVEN: Tool = Tool {
    name: "maven",
    programs: &["mvn", "mvnw", "mvnd"],
    grammar: Grammar::Goals,
    commands: &[
        ("dependency:go-offline", Action::Download),
        ("dependency:resolve", Action::Download),
        ("dependency:resolve-plugins", Action::Download),
        ("dependency:purge-local-repository", Action::Clean),
    ],
    otherwise: Action::Build,
    valued: &[
        "-f",
        "--file",
        "-s",
        "--settings",
        "-gs",
        "--global-settings",
        "-P",
        "--activate-profiles",
        "-pl",
        "--projects",
        "-T",
        "--threads",
        "-rf",
        "--resume-from",
        "-l",
        "--log-file",
        "-t",
        "--toolchains",
        "-D",
        "--define",
        "-b",
        "--builder",
    ],
    yes: &["-B", "--batch-mode"],
    offline: &["--offline", "-o"],
    keeps: &["install", "install:install", "install:install-file"],
    caches: &[Cache {
        id: "maven",
        folder: "~/.m2/repository",
        flags: &["-Dmaven.repo.local"],
        kind: CacheKind::InPlace,
        ..CACHE
    }],
    ..TOOL
};

/// Gradle's "Gradle-managed Directories" and "Dependency Caching". Its locks are handed over by network, which containers
/// have each for themselves.
const GRADLE: Tool = Tool {
    name: "gradle",
    programs: &["gradle", "gradlew"],
    grammar: Grammar::Goals,
    commands: &[("dependencies", Action::Download), ("--stop", Action::Other)],
    otherwise: Action::Build,
    valued: &[
        "-p",
        "--project-dir",
        "-b",
        "--build-file",
        "-c",
        "--settings-file",
        "-g",
        "--gradle-user-home",
        "-I",
        "--init-script",
        "-x",
        "--exclude-task",
        "--max-workers",
        "--console",
        "--project-cache-dir",
        "--include-build",
    ],
    offline: &["--offline"],
    caches: &[
        Cache {
            id: "gradle",
            folder: "~/.gradle/caches",
            variables: &[("GRADLE_USER_HOME", "/caches")],
            kind: CacheKind::InPlace,
            ..CACHE
        },
        Cache {
            id: "gradle-wrapper",
            folder: "~/.gradle/wrapper",
            variables: &[("GRADLE_USER_HOME", "/wrapper")],
            kind: CacheKind::InPlace,
            ..CACHE
        },
    ],
    ..TOOL
};

/// sbt's "Cached Resolution", sbt's launcher, Coursier's "Cache".
const SBT: Tool = Tool {
    name: "sbt",
    programs: &["sbt"],
    grammar: Grammar::Goals,
    commands: &[("update", Action::Download), ("clean", Action::Other)],
    otherwise: Action::Build,
    caches: &[
        Cache {
            id: "coursier",
            folder: "~/.cache/coursier",
            variables: &[("COURSIER_CACHE", ""), ("XDG_CACHE_HOME", "/coursier")],
            kind: CacheKind::InPlace,
            ..CACHE
        },
        Cache {
            id: "ivy",
            folder: "~/.ivy2/cache",
            kind: CacheKind::InPlace,
            ..CACHE
        },
        Cache {
            id: "sbt-boot",
            folder: "~/.sbt/boot",
            kind: CacheKind::InPlace,
            ..CACHE
        },
    ],
    ..TOOL
};

/// NuGet's "Managing the global packages, cache, and temp folders"; Docker's "Optimize cache usage in builds". Projects
/// use packages where they lie.
const DOTNET: Tool = Tool {
    name: "dotnet",
    programs: &["dotnet", "nuget"],
    commands: &[
        ("add package", Action::Install),
        ("package add", Action::Install),
        ("tool install", Action::Install),
        ("tool restore", Action::Install),
        ("tool update", Action::Upgrade),
        ("tool uninstall", Action::Remove),
        ("workload install", Action::Install),
        ("workload restore", Action::Install),
        ("nuget locals", Action::Clean),
        ("locals", Action::Clean),
        ("install", Action::Install),
        ("restore", Action::Download),
        ("build", Action::Build),
        ("publish", Action::Build),
        ("pack", Action::Build),
        ("test", Action::Build),
        ("run", Action::Build),
        ("msbuild", Action::Build),
    ],
    valued: &[
        "-v",
        "--verbosity",
        "--version",
        "-s",
        "--source",
        "--add-source",
        "-r",
        "--runtime",
        "-a",
        "--arch",
        "--os",
        "-c",
        "--configuration",
        "-o",
        "--output",
        "-f",
        "--framework",
        "--tool-path",
        "--packages",
        "--configfile",
        "--project",
        "--package-directory",
    ],
    versions: Versions::Signs(&["@"]),
    version_flags: &["--version", "-Version"],
    no_cache: &["--no-http-cache"],
    offline: &["--no-restore", "--no-build"],
    caches: &[
        Cache {
            id: "nuget",
            folder: "~/.nuget/packages",
            variables: &[("NUGET_PACKAGES", "")],
            flags: &["--packages", "--package-directory"],
            sharing: Sharing::Shared,
            kind: CacheKind::InPlace,
            cleaned_by: &[
                "nuget locals all",
                "nuget locals global-packages",
                "locals all",
                "locals global-packages",
            ],
            ..CACHE
        },
        Cache {
            id: "nuget-http",
            folder: "~/.local/share/NuGet/v3-cache",
            variables: &[
                ("NUGET_HTTP_CACHE_PATH", ""),
                ("XDG_DATA_HOME", "/NuGet/v3-cache"),
            ],
            sharing: Sharing::Shared,
            cleaned_by: &[
                "nuget locals all",
                "nuget locals http-cache",
                "locals all",
                "locals http-cache",
            ],
            ..CACHE
        },
    ],
    ..TOOL
};

/// Hex's "mix hex.config" (HEX_HOME, which holds settings as well) and Hex's sources (`packages`).
const MIX: Tool = Tool {
    name: "mix",
    programs: &["mix"],
    commands: &[
        ("local.hex", Action::Install),
        ("local.rebar", Action::Install),
        ("archive.install", Action::Install),
        ("escript.install", Action::Install),
        ("deps.get", Action::Download),
        ("deps.update", Action::Upgrade),
        ("deps.compile", Action::Build),
        ("compile", Action::Build),
        ("release", Action::Build),
        ("assets.deploy", Action::Build),
        ("do", Action::Build),
    ],
    yes: &["--force"],
    caches: &[Cache {
        id: "hex",
        folder: "~/.hex/packages",
        variables: &[("HEX_HOME", "/packages")],
        ..CACHE
    }],
    ..TOOL
};

pub(super) const TOOLS: [&Tool; 8] = [&GEM, &BUNDLE, &COMPOSER, &MAVEN, &GRADLE, &SBT, &DOTNET, &MIX];
