//! A file of the dialect and its plain form give the same operations: every case, every example, and made-up files.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use dockerfile_compile::{
    Answer, Answers, BuildOptions, Compiled, FileAnswer, Files, Need, PairsAnswer, SourceFile, Step, assumed,
    compile, flatten, plain,
};
use dockerfile_syntax::parse;
use llb_graph::digest;
use plimsoll_parity::{CaseFile, case_paths};

/// What a file comes to, where everything that it asks for is there and empty; nothing where it is refused.
fn compiled(text: &[u8], change: impl Fn(&mut BuildOptions)) -> Option<Compiled> {
    let others = Others::new();
    compiled_of(&taken_in(text, &others), &others, change)
}

/// Files beside a Dockerfile, by their paths.
type Others = BTreeMap<String, Vec<u8>>;

/// A Dockerfile with the files that it takes in.
fn taken_in(text: &[u8], others: &Others) -> Files {
    let mut files = Files::new(SourceFile::new("Dockerfile", text.to_owned()));
    loop {
        let lacking = files.lacking();
        if lacking.is_empty() {
            return files;
        }
        files.add(lacking.into_iter().map(|request| {
            let answer = match others.get(&request.path) {
                Some(data) => FileAnswer::Found {
                    data: data.clone().into(),
                    definition: None,
                },
                None => FileAnswer::Failed("it is not there".to_owned()),
            };
            (request, answer)
        }));
    }
}

fn compiled_of(files: &Files, others: &Others, change: impl Fn(&mut BuildOptions)) -> Option<Compiled> {
    let text = &files.source().data;
    let parsed = files.parse();
    assert!(
        parsed.errors.is_empty(),
        "{:?}\n{}",
        parsed.errors,
        String::from_utf8_lossy(text)
    );
    let mut options = BuildOptions::new(Arc::clone(files.source()));
    change(&mut options);
    let mut answers = Answers::new();
    loop {
        match compile(&parsed.dockerfile, &options, &answers).value.ok()? {
            Step::Done(compiled) => return Some(*compiled),
            Step::Needs(needs) => {
                for need in needs {
                    let answer = match &need {
                        Need::ContextFile(path) => in_context(others, path),
                        _ => assumed(&need, &options),
                    };
                    answers.insert(need, answer);
                }
            }
        }
    }
}

/// A file of the context; one that nobody wrote is there and empty.
fn in_context(others: &Others, path: &str) -> Answer {
    let path = path.trim_start_matches('/');
    let others = others.iter();
    let mut same = others.filter(|(name, _)| name.strip_suffix(" in context").unwrap_or(name) == path);
    let data = same.next().map(|(_, data)| data.clone()).unwrap_or_default();
    Answer::File(Arc::new(PairsAnswer::Found(data)))
}

/// The plain form of a file; the messages of what can't be said.
fn plain_form(text: &[u8], others: &Others) -> Result<Vec<u8>, Vec<String>> {
    let all = compiled_of(&taken_in(text, others), others, |options| {
        options.all_stages = true;
        options.is_question = true;
    });
    let plain = plain(text, all.as_ref());
    plain.map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

/// The operations of a file's last stage, by their digests.
fn operations(text: &[u8]) -> Option<Vec<String>> {
    let definition = compiled(text, |_| {})?.definition.decode().unwrap();
    Some(definition.def.iter().map(|op| digest(op)).collect())
}

/// Whether the file could be said; fails where its plain form does something else.
#[track_caller]
fn hold(name: &str, text: &[u8], others: &Others) -> bool {
    let shown = String::from_utf8_lossy(text);
    let files = taken_in(text, others);
    let Some(whole) = compiled_of(&files, others, |_| {}) else {
        return false;
    };
    let definition = whole.definition.decode().unwrap();
    let expected: Vec<String> = definition.def.iter().map(|op| digest(op)).collect();
    let flat = match files.source().parts.is_empty() {
        true => text.to_owned(),
        false => match flatten(&files.parse().dockerfile, files.source()) {
            Ok(flat) => flat.text,
            Err(_) => return false,
        },
    };
    let Ok(plain) = plain_form(&flat, others) else {
        return false;
    };
    let plain_text = String::from_utf8_lossy(&plain);
    assert!(!parse(&plain).dockerfile.dialect.is_on, "{name}:\n{plain_text}");
    let found = operations(&plain);
    assert_eq!(
        found.as_ref(),
        Some(&expected),
        "{name}:\n{shown}\n{}\n=>\n{plain_text}",
        others
            .iter()
            .map(|(name, text)| format!("== {name}\n{}", String::from_utf8_lossy(text)))
            .collect::<String>()
    );
    true
}

#[test]
fn cases_and_their_plain_forms_are_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut said = Vec::new();
    for (name, path) in case_paths(&folder).unwrap() {
        let case = CaseFile::parse(&fs::read_to_string(path).unwrap()).unwrap();
        let file = case.given.iter().find(|section| section.name == "Dockerfile");
        let Some(file) = file.filter(|_| name.starts_with("dialect/")) else {
            continue;
        };
        let others = case.given.iter();
        let others = others.map(|section| (section.name.clone(), section.content.clone()));
        let others = others.collect();
        if taken_in(&file.content, &others).parse().errors.is_empty() && hold(&name, &file.content, &others) {
            said.push(name);
        }
    }
    for name in [
        "cache",
        "from-variables",
        "if-exists",
        "strict",
        "strict-by-default",
        "strict-onbuild",
        "include/stages",
        "include/instructions",
        "env-file/global",
    ] {
        let name = format!("dialect/{name}");
        assert!(said.contains(&name), "{name} can't be said");
    }
}

/// All files below a folder.
fn read_folder(folder: &Path, before: &str, into: &mut Others) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{before}{}", entry.file_name().to_str().unwrap());
        match entry.path().is_dir() {
            true => read_folder(&entry.path(), &format!("{name}/"), into),
            false => drop(into.insert(name, fs::read(entry.path()).unwrap())),
        }
    }
}

/// Examples of what an ordinary Dockerfile can't say.
const UNSAYABLE: [&str; 5] = ["env-file", "lock", "no-cache", "required", "unset"];

#[test]
fn examples_and_their_plain_forms_are_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/dialect");
    let mut count = 0;
    for example in fs::read_dir(folder).unwrap() {
        let path = example.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            let mut others = Others::new();
            read_folder(&path, "", &mut others);
            let is_said = hold(name, &others["Dockerfile"], &others);
            assert_eq!(is_said, !UNSAYABLE.contains(&name), "{name}");
            count += 1;
        }
    }
    assert!(count >= 6, "only {count} examples were found");
}

/// The page shows what `plimsoll plain` makes of each file that can be said.
#[test]
fn the_page_shows_plain_forms() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dialect.md");
    let page = fs::read_to_string(page).unwrap();
    let blocks = page.split("```dockerfile\n").skip(1);
    let blocks: Vec<&str> = blocks.map(|block| block.split("```").next().unwrap()).collect();
    let mut pairs = 0;
    for (index, block) in blocks.iter().enumerate() {
        if !parse(block.as_bytes()).dockerfile.dialect.is_on {
            continue;
        }
        assert!(compiled(block.as_bytes(), |_| {}).is_some(), "{block}");
        let next = blocks.get(index + 1);
        if let Some(plain) = next.filter(|next| !next.contains("plimsoll=1")) {
            let found = plain_form(block.as_bytes(), &Others::new()).unwrap();
            assert_eq!(String::from_utf8_lossy(&found), *plain);
            assert!(hold("docs/dialect.md", block.as_bytes(), &Others::new()));
            pairs += 1;
        }
    }
    assert!(pairs >= 4, "only {pairs} pairs were found");
}

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

#[test]
fn what_cannot_be_said_is_named() {
    for (line, message) in [
        ("RUN --no-cache make", "--no-cache: an ordinary Dockerfile can't"),
        ("COPY --no-cache a /", "--no-cache"),
        ("COPY --if-exists $FILE /", "`$FILE` shows no letter"),
        ("COPY --if-exists a'b' /", "shows no letter"),
        ("UNSET ENV A", "can't take ENV out again"),
        ("ONBUILD COPY --from=$IMAGE /a /a", "a trigger is read where"),
        ("COPY --from='$IMAGE' /a /a", "it has quotes"),
        ("ONBUILD RUN --cache=go make", "--cache: which folders"),
    ] {
        let text = format!("# plimsoll=1\nARG IMAGE=i\nFROM scratch\nARG FILE=f\n{line}\n");
        let errors = plain_form(text.as_bytes(), &Others::new()).unwrap_err();
        let [error] = &errors[..] else {
            panic!("{line}: {errors:?}")
        };
        assert!(error.contains(message), "{line}: {error}");
    }
    let numbered = b"# plimsoll=1\nARG N=0\nFROM scratch\nFROM scratch\nCOPY --from=$N /a /a\n";
    assert!(plain_form(numbered, &Others::new()).is_err());
}

#[test]
fn all_else_stays_byte_for_byte() {
    let ordinary = "FROM a\r\n\r\n# why \nRUN  x\t\\\n # y\n z";
    let file = format!("# syntax=x\n# plimsoll=1\n{ordinary}");
    assert_eq!(
        plain_form(file.as_bytes(), &Others::new()).unwrap(),
        format!("# syntax=x\n{ordinary}").as_bytes()
    );
    assert_eq!(
        plain_form(ordinary.as_bytes(), &Others::new()).unwrap(),
        ordinary.as_bytes()
    );
    let twice = format!("# plimsoll=1\n# x\n#plimsoll=1,strict\n{ordinary}");
    assert_eq!(
        plain_form(twice.as_bytes(), &Others::new()).unwrap(),
        format!("# x\n{ordinary}").as_bytes()
    );
}

#[test]
fn pairs_of_files_are_written_out() {
    let text = "# escape=`\n# plimsoll=1\nARG --file=versions\nFROM alpine:$V AS a\nENV --file=a.env\nRUN echo $A\nENV `\n  --file=none\nARG --file=/a.env\nRUN echo $B\n";
    for (escape, text) in [('`', text.to_owned()), ('\\', text.replace('`', "\\"))] {
        let others = Others::from([
            ("versions".to_owned(), b"V=3\n".to_vec()),
            (
                "a.env".to_owned(),
                b"A='a $B \"c\" \\d `e # f'\nB=\nC=http://x/#y\nD=\xc3\xa9\ntail=\"x\\\\\"\n".to_vec(),
            ),
        ]);
        assert!(hold("pairs", text.as_bytes(), &others), "{escape}");
        let plain = String::from_utf8(plain_form(text.as_bytes(), &others).unwrap()).unwrap();
        assert!(
            plain.contains("ARG V=3\n") && !plain.contains("--file"),
            "{plain}"
        );
    }
    let text = "# plimsoll=1\nFROM alpine\nENV --file=a\nENV --file=/a --from=alpine\nONBUILD ENV --file=a\n";
    let others = Others::from([("a".to_owned(), b"A=\"x\\ny\"\nB=1\n".to_vec())]);
    let errors = plain_form(text.as_bytes(), &others).unwrap_err();
    assert_eq!(errors.len(), 3, "{errors:#?}");
    assert!(
        errors[0].contains("no line breaks") && errors[0].contains("`A`"),
        "{}",
        errors[0]
    );
}
