//! `PLIMSOLL_CACHE=1`: the image is the one that comes without it, but for the caches.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;

use anyhow::{Context, Result, ensure};
use flate2::read::MultiGzDecoder;
use plimsoll_engine::{Engine, OciImage, Output};
use serde_json::Value;

use crate::common::{build_of, engine, folder};

/// A project: its Dockerfile, the example whose files are beside it, its caches, and whether they are in the image without
/// mounts.
struct Project {
    dockerfile: &'static str,
    beside: Option<&'static str>,
    files: &'static [(&'static str, &'static str)],
    caches: &'static [&'static str],
    /// `None` where that is up to a server: pip keeps what the index lets it keep.
    leaves_caches: Option<bool>,
}

const APT: Project = Project {
    dockerfile: "FROM debian:12\n\
                 RUN apt-get update && apt-get install -y --no-install-recommends hello\n\
                 RUN apt-get update && apt-get install -y --no-install-recommends tree && tree --version > /tree\n",
    beside: None,
    files: &[],
    caches: &["var/lib/apt/lists", "var/cache/apt"],
    leaves_caches: Some(true),
};

const PIP: Project = Project {
    dockerfile: "FROM python:3.11\n\
                 RUN python3 -m venv /opt/venv && /opt/venv/bin/pip install itsdangerous==2.2.0 markupsafe==2.1.5\n\
                 RUN /opt/venv/bin/pip install flask==3.0.3\n",
    beside: None,
    files: &[],
    caches: &["root/.cache/pip"],
    leaves_caches: None,
};

/// The one stage has modules that somebody may want when the image runs, so these stay.
const GO: Project = Project {
    dockerfile: "FROM golang:1\n\
                 WORKDIR /src\n\
                 COPY . .\n\
                 RUN CGO_ENABLED=0 go build -o /usr/local/bin/proverb .\n",
    beside: Some("cache"),
    files: &[],
    caches: &["root/.cache/go-build"],
    leaves_caches: Some(true),
};

const GO_STAGES: Project = Project {
    dockerfile: "FROM golang:1 AS build\n\
                 WORKDIR /src\n\
                 COPY go.* ./\n\
                 RUN go mod download\n\
                 COPY . .\n\
                 RUN CGO_ENABLED=0 go build -o /out/proverb .\n\
                 FROM scratch\n\
                 COPY --from=build /out/proverb /proverb\n",
    beside: Some("cache"),
    files: &[],
    caches: &["go/pkg/mod", "root/go/pkg/mod", "root/.cache/go-build"],
    leaves_caches: Some(false),
};

/// Debian's Node.js and Rust, as bases that every build finds as they are.
const TOOLS: [(&str, &str); 2] = [
    ("docker.io/test/npm:1", "npm"),
    ("docker.io/test/cargo:1", "cargo"),
];

const NPM: Project = Project {
    dockerfile: "FROM docker.io/test/npm:1\n\
                 WORKDIR /app\n\
                 COPY package.json ./\n\
                 RUN npm install\n\
                 RUN npm install --no-save is-number@7.0.0 && npm ls > /listed\n",
    beside: None,
    files: &[(
        "package.json",
        "{\"name\":\"app\",\"version\":\"1.0.0\",\"private\":true,\"dependencies\":{\"is-odd\":\"3.0.1\"}}\n",
    )],
    caches: &["root/.npm"],
    leaves_caches: Some(true),
};

/// Debian's Cargo reads no index over https, so the one crate that is needed comes from a registry in a folder. Cargo unpacks
/// it into the cache all the same.
const CRATE: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"\n[dependencies]\nlib = \"1\"\n",
    ),
    (
        "src/main.rs",
        "fn main() {\n    println!(\"{}\", lib::say());\n}\n",
    ),
    (
        ".cargo/config.toml",
        "[source.crates-io]\nreplace-with = \"here\"\n[source.here]\nlocal-registry = \"/crates\"\n",
    ),
    (
        "crates/lib-1.0.0/Cargo.toml",
        "[package]\nname = \"lib\"\nversion = \"1.0.0\"\nedition = \"2021\"\n",
    ),
    (
        "crates/lib-1.0.0/src/lib.rs",
        "pub fn say() -> &'static str {\n    \"ahoy\"\n}\n",
    ),
    (
        "registry.sh",
        "mkdir -p /crates/index/3/l\n\
         tar -C crates -czf /crates/lib-1.0.0.crate lib-1.0.0\n\
         sum=$(sha256sum /crates/lib-1.0.0.crate | cut -d ' ' -f 1)\n\
         echo '{\"name\":\"lib\",\"vers\":\"1.0.0\",\"deps\":[],\"features\":{},\"yanked\":false,\"cksum\":\"'$sum'\"}' > /crates/index/3/l/lib\n",
    ),
];

/// The one stage has sources of crates that somebody may want when the image runs, so all stays.
const CARGO: Project = Project {
    dockerfile: "FROM docker.io/test/cargo:1\n\
                 WORKDIR /src\n\
                 COPY . .\n\
                 RUN sh registry.sh\n\
                 RUN cargo build --release && cp target/release/app /usr/local/bin/app\n\
                 RUN app > /said\n",
    beside: None,
    files: CRATE,
    caches: &[],
    leaves_caches: Some(false),
};

const CARGO_STAGES: Project = Project {
    dockerfile: "FROM docker.io/test/cargo:1 AS build\n\
                 WORKDIR /src\n\
                 COPY . .\n\
                 RUN sh registry.sh\n\
                 RUN cargo build --release && cp target/release/app /app\n\
                 FROM scratch\n\
                 COPY --from=build /app /app\n",
    beside: None,
    files: CRATE,
    caches: &["root/.cargo/registry"],
    leaves_caches: Some(false),
};

/// A file of a layer: kind, mode, owner and link in one line, and its content.
type Entry = (String, Vec<u8>);

/// What a build makes above its base.
struct Made {
    files: BTreeMap<String, Entry>,
    config: Value,
    steps: BTreeSet<String>,
}

impl Project {
    /// Builds all steps anew.
    fn build(&self, engine: &Engine, asks: bool, base_layers: usize) -> Result<Made> {
        let context = tempfile::tempdir()?;
        if let Some(beside) = self.beside {
            for name in ["go.mod", "go.sum", "main.go"] {
                fs::copy(folder(beside).join(name), context.path().join(name))?;
            }
        }
        for (name, text) in self.files {
            let file = context.path().join(name);
            fs::create_dir_all(file.parent().context("a file without a folder")?)?;
            fs::write(file, text)?;
        }
        fs::write(context.path().join("Dockerfile"), self.dockerfile)?;
        let tar = context.path().with_extension("tar");
        let mut build = build_of(engine, context.path()).no_cache().oci(&tar);
        if asks {
            build = build.arg("PLIMSOLL_CACHE", "1");
        }
        let built = build.run_ok(engine)?;
        let image = OciImage::open(&tar)?;
        fs::remove_file(&tar)?;
        let mut files = BTreeMap::new();
        for layer in image.manifest.layers.iter().skip(base_layers) {
            read(File::open(image.blob(&layer.digest)?)?, &mut files)?;
        }
        let mut config = image.config;
        for key in ["created", "rootfs"] {
            config[key] = Value::Null;
        }
        for line in config["history"].as_array_mut().into_iter().flatten() {
            line["created"] = Value::Null;
        }
        let steps = built.record.vertices.iter().map(|vertex| vertex.name.clone());
        let steps = steps.filter(|name| name.contains("] RUN ")).collect();
        Ok(Made { files, config, steps })
    }

    fn is_cache(&self, path: &str) -> bool {
        self.caches.iter().any(|cache| {
            let rest = path.strip_prefix(cache);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Whether a path is a folder above a cache that has nothing else in it.
    fn is_above(&self, path: &str, files: &BTreeMap<String, Entry>) -> bool {
        let below = [path, "/"].concat();
        self.caches.iter().any(|cache| cache.starts_with(&below))
            && files.keys().filter(|name| name.starts_with(&below)).all(|name| {
                self.is_cache(name)
                    || self
                        .caches
                        .iter()
                        .any(|cache| cache.starts_with(&[name, "/"].concat()))
            })
    }

    /// Builds twice without and twice with mounts, whose caches are empty and then full.
    fn check(&self) -> Result<()> {
        let engine = engine()?;
        for (name, package) in TOOLS.iter().filter(|(name, _)| self.dockerfile.contains(name)) {
            install(engine, name, package)?;
        }
        let is_based = !self.dockerfile.contains("FROM scratch");
        let base_layers = if is_based {
            base_layers(engine, self.dockerfile)?
        } else {
            0
        };
        let plain = self.build(engine, false, base_layers)?;
        let again = self.build(engine, false, base_layers)?;
        let left_out = plain.files.keys().filter(|path| self.is_cache(path)).count();
        ensure!(
            self.leaves_caches.is_none_or(|leaves| leaves == (left_out > 0)),
            "{left_out} files of caches without mounts"
        );
        for round in ["empty", "full"] {
            let made = self.build(engine, true, base_layers)?;
            self.compare(&plain, &again, &made)
                .with_context(|| format!("with caches that are {round}"))?;
        }
        Ok(())
    }

    fn compare(&self, plain: &Made, again: &Made, made: &Made) -> Result<()> {
        ensure!(made.config == plain.config, "the config is {:#}", made.config);
        ensure!(made.steps == plain.steps, "the steps are {:?}", made.steps);
        for (path, (kind, content)) in &plain.files {
            let Some((own_kind, own_content)) = made.files.get(path) else {
                let may_be_gone = self.is_cache(path) || self.is_above(path, &plain.files);
                ensure!(may_be_gone, "{path} is not there");
                continue;
            };
            // Two builds without mounts don't agree on it either: a log, a date.
            let is_lasting = again.files.get(path).is_some_and(|(_, other)| other == content);
            ensure!(own_kind == kind, "{path} is {own_kind} and was {kind}");
            ensure!(
                !is_lasting || own_content == content,
                "{path} has another content"
            );
            let is_file = kind.starts_with("Regular");
            ensure!(!is_file || !self.is_cache(path), "{path} is still there");
        }
        let mut more = made.files.keys().filter(|path| !plain.files.contains_key(*path));
        let more = more.find(|path| !again.files.contains_key(*path));
        ensure!(more.is_none(), "{more:?} is there with mounts alone");
        Ok(())
    }
}

/// Makes a base with a package of Debian's.
fn install(engine: &Engine, name: &str, package: &str) -> Result<()> {
    let context = tempfile::tempdir()?;
    let install = format!("apt-get update && apt-get install -y --no-install-recommends {package}");
    let dockerfile = format!("FROM debian:12\nRUN {install}\n");
    fs::write(context.path().join("Dockerfile"), dockerfile)?;
    let push = Output::Push(name.to_owned());
    build_of(engine, context.path()).output(push).run_ok(engine)?;
    Ok(())
}

/// How many layers the base has.
fn base_layers(engine: &Engine, dockerfile: &str) -> Result<usize> {
    let context = tempfile::tempdir()?;
    let from = dockerfile.lines().next().unwrap_or_default();
    fs::write(context.path().join("Dockerfile"), format!("{from}\nLABEL a=b\n"))?;
    let tar = context.path().with_extension("tar");
    build_of(engine, context.path()).oci(&tar).run_ok(engine)?;
    let image = OciImage::open(&tar)?;
    fs::remove_file(&tar)?;
    Ok(image.manifest.layers.len())
}

/// Puts a layer over files. Two files that are one are told like others, with the name of the first as content.
fn read(layer: impl Read, files: &mut BTreeMap<String, Entry>) -> Result<()> {
    for entry in tar::Archive::new(MultiGzDecoder::new(layer)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().trim_matches('/').to_owned();
        let link = entry
            .link_name()?
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        let header = entry.header();
        let (uid, gid, mode) = (header.uid()?, header.gid()?, header.mode()?);
        let kind = format!("{:?} {mode:o} {uid}:{gid} {link}", header.entry_type());
        files.insert(path, (kind, content));
    }
    Ok(())
}

#[test]
fn packages_of_the_system_are_the_same() -> Result<()> {
    APT.check()
}

#[test]
fn packages_of_python_are_the_same() -> Result<()> {
    PIP.check()
}

#[test]
fn packages_of_node_are_the_same() -> Result<()> {
    NPM.check()
}

#[test]
fn crates_are_the_same() -> Result<()> {
    CARGO.check()
}

#[test]
fn crates_copied_from_a_stage_are_the_same() -> Result<()> {
    CARGO_STAGES.check()
}

#[test]
fn programs_are_the_same() -> Result<()> {
    GO.check()
}

#[test]
fn programs_copied_from_a_stage_are_the_same() -> Result<()> {
    GO_STAGES.check()
}
