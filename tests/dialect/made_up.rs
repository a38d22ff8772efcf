//! Made-up files of the dialect.

use std::collections::BTreeMap;

use dockerfile_syntax::parse;

use super::{Others, hold, taken_in};

/// Numbers that look as if by chance, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count
    }

    fn one<'c>(&mut self, of: &[&'c str]) -> &'c str {
        of[self.below(of.len())]
    }

    /// A few of them, each with a blank behind it.
    fn some(&mut self, of: &[&str]) -> String {
        let some: Vec<&str> = of.iter().copied().filter(|_| self.below(3) == 0).collect();
        some.iter().map(|one| format!("{one} ")).collect()
    }
}

/// How many files are made up, and from where on: what `make parity` asks for, or else these.
fn asked(count: usize, seed: u64) -> (usize, Chance) {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let count = number("PLIMSOLL_FILES")
        .and_then(|count| usize::try_from(count).ok())
        .unwrap_or(count);
    let seed = number("PLIMSOLL_SEED").map_or(seed, |asked| asked.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    (count, Chance(seed))
}

const RUN_FLAGS: [&str; 8] = [
    "--strict",
    "--network=none",
    "--cache=go,apt",
    "--mount=type=cache,target=/x",
    "--mount=type=bind,from=$IMAGE,target=/y",
    "--mount=from=a,source=/z,target=/z",
    "--cache=pip",
    "\\\n  --no-cache=false",
];
const RUNS: [&str; 14] = [
    "make",
    "make | tee log || true",
    "make && \\\n  # why\n  make | test",
    "[ -e x ] || . ./env",
    "[\"make\", \"all\"]",
    "<<EOF\nmake\nmake | cat\nEOF",
    "<<-'E'\n\tmake\n\tE",
    "<<EOF\n#!/bin/bash -x\nmake\nEOF",
    "<<EOF\n#!/usr/bin/python3\nprint(1)\nEOF",
    "cat <<A <<B | sh\n1\nA\n2\nB",
    "bash -e <<EOF\nmake\nEOF",
    "<<EOF cat && \\\n  true\nx | y\nEOF",
    "\\\n\n  make",
    "echo \"a b\" '|'",
];
const COPY_FLAGS: [&str; 7] = [
    "--if-exists",
    "--if-exists=false",
    "--link",
    "--chown=1:2",
    "--parents",
    "--from=$IMAGE",
    "--from=0",
];
const COPIES: [&str; 9] = [
    "a /x/",
    "a/b ./c.d/ /x/",
    "*.lock - /x/",
    "[\"a b\", \"/x/\"]",
    "\\\n  a \\\n  b /x/",
    "a/../b/c /x/",
    "<<E d /x/\ntext\nE",
    "/lib/x /var/run/y /x/",
    "dir/$NAME /x/",
];
const OTHERS: [&str; 8] = [
    "ENV NAME=value",
    "USER 1000:100",
    "ENV HOME=/home/app",
    "SHELL [\"/bin/bash\", \"-c\"]",
    "SHELL [\"pwsh\", \"-Command\"]",
    "WORKDIR /w",
    "# a comment",
    "ARG NAME=local",
];

/// A file of a few stages.
fn made_up(chance: &mut Chance) -> String {
    let head = chance.one(&[
        "# plimsoll=1\n",
        "# a comment\n# plimsoll=1,strict\n",
        "#plimsoll=1\r\n",
    ]);
    let mut text = format!("# syntax=x\n{head}ARG IMAGE=registry.example.com/i:1\n");
    for stage in ["a", "b", "c"] {
        let base = chance.one(&["alpine", "a", "$IMAGE", "scratch"]);
        let base = if stage == "a" && base == "a" {
            "debian"
        } else {
            base
        };
        text += &format!("FROM {base} AS {stage}\n");
        for _ in 0..chance.below(5) {
            let before = chance.one(&["", "", "", "ONBUILD "]);
            text += &match chance.below(4) {
                0 => chance.one(&OTHERS).to_owned(),
                1 => format!("{before}COPY {}{}", chance.some(&COPY_FLAGS), chance.one(&COPIES)),
                2 => format!("ADD {}{}", chance.some(&COPY_FLAGS[..4]), chance.one(&COPIES)),
                _ => format!("{before}RUN {}{}", chance.some(&RUN_FLAGS), chance.one(&RUNS)),
            };
            text += "\n";
        }
    }
    text
}

/// A few instructions of a stage.
fn instructions(chance: &mut Chance, sources: &[&str]) -> String {
    let mut text = String::new();
    for _ in 0..chance.below(4) {
        text += &match chance.below(5) {
            0 => chance.one(&OTHERS).to_owned(),
            1 => format!("COPY --from={} /a /b", chance.one(sources)),
            2 => format!(
                "RUN --mount=from={},target=/m {}",
                chance.one(sources),
                chance.one(&RUNS)
            ),
            3 => "INCLUDE parts/common".to_owned(),
            _ => format!("# why\nRUN {}", chance.one(&RUNS)),
        };
        text += "\n";
    }
    text
}

/// A file that takes in others.
fn made_up_files(chance: &mut Chance) -> (String, Others) {
    let heads = [
        "# plimsoll=1\n",
        "# plimsoll=1,strict\n",
        "# syntax=x\n# plimsoll=1\n\n# about\n",
    ];
    let mut others = Others::new();
    let mut other = |name: &str, text: String| drop(others.insert(name.to_owned(), text.into_bytes()));
    let head = chance.one(&heads);
    other(
        "parts/common",
        format!("{head}ENV C=1\nRUN {}\n", chance.one(&RUNS)),
    );
    let head = chance.one(&heads);
    let image = chance.one(&["alpine:$V", "debian"]);
    other(
        "shared",
        format!(
            "{head}# the version\nARG V=1\nFROM {image} AS shared\n{}FROM shared AS more\n",
            instructions(chance, &["0", "shared", "alpine"])
        ),
    );
    let head = chance.one(&heads);
    let base = chance.one(&["first", "scratch", "alpine:$W"]);
    let module = instructions(chance, &["0", "first", "debian"]);
    other(
        "modules/m.Dockerfile",
        format!(
            "{head}ARG W=2\nFROM debian AS first\n{}FROM {base} AS second\nARG W\n{module}FROM first\n{}",
            instructions(chance, &["debian"]).replace("parts/", "../parts/"),
            instructions(chance, &["1", "second"]).replace("parts/", "../parts/"),
        )
        .replace("INCLUDE parts/", "INCLUDE ../parts/"),
    );
    let module = "./modules/m.Dockerfile#";
    let named = ["first", "second", "2"].map(|stage| format!("{module}{stage}"));
    let [first, second, third] = &named;
    let mut text = chance.one(&heads).to_owned();
    let includes = chance.below(3) > 0;
    text += chance.one(&[
        "ARG IMAGE=alpine\n",
        "ARG V=1\nARG IMAGE=x\n",
        "ARG IMAGE=1 W=3\n",
    ]);
    let mut sources = vec![first.as_str(), second, third, "0", "alpine"];
    if includes {
        text += "INCLUDE shared\n";
        sources.extend(["shared", "more", "1"]);
    }
    let base = chance.one(&["alpine", second, third, if includes { "more" } else { "debian" }]);
    text += &format!(
        "FROM {base} AS a\n{}FROM {} AS first\nARG V\n{}",
        instructions(chance, &sources),
        chance.one(&["a", "$IMAGE", first]),
        instructions(chance, &sources)
    );
    (text, others)
}

#[test]
fn made_up_files_and_their_plain_forms_are_one() {
    let (count, mut chance) = asked(3000, 42);
    let mut counts = BTreeMap::new();
    for _ in 0..count {
        let text = made_up(&mut chance);
        if !parse(text.as_bytes()).errors.is_empty() {
            continue;
        }
        *counts
            .entry(hold("made up", text.as_bytes(), &Others::new()))
            .or_insert(0) += 1;
    }
    let said = counts.get(&true).copied().unwrap_or_default();
    assert!(said > count / 10, "too few could be said: {counts:?}");
}

#[test]
fn made_up_files_that_take_in_others_can_be_one() {
    let (count, mut chance) = asked(2000, 7);
    let mut counts = BTreeMap::new();
    for _ in 0..count {
        let (text, others) = made_up_files(&mut chance);
        if taken_in(text.as_bytes(), &others).parse().errors.is_empty() {
            let is_said = hold("made up", text.as_bytes(), &others);
            *counts.entry(is_said).or_insert(0) += 1;
        }
    }
    let said = counts.get(&true).copied().unwrap_or_default();
    assert!(said > count / 10, "too few could be said: {counts:?}");
}
