use super::super::super::testing::{findings, mended};
use super::*;

#[test]
fn what_is_left() {
    for (row, run, count) in [
        (APK, "apk add a", 1),
        (APK, "apk add --no-cache a", 0),
        (APK, "apk --no-cache add a", 0),
        (APK, "apk --update add a && rm -rf /var/cache/apk/*", 0),
        (APK, "rm -rf /var/cache/apk/* && apk add a", 1),
        (APK, "--mount=type=cache,target=/var/cache/apk apk add a", 0),
        (APT, "apt-get update && apt-get install a", 1),
        (APT, "apt-get update && apt-get install a && apt-get clean", 1),
        (APT, "apt-get update && apt-get install a && rm -rf /tmp/x", 1),
        (
            APT,
            "apt-get update && apt-get install a && rm -rf /var/lib/apt/lists/*",
            0,
        ),
        (
            APT,
            "apt-get update && apt-get install a && rm -rf /var/lib/{apt,dpkg}/",
            0,
        ),
        (APT, "apt-get update && apt-get distclean", 0),
        (APT, "--mount=type=tmpfs,target=/var/lib/apt apt-get update", 0),
        (APT, "apt-get install a", 0),
        (DNF, "yum -y install a", 1),
        (DNF, "dnf -y in a", 1),
        (DNF, "dnf install a && yum clean all", 0),
        (DNF, "microdnf install a && microdnf clean all", 0),
        (DNF, "dnf clean all && dnf install a", 1),
        (DNF, "dnf install a && rm -rf /var/cache/dnf", 0),
        (
            DNF,
            "--mount=type=cache,target=/var/cache/libdnf5 dnf install a",
            0,
        ),
        (ZYPPER, "zypper in a", 1),
        (ZYPPER, "zypper in a && zypper cc -a", 0),
        (PIP, "pip3 install a", 1),
        (PIP, "python -m pip install a", 1),
        (PIP, "pip install --no-cache-dir a", 0),
        (PIP, "PIP_NO_CACHE_DIR=1 pip install a", 0),
        (PIP, "export PIP_NO_CACHE_DIR=1 && pip install a", 0),
        (PIP, "pip install a && rm -rf ~/.cache", 0),
        (PIP, "pip install a && pip cache purge", 0),
        (
            PIP,
            "--mount=type=cache,target=/home/x/.cache/pip pip install a",
            0,
        ),
        (PIP, "--mount=type=bind,target=/root/.cache/pip pip install a", 1),
        (PIP, "pip install --cache-dir /c a", 1),
        (
            PIP,
            "--mount=type=cache,target=/c pip install --cache-dir /c a",
            0,
        ),
        (YARN, "yarn", 1),
        (YARN, "yarn install && yarn cache clean", 0),
        (YARN, "yarn build", 0),
        (YARN, "--mount=type=cache,target=/usr/local/share/.cache yarn", 0),
        (NPM, "npm ci && npm cache clean --force", 0),
        (NPM, "npm ci && npm cache clean", 1),
        (NPM, "npm run build", 0),
        (PNPM, "--mount=type=cache,target=/pnpm/store pnpm i", 0),
        (GO, "--mount=type=cache,target=/go/pkg/mod go build .", 1),
        (GO, "go build . && go clean -cache -modcache", 0),
        (
            CARGO,
            "--mount=type=cache,target=/usr/local/cargo/registry cargo build",
            0,
        ),
        (MAVEN, "mvn package && rm -rf /root/.m2", 0),
        (GEM, "gem install a && rm -rf /usr/local/bundle/cache/*.gem", 0),
        (COMPOSER, "composer install --no-cache", 0),
    ] {
        let file = format!("FROM a\nRUN {run}\n");
        assert_eq!(findings(&RULES_BY_ROW[row], &file).len(), count, "{run}");
    }
}

const RULES_BY_ROW: [Rule; 13] = [
    rule::<0>(),
    rule::<1>(),
    rule::<2>(),
    rule::<3>(),
    rule::<4>(),
    rule::<5>(),
    rule::<6>(),
    rule::<7>(),
    rule::<8>(),
    rule::<9>(),
    rule::<10>(),
    rule::<11>(),
    rule::<12>(),
];

#[test]
fn where_it_is() {
    for (row, head, run, mount) in [
        (NPM, "FROM a\n", "npm ci", "target=/root/.npm …"),
        (NPM, "FROM a\nUSER node\n", "npm ci", "target=/home/node/.npm …"),
        (NPM, "FROM a\nUSER 1000\n", "npm ci", "target=/home/…/.npm …"),
        (
            NPM,
            "FROM a\nENV HOME=/h\nUSER 1000\n",
            "npm ci",
            "target=/h/.npm …",
        ),
        (NPM, "FROM a\nENV NPM_CONFIG_CACHE=/c\n", "npm ci", "target=/c …"),
        (GO, "FROM golang:1\n", "go build", "target=/go/pkg/mod --mount"),
        (GO, "FROM a\n", "go build", "target=/root/go/pkg/mod --mount"),
        (
            CARGO,
            "FROM rust:1 AS b\nFROM b\n",
            "cargo build",
            "target=/usr/local/cargo/registry …",
        ),
        (
            YARN,
            "FROM a\n",
            "yarn",
            "target=/usr/local/share/.cache/yarn,sharing=locked …",
        ),
    ] {
        let file = format!("{head}RUN {run}\n");
        let message = &findings(&RULES_BY_ROW[row], &file)[0].2;
        assert!(message.contains(mount), "{message}");
    }
}

#[test]
fn only_what_ships() {
    let stages = "FROM a AS b\nRUN pip install x\nFROM a\nCOPY --from=b / /\n";
    assert_eq!(findings(&RULES_BY_ROW[PIP], stages), []);
    let variable = "FROM a AS b\nENV PIP_NO_CACHE_DIR=off\nFROM b\nRUN pip install x\n";
    assert_eq!(findings(&RULES_BY_ROW[PIP], variable), []);
}

#[test]
fn mounts_and_flags() {
    let mend = |row: usize, file: &str| mended(&RULES_BY_ROW[row], file);
    assert_eq!(
        mend(APK, "FROM a\nRUN apk -q add b && apk add c\n"),
        "FROM a\nRUN apk -q add --no-cache b && apk add --no-cache c\n"
    );
    // Advice is about a few lines of its RUN.
    assert_eq!(
        mend(
            APK,
            "FROM a\nRUN a && \\\n  apk add b && \\\n  c\nRUN <<E\na\napk add d\nE\n"
        ),
        "FROM a\nRUN a && \\\n  apk add --no-cache b && \\\n  c\nRUN <<E\na\napk add --no-cache d\nE\n"
    );
    assert_eq!(
        mend(NPM, "FROM a\nRUN a && \\\n  npm ci && \\\n  c\n"),
        "FROM a\nRUN --mount=type=cache,target=/root/.npm a && \\\n  npm ci && \\\n  c\n"
    );
    // The second RUN would find no lists.
    let apart = "FROM a\nRUN apt-get update\nRUN apt-get install b\n";
    assert_eq!(mend(APT, apart), apart);
    // Who writes there is not known.
    let user = "FROM a\nUSER x\nRUN npm ci\n";
    assert_eq!(mend(NPM, user), user);
}

#[test]
fn caches_that_are_asked_for_by_name() {
    let file = "# plimsoll=1\nFROM a\nRUN --cache=apt apt-get update\nRUN --cache=go apt-get update\n";
    assert_eq!(findings(&RULES_BY_ROW[APT], file).len(), 1);
}

/// They run in a file that builds on this one, for the user and with the variables that the stage ends with.
#[test]
fn triggers() {
    let mend = |row: usize, file: &str| mended(&RULES_BY_ROW[row], file);
    assert_eq!(
        mend(APK, "FROM a\nONBUILD RUN apk add b \\\n  c\nRUN apk add d\n"),
        "FROM a\nONBUILD RUN apk add --no-cache b \\\n  c\nRUN apk add --no-cache d\n"
    );
    assert_eq!(
        mend(NPM, "FROM a\nONBUILD  run npm ci\n"),
        "FROM a\nONBUILD  run --mount=type=cache,target=/root/.npm npm ci\n"
    );
    assert_eq!(
        mend(APK, "FROM a\nONBUILD RUN <<E\napk add b\nE\n"),
        "FROM a\nONBUILD RUN <<E\napk add --no-cache b\nE\n"
    );
    let user = "FROM a\nONBUILD RUN npm ci\nUSER x\n";
    assert_eq!(mend(NPM, user), user);
    let variable = "FROM a\nONBUILD RUN pip install x\nENV PIP_NO_CACHE_DIR=off\n";
    assert_eq!(findings(&RULES_BY_ROW[PIP], variable), []);
}
