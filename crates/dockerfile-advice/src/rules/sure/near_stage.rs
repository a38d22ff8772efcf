//! An image whose name is nearly that of a stage.

use dockerfile_compile::{Edit, Fix};
use dockerfile_syntax::{Span, suggest};

use crate::rule::{Advice, Findings, Rule, RuleDoc};
use crate::subject::Adviser;

/// Names are compared with those of all stages as often as this, and then no more.
const MOST_LOOKS: usize = 1 << 20;
/// Of shorter names any two are alike.
const SHORTEST: usize = 4;
/// Images that are what they are called, whatever stages are.
const COMMON: [&str; 14] = [
    "alpine", "bash", "busybox", "centos", "debian", "docker", "fedora", "golang", "httpd", "nginx", "node",
    "python", "rust", "ubuntu",
];

pub(super) const RULE: Rule = Rule {
    name: "sure/near-stage",
    description: "A name that is nearly a stage's is that stage's",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A name that no stage has is that of an image, and with a slip in it, of an image that is not there, or of a stranger's.",
    cost: "None. Where the image or the build context is meant, write its tag, or another name for the stage.",
    bad: "FROM golang:1.25 AS builder\nRUN go build -o /app .\nFROM scratch\nCOPY --from=buidler /app /app\nENTRYPOINT [\"/app\"]\n",
    good: "FROM golang:1.25 AS builder\nRUN go build -o /app .\nFROM scratch\nCOPY --from=builder /app /app\nENTRYPOINT [\"/app\"]\n",
    fix: Some(fix),
    hadolint: &[],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    let mut looks = MOST_LOOKS;
    for stage in &adviser.stages {
        let mut look = |name: &str| near(adviser, stage.module, name, &mut looks);
        let is_stage = |from| adviser.stage_of(stage, from).is_some();
        let base = &stage.from.base;
        if stage.base.stage().is_none()
            && !is_stage(base)
            && let Some(close) = look(base)
        {
            findings.push(&stage.from.meta, base.span, message(base, &close));
        }
        for (instruction, copy) in stage.copies() {
            if let Some(from) = copy.from.as_ref().filter(|from| !is_stage(from))
                && let Some(close) = look(from)
            {
                findings.push(&instruction.meta, from.span, message(from, &close));
            }
        }
    }
    for run in &adviser.runs {
        let Some(stage) = adviser.stages.get(run.stage) else {
            continue;
        };
        for from in run.mounts.iter().map(|mount| &mount.from) {
            if adviser.stage_of(stage, from).is_none()
                && let Some(close) = near(adviser, stage.module, from, &mut looks)
            {
                findings.push(&run.instruction.meta, from.span, message(from, &close));
            }
        }
    }
}

fn message(name: &str, close: &str) -> String {
    format!("`{name}` is no stage of this file, so it is an image of that name (did you mean `{close}`?)")
}

/// The stage of a file whose name is nearly this one.
fn near(adviser: &Adviser<'_>, module: usize, name: &str, looks: &mut usize) -> Option<String> {
    let is_plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if !is_plain || name.len() < SHORTEST || COMMON.contains(&name) {
        return None;
    }
    let stages = &adviser.file.stages;
    *looks = looks.checked_sub(stages.len())?;
    let own = stages.iter().filter(|stage| stage.module == module);
    let names = own.filter_map(|stage| stage.from.name.as_deref());
    let names: Vec<&str> = names.filter(|name| name.len() >= SHORTEST).collect();
    suggest::nearest(name, &names, false)
}

/// Another stage may be meant after all.
fn fix(adviser: &Adviser<'_>, advice: &Advice) -> Option<Fix> {
    let span: Span = advice.span?;
    let (_, close) = advice.message.rsplit_once("did you mean `")?;
    let name = std::str::from_utf8(adviser.bytes(span)).ok()?;
    let is_name = advice.message.starts_with(&format!("`{name}`"));
    let edit = Edit {
        span,
        text: close.strip_suffix("`?)")?.to_owned(),
    };
    is_name.then(|| Fix {
        edits: vec![edit],
        is_safe: false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{marked, mended};
    use super::*;

    #[test]
    fn names_that_are_near() {
        let file = "FROM alpine:3 AS build\nFROM biuld\nRUN --mount=from=buld,target=/x y\nCOPY --from=BUILT /a /b\n";
        assert_eq!(marked(&RULE, file), ["biuld", "buld", "BUILT"]);
        for plain in ["build", "0", "build:1", "me/biuld", "$BIULD", "node", "other"] {
            let file =
                format!("FROM alpine:3 AS build\nFROM node AS nodes\nFROM x:1\nCOPY --from={plain} /a /b\n");
            assert_eq!(marked(&RULE, &file), [""; 0], "{plain}");
        }
    }

    #[test]
    fn the_stage_is_written() {
        let file = "FROM alpine:3 AS build\nFROM x:1\nRUN --mount=type=cache,target=/c --mount=from=buld,target=/x y\n";
        assert_eq!(mended(&RULE, file), file.replace("buld", "build"));
    }

    #[test]
    fn many_stages_end_it() {
        let stages: String = (0..2000).map(|at| format!("FROM x:1 AS stage-{at}\n")).collect();
        let copies = "COPY --from=stagy-12345 /a /b\n".repeat(1000);
        assert!(marked(&RULE, &(stages + &copies)).len() < 1000);
    }
}
