//! An archive that is copied, and unpacked by a RUN below.

use dockerfile_syntax::{Instruction, InstructionKind};

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::{Adviser, Step};

/// How archives end that ADD unpacks.
const ARCHIVES: [&str; 12] = [
    ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tb2", ".tar.xz", ".txz", ".tar.zst", ".tzst",
    ".tar.z",
];

/// What takes an archive's compression off, on its way to tar.
const UNPACKERS: [&str; 9] = [
    "gunzip", "zcat", "gzcat", "bunzip2", "bzcat", "unxz", "xzcat", "unzstd", "zstdcat",
];

/// How many copies above a RUN are looked at.
const MOST_COPIES: usize = 100;

pub(super) const RULE: Rule = Rule {
    name: "light/archive",
    description: "An archive of the context is unpacked by ADD, and not copied first",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "COPY puts the archive into a layer of its own, and there it stays, whatever is deleted below. ADD unpacks it, and the image has the files alone.",
    cost: "ADD unpacks all of it, and takes no folder off the names; where `--strip-components` is needed, mount the archive: `RUN --mount=type=bind,source=a.tar.gz,target=/a.tar.gz tar -xf /a.tar.gz --strip-components=1`.",
    bad: "FROM debian:13\nCOPY app.tar.gz /tmp/\nRUN tar -xzf /tmp/app.tar.gz -C /opt && rm /tmp/app.tar.gz\n",
    good: "FROM debian:13\nADD app.tar.gz /opt/\n",
    fix: None,
    hadolint: &["DL3010"],
};

/// A COPY of an archive whose unpacking was not seen yet.
struct Copied<'a> {
    instruction: &'a Instruction<'a>,
    /// The archives by their names in the image, and how they are called in the context.
    archives: Vec<(String, &'a str)>,
}

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    let mut runs = adviser.runs.iter().peekable();
    for (index, stage) in adviser.stages.iter().enumerate() {
        let mut copied: Vec<Copied<'_>> = Vec::new();
        for (at, instruction) in stage.instructions.iter().enumerate() {
            copied.extend(copied_archives(instruction).filter(|_| stage.may_ship));
            copied.drain(..copied.len().saturating_sub(MOST_COPIES));
            let Some(run) = runs.next_if(|run| (run.stage, run.index) == (index, at)) else {
                continue;
            };
            for step in run.steps(adviser) {
                let Some(target) = unpacks(&step) else { continue };
                copied.retain(|copy| {
                    let found = copy.archives.iter().find(|(name, _)| names(&step, name));
                    if let Some((_, source)) = found {
                        let message = format!(
                            "the archive stays in its layer: write `ADD {source} {target}/`, and leave the unpacking in {} out",
                            adviser.told_line(step.meta().lines.start)
                        );
                        let meta = &copy.instruction.meta;
                        findings.push(meta, meta.keyword.span, message);
                    }
                    found.is_none()
                });
            }
        }
    }
}

fn copied_archives<'a>(instruction: &'a Instruction<'a>) -> Option<Copied<'a>> {
    let InstructionKind::Copy(copy) = &instruction.kind else {
        return None;
    };
    if copy.from.is_some() {
        return None;
    }
    let dest = base_name(&copy.sources.dest);
    let sources = copy.sources.paths.iter().map(|path| path.as_str());
    let archives: Vec<(String, &str)> = if is_archive(dest) {
        sources.map(|source| (dest.to_owned(), source)).collect()
    } else {
        let sources = sources.filter(|source| is_archive(base_name(source)));
        sources
            .map(|source| (base_name(source).to_owned(), source))
            .collect()
    };
    (!archives.is_empty()).then_some(Copied {
        instruction,
        archives,
    })
}

/// Where a command unpacks to, if it does as ADD would.
fn unpacks(step: &Step<'_>) -> Option<String> {
    let command = step.command;
    let program = command.program()?;
    let words = command.arguments();
    if UNPACKERS.contains(&program) {
        return Some("/folder".to_owned());
    }
    let is_other = |word: &str| {
        ["--strip", "--transform", "--exclude", "--wildcards"]
            .iter()
            .any(|flag| word.starts_with(flag))
    };
    let is_tar = matches!(program, "tar" | "bsdtar" | "gtar");
    if !is_tar || words.iter().any(|word| is_other(word.prefix())) {
        return None;
    }
    let old = words.first().map_or("", |word| word.prefix());
    let is_old = !old.starts_with('-') && !old.contains(['.', '/']) && old.contains('x');
    if !is_old && !command.has_flag(&["-x", "--extract", "--get"]) {
        return None;
    }
    let target = command.flag_value(&["-C", "--directory"]);
    Some(
        target
            .map_or("/folder", |target| target.trim_end_matches('/'))
            .to_owned(),
    )
}

/// Whether an archive is among the arguments of a step.
fn names(step: &Step<'_>, archive: &str) -> bool {
    let words = step.command.arguments();
    words.iter().any(|word| {
        let raw = word.raw.trim_matches(['"', '\'']);
        base_name(raw.rsplit('=').next().unwrap_or(raw)) == archive
    })
}

fn is_archive(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ARCHIVES.iter().any(|end| lower.ends_with(end))
}

fn base_name(path: &str) -> &str {
    let path = path.trim_matches(['"', '\'']);
    path.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::findings;
    use super::*;

    #[test]
    fn unpacked_below() {
        for (file, line) in [
            ("COPY a.tgz /x/\nRUN tar -xf /x/a.tgz\n", Some(2)),
            ("COPY a.tgz /x/\nRUN tar xzf /x/a.tgz -C /y\n", Some(2)),
            (
                "COPY d/a.tar.xz /x/b.tar.xz\nRUN cd /x && tar --extract --file=b.tar.xz\n",
                Some(2),
            ),
            (
                "COPY a.tgz /x/\nRUN tar -xf /x/a.tgz --strip-components=1\n",
                None,
            ),
            ("COPY a.tgz /x/\nRUN tar -tf /x/a.tgz\n", None),
            ("COPY a.tgz /x/\nRUN tar -xf /x/b.tgz\n", None),
            ("COPY a.zip /x/\nRUN unzip /x/a.zip\n", None),
            ("COPY a.sql.gz /x/\nRUN gunzip /x/a.sql.gz\n", None),
            ("COPY a.tar.gz /x/\nRUN gunzip -c /x/a.tar.gz | tar x\n", Some(2)),
            ("COPY --from=b a.tgz /x/\nRUN tar -xf /x/a.tgz\n", None),
            ("COPY a.tgz /x/\nFROM b\nRUN tar -xf /x/a.tgz\n", None),
        ] {
            let found = findings(&RULE, &format!("FROM a\n{file}"));
            let lines: Vec<usize> = found.iter().map(|(line, ..)| *line).collect();
            assert_eq!(lines, line.into_iter().collect::<Vec<usize>>(), "{file}");
        }
    }

    #[test]
    fn says_where_to() {
        let file = "FROM a\nCOPY a.tgz b.tgz /x/\nRUN tar -C /y/ -xf /x/b.tgz\n";
        assert!(findings(&RULE, file)[0].2.contains("`ADD b.tgz /y/`"));
    }
}
