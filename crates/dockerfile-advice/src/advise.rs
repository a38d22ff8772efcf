//! Asking the rules.

use std::collections::BTreeMap;

use dockerfile_compile::Fix;
use dockerfile_syntax::sort;
use dockerfile_syntax::{LineRange, Meta};

use crate::comments::is_ignored;
use crate::rule::{Advice, Findings};
use crate::rules::{rule_docs, rules};
use crate::selection::Selection;
use crate::subject::Adviser;

/// More advice than this helps nobody, and takes memory.
const MOST_ADVICE: usize = 10_000;

impl<'a> Adviser<'a> {
    /// What the rules that are wanted have to say, in file order. Comments above an instruction
    /// (`# plimsoll ignore=RULE`) silence them.
    #[must_use]
    pub fn advise(&self, selection: &Selection) -> Vec<Advice> {
        let mut advice = Vec::new();
        for rule in rules().filter(|rule| selection.wants(rule.name)) {
            let mut findings = Findings::default();
            (rule.check)(self, &mut findings);
            advice.extend(findings.found.into_iter().map(|finding| Advice {
                rule: rule.name,
                description: rule.description,
                message: finding.message,
                lines: finding.lines,
                span: finding.span,
            }));
        }
        sort::sort_by_key(&mut advice, |advice| {
            (advice.lines.start, advice.span.map(|span| span.start))
        });
        let ignored = self.comments();
        advice.retain(|advice| {
            let comments = ignored.get(&advice.lines.start);
            !comments.is_some_and(|meta| is_ignored(&meta.comments, advice.rule))
        });
        advice.truncate(MOST_ADVICE);
        self.narrow(&mut advice);
        advice
    }

    /// Of the lines of an instruction leaves those that the advice is about.
    fn narrow(&self, advice: &mut [Advice]) {
        let ends = self.source.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let ends: Vec<usize> = ends.map(|(at, _)| at).collect();
        let line = |offset: usize| ends.partition_point(|end| *end < offset) + 1;
        for advice in advice {
            let Some(span) = advice.span.filter(|span| span.start < span.end) else {
                continue;
            };
            let part = LineRange::new(line(span.start), line(span.end - 1));
            if advice.lines.start <= part.start && part.end <= advice.lines.end {
                advice.lines = part;
            }
        }
    }

    /// How a program can mend what a rule found; `None` where a person must think.
    #[must_use]
    pub fn fix(&self, advice: &Advice) -> Option<Fix> {
        let doc = rule_docs().find(|doc| doc.name() == advice.rule)?;
        doc.fix.and_then(|mend| mend(self, advice))
    }

    /// The instructions that have comments above them, by their first line.
    fn comments(&self) -> BTreeMap<usize, &'a Meta<'a>> {
        let froms = self.file.stages.iter().map(|stage| &stage.from.meta);
        let others = self.file.instructions().map(|instruction| &instruction.meta);
        let metas = froms.chain(others).filter(|meta| !meta.comments.is_empty());
        // Unlike `collect` this links no sort in.
        let mut comments = BTreeMap::new();
        comments.extend(metas.map(|meta| (meta.lines.start, meta)));
        comments
    }
}
