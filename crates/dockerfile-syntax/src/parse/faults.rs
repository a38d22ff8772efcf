//! All that is wrong with an instruction, and what is missing without it.

use super::{Begin, Parser, Typed};
use crate::ast::{Gap, Missing, Stage};
use crate::error::{Fault, SyntaxErrorKind};
use crate::instruction::{self, from};
use crate::line::Logical;
use crate::meta::Meta;
use crate::parts::Head;
use crate::span::{Place, Span};
use crate::suggest;
use crate::text;
use crate::word::Word;

/// How often an instruction is read again.
const MAX_FAULTS: usize = 8;

/// Whether pairs lack that a file may have.
fn lacks_pairs(kind: &SyntaxErrorKind) -> bool {
    let SyntaxErrorKind::NoArguments { instruction } = kind else {
        return false;
    };
    ["ARG", "ENV", "LABEL"].contains(instruction)
}

impl<'a> Parser<'a> {
    /// Notes what is wrong with an instruction. Where it is a flag, that one is taken away and the rest read again; gives
    /// the instruction where nothing else is wrong with it.
    pub(super) fn faults(
        &mut self,
        line: &Logical<'a>,
        begin: Begin<'a>,
        (first, meta): (Fault, &Meta<'a>),
        whole: Place,
    ) -> Option<(Typed<'a>, Meta<'a>)> {
        let Begin {
            head,
            lines,
            allowance,
        } = begin;
        let end = (self.lines.clone(), self.allowance.clone());
        let known = self.errors.len();
        let mut flags = head.flags;
        let mut next = Some(first);
        let mut left = None;
        for _ in 0..MAX_FAULTS {
            let Some(fault) = next.take() else { break };
            let at = fault.span;
            self.error(fault.kind, meta.lines.with(at.unwrap_or(whole.span)));
            let is_in = |span: Span| at.is_some_and(|at| span.start <= at.start && at.end <= span.end);
            let Some(wrong) = flags.iter().position(|flag| is_in(flag.span)) else {
                break;
            };
            let gone = flags.remove(wrong);
            // A flag without a value may have it among the words.
            if self.too_large || gone.value.is_none() {
                break;
            }
            (self.lines, self.allowance) = (lines.clone(), allowance.clone());
            let again = Head {
                keyword: head.keyword.clone(),
                flags: flags.clone(),
                rest: head.rest.clone(),
            };
            let mut meta = meta.clone();
            match self.read(line, again, &mut meta) {
                Ok(typed) => left = Some((typed, meta)),
                // The flag was to bring them.
                Err(fault) if lacks_pairs(&fault.kind) => break,
                Err(fault) => next = Some(fault),
            }
        }
        (self.lines, self.allowance) = end;
        // Lines of heredocs that were read more than once have one error all the same.
        for error in self.errors.split_off(known) {
            if !self.errors.contains(&error) {
                self.errors.push(error);
            }
        }
        left
    }

    /// Notes what is missing where an instruction is left out. A stage whose `FROM` is wrong is a stage all the same.
    pub(super) fn leave_out(&mut self, meta: &Meta<'a>, words: &[Word<'a>]) {
        let near = suggest::nearest(&meta.keyword, &instruction::NAMES, false);
        let name = text::upper(near.as_deref().unwrap_or(&meta.keyword));
        let is_known = near.is_some() || instruction::NAMES.contains(&name.as_str());
        let missing = match name.as_str() {
            "FROM" if self.source.elsewhere.is_none() => {
                self.end_stage();
                let from = Box::new(from::stand_in(words, meta.clone()));
                let missing = match from.name {
                    Some(_) => Missing::Base,
                    None => Missing::Stage,
                };
                self.file.stages.push(Stage {
                    from,
                    instructions: Vec::new(),
                    module: 0,
                });
                missing
            }
            "ARG" | "ENV" => Missing::Variables,
            _ if is_known => return,
            _ => Missing::Variables,
        };
        self.gaps.push(Gap {
            lines: meta.lines,
            missing,
        });
    }
}
