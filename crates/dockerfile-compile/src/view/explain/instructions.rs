//! What instructions declare and name.

use std::collections::BTreeSet;

use dockerfile_syntax::expand::{Env, Lexer};
use dockerfile_syntax::instruction::pairs_file::PairsOf;
use dockerfile_syntax::{Budget, InstructionKind};

use crate::lower::Lowering;
use crate::plan::{Command, StageId};

/// The variables that an `ARG` or `ENV` sets.
pub(super) fn declared<'c>(
    lowering: &'c Lowering<'_, '_>,
    stage: StageId,
    command: &'c Command<'_>,
) -> Vec<&'c str> {
    match &command.instruction.kind {
        InstructionKind::Arg(items) => items.iter().map(|item| item.key.as_str()).collect(),
        InstructionKind::Env(pairs) => pairs.iter().map(|pair| pair.key.as_str()).collect(),
        InstructionKind::PairsFile(file) if file.of != PairsOf::Label => {
            let pairs = lowering.pairs.at(stage, command.instruction.meta.lines);
            pairs.iter().map(|pair| pair.key.as_str()).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether an instruction makes files.
pub(super) fn is_step(kind: &InstructionKind<'_>) -> bool {
    matches!(
        kind,
        InstructionKind::Run(_)
            | InstructionKind::Copy(_)
            | InstructionKind::Add(_)
            | InstructionKind::Workdir(_)
    )
}

/// The variables of `env` that a text names.
pub(super) fn named(lexer: &Lexer, text: &str, (env, budget): (&dyn Env, &Budget)) -> BTreeSet<String> {
    if !text.contains('$') {
        return BTreeSet::new();
    }
    let expanded = lexer.process_word(text, env, budget);
    expanded.map(|expanded| expanded.matched).unwrap_or_default()
}
