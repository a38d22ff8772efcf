//! The variables and users that a step finds, as far as the file says, and what a mount keeps out of a layer.

use std::collections::BTreeMap;

use dockerfile_syntax::instruction::run::{Mount, MountKind, Run};
use dockerfile_syntax::{Instruction, InstructionKind};
use shell_commands::Command;
use shell_commands::tools::{self, Cache};

/// How many commands above one are asked for a variable.
const MOST_ASKED: usize = 200;

/// How many stages below each other are looked through.
const MOST_BASES: usize = 100;

/// What ENV, ARG and USER say in each stage.
#[derive(Debug)]
pub(crate) struct Environment<'a> {
    stages: Vec<Set<'a>>,
}

/// What a stage sets.
#[derive(Debug)]
struct Set<'a> {
    base: Option<usize>,
    /// The values of each variable, and which instruction sets it.
    variables: BTreeMap<&'a str, Vec<(usize, &'a str)>>,
    users: Vec<(usize, &'a str)>,
}

/// A stage, and which of its instructions.
pub(crate) type At = (usize, usize);

impl<'a> Environment<'a> {
    /// Reads stages: which stage each is built on, and its instructions.
    pub(crate) fn of(stages: impl Iterator<Item = (Option<usize>, &'a [Instruction<'a>])>) -> Self {
        Self {
            stages: stages
                .map(|(base, instructions)| Set::of(base, instructions))
                .collect(),
        }
    }

    /// The value of a variable at an instruction, as it is written, without quotes around it.
    pub(crate) fn variable(&self, at: At, name: &str) -> Option<&'a str> {
        self.find(at, |set| set.variables.get(name).map(Vec::as_slice))
    }

    /// The user at an instruction, where the file says who it is.
    pub(crate) fn user(&self, at: At) -> Option<&'a str> {
        let user = self.find(at, |set| Some(&set.users))?;
        user.split(':').next()
    }

    /// What was set last above an instruction, in its stage or one that it is built on.
    fn find(
        &self,
        (mut stage, mut index): At,
        values: impl for<'s> Fn(&'s Set<'a>) -> Option<&'s [(usize, &'a str)]>,
    ) -> Option<&'a str> {
        for _ in 0..MOST_BASES {
            let set = self.stages.get(stage)?;
            let values = values(set).unwrap_or_default();
            let behind = values.partition_point(|(set_at, _)| *set_at < index);
            if let Some((_, value)) = behind.checked_sub(1).and_then(|last| values.get(last)) {
                return Some(value);
            }
            // A base stands above its stage.
            stage = set.base.filter(|base| *base < stage)?;
            index = usize::MAX;
        }
        None
    }
}

impl<'a> Set<'a> {
    fn of(base: Option<usize>, instructions: &'a [Instruction<'a>]) -> Self {
        let mut set = Self {
            base,
            variables: BTreeMap::new(),
            users: Vec::new(),
        };
        let unquoted = |value: &'a str| value.trim_matches(['"', '\'']);
        for (index, instruction) in instructions.iter().enumerate() {
            match &instruction.kind {
                InstructionKind::Env(pairs) => {
                    for pair in pairs {
                        let values = set.variables.entry(pair.key.as_str()).or_default();
                        values.push((index, unquoted(&pair.value)));
                    }
                }
                InstructionKind::Arg(items) => {
                    for item in items {
                        if let Some(value) = &item.value {
                            let values = set.variables.entry(item.key.as_str()).or_default();
                            values.push((index, unquoted(value)));
                        }
                    }
                }
                InstructionKind::User(user) => set.users.push((index, unquoted(user))),
                _ => {}
            }
        }
        set
    }
}

/// The value that a variable has for a command because of the script around it: `A=b x`, `env A=b x`, `export A=b; x`.
/// `before` are the commands above it, the nearest first.
pub(crate) fn set_in_script<'s>(
    command: &'s Command<'s>,
    before: impl Iterator<Item = &'s Command<'s>>,
    name: &str,
) -> Option<&'s str> {
    let value = |text: &'s str| text.strip_prefix(name)?.strip_prefix('=');
    let assigned = |command: &'s Command<'s>| command.assignments.iter().find(|one| one.name == name);
    if let Some(assigned) = assigned(command) {
        return Some(assigned.value.prefix());
    }
    if let Some(value) = command.wrappers().iter().find_map(|word| value(word.prefix())) {
        return Some(value);
    }
    before.take(MOST_ASKED).find_map(|other| {
        if matches!(other.program(), Some("export" | "declare" | "typeset")) {
            return other.arguments().iter().find_map(|word| value(word.prefix()));
        }
        let is_alone = other.words.is_empty();
        assigned(other).filter(|_| is_alone).map(|one| one.value.prefix())
    })
}

/// Whether a cache or a temporary file system is over a tool's cache, wherever base image and user have it.
pub(crate) fn is_mounted(mounts: &[Mount<'_>], cache: &Cache) -> bool {
    let is_kept_out = |kind| matches!(kind, MountKind::Cache | MountKind::Tmpfs);
    let mounts = mounts.iter().filter(|mount| is_kept_out(mount.kind));
    let mut targets = mounts.map(|mount| mount.target.trim_end_matches('/'));
    targets.any(|target| {
        let mut folder = cache.folder.strip_prefix('~').unwrap_or_default();
        while !folder.is_empty() {
            if target.ends_with(folder) {
                return true;
            }
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
        let mut moved = cache.variables.iter().map(|(_, rest)| *rest);
        moved.any(|rest| !rest.is_empty() && target.ends_with(rest))
    })
}

/// Whether a RUN asks for the cache of a tool by its name.
pub(crate) fn is_asked_for(run: &Run<'_>, cache: &Cache) -> bool {
    let mut tools = run.caches.iter().filter_map(|name| tools::find(name));
    tools.any(|tool| tool.caches.iter().any(|own| own.id == cache.id))
}

/// The name in `$name` and `${name}`.
pub(crate) fn variable(word: &str) -> Option<&str> {
    let name = word.strip_prefix('$')?;
    let name = name
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'))
        .unwrap_or(name);
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_instruction_finds() {
        let text = "FROM a AS a\nENV A=1 B=\"2\"\nUSER app:app\nFROM a\nRUN x\nENV A=3\nARG C D=4\nUSER root\nRUN x\n";
        let parsed = dockerfile_syntax::parse(text.as_bytes());
        let stages = parsed.dockerfile.stages.iter().zip([None, Some(0)]);
        let environment = Environment::of(stages.map(|(stage, base)| (base, stage.instructions.as_slice())));
        let values = |index: usize| ["A", "B", "C", "D"].map(|name| environment.variable((1, index), name));
        assert_eq!(values(0), [Some("1"), Some("2"), None, None]);
        assert_eq!(values(4), [Some("3"), Some("2"), None, Some("4")]);
        assert_eq!(
            [0, 4].map(|index| environment.user((1, index))),
            [Some("app"), Some("root")]
        );
    }

    #[test]
    fn what_a_script_sets() {
        let script = shell_commands::parse("A=5 x; export B=6 C=7; env A=8 y; C=9; z");
        let set = |index: usize| {
            let before = || script.commands.get(..index).unwrap_or_default().iter().rev();
            ["A", "B", "C"].map(|name| set_in_script(&script.commands[index], before(), name))
        };
        assert_eq!(set(0), [Some("5"), None, None]);
        assert_eq!(set(2), [Some("8"), Some("6"), Some("7")]);
        assert_eq!(set(4), [None, Some("6"), Some("9")]);
    }
}
