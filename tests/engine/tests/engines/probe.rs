//! What an engine is asked, and what it answers.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use plimsoll_engine::{Engine, FRONTEND};

use crate::common::{REFERENCE, example_by};
use crate::fixture::{listed, project};
use crate::friends::Friends;
use crate::table::{Cell, Column};

/// A client of an engine.
pub struct Client<'a> {
    pub engine: &'a Engine,
    /// Its command, to which the arguments of a build are added.
    pub command: Box<dyn Fn() -> Result<Command> + 'a>,
    /// Whether the engine has mirrors for all registries, and so knows the frontends by the names that files have.
    pub mirrors: bool,
}

impl Client<'_> {
    /// The name by which the engine finds an image that was pushed as `name`.
    fn image_name(&self, name: &str) -> String {
        if self.mirrors {
            return name.to_owned();
        }
        self.engine.registry().image_name(name)
    }
}

/// One row of the table.
pub struct Probe {
    /// What it is about, as the table has it.
    pub title: &'static str,
    /// Whether it takes a few seconds at most.
    pub quick: bool,
    /// Fails where it does not work; the last line of the error says why.
    run: fn(&Ask<'_>) -> Result<()>,
}

/// A build to be tried.
pub struct Ask<'a> {
    client: &'a Client<'a>,
    pub(crate) friends: &'a Friends,
    frontend: String,
}

type Files = Vec<(String, String)>;

impl Ask<'_> {
    /// Builds a folder with further arguments and gives the files of the result and what the client printed.
    fn build(&self, folder: &str, arguments: &[&str]) -> Result<(Files, String)> {
        let place = tempfile::tempdir()?;
        let out = place.path().join("out");
        let mut command = (self.client.command)()?;
        command.arg(format!("--output=type=local,dest={}", out.display()));
        let said = finish(command.args(arguments).arg(folder))?;
        Ok((listed(&out)?, said))
    }

    /// Builds an example.
    fn example(&self, name: &str, arguments: &[&str]) -> Result<()> {
        // The files of a distribution are of no interest here.
        let mut command = (self.client.command)()?;
        let place = tempfile::tempdir()?;
        let out = place.path().join("image.tar");
        command.arg(format!("--output=type=tar,dest={}", out.display()));
        let copy = example_by(name, &self.frontend)?;
        finish(command.args(arguments).arg(copy.path().join(name)))?;
        ensure!(out.exists(), "there is no result");
        Ok(())
    }

    /// Builds a Dockerfile and checks the text of the file `out`.
    fn gives(&self, dockerfile: &str, arguments: &[&str], expected: &str) -> Result<String> {
        let folder = self.project(dockerfile)?;
        let (files, said) = self.build(&folder.path().to_string_lossy(), arguments)?;
        let found = files.iter().find(|(path, _)| path == "out");
        let (_, text) = found.with_context(|| format!("there is no `out` in {files:?}"))?;
        let text = text.trim();
        ensure!(
            text == expected,
            "the result is {text:?} in place of {expected:?}"
        );
        Ok(said)
    }

    /// Whether the reference is asked.
    pub(crate) fn is_reference(&self) -> bool {
        self.frontend == self.client.image_name(REFERENCE)
    }

    /// What the client prints of a build that must fail.
    pub(crate) fn failure(&self, dockerfile: &str, arguments: &[&str]) -> Result<String> {
        let folder = self.project(dockerfile)?;
        let mut command = (self.client.command)()?;
        let failed = finish(command.arg("--progress=plain").args(arguments).arg(folder.path()));
        match failed {
            Ok(_) => bail!("the build did not fail"),
            Err(error) => Ok(format!("{error:#}")),
        }
    }

    fn project(&self, dockerfile: &str) -> Result<tempfile::TempDir> {
        project(&[
            ("Dockerfile", &format!("# syntax={}\n{dockerfile}", self.frontend)),
            ("a/b/c", "deep\n"),
            ("a/b/d", "left out\n"),
        ])
    }
}

/// Runs a client; its failure is told by the last line that it printed.
fn finish(command: &mut Command) -> Result<String> {
    let output = command.stdin(std::process::Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    bail!("{said}")
}

/// Asks an engine everything, or only what is quick.
pub fn ask(name: &str, client: &Client<'_>, friends: &Friends, everything: bool) -> Result<Column> {
    let mut column = Column::new(name);
    for probe in PROBES
        .iter()
        .chain(&crate::trust::PROBES)
        .filter(|probe| probe.quick || everything)
    {
        let try_with = |frontend| {
            (probe.run)(&Ask {
                client,
                friends,
                frontend: client.image_name(frontend),
            })
        };
        let cell = match try_with(FRONTEND) {
            Ok(()) => Cell::Works,
            Err(error) => {
                let text = format!("{error:#}");
                ensure!(
                    try_with(REFERENCE).is_err(),
                    "{name}, {}: only the reference can:\n{text}",
                    probe.title
                );
                Cell::Lacks(reason(&text))
            }
        };
        column.cells.push((probe.title.to_owned(), cell));
    }
    Ok(column)
}

/// What clients and daemons put before an error.
const WRAPPERS: [&str; 9] = [
    "ERROR: ",
    "error: ",
    "failed to build: ",
    "failed to solve: ",
    "rpc error: code = Unknown desc = ",
    "failed to solve with frontend dockerfile.v0: ",
    "failed to solve with frontend gateway.v0: ",
    "failed to read dockerfile: ",
    "failed to stat policy file Dockerfile.rego: ",
];

/// The line that says why, without what differs from one run to the next.
fn reason(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let error = lines
        .iter()
        .rev()
        .find(|line| {
            let line = line.to_ascii_lowercase();
            line.starts_with("error:") || line.starts_with("unknown flag")
        })
        .or(lines.last());
    let mut line = error.copied().unwrap_or_default();
    // Every layer between the daemon and the person at the terminal adds its own.
    while let Some(rest) = WRAPPERS.iter().find_map(|wrapper| line.strip_prefix(wrapper)) {
        line = rest;
    }
    line.to_owned()
}

pub(crate) const fn quick(title: &'static str, run: fn(&Ask<'_>) -> Result<()>) -> Probe {
    Probe {
        title,
        quick: true,
        run,
    }
}

const fn slow(title: &'static str, run: fn(&Ask<'_>) -> Result<()>) -> Probe {
    Probe {
        title,
        quick: false,
        run,
    }
}

/// The rows of the table.
pub const PROBES: [Probe; 34] = [
    slow("`examples/go-hello`", |ask| ask.example("go-hello", &[])),
    slow("`examples/python-web`", |ask| ask.example("python-web", &[])),
    slow("`examples/parallel`", |ask| {
        ask.example("parallel", &["--target=ship"])
    }),
    quick("`examples/secret`", |ask| {
        let key = ask.friends.place.path().join("key");
        ask.example(
            "secret",
            &[&format!("--secret=id=confidencial.key,src={}", key.display())],
        )
    }),
    slow("`examples/ssh`", |ask| {
        let known = ask.friends.place.path().join("known_hosts");
        ask.example(
            "ssh",
            &[
                &format!("--secret=id=known_hosts,src={}", known.display()),
                &format!("--ssh=default={}", ask.friends.ssh.agent().display()),
                &format!("--build-arg=REPOSITORY={}", ask.friends.private),
            ],
        )
    }),
    slow("`examples/versions`", |ask| {
        ask.example(
            "versions",
            &[&format!("--build-arg=repository={}", ask.friends.public)],
        )
    }),
    quick("`examples/loops`", |ask| ask.example("loops", &[])),
    slow("`examples/cache`", |ask| ask.example("cache", &[])),
    slow("`examples/multi-platform`, one platform", |ask| {
        ask.example("multi-platform", &["--platform=linux/arm64"])
    }),
    quick("the dialect: its flags and `UNSET`", |ask| {
        let file = "# plimsoll=1\nARG SOURCE=made\nFROM alpine AS made\nENV GONE=1\nUNSET ENV GONE\nRUN --strict echo \"${GONE-gone}\" | tee /made\nFROM alpine AS a\nCOPY --if-exists a/b/c missing/x missing /x/\nCOPY --from=$SOURCE /made /x/\nRUN --no-cache --cache=pip ls /x | tr '\\n' ' ' > /out; cat /x/made >> /out\nFROM scratch\nCOPY --from=a /out /\n";
        ask.gives(file, &[], "c made gone").map(drop)
    }),
    quick("the dialect: a file of 40 MiB", |ask| {
        let comment = format!("# {}\n", "x".repeat(1021));
        let large = comment.repeat(40 << 10) + "FROM alpine AS a\nRUN echo built > /out\n";
        let text = format!(
            "# syntax={}\n# plimsoll=1\nINCLUDE large\nFROM scratch\nCOPY --from=a /out /\n",
            ask.frontend
        );
        let folder = project(&[("Dockerfile", &text), ("large", &large)])?;
        let (files, _) = ask.build(&folder.path().to_string_lossy(), &[])?;
        ensure!(files == [("out".to_owned(), "built\n".to_owned())], "{files:?}");
        Ok(())
    }),
    quick("heredocs", |ask| {
        let file = "FROM alpine AS a\nRUN <<END\necho one > /out\necho two >> /out\nEND\nFROM scratch\nCOPY <<END /other\nx\nEND\nCOPY --from=a /out /\n";
        ask.gives(file, &[], "one\ntwo").map(drop)
    }),
    quick("`COPY --link`, `--chmod`, `--chown`", |ask| {
        let file = "FROM alpine AS a\nCOPY --link --chmod=4751 --chown=1:2 a/b/c /x/c\nRUN stat -c '%a %u %g' /x/c > /out\nFROM scratch\nCOPY --link --from=a /out /\n";
        ask.gives(file, &[], "4751 1 2").map(drop)
    }),
    quick("`COPY --parents`, `--exclude`", |ask| {
        let file = "FROM alpine AS a\nCOPY --parents --exclude=**/d a /x\nRUN find /x -type f > /out\nFROM scratch\nCOPY --from=a /out /\n";
        ask.gives(file, &[], "/x/a/b/c").map(drop)
    }),
    quick("`ADD` from http, `--checksum`", |ask| {
        let sum = plimsoll_engine::layer::digest(b"served\n");
        let file = format!(
            "FROM scratch\nADD --checksum={sum} {} /out\n",
            ask.friends.web.url("file")
        );
        ask.gives(&file, &[], "served").map(drop)
    }),
    quick("`ADD` from git", |ask| {
        let file = format!(
            "FROM scratch AS a\nADD {}#master:sub /\nFROM scratch\nCOPY --from=a Dockerfile /out\n",
            ask.friends.repository
        );
        ask.gives(&file, &[], "FROM scratch\nCOPY . /").map(drop)
    }),
    quick("`RUN --mount` of types bind, cache, tmpfs", |ask| {
        let file = "FROM alpine AS a\nRUN --mount=target=/in --mount=type=cache,target=/c --mount=type=tmpfs,target=/t,size=1m touch /t/x /c/x && cp /in/a/b/c /out\n\
                    FROM scratch\nCOPY --from=a /out /\n";
        ask.gives(file, &[], "deep").map(drop)
    }),
    quick("`RUN --network=none`", |ask| {
        let file = "FROM alpine AS a\nRUN --network=none grep -c : /proc/net/dev > /out\nFROM scratch\nCOPY --from=a /out /\n";
        ask.gives(file, &[], "1").map(drop)
    }),
    quick("git context", |ask| {
        let (files, _) = ask.build(
            &format!("{}#master:sub", ask.friends.repository),
            &[&argument(ask)],
        )?;
        ensure!(files.iter().any(|(path, _)| path == "Dockerfile"), "{files:?}");
        Ok(())
    }),
    quick("http context", |ask| {
        let url = ask.friends.web.put(
            "recipe",
            format!("# syntax={}\nFROM scratch\nCOPY context /out\n", ask.frontend).as_bytes(),
        )?;
        let (files, _) = ask.build(&url, &[])?;
        ensure!(files.iter().any(|(path, _)| path == "out"), "{files:?}");
        Ok(())
    }),
    quick("named context: folder", |ask| {
        let other = project(&[("here", "elsewhere\n")])?;
        let flag = format!("--build-context=other={}", other.path().display());
        ask.gives(
            "FROM scratch\nCOPY --from=other here /out\n",
            &[&flag],
            "elsewhere",
        )
        .map(drop)
    }),
    quick("named context: image", |ask| {
        let file = "FROM base AS a\nRUN echo ran > /out\nFROM scratch\nCOPY --from=a /out /\n";
        ask.gives(file, &["--build-context=base=docker-image://alpine"], "ran")
            .map(drop)
    }),
    quick("`--add-host`", |ask| {
        let file = "FROM alpine AS a\nRUN grep -o 10.1.2.3.* /etc/hosts > /out\nFROM scratch\nCOPY --from=a /out /\n";
        ask.gives(file, &["--add-host=quay:10.1.2.3"], "10.1.2.3\tquay")
            .map(drop)
    }),
    quick("`--shm-size`", |ask| {
        let file = "FROM alpine AS a\nRUN df -k /dev/shm | grep -o ' 32768 ' | head -n 1 > /out\nFROM scratch\nCOPY --from=a /out /\n";
        ask.gives(file, &["--shm-size=32m"], "32768").map(drop)
    }),
    quick("`--ulimit`", |ask| {
        let file = "FROM alpine AS a\nRUN ulimit -n > /out\nFROM scratch\nCOPY --from=a /out /\n";
        ask.gives(file, &["--ulimit=nofile=512:1024"], "512").map(drop)
    }),
    quick("`--resource`", |ask| {
        let file = "FROM alpine AS a\nRUN grep -o Cpus_allowed_list.* /proc/self/status > /out\nFROM scratch\nCOPY --from=a /out /\n";
        ask.gives(file, &["--resource=cpuset-cpus=0"], "Cpus_allowed_list:\t0")
            .map(drop)
    }),
    quick("several platforms in one image", |ask| {
        images(
            ask,
            "FROM scratch\nARG TARGETARCH\nCOPY a/b/c /$TARGETARCH\n",
            &["--platform=linux/amd64,linux/arm64"],
        )
    }),
    quick("provenance, `mode=max`", |ask| {
        images(ask, "FROM scratch\nCOPY a/b/c /\n", &["--provenance=mode=max"])
    }),
    quick("cache in a registry", |ask| {
        let place = format!(
            "type=registry,ref={}/cache/probe:1",
            ask.client.engine.registry().address()
        );
        let file = "FROM alpine AS a\nRUN echo cached > /out\nFROM scratch\nCOPY --from=a /out /\n";
        ask.gives(
            file,
            &[
                &format!("--cache-to={place},mode=max"),
                &format!("--cache-from={place}"),
            ],
            "cached",
        )
        .map(drop)
    }),
    quick("cache within the image", |ask| {
        let file = "FROM alpine AS a\nRUN echo inline > /out\nFROM scratch\nCOPY --from=a /out /\n";
        ask.gives(file, &["--build-arg=BUILDKIT_INLINE_CACHE=1"], "inline")
            .map(drop)
    }),
    quick("warnings reach the client", |ask| {
        let said = ask.gives(
            "FROM alpine as a\nRUN echo x > /out\nFROM scratch\nCOPY --from=a /out /\n",
            &["--progress=plain"],
            "x",
        )?;
        ensure!(said.contains("FromAsCasing"), "the client shows no warning");
        Ok(())
    }),
    quick("`--call=check`, `outline`, `targets`", |ask| {
        let folder = ask.project("FROM alpine as a\nRUN echo x > /out\n")?;
        for (call, expected) in [
            ("check", "FromAsCasing"),
            ("outline", "TARGET"),
            ("targets", "TARGET"),
        ] {
            let mut command = (ask.client.command)()?;
            let output = command
                .arg(format!("--call={call}"))
                .arg(folder.path())
                .output()?;
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            ensure!(said.contains(expected), "{said}");
        }
        Ok(())
    }),
    quick("a failed step's exit code", |ask| fails(ask, "exit code: 42")),
    quick("a failed step's line", |ask| fails(ask, ">>> RUN exit 42")),
];

/// Builds what fails, and looks for a part of what the client shows.
fn fails(ask: &Ask<'_>, expected: &str) -> Result<()> {
    let said = ask.failure("FROM alpine\nRUN exit 42\n", &[])?;
    ensure!(said.contains(expected), "the client does not show {expected:?}");
    Ok(())
}

/// The build argument that names the frontend, where the context's own Dockerfile names none.
fn argument(ask: &Ask<'_>) -> String {
    format!("--build-arg=BUILDKIT_SYNTAX={}", ask.frontend)
}

/// Builds an image in an archive.
fn images(ask: &Ask<'_>, dockerfile: &str, arguments: &[&str]) -> Result<()> {
    let folder = ask.project(dockerfile)?;
    let place = tempfile::tempdir()?;
    let out = place.path().join("image.tar");
    let mut command = (ask.client.command)()?;
    command.arg(format!("--output=type=oci,dest={}", out.display()));
    finish(command.args(arguments).arg(folder.path()))?;
    ensure!(Path::new(&out).exists(), "there is no image");
    Ok(())
}
