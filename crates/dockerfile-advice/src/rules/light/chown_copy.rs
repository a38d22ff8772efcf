//! Files that are copied, and then written again because of their owner.

use dockerfile_compile::{Edit, Fix};
use dockerfile_syntax::{Instruction, InstructionKind, Span};
use shell_commands::Word;

use crate::rule::{Advice, Findings, Rule, RuleDoc};
use crate::stages::Stage;
use crate::subject::{Adviser, Step};

/// How many copies above a `chown` are looked at.
const MOST_COPIES: usize = 100;

pub(super) const RULE: Rule = Rule {
    name: "light/chown-copy",
    description: "COPY says whose the files are, and no `chown` below it",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A layer holds whole files. `chown -R` writes each of them into a layer again, so what was copied is in the image twice.",
    cost: "None for what is copied. The folder itself keeps its owner where it was there before, such as that of a WORKDIR.",
    bad: "FROM node:24\nCOPY app /app\nRUN chown -R node:node /app\n",
    good: "FROM node:24\nCOPY --chown=node:node app /app\n",
    fix: Some(fix),
    hadolint: &[],
};

/// A `chown`, and the COPY or ADD whose files it changes.
struct Doubled<'a> {
    step: Step<'a>,
    copied: &'a Instruction<'a>,
    /// The owner, as it is written.
    owner: &'a str,
}

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for doubled in doubled(adviser) {
        let Doubled { step, copied, owner } = doubled;
        let message = format!(
            "this writes all that {} copied a second time: write `{} --chown={owner}` there",
            adviser.told_line(copied.meta.lines.start),
            copied.kind.name(),
        );
        findings.push_step(&step, message);
    }
}

fn doubled<'a>(adviser: &'a Adviser<'a>) -> Vec<Doubled<'a>> {
    let mut found = Vec::new();
    let mut runs = adviser.runs.iter().peekable();
    for (index, stage) in adviser.stages.iter().enumerate() {
        let mut directory = String::new();
        let mut copies: Vec<(String, &Instruction<'_>)> = Vec::new();
        for (at, instruction) in stage.instructions.iter().enumerate() {
            match &instruction.kind {
                InstructionKind::Workdir(path) => directory = absolute(&directory, path),
                InstructionKind::Copy(copy) if copy.chown.is_none() => {
                    copies.push((absolute(&directory, &copy.sources.dest), instruction));
                }
                InstructionKind::Add(add) if add.chown.is_none() => {
                    copies.push((absolute(&directory, &add.sources.dest), instruction));
                }
                _ => {}
            }
            let Some(run) = runs.next_if(|run| (run.stage, run.index) == (index, at)) else {
                continue;
            };
            if !stage.may_ship || copies.is_empty() {
                continue;
            }
            for step in run.steps(adviser) {
                let Some((owner, paths)) = recursive_chown(&step) else {
                    continue;
                };
                let paths: Vec<String> = paths.iter().map(|path| absolute(&directory, path.raw)).collect();
                let is_below = |dest: &str| paths.iter().any(|path| is_in(dest, path));
                let first = copies.len().saturating_sub(MOST_COPIES);
                let near = copies.get(first..).unwrap_or_default();
                if let Some(place) = near.iter().rposition(|(dest, _)| is_below(dest)) {
                    let (_, copied) = copies.remove(first + place);
                    found.push(Doubled { step, copied, owner });
                }
            }
        }
    }
    found
}

/// The owner and the paths of a `chown -R`.
fn recursive_chown<'a>(step: &Step<'a>) -> Option<(&'a str, &'a [Word<'a>])> {
    let command = step.command;
    if command.program() != Some("chown") || !command.has_flag(&["-R", "--recursive"]) {
        return None;
    }
    let words = command.arguments();
    let at = words.iter().position(|word| !word.prefix().starts_with('-'))?;
    let owner = words.get(at)?;
    // What a shell works out no COPY can.
    let is_known = !owner.raw.contains(['(', '`', '"', '\'']);
    let paths = words.get(at + 1..)?;
    is_known.then_some((owner.raw, paths))
}

/// A path below a directory, without `.`, quotes and slashes at its end; what is not known stays away.
fn absolute(directory: &str, path: &str) -> String {
    let path = path.trim_matches(['"', '\'']);
    let path = path.strip_suffix("/*").unwrap_or(path).trim_end_matches('/');
    if path.starts_with('/') || path.starts_with('$') || path.is_empty() {
        return path.to_owned();
    }
    match path.trim_start_matches("./") {
        "." | "*" => directory.to_owned(),
        path => format!("{directory}/{path}"),
    }
}

fn is_in(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    !folder.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Where the COPY stands right above, and the RUN does nothing else.
fn fix(adviser: &Adviser<'_>, advice: &Advice) -> Option<Fix> {
    let run = adviser.run_at(advice.lines)?;
    let stage: &Stage<'_> = adviser.stages.get(run.stage)?;
    let above = stage.instructions.get(run.index.checked_sub(1)?)?;
    let dest = match &above.kind {
        InstructionKind::Copy(copy) if copy.chown.is_none() => &copy.sources.dest,
        InstructionKind::Add(add) if add.chown.is_none() => &add.sources.dest,
        _ => return None,
    };
    let mut steps = run.steps(adviser);
    let (step, None) = (steps.next()?, steps.next()) else {
        return None;
    };
    // Behind the last command of a heredoc there is its end.
    if step.is_in_heredoc() {
        return None;
    }
    let (owner, paths) = recursive_chown(&step)?;
    // Both start from the same directory.
    let [path] = paths else { return None };
    let (dest, path) = (absolute("", dest), absolute("", path.raw));
    if dest != path && !is_in(&dest, &path) {
        return None;
    }
    let at = above.meta.keyword.span.end;
    Some(Fix {
        edits: vec![
            Edit {
                span: Span::new(at, at),
                text: format!(" --chown={owner}"),
            },
            Edit {
                span: whole_lines(adviser, &step)?,
                text: String::new(),
            },
        ],
        is_safe: false,
    })
}

/// The lines of a RUN that ends with a step.
fn whole_lines(adviser: &Adviser<'_>, step: &Step<'_>) -> Option<Span> {
    let (keyword, end) = (step.meta().keyword.span.start, step.span()?.end);
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
    let before = adviser
        .source
        .get(..keyword)?
        .iter()
        .rev()
        .take_while(is_blank)
        .count();
    let rest = adviser.source.get(end..)?;
    let blanks = rest.iter().take_while(is_blank).count();
    let behind = match rest.get(blanks) {
        None => end + blanks,
        Some(b'\n') => end + blanks + 1,
        Some(_) => return None,
    };
    Some(Span::new(keyword - before, behind))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{marked, mended};
    use super::*;

    #[test]
    fn below_a_copy() {
        for (lines, found) in [
            ("COPY a /app\nRUN chown -R u:g /app\n", true),
            (
                "WORKDIR /app\nCOPY . .\nRUN x && chown --recursive u /app\n",
                true,
            ),
            ("WORKDIR /app\nCOPY . .\nRUN chown -R u .\n", true),
            ("ADD a /app/x\nRUN x\nRUN chown -R $U /app\n", true),
            ("COPY --chown=u a /app\nRUN chown -R u /app\n", false),
            ("COPY a /app\nRUN chown u /app/a\n", false),
            ("COPY a /app\nRUN chown -R u /application\n", false),
            ("COPY a /app\nRUN chown -R u /var/log\n", false),
            ("COPY a /app\nRUN chown -R $(id -u) /app\n", false),
            ("RUN chown -R u /app\nCOPY a /app\n", false),
        ] {
            assert_eq!(
                marked(&RULE, &format!("FROM a\n{lines}")).len(),
                usize::from(found),
                "{lines}"
            );
        }
    }

    #[test]
    fn right_above() {
        let file = "FROM a\nCOPY a /app\nRUN chown -R u:g \\\n  /app\nCMD x\n";
        assert_eq!(mended(&RULE, file), "FROM a\nCOPY --chown=u:g a /app\nCMD x\n");
        let more = "FROM a\nCOPY a /app\nRUN chown -R u /app && x\n";
        assert_eq!(mended(&RULE, more), more);
        let heredoc = "FROM a\nCOPY a /app\nRUN <<E\nchown -R u /app\nE\n";
        assert_eq!(mended(&RULE, heredoc), heredoc);
        let last = "FROM a\nCOPY a /app\nRUN chown -R u /app";
        assert_eq!(mended(&RULE, last), "FROM a\nCOPY --chown=u a /app\n");
    }
}
