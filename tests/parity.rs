//! This frontend makes of a Dockerfile what the reference makes of it: every case of `tests/corpus`, every example, and
//! made-up ones. `cargo test --test parity copy/link` tells of the cases whose names hold that.
//!
//! `make parity N=100000 SEED=7` makes up more. docs/compatibility.md says what is not compared, and why.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Failed, Trial};
use plimsoll_parity::compare::Scope;
use plimsoll_parity::held::{self, Failure, Report};
use plimsoll_parity::{CaseFile, Oracle, Picture, Section, case_paths, ours};

/// Cases that come out differently, each with its reason in docs/compatibility.md.
const EXEMPT: [&str; 19] = [
    "daemons/no-return",
    "advice/argument",
    "advice/comment",
    "advice/comment-is-wrong",
    "advice/lint",
    "advice/option-is-wrong",
    "cachemounts/argument",
    "cachemounts/comment",
    "cachemounts/comment-is-wrong",
    "cachemounts/forms",
    "cachemounts/in-place",
    "cachemounts/lists",
    "cachemounts/namespace",
    "cachemounts/option-is-wrong",
    "cachemounts/places",
    "cachemounts/read",
    "cachemounts/text",
    "cachemounts/users",
    "cachemounts/written",
];

/// Cases in a language that the reference does not have.
const DIALECT: &str = "dialect/";

/// Cases about locks, which the reference does not read; one of them asks for none.
const LOCK: &str = "lock/";
const NO_LOCK: &str = "lock/off";

/// Every example, with its targets and what else changes its graph.
const EXAMPLES: [(&str, &str); 17] = [
    ("cache", ""),
    ("go-hello", ""),
    ("go-hello", "target=compliance\n"),
    ("go-hello", "target=single-stage\n"),
    ("loops", ""),
    ("loops", "target=lines\n"),
    ("multi-platform", ""),
    ("multi-platform", "platform=linux/amd64,linux/arm64\n"),
    ("parallel", ""),
    ("parallel", "target=ship\n"),
    ("python-web", ""),
    ("python-web", "target=builder\nno-cache=\n"),
    ("secret", ""),
    ("secret", "no-cache=build\n"),
    (
        "ssh",
        "build-arg:REPOSITORY=git@git.example.com:you/private.git\n",
    ),
    (
        "versions",
        "build-arg:repository=https://git.example.com/greet.git\n",
    ),
    ("versions", "build-arg:branch=v2\nlabel:by=test\n"),
];

/// How many Dockerfiles are made up.
const MADE_UP: u64 = 2_000;

/// The oracle; nothing on a machine without Go, unless that is the one which must have it.
fn oracle() -> Option<Oracle> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !Oracle::is_possible() {
        assert!(std::env::var_os("CI").is_none(), "Go is missing, and CI needs it");
        eprintln!(
            "skipped: Go is not installed, so the reference can't be asked (get it from https://go.dev/dl)"
        );
        return None;
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    Some(Oracle::start(root, &target, 2).unwrap())
}

/// What became of the cases, all asked at once of one oracle.
struct Cases {
    /// What differs, by the name of the case.
    differ: BTreeMap<String, String>,
    report: Report,
}

/// None where the reference can't be asked.
static CASES: LazyLock<Option<Cases>> = LazyLock::new(|| {
    let mut oracle = oracle()?;
    let request = |(name, path): (String, PathBuf)| {
        let case = CaseFile::parse(&fs::read_to_string(path).unwrap()).unwrap();
        case.request(&name).unwrap()
    };
    let requests: Vec<_> = cases().into_iter().map(request).collect();
    let mut report = Report::default();
    let failures = held::batch(&mut oracle, &requests, Scope::ALL, &mut report).unwrap();
    let one = |failure: &Failure| {
        (
            failure.request["id"].as_str().unwrap().to_owned(),
            failure.to_string(),
        )
    };
    let differ = failures.iter().map(one).collect();
    Some(Cases { differ, report })
});

fn cases() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut cases = case_paths(&folder).unwrap();
    cases.retain(|(name, _)| {
        let is_of_lock = name.starts_with(LOCK) && name != NO_LOCK;
        !EXEMPT.contains(&name.as_str()) && !name.starts_with(DIALECT) && !is_of_lock
    });
    cases
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    // In the order of their names, as of any test program: the longest among the first, beside it the cases.
    let mut trials = vec![
        Trial::test("Examples", || passes(examples)),
        Trial::test("Made up", || passes(made_up)),
        Trial::test("Messages", || passes(messages)),
        Trial::test("Picture", || passes(picture)),
    ];
    let case = |(name, _): (String, _)| Trial::test(name.clone(), move || case(&name));
    trials.extend(cases().into_iter().map(case));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A test that panics where it fails.
fn passes(test: fn()) -> Result<(), Failed> {
    test();
    Ok(())
}

fn case(name: &str) -> Result<(), Failed> {
    let Some(cases) = &*CASES else { return Ok(()) };
    match cases.differ.get(name) {
        Some(differences) => Err(differences.into()),
        None => Ok(()),
    }
}

/// What was held against nothing shows nothing.
fn messages() {
    let Some(Cases { report, .. }) = &*CASES else {
        return;
    };
    let each = cases().len();
    assert_eq!(report.compared, each, "{report}");
    // One case has a daemon without Return.
    let each = each as u64;
    let held = (report.messages["Ping"], report.messages["Return"]);
    assert_eq!(held, (each, each - 1), "{report}");
}

fn examples() {
    let Some(mut oracle) = oracle() else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let there = fs::read_dir(&folder).unwrap().map(Result::unwrap);
    let there = there.filter(|entry| entry.path().is_dir());
    let names = there.map(|entry| entry.file_name().into_string().unwrap());
    // The reference has no dialect; tests/dialect holds those against their plain forms.
    let there: BTreeSet<String> = names.filter(|name| name != "dialect").collect();
    let listed: BTreeSet<String> = EXAMPLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(there, listed, "EXAMPLES lists each of them");
    let request = |(name, own): &(&str, &str)| {
        let section = |name: &str, content: Vec<u8>| Section {
            name: name.to_owned(),
            content,
        };
        let file = |file: &str| fs::read(folder.join(name).join(file));
        // What the daemon says to a frontend that the first line names.
        let options =
            format!("cmdline=registry.example/plimsoll:1\nsource=registry.example/plimsoll:1\n{own}");
        let mut case = CaseFile::default();
        case.given.push(section("options", options.into_bytes()));
        case.given
            .push(section("Dockerfile", file("Dockerfile").unwrap()));
        if let Ok(ignored) = file(".dockerignore") {
            case.given.push(section(".dockerignore in context", ignored));
        }
        case.request(&format!("{name} {own}")).unwrap()
    };
    let requests: Vec<_> = EXAMPLES.iter().map(request).collect();
    let mut report = Report::default();
    report.failures = held::batch(&mut oracle, &requests, Scope::ALL, &mut report).unwrap();
    assert!(report.failures.is_empty(), "{report}");
    assert_eq!((report.compared, report.refused), (EXAMPLES.len(), 0), "{report}");
    // Nothing was handed over to another frontend: each looked for its base images.
    assert!(
        report.messages["ResolveSourceMeta"] >= EXAMPLES.len() as u64,
        "{report}"
    );
}

/// What both say of the file with errors in docs/errors.md is what the picture in README.md shows. `make pictures` draws it
/// anew.
fn picture() {
    let Some(mut oracle) = oracle() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/errors.md")).unwrap();
    let (_, file) = page.split_once("```dockerfile\n").unwrap();
    let (file, _) = file.split_once("```").unwrap();
    let mut case = CaseFile::default();
    case.given.push(Section {
        name: "Dockerfile".to_owned(),
        content: file.as_bytes().to_vec(),
    });
    let request = case.request("picture").unwrap().to_string();
    let theirs = oracle.answer(std::slice::from_ref(&request)).unwrap();
    let message = |answer: &serde_json::Value| answer["error"]["message"].as_str().unwrap().to_owned();
    let (ours, theirs) = (message(&ours::answer(&request)), message(&theirs[0]));
    let drawn = Picture {
        file,
        theirs: ("docker/dockerfile", &theirs),
        ours: ("Plimsoll", &ours),
    };
    let drawn = drawn.svg();
    let kept = root.join("docs/pictures/errors.svg");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&kept, &drawn).unwrap();
    }
    let kept = fs::read_to_string(kept).unwrap_or_default();
    assert!(
        kept == drawn,
        "docs/pictures/errors.svg is out of date: make pictures"
    );
}

fn made_up() {
    let Some(mut oracle) = oracle() else { return };
    let report = held::random(&mut oracle, 1, MADE_UP, Scope::ALL).unwrap();
    assert!(report.failures.is_empty(), "{report}");
    // Where nearly all are refused, or none, the generator is at fault.
    assert!(
        report.compared == 2_000 && (50..1_000).contains(&report.refused),
        "{report}"
    );
}
