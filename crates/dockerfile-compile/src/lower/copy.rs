//! `COPY`, and the file operation that it shares with `ADD`.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

use dockerfile_syntax::Word;
use dockerfile_syntax::expand::Lexer;
use dockerfile_syntax::instruction::{CopyInstruction, SourceContent};
use llb_graph::{
    ChownOpt, CopyAction, FileAction, FileOp, FileSystem, MkfileAction, Op, ProgressGroup, Vertex, caps,
};

use super::StageLowering;
use super::chmod::parse_chmod;
use super::start::COMMAND;
use crate::dialect::optional::{self, has_wildcards};
use crate::error::CompileError;
use crate::facts::Fact;
use crate::go::text::display;
use crate::paths::os::{normalize, remove_drive_letter, to_slash};
use crate::plan::Command;
use crate::remote::git_ref::GitRef;
use crate::remote::{Remote, classify, http_filename};

/// What a copy takes in a message beside its texts.
const ACTION_BYTES: usize = 64;

/// Which of the two instructions it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Add,
    Copy,
}

impl Kind {
    fn keyword(self) -> &'static str {
        match self {
            Self::Add => "ADD",
            Self::Copy => "COPY",
        }
    }
}

/// What a flag or a repository's URL says, and the sources after it in the same ADD get as well, as with the
/// reference.
pub(super) struct PassedOn<'c> {
    pub(super) checksum: Word<'c>,
    pub(super) keep_git_dir: Option<bool>,
}

impl PassedOn<'_> {
    /// Takes what the URL of a repository says, which comes of `path`.
    pub(super) fn learn(&mut self, git: &GitRef, path: &Word<'_>) {
        self.keep_git_dir = git.keep_git_dir.or(self.keep_git_dir);
        if !git.checksum.is_empty() {
            self.checksum = Word::new(git.checksum.clone(), path.span);
        }
    }
}

/// The name and content of a heredoc.
pub(super) type InlineFile<'c> = (Word<'c>, Cow<'c, [u8]>);

/// A `COPY` or `ADD` with everything expanded.
pub(super) struct CopyRequest<'c> {
    pub(super) kind: Kind,
    pub(super) chown: Word<'c>,
    pub(super) chmod: Word<'c>,
    pub(super) checksum: Word<'c>,
    pub(super) paths: Vec<Word<'c>>,
    pub(super) dest: Word<'c>,
    pub(super) contents: Vec<InlineFile<'c>>,
    /// Where the paths are.
    pub(super) source: FileSystem,
    pub(super) exclude: &'c [Word<'c>],
    pub(super) link: bool,
    pub(super) parents: bool,
    pub(super) keep_git_dir: Option<bool>,
    pub(super) unpack: Option<bool>,
    /// The paths are of the main context, so that its ignore file applies.
    pub(super) reads_context: bool,
    /// Paths that are not there are left out.
    pub(super) if_exists: bool,
}

impl CopyRequest<'_> {
    /// A path as the operation has it.
    pub(super) fn pattern<'p>(&self, path: &'p str) -> Cow<'p, str> {
        match self.if_exists {
            true => optional::pattern(path, !self.reads_context),
            false => path.into(),
        }
    }
}

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_copy(
        &mut self,
        command: &Command<'_>,
        copy: &CopyInstruction<'_>,
    ) -> Result<(), CompileError> {
        let source_stage = self.all.plan.stage(self.id).sources(command).next();
        let mut request = CopyRequest {
            kind: Kind::Copy,
            chown: self.expand_flag(command, copy.chown.as_ref())?,
            chmod: self.expand_flag(command, copy.chmod.as_ref())?,
            checksum: Word::default(),
            paths: self.expand_all(command, &copy.sources.paths)?,
            dest: self.expand_in_place(command, &copy.sources.dest)?,
            contents: self.expand_contents(command, &copy.sources.contents)?,
            source: None,
            exclude: &copy.exclude,
            link: copy.link,
            parents: copy.parents,
            keep_git_dir: None,
            unpack: None,
            reads_context: source_stage.is_none(),
            if_exists: copy.if_exists.is_on,
        };
        request.source = match source_stage {
            None => self.all.main_context()?,
            Some(id) => match self.source_state(id) {
                Some(state) => state.fs,
                None => {
                    let from = copy.from.clone().unwrap_or_default();
                    let name = &self.all.plan.stage(id).display_name;
                    let message = format!(
                        "--from={from} is stage `{name}`, which stands below this one; move it above, stages are built in file order"
                    );
                    return Err(CompileError::about(&from, message));
                }
            },
        };
        self.lower_copy_request(command, &mut request)?;
        for path in &request.paths {
            let path = request.pattern(path);
            match source_stage {
                None => self.all.use_context_path(&path),
                Some(id) => self.all.use_stage_path(id, &path),
            }
        }
        Ok(())
    }

    /// Heredocs with their variables filled in, unless their name was quoted.
    pub(super) fn expand_contents<'c>(
        &mut self,
        command: &Command<'_>,
        contents: &'c [SourceContent<'c>],
    ) -> Result<Vec<InlineFile<'c>>, CompileError> {
        let lexer = Lexer {
            skip_process_quotes: true,
            ..Lexer::new('\\')
        };
        let expand = |content: &'c SourceContent<'c>| {
            if !content.expand {
                return Ok((content.path.clone(), Cow::Borrowed(&*content.data)));
            }
            let expanded = match content.text() {
                Cow::Borrowed(text) => self.expand_with(&lexer, command, text),
                Cow::Owned(text) => {
                    let expanded = self.expand_with(&lexer, command, &text);
                    expanded.map(|expanded| Cow::Owned(expanded.into_owned()))
                }
            };
            let data = expanded.map_err(|error| {
                let message = format!("in the heredoc {}: {error}", content.path);
                CompileError::about(&content.path, message)
            })?;
            let data = match data {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            };
            Ok((content.path.clone(), data))
        };
        contents.iter().map(expand).collect()
    }

    /// One file operation with one copy a source.
    pub(super) fn lower_copy_request(
        &mut self,
        command: &Command<'_>,
        request: &mut CopyRequest<'_>,
    ) -> Result<(), CompileError> {
        let os = self.state.platform.os.clone();
        let dest = self.destination(&request.dest, &os)?;
        self.all.caching.see_copy(self.id, &dest);
        let mut base = CopyAction {
            dest,
            create_dest_path: true,
            ..CopyAction::default()
        };
        if !request.chown.is_empty() {
            base.owner = Some(ChownOpt::parse(&request.chown));
        }
        base.exclude_patterns = request.exclude.iter().map(Word::to_string).collect();
        base.mode = parse_chmod(&request.chmod)?;
        check_checksum(request)?;

        let platform = Arc::clone(&self.state.platform);
        let text = self.step_text(command)?;
        let name = self.name_step(command, &text, Some(&platform));
        self.spend_actions(&base, request)?;
        let mut actions = Vec::with_capacity(request.paths.len() + request.contents.len());
        let mut passed_on = PassedOn {
            checksum: request.checksum.clone(),
            keep_git_dir: request.keep_git_dir,
        };
        for path in &request.paths {
            let action = self.copy_path(command, request, (path, &mut passed_on), (&base, &name))?;
            actions.push(FileAction::Copy(action));
        }
        self.commit_layer(created_by(request))?;
        for (path, data) in std::mem::take(&mut request.contents) {
            actions.push(FileAction::Copy(self.copy_content(&path, data, &base)?));
        }
        let is_linked =
            request.link && request.chmod.is_empty() && self.all.plan.options.caps.supports(caps::MERGE_OP);
        if is_linked {
            self.link(command, actions, &text, &name)?;
        } else {
            let op = Op::File(FileOp {
                base: self.state.fs,
                actions,
            });
            let vertex = self.step_vertex(command, op, &name);
            self.state.fs = self.all.add_vertex(vertex)?;
        }
        Ok(())
    }

    /// Pays for one action a source: each repeats what is said of all.
    fn spend_actions(&self, base: &CopyAction, request: &CopyRequest<'_>) -> Result<(), CompileError> {
        let excludes = base.exclude_patterns.iter().map(String::len);
        let each = ACTION_BYTES + base.dest.len() + request.chown.len() + excludes.sum::<usize>();
        let count = request.paths.len() + request.contents.len();
        let data = request.contents.iter().map(|(_, data)| data.len());
        self.all
            .spend(count.saturating_mul(each).saturating_add(data.sum()))
    }

    /// The destination as an absolute path; a slash at its end stays.
    fn destination(&self, written: &Word<'_>, os: &str) -> Result<String, CompileError> {
        let wrong = |reason| CompileError::about(written, reason);
        let path = remove_drive_letter(written, os, true).map_err(wrong)?;
        let path = if path.is_empty() || path == "." {
            "./"
        } else {
            &path
        };
        normalize(&self.state.dir, path, os, true).map_err(wrong)
    }

    fn copy_path(
        &mut self,
        command: &Command<'_>,
        request: &CopyRequest<'_>,
        (path, passed_on): (&Word<'_>, &mut PassedOn<'_>),
        (base, name): (&CopyAction, &str),
    ) -> Result<CopyAction, CompileError> {
        let in_copy = |what: &str| {
            let message = format!("COPY reads files, and `{path}` is {what}; write ADD instead");
            CompileError::about(path, message)
        };
        match classify(path).map_err(|reason| CompileError::about(path, reason))? {
            Remote::Git(_) | Remote::Http if request.if_exists => {
                let message = format!(
                    "--if-exists is of files of the build context, and `{path}` is fetched; write an ADD of its own for it"
                );
                Err(CompileError::about(path, message))
            }
            Remote::Git(_) if request.kind == Kind::Copy => Err(in_copy("a git repository")),
            Remote::Http if request.kind == Kind::Copy => Err(in_copy("a URL")),
            Remote::Git(git) => {
                let place = command.instruction.meta.lines.with(path.span);
                let source = (path.as_str(), place, &git, &*passed_on);
                let copied = self.copy_git(request, source, base, name);
                passed_on.learn(&git, path);
                copied.map_err(|error| error.at(place))
            }
            Remote::Http => {
                let place = command.instruction.meta.lines.with(path.span);
                let source = self.download(path, (&passed_on.checksum, place))?;
                let vertex = Vertex::new(Op::Source(source))
                    .with_name(name)
                    .with_description(COMMAND, "");
                Ok(CopyAction {
                    source: self.all.add_vertex(vertex)?,
                    src: format!("/{}", http_filename(path)),
                    attempt_unpack: request.unpack.unwrap_or(false),
                    ..base.clone()
                })
            }
            Remote::Local => self.copy_local(command, request, path, base),
        }
    }

    fn copy_local(
        &mut self,
        command: &Command<'_>,
        request: &CopyRequest<'_>,
        written: &Word<'_>,
        base: &CopyAction,
    ) -> Result<CopyAction, CompileError> {
        if request.reads_context {
            self.note_ignored(command, request.kind, written);
        }
        let os = &self.state.platform.os;
        let wrong = |reason| CompileError::about(written, reason);
        let from_root = |path: &str| normalize("/", path, os, false).map_err(wrong);
        let mut action = CopyAction {
            source: request.source,
            follow_symlinks: true,
            dir_contents_only: true,
            attempt_unpack: request.unpack.unwrap_or(request.kind == Kind::Add),
            allow_wildcard: true,
            allow_empty_wildcard: true,
            ..base.clone()
        };
        let path = request.pattern(written);
        let mut path = &*path;
        if request.parents {
            // `/./` marks how much of the path is kept.
            let (root, pattern) = path.split_once("/./").unwrap_or(("/", path));
            let pattern = from_root(pattern)?;
            if !has_wildcards(root) && !has_wildcards(&pattern) {
                let required = llb_graph::path::join(&[root, &pattern]);
                action.required_paths = vec![from_root(&required)?];
            }
            action.include_patterns = vec![pattern.strip_prefix('/').unwrap_or(&pattern).to_owned()];
            path = root;
        }
        action.src = from_root(path)?;
        Ok(action)
    }

    fn copy_content(
        &mut self,
        path: &Word<'_>,
        data: Cow<'_, [u8]>,
        base: &CopyAction,
    ) -> Result<CopyAction, CompileError> {
        let os = self.state.platform.os.clone();
        let file = remove_drive_letter(path, &os, false);
        let file = file.map_err(|reason| CompileError::about(path, reason))?;
        let source = self.inline_document(&file, 0o644, data.into_owned())?;
        Ok(CopyAction {
            source,
            src: to_slash(file, &os).into_owned(),
            ..base.clone()
        })
    }

    /// A file system that holds nothing but `data` under `name`.
    pub(super) fn inline_document(
        &mut self,
        name: &str,
        mode: u32,
        data: Vec<u8>,
    ) -> Result<FileSystem, CompileError> {
        let file = MkfileAction {
            path: name.to_owned(),
            mode,
            data,
            ..MkfileAction::default()
        };
        let op = Op::File(FileOp::new(None, FileAction::Mkfile(file)));
        self.all
            .add_vertex(Vertex::new(op).with_name("[internal] preparing inline document"))
    }

    /// Copies onto nothing and lays the result over the stage, so that the copy does not depend on what is below.
    fn link(
        &mut self,
        command: &Command<'_>,
        actions: Vec<FileAction>,
        text: &str,
        name: &str,
    ) -> Result<(), CompileError> {
        let platform = Arc::clone(&self.state.platform);
        self.state.steps = self.state.steps.saturating_sub(1);
        let link_name = self.name_step(command, &format!("LINK {text}"), Some(&platform));
        let id = self.all.group_id(self.id, name);
        let group = |weak| ProgressGroup {
            id: id.clone(),
            name: name.to_owned(),
            weak,
        };
        let copy = Op::File(FileOp { base: None, actions });
        let copy = self
            .step_vertex(command, copy, name)
            .with_progress_group(group(true));
        let copied = self.all.add_vertex(copy)?;
        let location = self.all.location(Some(command.instruction.meta.lines));
        let ignore_cache = self.ignores_cache();
        self.state.fs = self
            .all
            .graph
            .merge(&[self.state.fs, copied], |op| {
                Vertex::new(op)
                    .with_name(link_name)
                    .with_location(location)
                    .with_ignore_cache(ignore_cache)
                    .with_progress_group(group(false))
            })
            .map_err(|error| CompileError::new(error.to_string()))?;
        Ok(())
    }

    fn note_ignored(&mut self, command: &Command<'_>, kind: Kind, path: &str) {
        let Some(ignore) = &self.all.ignore else { return };
        // What an exception lets through again cannot be told from patterns alone.
        if ignore.patterns.iter().any(|pattern| pattern.starts_with('!')) {
            return;
        }
        let path = llb_graph::path::clean(path);
        if path == "." || path == "/" {
            let takes_all = |pattern: &String| matches!(pattern.as_str(), "*" | "**" | "**/*");
            if !ignore.patterns.iter().any(takes_all) {
                return;
            }
        }
        if ignore
            .matcher
            .matches_or_parent_matches(&path, self.all.plan.budget)
            .unwrap_or(false)
        {
            let instruction = match kind {
                Kind::Add => "Add",
                Kind::Copy => "Copy",
            };
            self.note(command, Fact::CopyIgnoredFile { instruction, path });
        }
    }
}

fn check_checksum(request: &CopyRequest<'_>) -> Result<(), CompileError> {
    if request.checksum.is_empty() {
        return Ok(());
    }
    let [path] = &request.paths[..] else {
        return Err(CompileError::about(
            &request.checksum,
            "--checksum is of one source, and this ADD has several; write one ADD for each",
        ));
    };
    match classify(path) {
        // The reference takes `github.com/…` for a repository here, and for a path where it is copied.
        Ok(Remote::Local) if GitRef::parse(path).is_err() => Err(CompileError::about(
            path,
            format!(
                "--checksum is of http, https and git sources, and `{path}` is a file of the build context"
            ),
        )),
        _ => Ok(()),
    }
}

/// The entry of the image's history.
fn created_by(request: &CopyRequest<'_>) -> impl Display {
    display(|f| {
        f.write_str(request.kind.keyword())?;
        if request.parents {
            f.write_str(" --parents")?;
        }
        if !request.chown.is_empty() {
            write!(f, " --chown={}", request.chown)?;
        }
        if !request.chmod.is_empty() {
            write!(f, " --chmod={}", request.chmod)?;
        }
        for path in &request.paths {
            write!(f, " {path}")?;
        }
        for (path, _) in &request.contents {
            write!(f, " <<{path}")?;
        }
        write!(f, " {}", request.dest)
    })
}
