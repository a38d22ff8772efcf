//! The stages of a file: what each begins with and reads, and which of them an image gets.

use std::collections::BTreeMap;

use dockerfile_syntax::expand::Lexer;
use dockerfile_syntax::instruction::CopyInstruction;
use dockerfile_syntax::{Budget, Dockerfile, FromInstruction, Instruction, InstructionKind, Word, lower};

/// A stage.
#[derive(Debug)]
pub(crate) struct Stage<'a> {
    /// The file that it is of, as in [`dockerfile_syntax::Stage::module`].
    pub(crate) module: usize,
    pub(crate) from: &'a FromInstruction<'a>,
    pub(crate) instructions: &'a [Instruction<'a>],
    pub(crate) base: Base,
    /// The stages that it reads, its base among them.
    pub(crate) reads: Vec<usize>,
    /// Whether it is the target, or what the target needs.
    pub(crate) is_needed: bool,
    /// Whether its files are those of the target: it is the target, or what that one is built on.
    pub(crate) is_shipped: bool,
    /// Whether it is the target.
    pub(crate) is_target: bool,
    /// Whether its files come into an image that someone runs: the target's, or that of a stage which nothing reads and
    /// which has a name to be built by.
    pub(crate) may_ship: bool,
}

/// What a stage begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// Nothing.
    Scratch,
    /// Another stage.
    Stage(usize),
    /// An image, with the defaults of arguments filled in.
    Image(String),
    /// An image whose name only the build knows.
    Unknown,
}

impl Base {
    /// The stage that it is.
    pub(crate) fn stage(&self) -> Option<usize> {
        match self {
            Self::Stage(stage) => Some(*stage),
            _ => None,
        }
    }
}

impl Stage<'_> {
    /// Its instructions of one kind.
    pub(crate) fn copies(&self) -> impl Iterator<Item = (&Instruction<'_>, &CopyInstruction<'_>)> {
        self.instructions
            .iter()
            .filter_map(|instruction| match &instruction.kind {
                InstructionKind::Copy(copy) => Some((instruction, copy.as_ref())),
                _ => None,
            })
    }
}

/// The stages by their names in lower case; of two with the same name the later one.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    file: &'a Dockerfile<'a>,
    /// With the file that each is of.
    names: BTreeMap<(usize, &'a str), usize>,
    /// What the names of sources may hold in the dialect, by file.
    globals: Vec<BTreeMap<String, String>>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(file: &'a Dockerfile<'a>) -> Self {
        let named = file.stages.iter().enumerate();
        let names = named
            .filter_map(|(index, stage)| Some(((stage.module, stage.from.name.as_ref()?.as_str()), index)));
        // Unlike `collect` this links no sort in.
        let mut by_name = BTreeMap::new();
        by_name.extend(names);
        Self {
            file,
            names: by_name,
            globals: match file.dialect.is_on {
                true => (0..=file.modules.len())
                    .map(|module| globals(file, module))
                    .collect(),
                false => Vec::new(),
            },
        }
    }

    /// The stage of a file with that name or number, which may be in variables.
    pub(crate) fn find(&self, module: usize, name: &str) -> Option<usize> {
        match self.globals.get(module).filter(|_| name.contains('$')) {
            Some(globals) => self.find_literal(module, &expand(name, self.file.escape, globals)?),
            None => self.find_literal(module, name),
        }
    }

    fn find_literal(&self, module: usize, name: &str) -> Option<usize> {
        let name = lower(name);
        if let Some(found) = self.names.get(&(module, name.as_ref())) {
            return Some(*found);
        }
        let number: usize = name.parse().ok()?;
        let stages = self.file.stages.iter().enumerate();
        let mut own = stages.filter(|(_, stage)| stage.module == module);
        own.nth(number).map(|(index, _)| index)
    }

    /// The stage that a word means in a file, which may be one of another file.
    pub(crate) fn find_word(&self, module: usize, word: &Word<'_>) -> Option<usize> {
        let linked = self.file.linked_stage(word);
        linked.or_else(|| self.find(module, word))
    }
}

pub(crate) fn stages<'a>(file: &'a Dockerfile<'a>, names: &Names<'a>) -> Vec<Stage<'a>> {
    let modules = 0..=file.modules.len();
    let globals: Vec<_> = modules.map(|module| globals(file, module)).collect();
    let mut above: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    let mut stages = Vec::with_capacity(file.stages.len());
    for (index, parsed) in file.stages.iter().enumerate() {
        let module = parsed.module;
        let linked = file.linked_stage(&parsed.from.base);
        let named = expand(&parsed.from.base, file.escape, &globals[module]);
        let base = match (linked, named) {
            (Some(stage), _) => Base::Stage(stage),
            (None, None) => Base::Unknown,
            (None, Some(name)) if name == "scratch" => Base::Scratch,
            (None, Some(name)) => match above.get(&(module, lower(&name).as_ref())) {
                Some(stage) => Base::Stage(*stage),
                None => Base::Image(name),
            },
        };
        let mut stage = Stage {
            module,
            from: &parsed.from,
            instructions: &parsed.instructions,
            reads: Vec::new(),
            is_needed: false,
            is_shipped: false,
            is_target: false,
            may_ship: false,
            base,
        };
        if let Base::Stage(base) = stage.base {
            stage.reads.push(base);
        }
        let read = stage
            .copies()
            .filter_map(|(_, copy)| names.find_word(module, copy.from.as_ref()?));
        let read: Vec<usize> = read.collect();
        stage.reads.extend(read);
        stages.push(stage);
        if let Some(name) = &parsed.from.name {
            above.insert((module, name.as_str()), index);
        }
    }
    stages
}

/// Marks the target, what it needs, and whose files it has.
pub(crate) fn mark(stages: &mut [Stage<'_>], target: Option<usize>) {
    let Some(target) = target else { return };
    let mut shipped = Some(target);
    while let Some(stage) = shipped
        .and_then(|at| stages.get_mut(at))
        .filter(|stage| !stage.is_shipped)
    {
        stage.is_shipped = true;
        shipped = match stage.base {
            Base::Stage(base) => Some(base),
            _ => None,
        };
    }
    if let Some(stage) = stages.get_mut(target) {
        stage.is_target = true;
    }
    let mut open = vec![target];
    while let Some(at) = open.pop() {
        if let Some(stage) = stages.get_mut(at).filter(|stage| !stage.is_needed) {
            stage.is_needed = true;
            open.extend(&stage.reads);
        }
    }
    mark_what_may_ship(stages);
}

/// Marks what is an image of its own in the end, and what such a stage is built on.
pub(crate) fn mark_what_may_ship(stages: &mut [Stage<'_>]) {
    let mut is_read = vec![false; stages.len()];
    for read in stages.iter().flat_map(|stage| &stage.reads) {
        if let Some(is_read) = is_read.get_mut(*read) {
            *is_read = true;
        }
    }
    // A base stands above its stage.
    let mut is_base = vec![false; stages.len()];
    for (index, stage) in stages.iter_mut().enumerate().rev() {
        let flag = |flags: &[bool]| flags.get(index).copied().unwrap_or_default();
        let is_image = stage.is_target || (stage.from.name.is_some() && !flag(&is_read));
        stage.may_ship = is_image || flag(&is_base);
        if let Base::Stage(base) = stage.base
            && stage.may_ship
            && let Some(is_base) = is_base.get_mut(base)
        {
            *is_base = true;
        }
    }
}

/// The arguments above the first FROM of a file that have a value whatever the build says.
pub(crate) fn globals(file: &Dockerfile<'_>, module: usize) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for instruction in file.args_of(module) {
        let InstructionKind::Arg(items) = &instruction.kind else {
            continue;
        };
        for item in items {
            let value = item.value.as_ref();
            if let Some(value) = value.and_then(|value| expand(value, file.escape, &values)) {
                values.insert(item.key.to_string(), value);
            }
        }
    }
    values
}

/// A word with its variables filled in; none where a value is not known.
pub(crate) fn expand(word: &str, escape: char, values: &BTreeMap<String, String>) -> Option<String> {
    let expanded = Lexer::new(escape)
        .process_word(word, values, &Budget::new())
        .ok()?;
    expanded.unmatched.is_empty().then(|| expanded.text.into_owned())
}
