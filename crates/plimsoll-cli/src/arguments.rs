//! The command line: what may be written, and what `--help` says of it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Checks Dockerfiles and tells what a build of them would do. No daemon is needed, and nothing is built.
#[derive(Debug, Parser)]
#[command(name = "plimsoll", version, after_help = STATUS, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Whether to use colours: `auto` does on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const STATUS: &str =
    "Exit status: 0 nothing found, 1 findings or a file that can't be built, 2 wrong use or nothing to read.";

const EXAMPLES: &str = "\
Exit status:
  0  nothing is wrong
  1  there are findings, or the file can't be built
  2  wrong use, or something can't be read

Examples:
  plimsoll check                       every Dockerfile in and below this folder
  plimsoll check app/Dockerfile        this one
  plimsoll check --diff                what `--fix` would change
  plimsoll outline --target test       the arguments and secrets that a build takes
  plimsoll targets                     the stages that can be built
  plimsoll explain                     what a build does, and what each step depends on
  plimsoll graph -o graph.svg          a picture of the build
  plimsoll context                     what of the context is read, and what is kept out
  plimsoll plain > Dockerfile.plain    a file of the dialect as an ordinary one
  plimsoll llb | buildctl build --local context=. --output type=local,dest=out
                                       build without a frontend

`plimsoll COMMAND --help` has more examples.";

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless the variable NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find errors, what the linter has to say, and advice
    #[command(after_long_help = CHECK_EXAMPLES)]
    Check(CheckArguments),
    /// List the rules of `check`, or tell what there is to know about one
    #[command(after_help = "Examples:\n  plimsoll rules\n  plimsoll rules light/apt-cache")]
    Rules {
        /// A rule
        rule: Option<String>,
    },
    /// List the arguments, secrets and ssh agents that a build takes
    #[command(after_long_help = OUTLINE_EXAMPLES)]
    Outline(OutlineArguments),
    /// List the stages that can be built
    Targets(TargetsArguments),
    /// Tell what a build does: what runs, what each step depends on, and why a cache was missed
    #[command(after_long_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArguments),
    /// Draw the stages and steps of a build, and which reads which
    #[command(after_long_help = GRAPH_EXAMPLES)]
    Graph(GraphArguments),
    /// Tell what a build reads of the context, what the ignore file keeps out, and which files are large
    Context(ContextArguments),
    /// Write a file of the dialect (`# plimsoll=1`) as an ordinary Dockerfile with the same operations
    #[command(after_long_help = PLAIN_EXAMPLES)]
    Plain(PlainArguments),
    /// Write the build graph (LLB) for `buildctl build`
    #[command(after_long_help = LLB_EXAMPLES)]
    Llb(LlbArguments),
    /// Look base images up and write a file for `--images FILE`
    #[command(after_long_help = IMAGES_EXAMPLES)]
    Images(ImagesArguments),
    /// Write a lock file: what each image, download and repository is now; or say what has moved since
    #[command(after_long_help = LOCK_EXAMPLES)]
    Lock(LockArguments),
    /// Write a completion script for a shell
    #[command(after_help = "Example:\n  plimsoll completions bash > /etc/bash_completion.d/plimsoll")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages
    #[command(after_help = "Examples:\n  plimsoll man | man -l -\n  plimsoll man /usr/local/share/man/man1")]
    Man {
        /// Where to put a page a command; without it the first page goes to standard output
        folder: Option<PathBuf>,
    },
}

const CHECK_EXAMPLES: &str = "\
Examples:
  plimsoll check                            every Dockerfile in and below this folder
  plimsoll check - < Dockerfile             standard input
  plimsoll check --target app               only what this stage needs
  plimsoll check --images registry          look base images up: finds more
  plimsoll check --advice safe              of the advice only what is about secrets, users and downloads
  plimsoll check --format github            notes on the lines of a pull request
  plimsoll check --format sarif > out.sarif for code scanning
  plimsoll check --diff                     show what `--fix` would change
  plimsoll check --fix                      write the corrected files

Skip a rule: `# check=skip=RULE` on the first lines of the file, also in builds; or
`# plimsoll ignore=RULE,RULE` above an instruction; or in a plimsoll.toml beside the Dockerfile or
above it:
  [check]
  skip = [\"JSONArgsRecommended\", \"sure/apt-version\"]
  advice = [\"light\", \"safe\"]";

const OUTLINE_EXAMPLES: &str = "\
Examples:
  plimsoll outline                     of the last stage of ./Dockerfile
  plimsoll outline --target test app   of the stage `test` of app/Dockerfile
  plimsoll outline --format json       for programs";

const EXPLAIN_EXAMPLES: &str = "\
Why a cache was missed:
  plimsoll explain --format json > before.json
  …change something…
  plimsoll explain --against before.json

Examples:
  plimsoll explain                     of the last stage of ./Dockerfile
  plimsoll explain --target test       of the stage `test`
  plimsoll explain --images registry   with the digests of base images";

const GRAPH_EXAMPLES: &str = "\
The longest chain of steps is thick, what is only read is dashed, what is required dotted, what is not built is pale.

Examples:
  plimsoll graph -o graph.svg          a picture
  plimsoll graph --target test         Mermaid, which GitHub draws in a ```mermaid block
  plimsoll graph -o graph.dot          for Graphviz
  plimsoll graph --format json         for programs";

const PLAIN_EXAMPLES: &str = "\
All that is ordinary stays as it is, byte for byte. Where a line can't be said in an ordinary
Dockerfile, it is named, nothing is written, and the status is 1.

Examples:
  plimsoll plain app/Dockerfile > Dockerfile.plain
  plimsoll plain --images images.json        `RUN --cache` asks what the base image says of its folders";

const LLB_EXAMPLES: &str = "\
Files of the build are read from the local sources that the graph names: `context` is the build
context, and each `--build-context NAME=FOLDER` has the name NAME.

Examples:
  plimsoll llb | buildctl build --local context=. --output type=docker,dest=image.tar
  plimsoll llb --format json | less
  plimsoll llb --build-context lib=../lib | buildctl build --local context=. --local lib=../lib";

const IMAGES_EXAMPLES: &str = "\
Credentials are those of `docker login`.

Examples:
  plimsoll images > images.json              of ./Dockerfile
  plimsoll check --images images.json        without a network from then on";

const LOCK_EXAMPLES: &str = "\
Builds use the lock with `--build-arg PLIMSOLL_LOCK=use`, or a line `# plimsoll=1,lock` at the head of
the Dockerfile; `--build-arg PLIMSOLL_LOCK=require` refuses what is not in it. With any other frontend:
`--policy`.

Examples:
  plimsoll lock > Dockerfile.lock            of ./Dockerfile, for this machine's platform
  plimsoll lock --platform linux/amd64,linux/arm64 > Dockerfile.lock
  plimsoll lock --check                      what has moved since; status 1 if anything has
  plimsoll lock --update                     takes everything as it is now
  plimsoll lock --update alpine:3.20         takes this image as it is now
  plimsoll lock --policy > policy.json
  EXPERIMENTAL_BUILDKIT_SOURCE_POLICY=policy.json docker buildx build .";

/// Where files, stages and base images come from.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct BuildArguments {
    /// The stage to look at
    #[arg(long, value_name = "STAGE")]
    pub(crate) target: Option<String>,
    /// A build argument; without a value the variable NAME of the environment has it
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]")]
    pub(crate) build_args: Vec<String>,
    /// The platform to build for, such as linux/arm64
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", value_delimiter = ',')]
    pub(crate) platform: Vec<String>,
    /// A further context, as `docker buildx build` takes it: a folder, docker-image://…, a git or http URL
    #[arg(long = "build-context", value_name = "NAME=VALUE")]
    pub(crate) build_contexts: Vec<String>,
    /// The build context, for its ignore file; mostly the folder of the Dockerfile
    #[arg(long, value_name = "FOLDER")]
    pub(crate) context: Option<PathBuf>,
}

/// How base images become known.
#[derive(Args, Clone, Debug)]
pub(crate) struct ImageArguments {
    /// What is known of base images: `registry` looks them up, `assume` takes them to be there and empty, and a file has
    /// what `plimsoll images` wrote [default: `registry` for llb, lock and plain, otherwise `assume`]
    #[arg(long, value_name = "registry|assume|FILE")]
    pub(crate) images: Option<String>,
    #[command(flatten)]
    pub(crate) registry: RegistryArguments,
}

/// How to talk to registries.
#[derive(Args, Clone, Debug)]
pub(crate) struct RegistryArguments {
    /// A registry that is spoken to without TLS; those on this machine are anyway
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) insecure_registry: Vec<String>,
}

/// `plimsoll check`.
#[derive(Args, Clone, Debug)]
pub(crate) struct CheckArguments {
    /// Dockerfiles, folders, or `-` for standard input. Of a folder all files are taken, at any depth, that are called
    /// Dockerfile, Containerfile, Dockerfile.* or *.Dockerfile, in any case; folders that begin with a dot and
    /// node_modules are left out
    #[arg(value_name = "FILE or FOLDER", default_value = ".")]
    pub(crate) files: Vec<PathBuf>,
    /// How to print findings
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
    /// Write the corrected files: what has a safe fix, after which the same image is built
    #[arg(long, conflicts_with = "diff")]
    pub(crate) fix: bool,
    /// Show what `--fix` would write, and nothing else; the status is 1 where that is something
    #[arg(long, conflicts_with = "format")]
    pub(crate) diff: bool,
    /// With --fix or --diff: also fixes that may change what is built or how it runs
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
    /// Which advice to give: `all`, `off`, or rules and groups such as `safe,-safe/sudo` [default: what a comment
    /// `# plimsoll-check=…` at the head of the file or plimsoll.toml says, otherwise `all`]
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub(crate) advice: Option<String>,
    /// The program that looks at the shell text of each RUN, if it is installed; `off` for none
    #[arg(long, value_name = "PROGRAM|off", default_value = "shellcheck")]
    pub(crate) shellcheck: PathBuf,
    #[command(flatten)]
    pub(crate) build: BuildArguments,
    #[command(flatten)]
    pub(crate) images: ImageArguments,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people: each finding with the lines that it is about
    #[default]
    Text,
    /// For programs; docs/check.md has the fields
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Commands of GitHub Actions: notes on the lines of a pull request
    Github,
}

/// How answers are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum QuestionFormat {
    /// For people
    #[default]
    Text,
    /// For programs: what the daemon answers to the same question
    Json,
}

/// `plimsoll outline`.
#[derive(Args, Clone, Debug)]
pub(crate) struct OutlineArguments {
    #[command(flatten)]
    pub(crate) file: OneFile,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: QuestionFormat,
    #[command(flatten)]
    pub(crate) build: BuildArguments,
    #[command(flatten)]
    pub(crate) images: ImageArguments,
}

/// `plimsoll explain`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ExplainArguments {
    #[command(flatten)]
    pub(crate) file: OneFile,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: QuestionFormat,
    /// What `plimsoll explain --format json` wrote before: tell which steps have another key since, and why
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Option<PathBuf>,
    /// With --against: what was written later, in place of looking at a Dockerfile, such as what
    /// `docker buildx build --call=explain,format=json` printed
    #[arg(long, value_name = "FILE", requires = "against", conflicts_with = "path")]
    pub(crate) now: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) build: BuildArguments,
    #[command(flatten)]
    pub(crate) images: ImageArguments,
}

/// `plimsoll plain`.
#[derive(Args, Clone, Debug)]
pub(crate) struct PlainArguments {
    #[command(flatten)]
    pub(crate) file: OneFile,
    #[command(flatten)]
    pub(crate) build: BuildArguments,
    #[command(flatten)]
    pub(crate) images: ImageArguments,
}

/// `plimsoll context`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ContextArguments {
    #[command(flatten)]
    pub(crate) file: OneFile,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: QuestionFormat,
    #[command(flatten)]
    pub(crate) build: BuildArguments,
    #[command(flatten)]
    pub(crate) images: ImageArguments,
}

/// `plimsoll graph`.
#[derive(Args, Clone, Debug)]
pub(crate) struct GraphArguments {
    #[command(flatten)]
    pub(crate) file: OneFile,
    /// How to draw it [default: what the name after -o ends in, otherwise mermaid]
    #[arg(long, value_enum)]
    pub(crate) format: Option<GraphFormat>,
    /// Where to write it, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) build: BuildArguments,
    #[command(flatten)]
    pub(crate) images: ImageArguments,
}

/// How a graph is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// A picture
    Svg,
    /// Text that GitHub, GitLab and many editors draw
    Mermaid,
    /// Text for Graphviz
    Dot,
    /// For programs: what the daemon answers to the same question; docs/graph.md has the fields
    Json,
}

/// `plimsoll targets`.
#[derive(Args, Clone, Debug)]
pub(crate) struct TargetsArguments {
    #[command(flatten)]
    pub(crate) file: OneFile,
    /// A further context, where the file takes in others from it
    #[arg(long = "build-context", value_name = "NAME=VALUE")]
    pub(crate) build_contexts: Vec<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: QuestionFormat,
}

/// `plimsoll llb`.
#[derive(Args, Clone, Debug)]
pub(crate) struct LlbArguments {
    #[command(flatten)]
    pub(crate) file: OneFile,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: LlbFormat,
    /// What tells the local sources of this build from those of others; random unless given
    #[arg(long, value_name = "ID")]
    pub(crate) local_id: Option<String>,
    #[command(flatten)]
    pub(crate) build: BuildArguments,
    #[command(flatten)]
    pub(crate) images: ImageArguments,
}

/// How the graph is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LlbFormat {
    /// The bytes that buildctl takes
    #[default]
    Bytes,
    /// For people: every operation with its inputs
    Json,
}

/// `plimsoll lock`.
#[derive(Args, Clone, Debug)]
pub(crate) struct LockArguments {
    #[command(flatten)]
    pub(crate) file: OneFile,
    /// Say what has moved since the lock was written; the status is 1 where that is something
    #[arg(long, conflicts_with_all = ["update", "policy"])]
    pub(crate) check: bool,
    /// Take these sources as they are now, or all, and write the lock beside the Dockerfile
    #[arg(long, value_name = "SOURCE", num_args = 0.., conflicts_with = "policy")]
    pub(crate) update: Option<Vec<String>>,
    /// Write what the lock beside the Dockerfile says as a source policy of BuildKit, for builds with any frontend
    #[arg(long)]
    pub(crate) policy: bool,
    /// Lock the image that makes a bill of materials too, BuildKit's or the one named
    #[arg(long, value_name = "IMAGE", num_args = 0..=1, require_equals = true, default_missing_value = SCANNER)]
    pub(crate) sbom: Option<String>,
    #[command(flatten)]
    pub(crate) build: BuildArguments,
    #[command(flatten)]
    pub(crate) images: ImageArguments,
}

/// What `docker buildx build --sbom=true` scans with.
const SCANNER: &str = "docker/buildkit-syft-scanner:stable-1";

/// `plimsoll images`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ImagesArguments {
    /// Dockerfiles, folders, or `-` for standard input, as `plimsoll check` takes them
    #[arg(value_name = "FILE or FOLDER", default_value = ".")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) build: BuildArguments,
    #[command(flatten)]
    pub(crate) registry: RegistryArguments,
}

/// The Dockerfile of a question.
#[derive(Args, Clone, Debug)]
pub(crate) struct OneFile {
    /// The Dockerfile, the folder that it is in, or `-` for standard input
    #[arg(value_name = "FILE or FOLDER", default_value = ".")]
    pub(crate) path: PathBuf,
}
