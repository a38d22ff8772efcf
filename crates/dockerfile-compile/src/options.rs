//! What a build asks for, typed. The strings that clients write are known only to the shell.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use dockerfile_syntax::budget::MESSAGE_BYTES;
use dockerfile_syntax::{LineRange, Position};

use llb_graph::{
    Bytes, CapSet, Definition, ExtraHost, LinuxResources, NetworkMode, Platform, ResolveMode, Ulimit,
};

use crate::lock::LockInUse;

/// Everything that a client may ask of one build, for one target platform.
///
/// Platforms of a multi-platform build differ only in [`BuildOptions::target_platform`] and share all else.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// The stage to build; `None` is the last one of the file.
    pub target: Option<String>,
    /// All `build-arg:` options, the `BUILDKIT_*` ones included: an `ARG` may name any of them.
    pub build_args: BTreeMap<String, String>,
    /// Labels of the image, applied after those of the file.
    pub labels: BTreeMap<String, String>,
    /// The requested platform of the result; `None` follows the base image (an implicit target).
    pub target_platform: Option<Platform>,
    /// Platform of the steps on an empty base in the graphs that an SBOM scanner gets; `None` where none is asked for.
    pub scan_platform: Option<Platform>,
    /// Platforms that run natively on the worker; never empty. The first one is `BUILDPLATFORM`.
    pub build_platforms: Vec<Platform>,
    /// Whether the result is keyed by platform, so that progress names carry it.
    pub multi_platform: bool,
    /// Which stages ignore the cache.
    pub no_cache: NoCache,
    /// Network of every `RUN` that names none itself.
    pub network: NetworkMode,
    /// Entries for `/etc/hosts` of every `RUN`.
    pub extra_hosts: Vec<ExtraHost>,
    /// Size of `/dev/shm` in bytes; 0 keeps the daemon's default.
    pub shm_size: i64,
    /// Resource limits of processes (`setrlimit`).
    pub ulimits: Vec<Ulimit>,
    /// Parent of the containers' cgroups; empty for the daemon's default.
    pub cgroup_parent: String,
    /// Host name inside every `RUN`; empty for the daemon's default.
    pub hostname: String,
    /// Memory and CPU limits of every `RUN`; they are not part of any digest.
    pub linux_resources: Option<LinuxResources>,
    /// How images are looked up.
    pub image_resolve_mode: ResolveMode,
    /// Prefix of the ids of cache mounts (`BUILDKIT_CACHE_MOUNT_NS`).
    pub cache_mount_namespace: String,
    /// Session that holds the client's files; empty where there is none.
    pub session_id: String,
    /// Session of a local source that differs from [`BuildOptions::session_id`], by local name.
    pub local_session_ids: BTreeMap<String, String>,
    /// Stands for the identity of local sources where there is no session; unlike any other build's.
    pub unique_id: String,
    /// The `context:NAME` options: name (with `::PLATFORM` where given) to value, as the client wrote them.
    pub named_contexts: BTreeMap<String, String>,
    /// Image configs that accompany frontend inputs, by input name (`input-metadata:NAME`), undecoded.
    pub input_metadata: BTreeMap<String, String>,
    /// Shared keys of named local contexts, by context name (`sharedkey:localdir:NAME`).
    pub shared_keys: BTreeMap<String, String>,
    /// Where `COPY` without `--from` reads.
    pub main_context: MainContext,
    /// The Dockerfile as the daemon knows it, for source positions.
    pub source: Arc<SourceFile>,
    /// Whether git may show its advice (`BUILDKIT_GIT_ADVICE`).
    pub git_advice: bool,
    /// Low-level build features that the daemon has.
    pub caps: CapSet,
    /// Lower every stage, not only what the target needs (a check of the whole file).
    pub all_stages: bool,
    /// A question is asked, and no graph will be built: a `RUN` that a graph can't hold, with no arguments or with bytes
    /// that are not UTF-8, is no error, as the reference notices it only when it encodes the graph. The result has an
    /// outline.
    pub is_question: bool,
    /// Somebody asks what the build does: the result has an [`Explanation`](crate::view::Explanation).
    pub explains: bool,
    /// Whether tools get cache mounts that nobody wrote ([`crate::caching`]); `None` leaves it to the comment
    /// `# plimsoll-cache=on` at the head of the file.
    pub cache_mounts: Option<bool>,
    /// What sources are pinned to; `None` takes them as they are now.
    pub lock: Option<Arc<LockInUse>>,
    /// Somebody wants to lock the sources: the result lists those of all lowered stages.
    pub lists_sources: bool,
    /// `BUILDKIT_DOCKERFILE_CHECK`: replaces the `# check=` directive of the file.
    pub check: Option<String>,
}

impl BuildOptions {
    /// A build of the file's last stage for this machine, in which everything is as usual: without arguments and labels,
    /// with the client's directory `context` as main context, on a daemon that can do all.
    ///
    /// Local sources have no session and no identity: set [`session_id`](Self::session_id) or, to something that no other
    /// build has, [`unique_id`](Self::unique_id) before the graph is solved.
    ///
    /// ```
    /// use dockerfile_compile::{Answers, BuildOptions, SourceFile, Step, compile};
    ///
    /// let text = b"FROM scratch\nCOPY a /\n";
    /// let mut options = BuildOptions::new(SourceFile::new("Dockerfile", text.as_slice()));
    /// options.build_args.insert("VERSION".to_owned(), "1".to_owned());
    /// let parsed = dockerfile_syntax::parse(text);
    /// let step = compile(&parsed.dockerfile, &options, &Answers::new()).value?;
    /// assert!(matches!(step, Step::Needs(needs) if needs.len() == 1)); // the ignore file
    /// # Ok::<(), dockerfile_compile::CompileErrors>(())
    /// ```
    #[must_use]
    pub fn new(source: impl Into<Arc<SourceFile>>) -> Self {
        Self {
            target: None,
            build_args: BTreeMap::new(),
            labels: BTreeMap::new(),
            target_platform: None,
            scan_platform: None,
            build_platforms: vec![Platform::of_this_program()],
            multi_platform: false,
            no_cache: NoCache::default(),
            network: NetworkMode::default(),
            extra_hosts: Vec::new(),
            shm_size: 0,
            ulimits: Vec::new(),
            cgroup_parent: String::new(),
            hostname: String::new(),
            linux_resources: None,
            image_resolve_mode: ResolveMode::default(),
            cache_mount_namespace: String::new(),
            session_id: String::new(),
            local_session_ids: BTreeMap::new(),
            unique_id: String::new(),
            named_contexts: BTreeMap::new(),
            input_metadata: BTreeMap::new(),
            shared_keys: BTreeMap::new(),
            main_context: MainContext::Local {
                name: "context".to_owned(),
            },
            source: source.into(),
            git_advice: false,
            caps: CapSet::all_llb(),
            all_stages: false,
            is_question: false,
            explains: false,
            cache_mounts: None,
            lock: None,
            lists_sources: false,
            check: None,
        }
    }
}

impl SourceFile {
    /// A Dockerfile by its name and its bytes.
    #[must_use]
    pub fn new(filename: impl Into<String>, data: impl Into<Bytes>) -> Self {
        Self {
            filename: filename.into(),
            data: data.into(),
            language: "Dockerfile".to_owned(),
            definition: None,
            parts: Vec::new(),
        }
    }

    /// How many files it holds.
    #[must_use]
    pub fn count(&self) -> usize {
        self.parts.len().max(1)
    }

    /// How much text goes along with a graph: none where no message holds it.
    pub(crate) fn sent_bytes(&self) -> usize {
        match self.data.len() {
            bytes if bytes < MESSAGE_BYTES => bytes,
            _ => 0,
        }
    }

    /// Which of the files a line is in.
    #[must_use]
    pub fn part_of_line(&self, line: usize) -> usize {
        let behind = self.parts.partition_point(|part| part.lines_before < line);
        behind.saturating_sub(1)
    }

    /// How many lines the files before that one have.
    #[must_use]
    pub fn lines_before(&self, part: usize) -> usize {
        self.parts.get(part).map_or(0, |part| part.lines_before)
    }

    /// Lines as the file counts them that they are in, and which file that is.
    #[must_use]
    pub fn in_part(&self, lines: LineRange) -> (usize, LineRange) {
        let part = self.part_of_line(lines.start);
        let before = self.lines_before(part);
        let own = LineRange::new(
            lines.start.saturating_sub(before),
            lines.end.saturating_sub(before),
        );
        (part, own)
    }

    /// One of the files by itself.
    #[must_use]
    pub fn part(&self, part: usize) -> Cow<'_, Self> {
        match self.parts.get(part) {
            None => Cow::Borrowed(self),
            Some(part) => Cow::Owned(Self {
                filename: part.filename.clone(),
                data: match part.bytes.end <= self.data.len() {
                    true => self.data.slice(part.bytes.clone()),
                    false => Bytes::new(),
                },
                language: self.language.clone(),
                definition: part.definition.clone(),
                parts: Vec::new(),
            }),
        }
    }

    /// The file that a byte is in, and where it is there.
    #[must_use]
    pub fn position(&self, offset: usize) -> (&str, Position) {
        let behind = self.parts.partition_point(|part| part.bytes.start <= offset);
        match behind.checked_sub(1).and_then(|at| self.parts.get(at)) {
            None => (&self.filename, Position::of(&self.data, offset)),
            Some(part) => {
                let data = self.data.get(part.bytes.clone()).unwrap_or_default();
                (&part.filename, Position::of(data, offset - part.bytes.start))
            }
        }
    }
}

/// Which stages run anew although their results are cached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NoCache {
    /// All stages may use the cache.
    #[default]
    Off,
    /// No stage may.
    All,
    /// The stages of these names may not; letter case does not matter.
    Stages(Vec<String>),
}

/// The build context that `COPY` and `ADD` read when they name no other.
#[derive(Clone, Debug)]
pub enum MainContext {
    /// Files of the client, under the name of the local source.
    Local {
        /// Name of the local source, `context`.
        name: String,
    },
    /// A git repository, an http archive or a frontend input, already as a graph. Ignore files do not apply to it.
    Remote {
        /// The graph that yields the files, from `contextsubdir` down where one is set.
        definition: Arc<Definition>,
        /// The one source behind it that can tell a date, for `SOURCE_DATE_EPOCH=context`.
        has_source: bool,
    },
}

/// The Dockerfile that is compiled, as the daemon knows it.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Name inside its source.
    pub filename: String,
    /// Its bytes.
    pub data: Bytes,
    /// `Dockerfile`: the language name that clients show.
    pub language: String,
    /// Graph of the source that the file was read from.
    pub definition: Option<Definition>,
    /// The files in those bytes, one behind the other, where the Dockerfile takes in others; it is the first. Empty where
    /// it stands alone. See [`crate::Files`].
    pub parts: Vec<SourcePart>,
}

/// One of the files in the bytes of a [`SourceFile`].
#[derive(Clone, Debug)]
pub struct SourcePart {
    /// What people call it.
    pub filename: String,
    /// Its bytes.
    pub bytes: Range<usize>,
    /// How many lines the files before it have.
    pub lines_before: usize,
    /// Graph of the source that it was read from.
    pub definition: Option<Definition>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run_with;

    /// How many findings there are; none of them may be an error.
    fn findings(dockerfile: &str, change: impl FnOnce(&mut BuildOptions)) -> usize {
        let run = run_with(dockerfile, "", change);
        assert!(run.value.is_ok(), "{:?}", run.value.err());
        run.warnings.len()
    }

    #[test]
    fn an_empty_target_is_none() {
        let file = "FROM scratch AS first\nFROM base-$TARGETSTAGE AS last\n";
        for target in ["", "last"] {
            let target = Some(target.to_owned());
            assert_eq!(findings(file, |options| options.target = target), 0);
        }
    }

    #[test]
    fn without_a_request_the_build_is_for_the_native_platform_that_the_image_has() {
        let native = [Platform::new("linux", "amd64"), Platform::new("linux", "arm64")];
        for (target, count, expected) in [(None, 2, 0), (None, 1, 1), (Some(native[0].clone()), 2, 1)] {
            let found = findings("FROM of-arm64\n", |options| {
                options.target_platform = target;
                options.build_platforms = native[..count].to_vec();
            });
            assert_eq!(found, expected);
        }
    }
}
