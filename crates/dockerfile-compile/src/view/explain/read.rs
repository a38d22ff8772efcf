//! Reads the model off a build.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use dockerfile_syntax::InstructionKind;
use dockerfile_syntax::expand::Env;
use dockerfile_syntax::sort;
use llb_graph::collect;
use llb_graph::{DecodeError, Digest, Marshalled};

use super::instructions::{declared, is_step, named};
use super::operations::{Operation, short_digest};
use super::{Explanation, IMAGE, LOCAL, Origin, Read, Source, Stage, Step, Variable};
use crate::facts::looks_like_secret;
use crate::lower::{Lowering, TracedCommand};
use crate::plan::{Command, StageId};
use crate::shared_map::SharedMap;
use crate::view::safe_text;

/// More variables than this are not remembered for a `RUN` further down.
const MOST_PENDING: usize = 256;

/// The lines of variables by name, as far as a stage has come, and those that no `RUN` has seen.
#[derive(Clone, Default)]
struct Scope {
    lines: SharedMap<Rc<str>, usize>,
    unseen: Rc<Vec<Rc<str>>>,
}

/// The model while it grows.
struct Reader<'r, 'p, 'a> {
    lowering: &'r Lowering<'p, 'a>,
    /// By vertex.
    digests: &'r [Option<Digest>],
    operations: BTreeMap<Digest, Operation>,
    /// By vertex, where it belongs.
    owners: Vec<Option<Origin>>,
    /// By stage of the plan, its place in the model.
    stages: BTreeMap<StageId, usize>,
    scopes: BTreeMap<StageId, Scope>,
    sources: BTreeMap<(String, String), usize>,
    made: Explanation,
    /// Values that are not shown, wherever they turn up.
    secrets: BTreeSet<String>,
}

impl Explanation {
    /// What the build does whose graphs are `definitions`, the target's first; `digests` are their operations by vertex.
    pub(crate) fn of(
        lowering: &Lowering<'_, '_>,
        definitions: &[Marshalled],
        digests: &[Option<Digest>],
    ) -> Result<Self, DecodeError> {
        let mut operations = BTreeMap::new();
        for op in definitions.iter().flat_map(Marshalled::named_ops) {
            let (digest, op) = op?;
            operations.insert(digest, Operation::of(op));
        }
        let mut reader = Reader {
            lowering,
            digests,
            operations,
            owners: vec![None; digests.len()],
            stages: BTreeMap::new(),
            scopes: BTreeMap::new(),
            sources: BTreeMap::new(),
            made: Self {
                version: Self::VERSION,
                platform: lowering.plan.target_platform.format_all(),
                ..Self::default()
            },
            secrets: secrets(lowering),
        };
        reader.read_stages();
        reader.read_steps();
        let last = lowering.state(lowering.plan.target).and_then(|state| state.fs);
        let last = last.and_then(|fs| reader.owners.get(fs.vertex.index()).copied().flatten());
        let mut made = reader.made;
        made.put_in_order(match last {
            Some(Origin::Step(at)) => Some(at),
            _ => None,
        });
        made.seal();
        made.name_files(lowering.plan.file);
        Ok(made)
    }
}

/// Values of variables whose names are those of secrets.
fn secrets(lowering: &Lowering<'_, '_>) -> BTreeSet<String> {
    /// A shorter value is also part of other words.
    const LEAST: usize = 4;
    let plan = lowering.plan;
    let args = plan.build_args.iter();
    let given = args.filter(|(name, _)| looks_like_secret(name));
    let mut secrets = collect::set(given.map(|(_, value)| value.clone()));
    for traced in &lowering.trace.commands {
        let command = &plan.stage(traced.stage).commands[traced.index];
        let names = declared(lowering, traced.stage, command);
        for name in names.into_iter().filter(|name| looks_like_secret(name)) {
            secrets.extend(traced.env.get(name).map(str::to_owned));
        }
    }
    secrets.retain(|value| value.len() >= LEAST);
    secrets
}

impl Reader<'_, '_, '_> {
    fn read_stages(&mut self) {
        let lowering = self.lowering;
        let plan = lowering.plan;
        for vertex in lowering.trace.context.clone() {
            self.own_as_source(vertex);
        }
        for id in (0..plan.stages.len()).map(StageId) {
            if !plan.stage(id).is_implicit() {
                self.stages.insert(id, self.stages.len());
            } else if plan.reachable.contains(&id) {
                self.start_of(id);
            }
        }
        let mut globals: BTreeMap<(usize, String), usize> = BTreeMap::new();
        for module in 0..=plan.file.modules.len() {
            let declared = plan.declared_args(module).into_iter();
            globals.extend(declared.map(|arg| ((module, arg.item.key.to_string()), arg.lines.start)));
        }
        let lexer = plan.lexer();
        for id in self.stages.keys().copied().collect::<Vec<_>>() {
            let stage = plan.stage(id);
            let Some(from) = stage.from else { continue };
            let is_built = plan.reachable.contains(&id);
            let base = match stage.base.and_then(|base| self.stages.get(&base)) {
                Some(base) => Some(Origin::Stage(*base)),
                None if is_built => self.start_of(id),
                None if *stage.base_name == *crate::plan::SCRATCH => None,
                None => Some(self.source(IMAGE, &stage.base_name, None)),
            };
            let mut variables = Vec::new();
            for word in std::iter::once(&from.base).chain(&from.platform) {
                let args = plan.args_of(stage.module);
                let names = named(&lexer, word, (args, plan.budget));
                variables.extend(names.into_iter().map(|name| {
                    let value = args.lookup(&name);
                    let key = (stage.module, name);
                    let line = globals.get(&key).copied().unwrap_or_default();
                    self.variable(&key.1, line, value)
                }));
            }
            let name = match (stage.name(), self.stages.get(&id)) {
                (Some(name), _) => name.to_owned(),
                (None, place) => format!("stage-{}", place.copied().unwrap_or_default()),
            };
            let name = match &*stage.display_name {
                "" => name,
                shown if !plan.file.modules.is_empty() => shown.to_owned(),
                _ => name,
            };
            self.made.stages.push(Stage {
                name,
                line: from.meta.lines.start,
                file: String::new(),
                from: self.shown(&from.base),
                base,
                variables,
                pruned: String::new(),
                required_by: BTreeSet::new(),
                replaced: stage.replaced_by.is_some() && is_built,
                no_cache: stage.ignore_cache,
            });
        }
        self.made.target = self.stages.get(&plan.target).copied().unwrap_or_default();
        self.tell_why();
    }

    /// Says of each stage that is not built why, and of one that is built only for being required too.
    fn tell_why(&mut self) {
        let plan = self.lowering.plan;
        for (id, required) in plan.requirements() {
            let places = (self.stages.get(&id), self.stages.get(&required));
            if let (Some(by), Some(required)) = places {
                self.made.stages[*required].required_by.insert(*by);
            }
        }
        let mut readers: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); self.made.stages.len()];
        for (id, place) in &self.stages {
            let stage = plan.stage(*id);
            let needed = stage.deps.iter().map(|(dep, _)| dep).chain(&stage.base);
            for dep in needed.filter_map(|dep| self.stages.get(dep)) {
                readers[*dep].insert(*place);
            }
        }
        for (id, place) in &self.stages {
            if plan.reachable.contains(id) {
                continue;
            }
            let names = readers[*place]
                .iter()
                .take(3)
                .map(|at| &self.made.stages[*at].name);
            let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
            let more = readers[*place].len().saturating_sub(names.len());
            let more = if more == 0 {
                String::new()
            } else {
                format!(" and {more} more")
            };
            self.made.stages[*place].pruned = match names.is_empty() {
                true => "nothing reads it".to_owned(),
                false => format!("only {}{more} needs it, which is not built", names.join(", ")),
            };
        }
    }

    /// What a stage without parent stage starts from.
    fn start_of(&mut self, id: StageId) -> Option<Origin> {
        let fs = match self.lowering.trace.starts.get(&id) {
            Some(fs) => *fs,
            None => self.lowering.state(id)?.fs,
        };
        self.own_as_source(fs?.vertex.index())
    }

    /// Takes a vertex for something from outside.
    fn own_as_source(&mut self, vertex: usize) -> Option<Origin> {
        let digest = self.digests.get(vertex).copied().flatten()?;
        let operation = self.operations.get(&digest)?;
        let identifier = operation.source.clone();
        let (kind, name) = match identifier.as_deref().and_then(|source| source.split_once("://")) {
            Some(("docker-image", name)) => (IMAGE, name.to_owned()),
            Some((kind, name)) => match kind {
                "https" | "http" => (kind, identifier.clone().unwrap_or_default()),
                kind => (kind, name.to_owned()),
            },
            None => ("input", digest.to_string()),
        };
        let kind = kind.to_owned();
        let origin = self.source(&kind, &name, Some(digest));
        self.owners[vertex] = Some(origin);
        Some(origin)
    }

    /// A source by its name; that of a graph that is built has the digest of its operation.
    fn source(&mut self, kind: &str, name: &str, operation: Option<Digest>) -> Origin {
        let (shown, digest) = match name.split_once('@') {
            Some((name, digest)) if kind == IMAGE => (name, digest),
            _ => (name, ""),
        };
        let shown = shown.strip_prefix("docker.io/").unwrap_or(shown);
        let shown = shown.strip_prefix("library/").unwrap_or(shown);
        let identity = match operation {
            Some(operation) if kind != LOCAL => operation.to_string(),
            Some(_) => format!("{kind}://{name}"),
            None => String::new(),
        };
        let shown = self.shown(shown);
        let place = self.sources.get(&(format!("{kind}:{name}"), identity.clone()));
        let place = place.copied().unwrap_or_else(|| {
            self.made.sources.push(Source {
                kind: kind.to_owned(),
                name: shown,
                digest: digest.to_owned(),
                pruned: operation.is_none(),
                key: identity.clone(),
            });
            self.made.sources.len() - 1
        });
        self.sources.insert((format!("{kind}:{name}"), identity), place);
        Origin::Source(place)
    }

    fn read_steps(&mut self) {
        let lowering = self.lowering;
        let plan = lowering.plan;
        let mut traced = lowering.trace.commands.iter().peekable();
        for (id, place) in self.stages.clone() {
            let stage = plan.stage(id);
            let mut scope = stage.base.and_then(|base| self.scopes.get(&base).cloned());
            let mut scope = scope.take().unwrap_or_default();
            for (index, command) in stage.commands.iter().enumerate() {
                let found = traced.next_if(|traced| (traced.stage, traced.index) == (id, index));
                if !plan.reachable.contains(&id) {
                    self.read_pruned((id, place), command);
                } else if let Some(found) = found {
                    for name in declared(lowering, id, command) {
                        let name: Rc<str> = name.into();
                        scope
                            .lines
                            .insert(Rc::clone(&name), command.instruction.meta.lines.start);
                        if scope.unseen.len() < MOST_PENDING {
                            Rc::make_mut(&mut scope.unseen).push(name);
                        }
                    }
                    self.read_step(place, (command, found), &mut scope);
                }
            }
            self.scopes.insert(id, scope);
        }
    }

    /// An instruction of a stage that is not built.
    fn read_pruned(&mut self, (id, place): (StageId, usize), command: &Command<'_>) {
        if !is_step(&command.instruction.kind) {
            return;
        }
        let plan = self.lowering.plan;
        let deps: Vec<StageId> = plan.stage(id).sources(command).collect();
        let deps = deps.into_iter().filter_map(|dep| {
            let implicit = plan.stage(dep);
            match self.stages.get(&dep) {
                Some(stage) => Some(Origin::Stage(*stage)),
                None if *implicit.base_name == *crate::plan::SCRATCH => None,
                None => Some(self.source(IMAGE, &implicit.base_name, None)),
            }
        });
        let reads: Vec<Read> = deps
            .map(|from| Read {
                from,
                mount: matches!(command.instruction.kind, InstructionKind::Run(_)),
                path: String::new(),
                include: Vec::new(),
                exclude: Vec::new(),
                files: None,
            })
            .collect();
        let step = Step {
            pruned: true,
            reads,
            ..self.step(place, command)
        };
        self.made.steps.push(step);
    }

    fn step(&self, place: usize, command: &Command<'_>) -> Step {
        let meta = &command.instruction.meta;
        let from = self.made.stages[place].line;
        let (line, end_line, onbuild) = match command.is_trigger() {
            true => (from, from, "ONBUILD "),
            false => (meta.lines.start, meta.lines.end, ""),
        };
        Step {
            stage: place,
            line,
            end_line,
            text: format!("{onbuild}{}", safe_text(&meta.code)),
            ..Step::default()
        }
    }

    /// An instruction of a stage that is built, if it makes files.
    fn read_step(
        &mut self,
        place: usize,
        (command, traced): (&Command<'_>, &TracedCommand),
        scope: &mut Scope,
    ) {
        let at = self.made.steps.len();
        let mut step = self.step(place, command);
        let mut is_needed = false;
        let mut own = String::new();
        for vertex in traced.vertices.clone() {
            if self.owners[vertex].is_some() {
                continue;
            }
            let digest = self.digests[vertex];
            let Some(operation) = digest.and_then(|digest| self.operations.get(&digest)) else {
                continue;
            };
            if operation.source.is_some() {
                self.own_as_source(vertex);
                continue;
            }
            is_needed = true;
            own.push_str(&operation.own.to_string());
            self.owners[vertex] = Some(Origin::Step(at));
            self.read_operation((at, vertex), operation, &mut step);
        }
        if traced.vertices.is_empty() || !is_step(&command.instruction.kind) {
            return;
        }
        step.pruned = !is_needed;
        step.own = match own.len() {
            0..=71 => own,
            _ => llb_graph::digest(own.as_bytes()),
        };
        step.no_cache = traced.always_runs && is_needed;
        step.variables = self.variables(command, traced, scope);
        self.made.steps.push(step);
    }

    /// What one operation of a step adds to what is known of it.
    fn read_operation(&self, (at, vertex): (usize, usize), operation: &Operation, step: &mut Step) {
        let inputs = self.lowering.graph.inputs(vertex);
        let owner = |digest: &Digest| {
            let mut same = inputs.iter().map(|input| input.vertex.index());
            let vertex = same.find(|vertex| self.digests[*vertex].as_ref() == Some(digest))?;
            self.owners[vertex].filter(|owner| *owner != Origin::Step(at))
        };
        let owners: Vec<Option<Origin>> = operation
            .inputs
            .iter()
            .map(|digest| digest.as_ref().and_then(owner))
            .collect();
        step.inputs.extend(owners.iter().flatten());
        let parts = operation.parts.iter();
        step.parts
            .extend(parts.map(|(name, value)| (name.clone(), self.shown(value))));
        step.caches.extend(operation.caches.iter().cloned());
        step.secrets.extend(operation.secrets.iter().cloned());
        step.ssh.extend(operation.ssh.iter().cloned());
        for read in &operation.reads {
            let Some(Some(from)) = owners.get(read.input) else {
                continue;
            };
            step.reads.push(Read {
                from: *from,
                mount: read.mount,
                path: self.shown(&read.path),
                include: read.include.clone(),
                exclude: read.exclude.clone(),
                files: None,
            });
        }
    }

    /// The variables that a step sees first, or that its instruction names.
    fn variables(&self, command: &Command<'_>, traced: &TracedCommand, scope: &mut Scope) -> Vec<Variable> {
        let plan = self.lowering.plan;
        let code = &command.instruction.meta.code;
        let mut names = named(&plan.lexer(), code, (&traced.env, plan.budget));
        if matches!(command.instruction.kind, InstructionKind::Run(_)) {
            names.extend(scope.unseen.iter().map(|name| name.to_string()));
            scope.unseen = Rc::default();
        }
        let of = |name: &String| {
            let line = scope.lines.get(name.as_str()).copied().unwrap_or_default();
            let value = traced.env.lookup(name)?;
            Some(self.variable(name, line, Some(value)))
        };
        let mut variables: Vec<Variable> = names.iter().filter_map(of).collect();
        sort::sort_by_key(&mut variables, |variable| variable.line);
        variables
    }

    fn variable(&self, name: &str, line: usize, value: Option<&str>) -> Variable {
        let is_secret = looks_like_secret(name);
        Variable {
            name: name.to_owned(),
            line,
            file: String::new(),
            value: value.filter(|_| !is_secret).map(|value| self.shown(value)),
            digest: value.filter(|_| is_secret).map(short_digest).unwrap_or_default(),
        }
    }

    /// A text without values that are not shown.
    fn shown(&self, text: &str) -> String {
        let mut text = safe_text(text).into_owned();
        if !self
            .lowering
            .plan
            .budget
            .affords_steps(self.secrets.len().saturating_mul(text.len()))
        {
            return "(too much to look through)".to_owned();
        }
        for secret in &self.secrets {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), "xxxxx");
            }
        }
        text
    }
}
