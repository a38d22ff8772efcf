//! The files that a Dockerfile of the dialect takes in, read from where they are.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dockerfile_compile::{
    Answer, Answers, BuildOptions, FileAnswer, FileOrigin, Files, GitRef, Need, SourceFile, Step,
    compile_within,
};
use dockerfile_syntax::{Budget, parse};
use llb_graph::{Definition, GitOptions, Graph, Marshalled, Op, Platform, SourceOp, Vertex};

use super::{World, compile_all};
use crate::entry::{Beside, Entry, decode, graph_failure, is_locked, marshal};
use crate::gateway::{Bridge, Session, Status, pb};
use crate::join::join_all;
use crate::options::Request;
use crate::report::{Tickets, compile_failure};

/// Where a file of a named context is put.
const COPIED: &str = "file";

/// Reads all files that the Dockerfile takes in, a round at a time, and looks up what images are known beside them. A file
/// that can't be had is an error where it is named.
pub(crate) async fn take_in<B: Bridge>(
    session: &Session<'_, B>,
    request: &Request,
    entry: &Entry<'_>,
) -> (Files, Answers) {
    let mut files = Files::new(Arc::clone(&entry.source));
    let reader = Reader {
        session,
        request,
        entry,
        repositories: RefCell::default(),
    };
    let mut answers = Answers::default();
    loop {
        let lacking = files.lacking();
        if lacking.is_empty() {
            break;
        }
        session.count_round();
        tracing::debug!(
            files = lacking.len(),
            "asking for files that the Dockerfile takes in"
        );
        let mut sources: BTreeMap<FileOrigin, Vec<String>> = BTreeMap::new();
        for file in &lacking {
            let paths = sources.entry(file.origin.clone()).or_default();
            paths.push(file.path.clone());
        }
        let sources = sources.iter();
        let reading = join_all(sources.map(|(origin, paths)| reader.read_all(origin, paths)));
        // Boxed since compiling is a large future of its own.
        let looking = Box::pin(reader.look_ahead(&files, &answers));
        let (read, found) = tokio::join!(reading, looking);
        // Both are in the order of origins and paths.
        files.add(lacking.into_iter().zip(read.into_iter().flatten()));
        for (need, answer) in found {
            answers.insert(need, answer);
        }
    }
    (files, answers)
}

type Folder = Result<(pb::Ref, Definition), Status>;

struct Reader<'r, 'e, B> {
    session: &'r Session<'r, B>,
    request: &'r Request,
    entry: &'r Entry<'e>,
    /// Those that were solved in earlier rounds.
    repositories: RefCell<BTreeMap<String, Folder>>,
}

impl<'r, 'e, B: Bridge> Reader<'r, 'e, B> {
    /// Files of one source, in their order. It is solved once; of a named context each file is, as a COPY of it is.
    async fn read_all(&self, origin: &FileOrigin, paths: &[String]) -> Vec<FileAnswer> {
        let folder = match origin {
            FileOrigin::Dockerfile => self.beside(paths.to_vec()).await,
            FileOrigin::Git(url) => self.of_repository(url).await,
            FileOrigin::Context(name) => {
                return match Box::pin(self.of_context(name, paths)).await {
                    Ok(folders) => join_all(folders.iter().map(|folder| self.read(folder, COPIED))).await,
                    Err(status) => paths.iter().map(|_| failed(&status)).collect(),
                };
            }
        };
        join_all(paths.iter().map(|path| self.read(&folder, path))).await
    }

    async fn read(&self, folder: &Folder, path: &str) -> FileAnswer {
        let (reference, definition) = match folder {
            Ok(folder) => folder,
            Err(status) => return failed(status),
        };
        match self.session.read_file(reference, path).await {
            Ok(data) => FileAnswer::Found {
                data: data.into(),
                definition: Some(definition.clone()),
            },
            Err(status) => failed(&status),
        }
    }

    /// The configs of images that are bases whatever the files that lack have in them. What fails is asked for again
    /// where it is known to be needed.
    async fn look_ahead(&self, files: &Files, answers: &Answers) -> Vec<(Need, Answer)> {
        let parsed = files.parse();
        let bases = files.certain_bases(&parsed.dockerfile);
        let is_build = self.request.handling.subrequest.is_none();
        if bases.is_empty() || !is_build || is_locked(self.request, self.entry) {
            return Vec::new();
        }
        let mut needs = BTreeSet::new();
        let targets = self.request.targets.platforms.iter().cloned().map(Some);
        let targets: Vec<Option<Platform>> = targets.collect();
        for target in if targets.is_empty() { vec![None] } else { targets } {
            let options = self.options(files.source(), target);
            let step = compile_within(&parsed.dockerfile, &options, answers, &Budget::new());
            if let Ok(Step::Needs(more)) = step.value {
                needs.extend(more);
            }
        }
        let is_certain = |need: &Need| matches!(need, Need::Image(image) if bases.contains(&image.reference));
        let needs = answers.missing(&needs).into_iter().filter(is_certain);
        let tickets = Tickets::default();
        let world = self.world(&tickets);
        let looking = needs.map(|need| async {
            let answer = world.resolve(&need).await;
            (need, answer)
        });
        let mut found = join_all(looking).await;
        found.retain(|(_, answer)| !matches!(answer, Answer::Failed(_)));
        found
    }

    fn options(&self, source: &Arc<SourceFile>, target: Option<Platform>) -> BuildOptions {
        let context = self.entry.main_context.clone();
        let caps = self.session.llb_caps().clone();
        self.request
            .build_options(Arc::clone(source), context, caps, target)
    }

    fn world<'w>(&self, tickets: &'w Tickets) -> World<'w, 'e, B>
    where
        'r: 'w,
    {
        World {
            request: self.request,
            session: self.session,
            entry: self.entry,
            tickets,
            answers: RefCell::default(),
            budget: Budget::new(),
        }
    }

    async fn beside(&self, files: Vec<String>) -> Folder {
        let beside = Beside {
            files,
            key: "files".to_owned(),
            shown_as: format!(
                "[internal] load files that {} takes in",
                self.entry.source.filename
            ),
        };
        let found = beside.find(self.session, self.request, self.entry).await?;
        found.ok_or_else(empty)
    }

    async fn of_repository(&self, url: &str) -> Folder {
        let known = self.repositories.borrow().get(url).cloned();
        if let Some(known) = known {
            return known;
        }
        let folder = self.solve_repository(url).await;
        self.repositories
            .borrow_mut()
            .insert(url.to_owned(), folder.clone());
        folder
    }

    async fn solve_repository(&self, url: &str) -> Folder {
        let git = GitRef::parse(url).map_err(|error| Status::new(format!("{error:?}")))?;
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let options = GitOptions {
            reference: some(&git.reference),
            checksum: some(&git.checksum),
            advice: self.request.place.git_advice,
            ..GitOptions::default()
        };
        let mut graph = Graph::new();
        let name = format!("[internal] load git source {url}");
        let vertex = Vertex::new(Op::Source(SourceOp::git(&git.place, &options))).with_name(name);
        let vertex = graph.add(vertex).map_err(|error| graph_failure(&error))?;
        self.solve(marshal(&graph, Some(vertex.first_output()))?).await
    }

    /// Files of a named context, whatever that is: what a COPY of each gives.
    async fn of_context(&self, name: &str, paths: &[String]) -> Result<Vec<Folder>, Status> {
        let named = &self.request.contexts.named;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_plain) || !named.contains_key(name) {
            let message = format!("no build context `{name}` was passed: add --build-context {name}=FOLDER");
            return Err(Status::new(message));
        }
        // A stage a file: one that is not there keeps no other from being read.
        let stage_of = |number: usize| format!("taken-in-{number}");
        let stages = paths.iter().enumerate().map(|(number, path)| {
            let path = serde_json::Value::from(format!("/{path}"));
            let stage = stage_of(number);
            format!("FROM scratch AS {stage}\nCOPY --from={name} [{path}, \"/{COPIED}\"]\n")
        });
        let text: String = stages.collect();
        let source = Arc::new(SourceFile::new(format!("files of {name}"), text.clone()));
        let parsed = parse(text.as_bytes());
        let options = (0..paths.len()).map(|stage| BuildOptions {
            target: Some(stage_of(stage)),
            check: Some("skip=all".to_owned()),
            ..self.options(&source, None)
        });
        let options: Vec<BuildOptions> = options.collect();
        let tickets = Tickets::default();
        let world = self.world(&tickets);
        let finished = compile_all(&world, &parsed.dockerfile, &options).await?;
        let solving = finished.into_iter().map(|finished| async {
            match finished.result {
                Ok(compiled) => self.solve(compiled.definition).await,
                Err(errors) => Err(compile_failure(&errors, &source, &tickets)),
            }
        });
        Ok(join_all(solving).await)
    }

    async fn solve(&self, graph: Marshalled) -> Folder {
        let definition = decode(&graph)?;
        match self.session.solve(&graph, Vec::new()).await? {
            Some(reference) => Ok((reference, definition)),
            None => Err(empty()),
        }
    }
}

fn failed(status: &Status) -> FileAnswer {
    FileAnswer::Failed(status.message.clone())
}

fn empty() -> Status {
    Status::new("it is empty")
}
