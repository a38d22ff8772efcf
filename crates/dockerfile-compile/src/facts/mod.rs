//! What planning and lowering noticed, without words and without judging whether anybody wants to hear it.

mod secret;

use std::borrow::Cow;

use dockerfile_syntax::LineRange;
use dockerfile_syntax::directive::parse_directive;
use llb_graph::Platform;

pub use secret::looks_like_secret;

/// The name of the directive that a comment may hold.
const CHECK: &str = "check";

/// One observation. The names follow the rules that word them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// The base, expanded with the defaults of the arguments alone, is no image name.
    InvalidDefaultArgInFrom { base: String },
    /// `FROM` uses a variable that no global `ARG` declares.
    UndefinedArgInFrom {
        name: String,
        suggestion: Option<String>,
    },
    /// `--platform=$TARGETPLATFORM` says what holds anyway.
    RedundantTargetPlatform { expression: String },
    /// `--platform` is a constant.
    FromPlatformFlagConst { platform: String },
    /// The image found is for another platform than the one asked for.
    InvalidBaseImagePlatform {
        image: String,
        expected: Box<Platform>,
        actual: Box<Platform>,
    },
    /// `CMD` or `ENTRYPOINT` in shell form.
    JsonArgsRecommended {
        instruction: String,
        /// It begins as a JSON array would, but for this quote, at this column of its line where that is known.
        quote: Option<(char, Option<usize>)>,
    },
    /// The first `WORKDIR` is relative.
    WorkdirRelativePath { path: String },
    /// A variable is used that nothing sets.
    UndefinedVar {
        name: String,
        suggestion: Option<String>,
        /// It is an argument outside of stages.
        outside: Option<Outside>,
    },
    /// An instruction of which only the last one counts stands twice; the place is the one that is lost.
    MultipleInstructions { instruction: String },
    /// `ENV key value`.
    LegacyKeyValueFormat { instruction: String },
    /// A variable or argument that looks like a secret.
    SecretsUsedInArgOrEnv { instruction: &'static str, key: String },
    /// A source of `COPY` or `ADD` that the ignore file keeps out.
    CopyIgnoredFile { instruction: &'static str, path: String },
    /// A protocol with capital letters.
    ExposeProtoCasing { port: String },
    /// A port with an address or a port of the host.
    ExposeInvalidFormat { port: String },
}

/// Where an argument outside of stages comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outside {
    /// An `ARG` before the first `FROM`, in this line as people are told of it.
    Line(String),
    /// The platform, or whatever else is always there.
    BuiltIn,
}

/// A fact with its place and the `# check=` comment that applies there.
#[derive(Clone, Debug)]
pub(crate) struct Noticed {
    pub(crate) fact: Fact,
    pub(crate) lines: LineRange,
    /// The options of the comment: they may switch rules off.
    pub(crate) check: Option<String>,
}

/// All facts of one compilation, in the order in which they came up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    noticed: Vec<Noticed>,
}

impl Facts {
    /// Notes `fact` at `lines`, below `comments`.
    pub(crate) fn note(&mut self, fact: Fact, lines: LineRange, comments: &[Cow<'_, str>]) {
        self.noticed.push(Noticed {
            fact,
            lines,
            check: check_comment(comments),
        });
    }

    /// Forgets the others.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Fact) -> bool) {
        self.noticed.retain(|noticed| keep(&noticed.fact));
    }

    /// The facts in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Noticed> {
        self.noticed.iter()
    }
}

/// The options in the first check comment among those above an instruction, as far as their first space.
pub(crate) fn check_comment(comments: &[Cow<'_, str>]) -> Option<String> {
    let may_be = |comment: &&Cow<'_, str>| {
        let start = comment.trim_start().get(..CHECK.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(CHECK))
    };
    comments.iter().filter(may_be).find_map(|comment| {
        let found = parse_directive(CHECK, format!("#{comment}").as_bytes());
        found.map(|check| check.word)
    })
}
