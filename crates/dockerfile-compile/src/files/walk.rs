//! From file to file, as their instructions name each other.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use dockerfile_syntax::sort;
use dockerfile_syntax::{
    Allowance, Dockerfile, FilePart, FileStart, Gap, Instruction, InstructionKind, LineRange, Link, Missing,
    Module, Parsed, Place, Stage, SyntaxError, Word, lower, parse_part,
};
use llb_graph::collect;

use super::names::{cut_stage, resolve, shown};
use super::{FileOrigin, FileRequest, Files, Known, MOST_DEPTH};

/// The empty base, in the place of one that can't be read.
const SCRATCH: &str = "scratch";

/// How many files and instructions are put in the place of an `INCLUDE` at most, all together: each file may name
/// another one twice.
const MOST_COPIES: usize = 200_000;

/// What comes of going through the files.
pub(super) struct Walked<'a> {
    /// Files that are not known yet.
    pub(super) lacks: BTreeSet<FileRequest>,
    file: Dockerfile<'a>,
    pub(super) errors: Vec<SyntaxError>,
    pub(super) gaps: Vec<Gap>,
}

impl<'a> Walked<'a> {
    pub(super) fn into_parsed(mut self) -> Parsed<'a> {
        sort::sort_by_key(&mut self.errors, |error| (error.lines.start, error.span.start));
        sort::sort_by_key(&mut self.gaps, |gap| gap.lines);
        sort::sort_by_key(&mut self.file.links, |link| link.at);
        Parsed {
            dockerfile: self.file,
            errors: self.errors,
            gaps: self.gaps,
        }
    }
}

pub(super) struct Walk<'a> {
    pub(super) files: &'a Files,
    allowance: Allowance,
    parsed: BTreeMap<(FileRequest, bool), Rc<Dockerfile<'a>>>,
    /// Files of which stages are read, with their stages.
    modules: BTreeMap<FileRequest, Named>,
    /// The files on the way to the one that is read, with the lines that name them.
    pub(super) way: Vec<(FileRequest, LineRange)>,
    copies: usize,
    /// Parts of stages that were gone through, where nothing but the files that lack is asked for: once is enough then.
    passed: Option<BTreeSet<FileRequest>>,
    pub(super) out: Walked<'a>,
}

/// The stages of a file that is put together.
struct Named {
    /// The number of the file.
    module: usize,
    /// The places of its stages among all.
    places: Range<usize>,
    /// The same by name; of two the later one.
    names: BTreeMap<String, usize>,
}

impl Named {
    /// The place of a stage by its name or number.
    fn find(&self, stage: &str) -> Option<usize> {
        let named = self.names.get(&*lower(stage)).copied();
        named.or_else(|| self.places.clone().nth(stage.parse().ok()?))
    }
}

/// The parts of a file with all that it includes.
struct Whole<'a> {
    global_args: Vec<Instruction<'a>>,
    stages: Vec<Stage<'a>>,
}

/// A file with its own names, while it is put together.
#[derive(Default)]
struct Scope<'a> {
    /// What it includes, itself among them: each counts once.
    included: BTreeSet<FileRequest>,
    /// Stages by name, and global arguments with their defaults, and where they stand.
    stages: BTreeMap<String, (FileRequest, usize)>,
    args: BTreeMap<String, (Option<Word<'a>>, FileRequest, usize)>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        Self {
            files,
            allowance: Allowance::default(),
            parsed: BTreeMap::new(),
            modules: BTreeMap::new(),
            way: Vec::new(),
            copies: 0,
            passed: None,
            out: Walked {
                lacks: BTreeSet::new(),
                file: Dockerfile::default(),
                errors: Vec::new(),
                gaps: Vec::new(),
            },
        }
    }

    /// Goes through the files only to find those that lack.
    pub(super) fn looking(mut self) -> Self {
        self.passed = Some(BTreeSet::new());
        self
    }

    pub(super) fn run(mut self) -> Walked<'a> {
        let main = FileRequest {
            origin: FileOrigin::Dockerfile,
            path: self.files.main.filename.clone(),
        };
        let own = self.read_part(&self.files.main_part());
        let head = Dockerfile {
            directives: own.directives.clone(),
            dialect: own.dialect,
            escape: own.escape,
            empty_continuations: own.empty_continuations.clone(),
            unreadable: own.unreadable.clone(),
            ..Dockerfile::default()
        };
        self.parsed.insert((main.clone(), false), Rc::new(own));
        self.way.push((main.clone(), LineRange::default()));
        let whole = self.scope(&main);
        let parts = &self.files.source.parts;
        let files = parts.iter().map(|part| FileStart {
            name: part.filename.clone(),
            lines_before: part.lines_before,
        });
        let file = &mut self.out.file;
        let (stages, modules, links) = (
            std::mem::take(&mut file.stages),
            std::mem::take(&mut file.modules),
            std::mem::take(&mut file.links),
        );
        *file = Dockerfile {
            global_args: whole.global_args,
            stages: stages.into_iter().chain(whole.stages).collect(),
            modules,
            files: files.collect(),
            links,
            ..head
        };
        self.out
    }

    /// A file as if it were built by itself.
    fn scope(&mut self, request: &FileRequest) -> Whole<'a> {
        let mut scope = Scope::default();
        scope.included.insert(request.clone());
        let file = self.parsed.get(&(request.clone(), false)).map(Rc::clone);
        let mut whole = Whole {
            global_args: Vec::new(),
            stages: Vec::new(),
        };
        if let Some(file) = file {
            self.take_in(request, &file, &mut scope, &mut whole);
        }
        whole
    }

    /// Adds a file, and what it includes where that is named.
    fn take_in(
        &mut self,
        request: &FileRequest,
        file: &Dockerfile<'a>,
        scope: &mut Scope<'a>,
        whole: &mut Whole<'a>,
    ) {
        for instruction in &file.global_args {
            let InstructionKind::Include(paths) = &instruction.kind else {
                self.declare(request, instruction, scope);
                whole.global_args.push(instruction.clone());
                continue;
            };
            for path in paths {
                let place = instruction.meta.lines.with(path.span);
                let Some(named) = self.included(path, (request, place)) else {
                    continue;
                };
                if scope.included.insert(named.clone())
                    && let Some(other) = self.content((&named, false), path, place)
                {
                    self.way.push((named.clone(), place.lines));
                    self.take_in(&named, &other, scope, whole);
                    self.way.pop();
                }
            }
        }
        for stage in &file.stages {
            self.name_stage(request, stage, scope);
            let mut from = stage.from.clone();
            let lines = from.meta.lines;
            if !self.link(&stage.from.base, (request, lines)) {
                from.base = Word::new(SCRATCH, from.base.span);
                let missing = Missing::Base;
                self.out.gaps.push(Gap { lines, missing });
            }
            let mut instructions = Vec::with_capacity(stage.instructions.len());
            self.splice(request, &stage.instructions, &mut instructions);
            whole.stages.push(Stage {
                from,
                instructions,
                module: 0,
            });
        }
    }

    /// Adds instructions, with those of files in the place of each `INCLUDE`.
    fn splice(&mut self, request: &FileRequest, from: &[Instruction<'a>], into: &mut Vec<Instruction<'a>>) {
        for instruction in from {
            let place = instruction.meta.place();
            self.copies += 1;
            if self.copies > MOST_COPIES {
                if self.copies == MOST_COPIES + 1 {
                    let message = format!(
                        "the files named up to here have more than {MOST_COPIES} instructions; name fewer"
                    );
                    self.wrong(message, place);
                }
                return;
            }
            let InstructionKind::Include(paths) = &instruction.kind else {
                if self.link_sources(request, instruction) {
                    into.push(instruction.clone());
                }
                continue;
            };
            for path in paths {
                let place = instruction.meta.lines.with(path.span);
                let Some(named) = self.included(path, (request, place)) else {
                    continue;
                };
                let passed = self.passed.as_mut();
                if passed.is_some_and(|passed| !passed.insert(named.clone())) {
                    continue;
                }
                if let Some(other) = self.content((&named, true), path, place) {
                    self.way.push((named.clone(), place.lines));
                    self.splice(&named, &other.global_args, into);
                    self.way.pop();
                }
            }
        }
    }

    /// The file that an `INCLUDE` names, unless it is being read.
    fn included(&mut self, path: &Word<'_>, (request, place): (&FileRequest, Place)) -> Option<FileRequest> {
        let named = self.named(path, path, (request, place));
        let named = named.filter(|named| {
            let is_circle = self.is_on_way(named);
            if is_circle {
                self.circle(named, place);
            }
            !is_circle
        });
        if named.is_none() {
            self.unknown(place);
        }
        named
    }

    /// What an `INCLUDE` stands for.
    fn content(
        &mut self,
        file: (&FileRequest, bool),
        path: &str,
        place: Place,
    ) -> Option<Rc<Dockerfile<'a>>> {
        let content = self.known(file, path, place);
        if content.is_none() {
            self.unknown(place);
        }
        content
    }

    /// Finds the stages of other files that an instruction reads; gives whether all are there.
    fn link_sources(&mut self, request: &FileRequest, instruction: &Instruction<'a>) -> bool {
        let lines = instruction.meta.lines;
        let words = instruction.kind.stage_words();
        // All are looked at: each may be wrong.
        let lost = words
            .into_iter()
            .filter(|word| !self.link(word, (request, lines)));
        lost.count() == 0
    }

    /// Takes in the file of a word that names a stage of another one; gives whether it is there, or none is named.
    fn link(&mut self, word: &Word<'_>, (request, lines): (&FileRequest, LineRange)) -> bool {
        let Some((path, stage)) = cut_stage(word) else {
            return true;
        };
        let place = lines.with(word.span);
        let is_file = path.contains(':') || path.starts_with("./") || path.starts_with("../");
        if !is_file {
            self.wrong(
                format!("`{word}` names no file; a stage of another one is ./PATH#STAGE, NAME:PATH#STAGE or URL#COMMIT:PATH#STAGE"),
                place,
            );
            return false;
        }
        let Some(named) = self.named(word, path, (request, place)) else {
            return false;
        };
        if !self.modules.contains_key(&named) {
            if self.is_on_way(&named) {
                self.circle(&named, place);
                return false;
            }
            if self.known((&named, false), path, place).is_none() {
                return false;
            }
            self.module(&named, place);
        }
        let found = self.modules.get(&named);
        self.out.file.links.extend(found.map(|found| Link {
            at: word.span.start,
            module: found.module,
            stage: stage.to_owned(),
            place: found.find(stage),
        }));
        found.is_some()
    }

    /// Puts a file with its own names together; its stages come before those of the files that read them.
    fn module(&mut self, named: &FileRequest, place: Place) {
        self.way.push((named.clone(), place.lines));
        let whole = self.scope(named);
        self.way.pop();
        let file = &mut self.out.file;
        file.modules.push(Module {
            name: shown(named),
            global_args: whole.global_args,
        });
        let module = file.modules.len();
        let start = file.stages.len();
        let stages = whole.stages.into_iter();
        file.stages.extend(stages.map(|stage| Stage { module, ..stage }));
        let places = start..file.stages.len();
        let stages = places.clone().zip(&file.stages[start..]);
        let names = stages.filter_map(|(place, stage)| Some((stage.from.name.as_ref()?.to_string(), place)));
        let known = Named {
            module,
            names: collect::map(names),
            places,
        };
        self.modules.insert(named.clone(), known);
    }

    /// The file that a word names.
    fn named(
        &mut self,
        word: &Word<'_>,
        path: &str,
        (request, place): (&FileRequest, Place),
    ) -> Option<FileRequest> {
        if self.way.len() > MOST_DEPTH {
            let message = format!(
                "more than {MOST_DEPTH} files name each other in a row{}",
                self.told_way()
            );
            self.wrong(message, place);
            return None;
        }
        match resolve(path, request) {
            Ok(named) => Some(named),
            Err(why) => {
                self.wrong(format!("`{word}`: {why}"), place);
                None
            }
        }
    }

    /// A file, read as a whole or as a part of a stage. Where it is not known yet that is noted.
    fn known(
        &mut self,
        (named, is_fragment): (&FileRequest, bool),
        path: &str,
        place: Place,
    ) -> Option<Rc<Dockerfile<'a>>> {
        let key = (named.clone(), is_fragment);
        if let Some(parsed) = self.parsed.get(&key) {
            return Some(Rc::clone(parsed));
        }
        let part = match self.files.known.get(named) {
            None => {
                self.out.lacks.insert(named.clone());
                return None;
            }
            Some(Known::Failed(why)) => {
                let message = format!("`{path}` can't be read: {why}{}", self.told_way());
                self.wrong(message, place);
                return None;
            }
            Some(Known::Part { bytes, lines_before }) => FilePart {
                bytes: bytes.clone(),
                lines_before: *lines_before,
                is_fragment,
            },
        };
        let parsed = self.read_part(&part);
        if parsed.escape != self.escape(&parsed) {
            let message = format!(
                "`{path}` has `{}` as its escape character, and the Dockerfile another one; give both the same `# escape=`",
                parsed.escape
            );
            self.wrong(message, place);
        }
        let parsed = Rc::new(parsed);
        self.parsed.insert(key, Rc::clone(&parsed));
        Some(parsed)
    }

    /// The escape character of the build: that of the Dockerfile, which is read first.
    fn escape(&self, read: &Dockerfile<'a>) -> char {
        let main = self.way.first();
        let main = main.and_then(|(main, _)| self.parsed.get(&(main.clone(), false)));
        main.map_or(read.escape, |main| main.escape)
    }

    fn read_part(&mut self, part: &FilePart) -> Dockerfile<'a> {
        let parsed = parse_part(&self.files.source.data, part, &mut self.allowance);
        self.out.errors.extend(parsed.errors);
        self.out.gaps.extend(parsed.gaps);
        parsed.dockerfile
    }

    /// Refuses a stage whose name another file has.
    fn name_stage(&mut self, request: &FileRequest, stage: &Stage<'a>, scope: &mut Scope<'a>) {
        let Some(name) = &stage.from.name else { return };
        let lines = stage.from.meta.lines;
        let here = (request.clone(), lines.start);
        match scope.stages.get(name.as_str()) {
            Some((file, line)) if file != request => {
                let other = self.told(file, *line);
                self.wrong(
                    format!("{other} has a stage `{name}`, too; one of them needs another name"),
                    lines.with(name.span),
                );
            }
            // Within a file the last one counts.
            _ => {
                scope.stages.insert(name.to_string(), here);
            }
        }
    }

    /// Refuses a global argument that another file has with another default.
    fn declare(&mut self, request: &FileRequest, instruction: &Instruction<'a>, scope: &mut Scope<'a>) {
        let InstructionKind::Arg(items) = &instruction.kind else {
            return;
        };
        let lines = instruction.meta.lines;
        for item in items {
            let known = scope.args.get(item.key.as_str());
            if let Some((Some(default), file, line)) = known
                && file != request
                && item
                    .value
                    .as_ref()
                    .is_some_and(|value| value.text != default.text)
            {
                let other = self.told(file, *line);
                self.wrong(
                    format!(
                        "{other} has another default for `{}`; give it a default in one place",
                        item.key
                    ),
                    lines.with(item.key.span),
                );
            } else if item.value.is_some() || known.is_none() {
                let declared = (item.value.clone(), request.clone(), lines.start);
                scope.args.insert(item.key.to_string(), declared);
            }
        }
    }

    fn is_on_way(&self, named: &FileRequest) -> bool {
        self.way.iter().any(|(file, _)| file == named)
    }
}
