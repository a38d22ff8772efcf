//! The rows: a package manager, and what is said about its caches.

use shell_commands::Action;

/// A package manager.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// The tools, as the table of tools calls them.
    pub(super) tools: &'static [&'static str],
    /// What fills the caches.
    pub(super) actions: &'static [Action],
    /// The caches, as the table of tools calls them.
    pub(super) caches: &'static [&'static str],
    /// Whether only one of them is used, which one depending on the version.
    pub(super) is_any: bool,
    /// What has to be done in the same RUN before an install, so that it finds something under a mount.
    pub(super) needs: Option<Action>,
    /// What stays, as the message begins.
    pub(super) what: &'static str,
    /// What else one can write, with `, or ` behind it.
    pub(super) instead: &'static str,
    pub(super) mending: Mending,
    pub(super) why: &'static str,
    pub(super) cost: &'static str,
    pub(super) bad: &'static str,
    pub(super) good: &'static str,
    pub(super) hadolint: &'static [&'static str],
}

/// What a program writes.
#[derive(Clone, Copy)]
pub(super) enum Mending {
    /// A flag behind the command.
    Flag(&'static str),
    /// A cache mount.
    Mount,
}

const ROW: Row = Row {
    name: "",
    description: "",
    tools: &[],
    actions: &[Action::Install, Action::Upgrade, Action::Download, Action::Build],
    caches: &[],
    is_any: false,
    needs: None,
    what: "",
    instead: "",
    mending: Mending::Mount,
    why: "",
    cost: "The cache belongs to the builder: a fresh machine fills it again, unless it is kept.",
    bad: "",
    good: "",
    hadolint: &[],
};

pub(in super::super) const APK: usize = 0;
pub(in super::super) const APT: usize = 1;
pub(in super::super) const CARGO: usize = 2;
pub(in super::super) const COMPOSER: usize = 3;
pub(in super::super) const DNF: usize = 4;
pub(in super::super) const GEM: usize = 5;
pub(in super::super) const GO: usize = 6;
pub(in super::super) const MAVEN: usize = 7;
pub(in super::super) const NPM: usize = 8;
pub(in super::super) const PIP: usize = 9;
pub(in super::super) const PNPM: usize = 10;
pub(in super::super) const YARN: usize = 11;
pub(in super::super) const ZYPPER: usize = 12;

pub(super) const ROWS: [Row; 13] = [
    Row {
        name: "light/apk-cache",
        description: "apk leaves no index of packages in the layer",
        tools: &["apk"],
        actions: &[Action::Install, Action::Upgrade],
        caches: &["apk-index"],
        what: "the index of packages stays in the layer",
        instead: "`apk add --no-cache`, or ",
        mending: Mending::Flag("--no-cache"),
        why: "apk keeps the index that it fetched, some 2 MB of it, and nothing reads it again: a later `apk add` in another container fetches its own.",
        cost: "None with `--no-cache`; it also does what `--update` and `apk update` do.",
        bad: "FROM alpine:3.22\nRUN apk add curl\n",
        good: "FROM alpine:3.22\nRUN apk add --no-cache curl\n",
        hadolint: &["DL3019"],
        ..ROW
    },
    Row {
        name: "light/apt-cache",
        description: "apt leaves no lists of packages in the layer",
        tools: &["apt"],
        actions: &[Action::Update],
        caches: &["apt-lists"],
        needs: Some(Action::Update),
        what: "the lists of packages stay in the layer",
        instead: "`… && rm -rf /var/lib/apt/lists/*`, or ",
        why: "`apt-get update` writes 20 to 50 MB of lists, which are old in a few days and of no use in the image. What a later RUN deletes stays in this layer.",
        cost: "Installing something in a container needs `apt-get update` first. With the mount the lists need not be fetched again; the downloaded packages too, with a mount over /var/cache/apt, where /etc/apt/apt.conf.d/docker-clean is removed.",
        bad: "FROM debian:13\nRUN apt-get update && apt-get install -y curl\n",
        good: "FROM debian:13\nRUN --mount=type=cache,target=/var/lib/apt/lists,sharing=locked apt-get update && apt-get install -y curl\n",
        hadolint: &["DL3009"],
        ..ROW
    },
    Row {
        name: "light/cargo-cache",
        description: "Cargo leaves no sources of crates in the layer",
        tools: &["cargo"],
        caches: &["cargo-registry"],
        what: "the sources of all crates stay in the layer",
        why: "Cargo keeps archives and sources of each crate that it builds, hundreds of MB of them, and no program needs them when it runs.",
        bad: "FROM rust:1.90\nRUN cargo install --locked just\n",
        good: "FROM rust:1.90\nRUN --mount=type=cache,target=/usr/local/cargo/registry cargo install --locked just\n",
        ..ROW
    },
    Row {
        name: "light/composer-cache",
        description: "Composer leaves no downloads in the layer",
        tools: &["composer"],
        actions: &[Action::Install, Action::Upgrade],
        caches: &["composer"],
        what: "each package stays in the layer a second time",
        instead: "`composer install --no-cache`, or ",
        why: "Composer keeps the archives that it unpacked into `vendor`.",
        bad: "FROM php:8.4-cli\nCOPY composer.json composer.lock ./\nRUN composer install --no-dev\n",
        good: "FROM php:8.4-cli\nCOPY composer.json composer.lock ./\nRUN --mount=type=cache,target=/root/.cache/composer composer install --no-dev\n",
        ..ROW
    },
    Row {
        name: "light/dnf-cache",
        description: "dnf and yum leave no metadata in the layer",
        tools: &["dnf", "yum", "microdnf"],
        actions: &[Action::Install, Action::Upgrade, Action::Update],
        caches: &["dnf", "libdnf5", "yum", "microdnf", "microdnf-yum"],
        is_any: true,
        what: "the metadata of all repositories stays in the layer",
        instead: "`… && dnf clean all`, or ",
        why: "dnf and yum keep what they fetched about the repositories, often more than 100 MB. What a later RUN deletes stays in this layer.",
        cost: "None with `dnf clean all`. With the mount a later build does not fetch all of it again; dnf5, of Fedora 41 and newer, has its cache in /var/cache/libdnf5.",
        bad: "FROM fedora:40\nRUN dnf install -y curl\n",
        good: "FROM fedora:40\nRUN dnf install -y curl && dnf clean all\n",
        hadolint: &["DL3032", "DL3040"],
        ..ROW
    },
    Row {
        name: "light/gem-cache",
        description: "gem and Bundler leave no archives of gems in the layer",
        tools: &["gem", "bundle"],
        actions: &[Action::Install, Action::Upgrade],
        caches: &["gem"],
        what: "the archive of each gem stays in the layer, beside what was unpacked from it",
        why: "gem and Bundler keep the `.gem` file of all that they install.",
        cost: "The cache belongs to the builder: a fresh machine fills it again, unless it is kept. Where `bundle config set path` moves the gems, their cache moves along.",
        bad: "FROM ruby:3.4\nRUN gem install puma\n",
        good: "FROM ruby:3.4\nRUN --mount=type=cache,target=/usr/local/bundle/cache,sharing=locked gem install puma\n",
        ..ROW
    },
    Row {
        name: "light/go-cache",
        description: "Go leaves no modules and objects in the layer",
        tools: &["go"],
        caches: &["go-mod", "go-build"],
        what: "the sources of all modules and the compiled packages stay in the layer",
        why: "Go keeps the sources of each module and the object files of each package, several times the size of the program, which needs none of them when it runs.",
        bad: "FROM golang:1.25\nRUN go install golang.org/x/tools/cmd/stringer@v0.38.0\n",
        good: "FROM golang:1.25\nRUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build go install golang.org/x/tools/cmd/stringer@v0.38.0\n",
        ..ROW
    },
    Row {
        name: "light/maven-cache",
        description: "Maven leaves no local repository in the layer",
        tools: &["maven"],
        caches: &["maven"],
        what: "the local repository stays in the layer, with all plugins",
        why: "Maven keeps each artifact and each plugin that a build needs. The jar that is run has its dependencies within it, or beside it.",
        cost: "The cache belongs to the builder: a fresh machine fills it again. All RUN lines of Maven need the mount, those with `-o` in any case.",
        bad: "FROM maven:3.9\nCOPY . .\nRUN mvn -B package\n",
        good: "FROM maven:3.9\nCOPY . .\nRUN --mount=type=cache,target=/root/.m2/repository,sharing=locked mvn -B package\n",
        ..ROW
    },
    Row {
        name: "light/npm-cache",
        description: "npm leaves no downloads in the layer",
        tools: &["npm"],
        actions: &[Action::Install, Action::Upgrade],
        caches: &["npm"],
        what: "each package stays in the layer a second time",
        instead: "`… && npm cache clean --force`, or ",
        why: "npm keeps the archive of each package that it unpacked into `node_modules`.",
        bad: "FROM node:24\nCOPY package.json package-lock.json ./\nRUN npm ci\n",
        good: "FROM node:24\nCOPY package.json package-lock.json ./\nRUN --mount=type=cache,target=/root/.npm npm ci\n",
        ..ROW
    },
    Row {
        name: "light/pip-cache",
        description: "pip leaves no downloads in the layer",
        tools: &["pip"],
        actions: &[Action::Install],
        caches: &["pip"],
        what: "each package stays in the layer a second time",
        instead: "`pip install --no-cache-dir`, or ",
        mending: Mending::Flag("--no-cache-dir"),
        why: "pip keeps the archives that it unpacked, and the wheels that it built.",
        cost: "With `--no-cache-dir` all is downloaded again whenever the line or one above it changes; with the mount it is not.",
        bad: "FROM python:3.13\nRUN pip install flask\n",
        good: "FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache/pip pip install flask\n",
        hadolint: &["DL3042"],
        ..ROW
    },
    Row {
        name: "light/pnpm-cache",
        description: "pnpm leaves no store in the layer",
        tools: &["pnpm"],
        actions: &[Action::Install, Action::Upgrade, Action::Download],
        caches: &["pnpm"],
        what: "the store stays in the layer, with packages that nothing needs any more",
        why: "The files of `node_modules` are links into pnpm's store, as long as both are in one layer. What is removed later, such as the packages for development, stays in the store, and so do the lists that pnpm fetched.",
        cost: "From a mount pnpm copies instead of linking. The cache belongs to the builder: a fresh machine fills it again, unless it is kept.",
        bad: "FROM node:24\nCOPY package.json pnpm-lock.yaml ./\nRUN pnpm install --frozen-lockfile\n",
        good: "FROM node:24\nCOPY package.json pnpm-lock.yaml ./\nRUN --mount=type=cache,target=/root/.local/share/pnpm/store pnpm install --frozen-lockfile\n",
        ..ROW
    },
    Row {
        name: "light/yarn-cache",
        description: "Yarn leaves no downloads in the layer",
        tools: &["yarn"],
        actions: &[Action::Install, Action::Upgrade],
        caches: &["yarn", "yarn-berry"],
        is_any: true,
        what: "each package stays in the layer a second time",
        instead: "`… && yarn cache clean`, or ",
        why: "Yarn keeps a copy of each package that it put into `node_modules`.",
        cost: "The cache belongs to the builder: a fresh machine fills it again, unless it is kept. Yarn 2 and newer has its cache elsewhere, and with Plug'n'Play programs are run from it: there it belongs into the image.",
        bad: "FROM node:22\nCOPY package.json yarn.lock ./\nRUN yarn install --frozen-lockfile\n",
        good: "FROM node:22\nCOPY package.json yarn.lock ./\nRUN --mount=type=cache,target=/usr/local/share/.cache/yarn,sharing=locked yarn install --frozen-lockfile\n",
        hadolint: &["DL3060"],
        ..ROW
    },
    Row {
        name: "light/zypper-cache",
        description: "zypper leaves no metadata and packages in the layer",
        tools: &["zypper"],
        actions: &[Action::Install, Action::Upgrade, Action::Update],
        caches: &["zypp"],
        what: "the metadata of all repositories stays in the layer",
        instead: "`… && zypper clean --all`, or ",
        why: "zypper keeps what it fetched about the repositories, and packages where a repository says so. What a later RUN deletes stays in this layer.",
        cost: "None with `zypper clean --all`. With the mount a later build does not fetch all of it again.",
        bad: "FROM opensuse/leap:15.6\nRUN zypper install -y curl\n",
        good: "FROM opensuse/leap:15.6\nRUN zypper install -y curl && zypper clean --all\n",
        hadolint: &["DL3036"],
        ..ROW
    },
];
