//! A `COPY`, `ADD` or bind mount whose source is not there.

use dockerfile_compile::keeps_out;
use dockerfile_syntax::{InstructionKind, Word};
use llb_graph::{path, proto};
use proto::file_action::Action;

use super::Failed;
use super::look::{Kind, Tree};
use super::step::{Hint, Part, Step};
use super::words::{joined, listed, near};
use crate::gateway::Bridge;

/// What a path may be a pattern by.
const WILDCARDS: [char; 4] = ['*', '?', '[', '\\'];

/// Something that a step reads of an input.
struct Read {
    /// As the graph has it, from the root.
    path: String,
    input: usize,
    wildcards: bool,
}

/// A source as it is written.
struct Written<'a> {
    /// Its word, where it is known which one it is.
    word: Option<Word<'a>>,
    /// The stage, image or context that it is of; none for the main context.
    from: Option<Word<'a>>,
    is_mount: bool,
}

/// A path as far as it leads.
enum Walk {
    /// All of it is there, or it can't be told.
    Open,
    /// The folder is there, and the name is not in it.
    Ends {
        folder: String,
        name: String,
        is_last: bool,
    },
    /// This part of it is no folder.
    NoFolder(String),
    /// It ends in a symbolic link, which must lead nowhere.
    Link,
}

/// Why a step found nothing, where that is why it failed.
pub(super) async fn explain<B: Bridge>(
    failed: &Failed<'_, '_, B>,
    step: &Step<'_>,
    message: &str,
) -> Option<Hint> {
    let is_absence = ["not found", "no such file or directory", "file does not exist"]
        .iter()
        .any(|words| message.trim_end().ends_with(words));
    if !is_absence {
        return None;
    }
    if let Some(hint) = comment(step) {
        return Some(hint);
    }
    let read = failed_read(step, message)?;
    let written = written(step, &read);
    let text = why(failed, step, &read, &written).await?;
    let place = written.word.as_ref().map(|word| word.span);
    Some(Hint { text, place })
}

/// The read that failed: the daemon's details leave few, of which its message names one.
fn failed_read(step: &Step<'_>, message: &str) -> Option<Read> {
    let mut reads = reads(step);
    match step.part {
        Some(Part::Input(input)) => reads.retain(|read| read.input == input),
        Some(Part::Action(index)) => reads = reads.into_iter().skip(index).take(1).collect(),
        None => {}
    }
    if reads.len() > 1 {
        let named = |read: &Read| {
            message.contains(&format!("\"{}\"", read.path))
                || message.contains(&format!("lstat {}:", read.path))
        };
        reads.retain(named);
        reads.truncate(1);
    }
    reads.pop()
}

fn reads(step: &Step<'_>) -> Vec<Read> {
    let index = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    match &step.op.op {
        Some(proto::op::Op::File(file)) => {
            let read = |action: &proto::FileAction| {
                let (path, wildcards) = match &action.action {
                    Some(Action::Copy(copy)) => match copy.required_paths.first() {
                        Some(required) => (required.clone(), false),
                        None => (copy.src.clone(), copy.allow_wildcard),
                    },
                    _ => (String::new(), false),
                };
                // A secondary input behind the inputs is the result of an action before.
                Read {
                    path,
                    input: index(action.secondary_input),
                    wildcards,
                }
            };
            file.actions.iter().map(read).collect()
        }
        Some(proto::op::Op::Exec(exec)) => {
            let mounts = exec.mounts.iter().filter(|mount| !mount.selector.is_empty());
            let read = |mount: &proto::Mount| Read {
                path: path::join(&["/", &mount.selector]),
                input: index(mount.input),
                wildcards: false,
            };
            mounts.map(read).collect()
        }
        _ => Vec::new(),
    }
}

/// The words that a read comes from.
fn written<'a>(step: &Step<'a>, read: &Read) -> Written<'a> {
    let is_it = |word: &Word<'_>| path::join(&["/", &word.replace("/./", "/")]) == read.path;
    let (sources, from) = match step.instruction.map(|instruction| &instruction.kind) {
        Some(InstructionKind::Copy(copy)) => (&copy.sources, copy.from.clone()),
        Some(InstructionKind::Add(add)) => (&add.sources, None),
        Some(InstructionKind::Run(run)) => {
            let mounts = run.mounts.iter();
            let mut mounts = mounts.filter_map(|spec| spec.resolve(&mut |_| Ok(None)).ok());
            let mount = mounts.find(|mount| is_it(&mount.source));
            let from = mount.as_ref().map(|mount| mount.from.clone());
            return Written {
                word: mount.map(|mount| mount.source),
                from: from.filter(|from| !from.is_empty()),
                is_mount: true,
            };
        }
        _ => {
            return Written {
                word: None,
                from: None,
                is_mount: false,
            };
        }
    };
    let found = sources.paths.iter().find(|word| is_it(word));
    let only = sources.paths.first().filter(|_| sources.paths.len() == 1);
    Written {
        word: found.or(only).cloned(),
        from,
        is_mount: false,
    }
}

async fn why<B: Bridge>(
    failed: &Failed<'_, '_, B>,
    step: &Step<'_>,
    read: &Read,
    written: &Written<'_>,
) -> Option<String> {
    let input = step.input(read.input)?;
    let source = step.source_of(input);
    let source = source.filter(|source| source.identifier.starts_with("local://"));
    if let Some(text) = source.as_ref().and_then(|_| outside(written)) {
        return Some(text);
    }
    if let Some(source) = &source
        && let Some(text) = ignored(failed, source, read, written).await
    {
        return Some(text);
    }
    let tree = match &source {
        Some(source) => match Tree::of_client(failed, source).await {
            Some(tree) => tree,
            None => Tree::of_input(failed, step, input).await?,
        },
        None => Tree::of_input(failed, step, input).await?,
    };
    let is_whole = source.is_none() || matches!(tree, Tree::Names(_));
    let first = match &source {
        Some(_) => Vec::new(),
        None => step.folders_before(input),
    };
    let there = There {
        tree: &tree,
        name: name_of(written),
        is_context: source.is_some() || written.from.is_none(),
        is_whole,
    };
    there.lacks(read, written, first).await
}

/// A comment behind an instruction is no comment, but sources.
fn comment(step: &Step<'_>) -> Option<Hint> {
    let sources = match &step.instruction?.kind {
        InstructionKind::Copy(copy) => &copy.sources,
        InstructionKind::Add(add) => &add.sources,
        _ => return None,
    };
    let mark = sources.paths.iter().find(|word| word.starts_with('#'))?;
    Some(Hint {
        text: format!(
            "`{mark}` and what follows it are read as paths: write the comment on a line of its own, above"
        ),
        place: Some(mark.span),
    })
}

/// A path that leads out of a context ends at its top.
fn outside(written: &Written<'_>) -> Option<String> {
    let word = written.word.as_ref()?;
    let relative = path::clean(word.trim_start_matches('/'));
    let rest = relative.strip_prefix("../")?.trim_start_matches("../");
    let name = name_of(written);
    let (key, value) = match written.is_mount {
        true => ("--mount=from=NAME,source=", rest),
        false => ("--from=NAME ", rest),
    };
    Some(format!(
        "`{word}` leads out of {name}, where nothing can be read: build from a folder above both, or pass that one \
         with `--build-context NAME=FOLDER` and write `{key}{value}`"
    ))
}

/// The line of an ignore file that keeps a path out of a context.
async fn ignored<B: Bridge>(
    failed: &Failed<'_, '_, B>,
    source: &proto::SourceOp,
    read: &Read,
    written: &Written<'_>,
) -> Option<String> {
    let relative = read.path.trim_start_matches('/');
    let name = name_of(written);
    if written.from.is_none() && failed.entry.is_main(source) {
        let file = failed.entry.ignore.get().await.ok()?;
        let (line, pattern) = keeps_out(&file, relative)?;
        return Some(format!(
            "line {line} of {}, `{pattern}`, keeps `{relative}` out of {name}: take that line away, or write \
             `!{relative}` below it",
            file.filename
        ));
    }
    let attr = |key: &str| {
        let found = source.attrs.iter().find(|attr| attr.key.as_deref() == Some(key));
        found.and_then(|attr| attr.value.as_deref())
    };
    let patterns: Vec<String> = serde_json::from_str(attr("local.excludepatterns")?).ok()?;
    let file = dockerfile_compile::IgnoreAnswer {
        filename: String::new(),
        data: patterns.join("\n").into_bytes(),
    };
    let (_, pattern) = keeps_out(&file, relative)?;
    Some(format!(
        "`{pattern}` in the .dockerignore of {name} keeps `{relative}` out: take that line away, or write \
         `!{relative}` below it"
    ))
}

fn name_of(written: &Written<'_>) -> String {
    match &written.from {
        Some(from) => format!("`{from}`"),
        None => "the build context".to_owned(),
    }
}

/// What is there in place of what was wanted.
struct There<'t, 'a, B> {
    tree: &'t Tree<'a, B>,
    name: String,
    is_context: bool,
    /// Whether all names are known, and not those alone that were sent for the build.
    is_whole: bool,
}

impl<B: Bridge> There<'_, '_, B> {
    async fn lacks(&self, read: &Read, written: &Written<'_>, first: Vec<String>) -> Option<String> {
        let name = &self.name;
        let (folder, missing, is_last) = match self.walk(read).await {
            Walk::Open => return None,
            Walk::Link => {
                return Some(format!(
                    "`{}` of {name} is a symbolic link to something that is not there",
                    self.shown(&read.path)
                ));
            }
            Walk::NoFolder(path) => {
                return Some(format!(
                    "`{}` of {name} is a file, and no folder",
                    self.shown(&path)
                ));
            }
            Walk::Ends {
                folder,
                name,
                is_last,
            } => (folder, name, is_last),
        };
        let entries = self.tree.entries(&folder).await?;
        let wanted = path::join(&[&folder, &missing]);
        let what = if is_last { "" } else { "folder " };
        let lack = format!("{name} has no {what}`{}`", self.shown(&wanted));
        if let Some(near) = near(&missing, &entries) {
            let meant = path::join(&[&folder, near]);
            return Some(format!("{lack} (did you mean `{}`?)", self.shown(&meant)));
        }
        let base = read.path.rsplit('/').next().unwrap_or_default();
        let places = match read.wildcards && base.contains(WILDCARDS) {
            true => Vec::new(),
            false => self.tree.places_of(base, first).await,
        };
        if !places.is_empty() {
            let places = places.iter().map(|path| format!("`{}`", self.shown(path)));
            let places = joined(&places.collect::<Vec<_>>(), "and");
            return Some(format!("{lack}, but {places}{}", from_the_root(written)));
        }
        if !self.is_whole {
            return None;
        }
        let holds = match entries.is_empty() {
            true => "nothing".to_owned(),
            false => listed(&entries),
        };
        let place = match folder.as_str() {
            "/" if self.is_context => "its top folder".to_owned(),
            folder => format!("`{}`", self.shown(folder)),
        };
        Some(format!("{lack}: {place} has {holds}{}", from_the_top(written)))
    }

    async fn walk(&self, read: &Read) -> Walk {
        let parts: Vec<&str> = read.path.split('/').filter(|part| !part.is_empty()).collect();
        let mut folder = "/".to_owned();
        for (at, part) in parts.iter().enumerate() {
            if read.wildcards && part.contains(WILDCARDS) {
                return Walk::Open;
            }
            let is_last = at + 1 == parts.len();
            let Some(entries) = self.tree.entries(&folder).await else {
                return Walk::Open;
            };
            let Some(found) = entries.iter().find(|entry| entry.name == *part) else {
                return Walk::Ends {
                    folder,
                    name: (*part).to_owned(),
                    is_last,
                };
            };
            folder = path::join(&[&folder, part]);
            match found.kind {
                Kind::Link if is_last => return Walk::Link,
                Kind::File if !is_last => return Walk::NoFolder(folder),
                _ => {}
            }
        }
        Walk::Open
    }

    /// A path as people write it: of a context without the slash at its front.
    fn shown<'p>(&self, path: &'p str) -> &'p str {
        match self.is_context {
            true => path.trim_start_matches('/'),
            false => path,
        }
    }
}

/// Paths of a stage do not begin where its `WORKDIR` is.
fn from_the_root(written: &Written<'_>) -> &'static str {
    let is_relative = written.word.as_ref().is_some_and(|word| !word.starts_with('/'));
    match is_relative && written.from.is_some() {
        true => "; paths of another stage begin at its root, not at its WORKDIR",
        false => "",
    }
}

/// Paths of this machine are none of a context.
fn from_the_top(written: &Written<'_>) -> &'static str {
    let is_absolute = written.word.as_ref().is_some_and(|word| word.starts_with('/'));
    match is_absolute && written.from.is_none() {
        true => "; a path begins at the top of the context, not of this machine",
        false => "",
    }
}
