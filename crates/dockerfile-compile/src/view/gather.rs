//! Collects, over the stages that a target needs, what a client may pass.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use dockerfile_syntax::instruction::pairs_file::PairsOf;
use dockerfile_syntax::instruction::{ArgItem, PairsFile};
use dockerfile_syntax::sort;
use dockerfile_syntax::{InstructionKind, LineRange};

use crate::lower::{Lowering, WantedKind};
use crate::plan::{StageId, item_of};

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlineArg {
    /// Its name.
    pub name: String,
    /// What a comment above it says about it.
    pub description: String,
    /// Its value in this build; empty where it has none.
    pub value: String,
    /// Where it is declared.
    pub lines: LineRange,
}

/// A secret or ssh agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlineMount {
    /// The id under which the client passes it.
    pub id: String,
    /// Whether the build fails without it.
    pub required: bool,
    /// The first command that uses it.
    pub lines: LineRange,
}

/// What was found. The target comes first, then what it stands on, then what it reads; the first of equal names stays.
pub(super) struct Gathered {
    /// By name, with the place in its instruction.
    args: BTreeMap<String, (usize, OutlineArg)>,
    mounts: BTreeMap<(WantedKind, String), OutlineMount>,
}

impl Gathered {
    /// The arguments in file order.
    pub(super) fn args(&self) -> Vec<OutlineArg> {
        let mut args: Vec<&(usize, OutlineArg)> = self.args.values().collect();
        sort::sort_by_key(&mut args, |(place, arg)| (arg.lines.start, *place));
        args.into_iter().map(|(_, arg)| arg.clone()).collect()
    }

    /// Secrets or ssh agents in file order.
    pub(super) fn mounts(&self, kind: WantedKind) -> Vec<OutlineMount> {
        let mounts = self.mounts.iter().filter(|((of, _), _)| *of == kind);
        let mut mounts: Vec<OutlineMount> = mounts.map(|(_, mount)| mount.clone()).collect();
        sort::sort_by_key(&mut mounts, |mount| mount.lines.start);
        mounts
    }
}

/// Visits the target and all that it needs.
pub(super) fn gather(lowering: &Lowering<'_, '_>) -> Gathered {
    let plan = lowering.plan;
    let mut walk = Walk {
        lowering,
        globals: (0..=plan.file.modules.len())
            .map(|module| globals(lowering, module))
            .collect(),
        found: Gathered {
            args: BTreeMap::new(),
            mounts: BTreeMap::new(),
        },
        followed: BTreeSet::new(),
        chained: BTreeSet::new(),
    };
    let mut visited = BTreeSet::new();
    let mut open = vec![plan.target];
    while let Some(id) = open.pop() {
        if visited.insert(id) {
            walk.visit(id);
            let stage = plan.stage(id);
            // The last one in is the next one out.
            open.extend(stage.deps.iter().rev().map(|(dep, _)| *dep));
            open.extend(stage.base);
        }
    }
    walk.found
}

/// An argument and the global ones that its default refers to.
struct Arg {
    place: usize,
    shown: OutlineArg,
    refers_to: BTreeSet<String>,
}

impl Arg {
    fn new(item: &ArgItem<'_>, place: usize, value: Option<&str>) -> Self {
        let shown = OutlineArg {
            name: item.key.to_string(),
            description: item.doc_comment.to_string(),
            value: value.unwrap_or_default().to_owned(),
            lines: Default::default(),
        };
        Self {
            place,
            shown,
            refers_to: BTreeSet::new(),
        }
    }
}

/// Global arguments of a file by name; of several declarations the last one, with all that they refer to.
fn globals(lowering: &Lowering<'_, '_>, module: usize) -> BTreeMap<String, Arg> {
    let mut globals: BTreeMap<String, Arg> = BTreeMap::new();
    for (place, declared) in lowering.plan.declared_args(module).into_iter().enumerate() {
        let key = declared.item.key.as_str();
        let mut arg = Arg::new(&declared.item, place, declared.value.as_deref());
        arg.shown.lines = declared.lines;
        arg.refers_to = declared.refers_to;
        if arg.refers_to.remove(key)
            && let Some(earlier) = globals.remove(key)
        {
            arg.refers_to.extend(earlier.refers_to);
        }
        globals.insert(key.to_owned(), arg);
    }
    globals
}

struct Walk<'w, 'p, 'a> {
    lowering: &'w Lowering<'p, 'a>,
    /// By file.
    globals: Vec<BTreeMap<String, Arg>>,
    found: Gathered,
    /// Global arguments whose references are found.
    followed: BTreeSet<(usize, String)>,
    /// Stages whose `FROM` is taken into account.
    chained: BTreeSet<StageId>,
}

impl Walk<'_, '_, '_> {
    fn visit(&mut self, id: StageId) {
        let module = self.lowering.plan.stage(id).module;
        let (own, mut used) = self.own_args(id);
        self.used_by_bases(id, &mut used);
        let mut seen = BTreeSet::new();
        while let Some(name) = used.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let arg = match (own.get(&name), self.globals[module].get(&name)) {
                (Some(arg), _) => arg,
                (None, Some(arg)) => {
                    if self.followed.insert((module, name.clone())) {
                        used.extend(arg.refers_to.iter().cloned());
                    }
                    arg
                }
                // An automatic argument.
                (None, None) => continue,
            };
            let args = &mut self.found.args;
            args.entry(name).or_insert_with(|| (arg.place, arg.shown.clone()));
        }
        for wanted in self
            .lowering
            .state(id)
            .map(|state| &state.wanted[..])
            .unwrap_or_default()
        {
            let key = (wanted.kind, wanted.id.clone());
            self.found.mounts.entry(key).or_insert_with(|| OutlineMount {
                id: wanted.id.clone(),
                required: wanted.required,
                lines: wanted.lines,
            });
        }
    }

    /// The arguments that a stage declares itself, and the names of all that it asks for.
    fn own_args(&self, id: StageId) -> (BTreeMap<String, Arg>, Vec<String>) {
        let plan = self.lowering.plan;
        let commands = plan.stage(id).commands.iter();
        let items: Vec<_> = commands
            .flat_map(|command| {
                let lines = command.instruction.meta.lines;
                let items = match &command.instruction.kind {
                    InstructionKind::Arg(items) => items.iter().map(Cow::Borrowed).collect(),
                    InstructionKind::PairsFile(file) => self.items_of(id, lines, file),
                    _ => Vec::new(),
                };
                items
                    .into_iter()
                    .enumerate()
                    .map(move |(place, item)| (place, item, lines))
            })
            .collect();
        let mut own = BTreeMap::new();
        let mut used = Vec::new();
        // It has none where a context stands in for it.
        let Some(values) = self.lowering.state(id).map(|state| &state.args) else {
            return (own, used);
        };
        for (place, item, lines) in items
            .into_iter()
            .filter(|(_, item, _)| values.contains(&item.key))
        {
            used.push(item.key.to_string());
            let is_given = item.value.is_some() || plan.options.build_args.contains_key(item.key.as_str());
            if is_given || plan.args_of(plan.stage(id).module).lookup(&item.key).is_none() {
                let mut arg = Arg::new(&item, place, values.own_value(&item.key));
                arg.shown.lines = lines;
                own.insert(item.key.to_string(), arg);
            }
        }
        (own, used)
    }

    /// The arguments that a file declares.
    fn items_of<'i>(&self, id: StageId, lines: LineRange, file: &PairsFile<'_>) -> Vec<Cow<'i, ArgItem<'i>>> {
        if file.of != PairsOf::Arg {
            return Vec::new();
        }
        let pairs = self.lowering.pairs.at(id, lines).iter();
        let items = pairs.map(|pair| item_of(pair, file.path.span));
        items.map(Cow::Owned).collect()
    }

    /// Adds the names in the `FROM` of a stage and of those below it, as far as they were not looked at.
    fn used_by_bases(&mut self, id: StageId, used: &mut Vec<String>) {
        let plan = self.lowering.plan;
        let mut next = Some(id);
        while let Some(id) = next.filter(|id| self.chained.insert(*id)) {
            let stage = plan.stage(id);
            next = stage.base;
            let Some(from) = stage.from.filter(|_| stage.replaced_by.is_none()) else {
                continue;
            };
            for word in std::iter::once(&from.base).chain(&from.platform) {
                let expanded = plan
                    .lexer()
                    .process_word(word, plan.args_of(stage.module), plan.budget);
                used.extend(expanded.map(|expanded| expanded.matched).unwrap_or_default());
            }
        }
    }
}
