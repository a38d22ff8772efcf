//! A file of the dialect and its plain form give the same operations: every case, every example, and made-up files.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod made_up;

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
