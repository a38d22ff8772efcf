//! A comment behind an instruction.

use dockerfile_syntax::{InstructionKind, Span, Word};

use dockerfile_compile::{Edit, Fix};

use crate::rule::{Advice, Findings, Rule, RuleDoc};
use crate::subject::Adviser;

pub(super) const RULE: Rule = Rule {
    name: "sure/late-comment",
    description: "A comment stands on a line of its own",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Only at the start of a line does a `#` begin a comment. Behind COPY and ADD its words are files to copy, and the last one the destination; behind WORKDIR and USER they are a part of the name.",
    cost: "None.",
    bad: "FROM alpine:3.22\nCOPY app.conf /etc/ # settings\n",
    good: "FROM alpine:3.22\n# settings\nCOPY app.conf /etc/\n",
    fix: Some(fix),
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    let instructions = adviser.stages.iter().flat_map(|stage| stage.instructions);
    for instruction in instructions {
        let said = match &instruction.kind {
            InstructionKind::Copy(copy) => hash(&copy.sources.paths, &copy.sources.dest),
            InstructionKind::Add(add) => hash(&add.sources.paths, &add.sources.dest),
            InstructionKind::Workdir(path) => inner(path).map(|span| (span, "a part of the path")),
            InstructionKind::User(user) => inner(user).map(|span| (span, "a part of the name")),
            _ => None,
        };
        if let Some((span, what)) = said {
            let message = format!(
                "the `#` begins no comment here, it is {what}: write the comment above, on a line of its own"
            );
            findings.push(&instruction.meta, span, message);
        }
    }
}

/// A `#` by itself among the sources, or where the destination is to be.
fn hash(paths: &[Word<'_>], dest: &Word<'_>) -> Option<(Span, &'static str)> {
    let is_hash = |word: &&Word<'_>| word.as_str() == "#";
    let source = paths.iter().skip(1).find(is_hash);
    let found = source.map(|word| (word.span, "a file to copy"));
    found.or_else(|| {
        Some(dest)
            .filter(is_hash)
            .map(|word| (word.span, "where to copy to"))
    })
}

/// A `#` behind a blank.
fn inner(word: &Word<'_>) -> Option<Span> {
    let at = word.find(" #")? + 1;
    let is_as_written = word.span.end - word.span.start == word.len();
    is_as_written.then(|| Span {
        start: word.span.start + at,
        end: word.span.start + at + 1,
    })
}

/// What is behind the `#` goes on the line above; files of those names are no longer copied.
fn fix(adviser: &Adviser<'_>, advice: &Advice) -> Option<Fix> {
    let at = advice.span?.start;
    let (before, behind) = adviser.source.split_at_checked(at)?;
    let start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    let line = before.get(start..)?;
    let comment = behind.split(|byte| matches!(byte, b'\n' | b'\r')).next()?;
    // Of an instruction in several lines the comment may be among its words.
    let is_first = adviser
        .file
        .instructions()
        .any(|instruction| instruction.meta.keyword.span.start == start);
    if !is_first || comment.ends_with(b"\\") {
        return None;
    }
    let above = Edit {
        span: Span { start, end: start },
        text: format!("{}\n", std::str::from_utf8(comment).ok()?.trim_end()),
    };
    let gone = Edit {
        span: Span {
            start: start + line.trim_ascii_end().len(),
            end: at + comment.len(),
        },
        text: String::new(),
    };
    Some(Fix {
        edits: vec![above, gone],
        is_safe: false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{findings, marked, mended};
    use super::*;

    #[test]
    fn where_a_comment_can_not_be() {
        let file = "FROM a:1\nCOPY x /x # note\nADD x /x #\nWORKDIR /x # y\nUSER me # y\nCOPY # /x\nCOPY a#b \"#\" /#\nRUN a # b\nWORKDIR /#x\n";
        assert_eq!(marked(&RULE, file), ["#"; 4]);
        let lines: Vec<usize> = findings(&RULE, file).iter().map(|(line, _, _)| *line).collect();
        assert_eq!(lines, [2, 3, 4, 5]);
    }

    #[test]
    fn it_goes_on_the_line_above() {
        let file = "FROM a:1\nCOPY x /x   # note of mine \nWORKDIR /x # y\r\nCOPY a \\\n b # c\n";
        let right = "FROM a:1\n# note of mine\nCOPY x /x\n# y\nWORKDIR /x\r\nCOPY a \\\n b # c\n";
        assert_eq!(mended(&RULE, file), right);
    }
}
