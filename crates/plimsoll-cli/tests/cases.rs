//! The cases of tests/cases: a command line, what it reads, and what must come of it. README.case there shows how.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};

/// A case as it is written.
struct Case {
    about: String,
    given: Vec<(String, String)>,
    wanted: BTreeMap<String, String>,
}

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    assert!(files.len() > 10, "the cases have moved");
    let trials = files.into_iter().map(|file| {
        let name = file.strip_prefix(&root).unwrap().with_extension("");
        Trial::test(name.display().to_string(), move || check(&file))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

impl Case {
    fn parse(text: &str) -> Self {
        let mut about = String::new();
        let mut sections: Vec<(String, String)> = Vec::new();
        for line in text.split_inclusive('\n') {
            let header = line
                .trim_end()
                .strip_prefix("-- ")
                .and_then(|line| line.strip_suffix(" --"));
            match (header, sections.last_mut()) {
                (Some(name), _) => sections.push((name.to_owned(), String::new())),
                (None, Some((_, content))) => content.push_str(line),
                (None, None) => about.push_str(line),
            }
        }
        let is_wanted =
            |name: &str| matches!(name, "exit" | "stdout" | "stderr") || name.starts_with("after ");
        let (wanted, given) = sections.into_iter().partition(|(name, _)| is_wanted(name));
        let wanted: Vec<(String, String)> = wanted;
        Self {
            about,
            given,
            wanted: wanted.into_iter().collect(),
        }
    }

    fn write(&self, wanted: &BTreeMap<String, String>) -> String {
        let mut out = self.about.clone();
        let order = |name: &str| {
            ["exit", "stdout", "stderr"]
                .iter()
                .position(|known| *known == name)
                .unwrap_or(9)
        };
        let mut wanted: Vec<_> = wanted.iter().collect();
        wanted.sort_by_key(|(name, _)| order(name));
        let given = self.given.iter().map(|(name, content)| (name, content));
        for (name, content) in given.chain(wanted) {
            write!(out, "-- {name} --\n{content}").unwrap();
        }
        out
    }
}

fn check(file: &Path) -> Result<(), Failed> {
    let case = Case::parse(&fs::read_to_string(file)?);
    let folder = tempfile::tempdir()?;
    let found = run(&case, folder.path())?;
    if found == case.wanted {
        return Ok(());
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(file, case.write(&found))?;
        return Ok(());
    }
    let mut message = format!("{} has another outcome; BLESS=1 writes it:\n", file.display());
    for name in case.wanted.keys().chain(found.keys()) {
        let (wanted, found) = (case.wanted.get(name), found.get(name));
        if wanted != found {
            let shown = |part: Option<&String>| part.map_or("nothing\n", String::as_str).to_owned();
            write!(
                message,
                "{name}, wanted:\n{}found:\n{}",
                shown(wanted),
                shown(found)
            )?;
        }
    }
    Err(message.into())
}

/// Runs the command in `folder` and gives what came of it, without what is as usual.
fn run(case: &Case, folder: &Path) -> Result<BTreeMap<String, String>, Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", folder)
        .env("HOME", folder);
    let (mut stdin, mut before) = (String::new(), BTreeMap::new());
    for (name, content) in &case.given {
        match name.as_str() {
            "command" => {
                command.args(words(content));
            }
            "env" => {
                command.envs(content.lines().filter_map(|line| line.split_once('=')));
            }
            "stdin" => stdin.clone_from(content),
            name => {
                let (name, mode) = match name.strip_suffix(" (program)") {
                    Some(name) => (name, 0o755),
                    None => (name, 0o644),
                };
                let path = folder.join(name);
                fs::create_dir_all(path.parent().unwrap())?;
                fs::write(&path, content)?;
                fs::set_permissions(&path, Permissions::from_mode(mode))?;
                before.insert(name.to_owned(), content.clone());
            }
        }
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // A command that reads nothing may have ended.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output()?;
    let place = folder.display().to_string();
    let text = |bytes: &[u8]| {
        let mut text = String::from_utf8_lossy(bytes).replace(&place, "/folder");
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str("(no line end)\n");
        }
        text
    };
    let mut found = BTreeMap::new();
    if !output.status.success() {
        found.insert(
            "exit".to_owned(),
            format!("{}\n", output.status.code().unwrap_or(-1)),
        );
    }
    found.insert("stdout".to_owned(), text(&output.stdout));
    found.insert("stderr".to_owned(), text(&output.stderr));
    let mut files = Vec::new();
    collect(folder, &mut files);
    for path in files {
        let name = path.strip_prefix(folder)?.display().to_string();
        let content = text(&fs::read(&path)?);
        if before.get(&name) != Some(&content) {
            found.insert(format!("after {name}"), content);
        }
    }
    found.retain(|_, content| !content.is_empty());
    Ok(found)
}

/// Words apart by blanks; quotes keep blanks.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.trim().split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
