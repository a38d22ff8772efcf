//! Holds the advice that answers to hadolint's rules against what hadolint says.
//!
//! `hadolint PROGRAM FOLDER [CODE]` reads the files of a folder, and shows for each code on how many instructions both
//! speak and on how many only one, and why where that is on purpose. With a code it shows all that is left of it.

#![allow(clippy::print_stdout, reason = "a program for people")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use dockerfile_advice::{Adviser, Selection, Triggers, rule_docs};
use serde_json::Value;

/// How many files hadolint is given at once.
const AT_ONCE: usize = 200;
/// How many instructions are shown of a code unless it is asked for.
const EXAMPLES: usize = 3;

/// A file's number, the first line of an instruction, and the codes of a rule.
type Place = (usize, usize, String);

/// An instruction on which only one of both speaks.
struct Difference<'c> {
    /// What it says.
    text: &'c str,
    /// Whether that comes into an image that someone runs.
    may_ship: bool,
    /// Whether it is in the last stage.
    is_last: bool,
    /// The texts of all instructions of its file.
    file: Vec<&'c str>,
}

/// Why the two differ where they do on purpose.
struct Reason {
    /// The codes that it is about; without any, all.
    codes: &'static [&'static str],
    is_ours: bool,
    holds: fn(&Difference<'_>) -> bool,
    why: &'static str,
}

const CACHES: &[&str] = &[
    "DL3009", "DL3010", "DL3019", "DL3032", "DL3036", "DL3040", "DL3042", "DL3046", "DL3060", "DL4001",
];

const REASONS: [Reason; 16] = [
    Reason {
        codes: &[],
        is_ours: false,
        holds: |difference| difference.text.to_ascii_uppercase().starts_with("ONBUILD"),
        why: "a trigger of ONBUILD, which other builds run",
    },
    Reason {
        codes: CACHES,
        is_ours: false,
        holds: |difference| !difference.may_ship,
        why: "a stage whose files no image has",
    },
    Reason {
        codes: &[
            "DL3009", "DL3019", "DL3032", "DL3036", "DL3040", "DL3042", "DL3060",
        ],
        is_ours: false,
        holds: |difference| {
            let has = |word: &&str| difference.text.contains(*word);
            ["rm ", "find "].iter().any(has) && ["/var/cache", "/var/lib/apt", ".cache"].iter().any(has)
        },
        why: "the cache is deleted by `rm` or `find` in the same RUN",
    },
    Reason {
        codes: &["DL3042"],
        is_ours: false,
        holds: |difference| {
            difference
                .file
                .iter()
                .any(|text| text.contains("PIP_NO_CACHE_DIR"))
        },
        why: "pip takes any value of PIP_NO_CACHE_DIR for yes, `off` too",
    },
    Reason {
        codes: &["DL3046"],
        is_ours: false,
        holds: |difference| difference.text.contains('$'),
        why: "the number is a variable, whose name has more than five letters",
    },
    Reason {
        codes: &["DL3010"],
        is_ours: false,
        holds: |difference| {
            !difference
                .file
                .iter()
                .any(|text| text.contains("tar -x") && !text.contains("--strip"))
        },
        why: "ADD unpacks no single compressed file, and takes no folder off the names",
    },
    Reason {
        codes: &["DL3010"],
        is_ours: true,
        holds: |difference| difference.file.iter().any(|text| text.contains("tar x")),
        why: "hadolint knows no flags of tar without a dash",
    },
    Reason {
        codes: &["DL3036"],
        is_ours: true,
        holds: |difference| difference.text.contains("zypper clean") || !difference.text.contains(" in"),
        why: "`zypper clean` without `--all` leaves the metadata, and `zypper refresh` and `update` bring them too",
    },
    Reason {
        codes: &["DL3046"],
        is_ours: true,
        holds: |difference| difference.text.contains("--uid"),
        why: "hadolint knows `-u` alone, and not `--uid`",
    },
    Reason {
        codes: &["DL3009", "DL3032", "DL3040"],
        is_ours: true,
        holds: |difference| difference.text.contains("rm -r") || difference.text.contains("rm -f"),
        why: "hadolint takes any `rm -rf` for the cleaning",
    },
    Reason {
        codes: CACHES,
        is_ours: true,
        holds: |difference| !difference.is_last,
        why: "an image of its own, by its stage's name",
    },
    Reason {
        codes: &[],
        is_ours: true,
        holds: |difference| difference.text.contains("sudo "),
        why: "hadolint does not look behind sudo",
    },
    Reason {
        codes: &["DL3015"],
        is_ours: true,
        holds: |difference| difference.text.contains("apt "),
        why: "hadolint knows `apt-get install` alone, and not `apt install`",
    },
    Reason {
        codes: &["DL3019"],
        is_ours: true,
        holds: |difference| difference.text.contains("apk upgrade"),
        why: "hadolint knows `apk add` alone",
    },
    Reason {
        codes: &["DL3032", "DL3040"],
        is_ours: true,
        holds: |difference| {
            ["yum -y up", "yum up", "dnf -y up", "dnf up"]
                .iter()
                .any(|word| difference.text.contains(word))
        },
        why: "hadolint knows `yum install` alone, and not `yum update`",
    },
    Reason {
        codes: &["DL3060"],
        is_ours: true,
        holds: |difference| !difference.text.contains("yarn install"),
        why: "hadolint knows `yarn install` alone, and neither `yarn` nor `yarn add`",
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, folder, asked @ ..] = arguments.as_slice() else {
        println!("hadolint PROGRAM FOLDER [CODE]");
        return ExitCode::from(2);
    };
    match compare(program, Path::new(folder), asked.first().map(String::as_str)) {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{error}");
            ExitCode::from(2)
        }
    }
}

fn compare(program: &str, folder: &Path, asked: Option<&str>) -> Result<String, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    paths.sort();
    let mut comparison = Comparison::default();
    let mut files = Vec::new();
    for path in paths {
        let text = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        if comparison.add_ours(files.len(), &text) {
            files.push(path);
        }
    }
    comparison.add_theirs(program, &files)?;
    Ok(comparison.report(&files, asked))
}

#[derive(Default)]
struct Comparison {
    ours: BTreeSet<Place>,
    theirs: BTreeSet<Place>,
    /// Files that hadolint can't read.
    unread: BTreeSet<usize>,
    /// The first lines of instructions: what they say, and whether that comes into an image that someone runs.
    instructions: BTreeMap<(usize, usize), (String, bool)>,
}

impl Comparison {
    /// Takes note of our advice on a file, unless it can't be read.
    fn add_ours(&mut self, file: usize, text: &[u8]) -> bool {
        let parsed = dockerfile_syntax::parse(text);
        if !parsed.errors.is_empty() {
            return false;
        }
        let triggers = Triggers::bytes(&parsed.dockerfile, text);
        let triggers = Triggers::read(&triggers);
        let adviser = Adviser::new(&parsed.dockerfile, text, &triggers, None);
        let froms = parsed.dockerfile.stages.iter().map(|stage| &stage.from.meta);
        let others = parsed
            .dockerfile
            .instructions()
            .map(|instruction| &instruction.meta);
        for meta in froms.chain(others) {
            let line = meta.lines.start;
            let known = (meta.code.to_string(), adviser.may_ship(line));
            self.instructions.insert((file, line), known);
        }
        for advice in adviser.advise(&Selection::all()) {
            let doc = rule_docs().find(|doc| doc.name() == advice.rule);
            if let Some(doc) = doc.filter(|doc| !doc.hadolint().is_empty()) {
                self.ours
                    .insert((file, advice.lines.start, doc.hadolint().join(" ")));
            }
        }
        true
    }

    fn add_theirs(&mut self, program: &str, files: &[PathBuf]) -> Result<(), String> {
        let answered: BTreeMap<&str, String> = rule_docs()
            .flat_map(|doc| {
                doc.hadolint()
                    .iter()
                    .map(|code| (*code, doc.hadolint().join(" ")))
            })
            .collect();
        let numbers: BTreeMap<&str, usize> = files
            .iter()
            .enumerate()
            .filter_map(|(number, path)| Some((path.to_str()?, number)))
            .collect();
        for paths in files.chunks(AT_ONCE) {
            let output = Command::new(program)
                .args([
                    "--no-fail",
                    "--disable-ignore-pragma",
                    "--config",
                    "/dev/null",
                    "--format",
                    "json",
                ])
                .args(paths)
                .output()
                .map_err(|error| format!("{program}: {error}"))?;
            let found: Vec<Value> =
                serde_json::from_slice(&output.stdout).map_err(|error| format!("{program}: {error}"))?;
            for finding in &found {
                let text = |key: &str| finding.get(key).and_then(Value::as_str).unwrap_or_default();
                let Some(number) = numbers.get(text("file")) else {
                    continue;
                };
                let line = finding.get("line").and_then(Value::as_u64).unwrap_or_default();
                match text("code") {
                    "DL1000" => {
                        self.unread.insert(*number);
                    }
                    code => {
                        let line = usize::try_from(line).unwrap_or_default();
                        let codes = answered.get(code);
                        self.theirs
                            .extend(codes.map(|codes| (*number, line, codes.clone())));
                    }
                }
            }
        }
        Ok(())
    }

    fn report(&self, files: &[PathBuf], asked: Option<&str>) -> String {
        let mut out = format!(
            "{} files, of which hadolint can't read {}\n\n{:14}{:>6}{:>8}{:>6}{:>10}  agreement\n",
            files.len(),
            self.unread.len(),
            "code",
            "both",
            "theirs",
            "ours",
            "explained",
        );
        let mut examples = String::new();
        let mut reasons: BTreeMap<(String, &str), usize> = BTreeMap::new();
        let rules = rule_docs().filter(|doc| !doc.hadolint().is_empty());
        let mut rules: Vec<(String, &str)> =
            rules.map(|doc| (doc.hadolint().join(" "), doc.name())).collect();
        rules.sort_unstable();
        for (codes, rule) in rules {
            let is_here = |place: &&Place| place.2 == codes && !self.unread.contains(&place.0);
            let both = self.ours.intersection(&self.theirs).filter(is_here).count();
            let mut explained = 0;
            let mut open: Vec<(&str, &Place)> = Vec::new();
            let theirs = self.theirs.difference(&self.ours).filter(is_here);
            let theirs = theirs.map(|place| ("theirs", place));
            let ours = self
                .ours
                .difference(&self.theirs)
                .filter(is_here)
                .map(|place| ("ours", place));
            for (whose, place) in theirs.chain(ours) {
                match self.reason(whose == "ours", place) {
                    None => open.push((whose, place)),
                    Some(why) => {
                        explained += 1;
                        *reasons.entry((codes.clone(), why)).or_default() += 1;
                    }
                }
            }
            let count = |whose: &str| open.iter().filter(|(one, _)| *one == whose).count();
            let share = match both + open.len() {
                0 => "-".to_owned(),
                all => format!("{:.1} %", percent(both, all)),
            };
            out.push_str(&format!(
                "{codes:14}{both:>6}{:>8}{:>6}{explained:>10}  {share}  {rule}\n",
                count("theirs"),
                count("ours"),
            ));
            let most = match asked {
                None => EXAMPLES,
                Some(asked) if codes.contains(asked) => usize::MAX,
                Some(_) => 0,
            };
            for (whose, place) in open.into_iter().take(most) {
                examples.push_str(&format!("{codes} {whose}: {}\n", self.describe(files, place)));
            }
        }
        out.push('\n');
        for ((codes, why), count) in reasons {
            out.push_str(&format!("{codes:14}{count:>6}  {why}\n"));
        }
        format!("{out}\n{examples}")
    }

    /// Why one of both is silent, where that is on purpose.
    fn reason(&self, is_ours: bool, (file, line, codes): &Place) -> Option<&'static str> {
        let (text, may_ship) = self.instructions.get(&(*file, *line))?;
        let mut texts = self.instructions.range((*file, 0)..(*file + 1, 0));
        let is_from = |text: &str| {
            text.get(..5)
                .is_some_and(|start| start.eq_ignore_ascii_case("from "))
        };
        let difference = Difference {
            text,
            may_ship: *may_ship,
            is_last: !texts
                .clone()
                .any(|((_, at), (text, _))| at > line && is_from(text)),
            file: texts.by_ref().map(|(_, (text, _))| text.as_str()).collect(),
        };
        let is_about = |reason: &&Reason| {
            reason.codes.is_empty() || reason.codes.iter().any(|code| codes.contains(code))
        };
        let mut reasons = REASONS
            .iter()
            .filter(|reason| reason.is_ours == is_ours)
            .filter(is_about);
        reasons
            .find(|reason| (reason.holds)(&difference))
            .map(|reason| reason.why)
    }

    fn describe(&self, files: &[PathBuf], (file, line, _): &Place) -> String {
        let path = files
            .get(*file)
            .map_or_else(String::new, |path| path.display().to_string());
        let text = self
            .instructions
            .get(&(*file, *line))
            .map_or("", |(text, _)| text);
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{path}:{line}: {text}")
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of instructions")]
fn percent(part: usize, all: usize) -> f64 {
    part as f64 * 100.0 / all as f64
}
