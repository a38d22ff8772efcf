//! A test program as cargo would run it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::report::Note;

/// What the examples in the documentation go by.
const DOCUMENTATION: &str = "examples in the documentation";

/// Where nothing is known of an earlier run, these come first: they wait for daemons most of the time.
const LONG: &str = "plimsoll-engine ";

/// A program to run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Job {
    /// The package and the program.
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(OsString, OsString)>,
}

impl Job {
    /// A program as this one is run.
    pub(crate) fn here(program: &OsStr, arguments: &[OsString]) -> io::Result<Self> {
        let package = env::var("CARGO_PKG_NAME").unwrap_or_default();
        Ok(Self {
            name: format!("{package} {}", name(Path::new(program))),
            folder: env::current_dir()?,
            program: program.to_owned(),
            arguments: arguments.to_vec(),
            environment: env::vars_os().collect(),
        })
    }

    /// Cargo with the examples in the documentation, each of which gets a process of its own.
    pub(crate) fn documentation(cargo: &OsStr, arguments: &[OsString]) -> io::Result<Self> {
        let mut words = vec!["test".into()];
        words.extend_from_slice(arguments);
        words.push("--doc".into());
        Ok(Self {
            name: DOCUMENTATION.to_owned(),
            folder: env::current_dir()?,
            program: cargo.to_owned(),
            arguments: words,
            environment: env::vars_os().collect(),
        })
    }

    /// Writes it to a file of its own.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let count = self.arguments.len().to_string();
        let mut words: Vec<&[u8]> = vec![
            self.name.as_bytes(),
            self.folder.as_os_str().as_bytes(),
            self.program.as_bytes(),
            count.as_bytes(),
        ];
        words.extend(self.arguments.iter().map(|word| word.as_bytes()));
        let pairs = self.environment.iter();
        words.extend(pairs.flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]));
        let number = fs::read_dir(folder)?.count();
        fs::write(folder.join(format!("{number:04}")), words.join(&0))
    }

    /// All that were written to a folder, in that order.
    pub(crate) fn read_all(folder: &Path) -> io::Result<Vec<Self>> {
        let files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
        let mut files = files.collect::<io::Result<Vec<_>>>()?;
        files.sort();
        let read = |file: &PathBuf| {
            let bytes = fs::read(file)?;
            Self::parse(&bytes).ok_or_else(|| io::Error::other(format!("{} is cut short", file.display())))
        };
        files.iter().map(read).collect()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut words = bytes
            .split(|byte| *byte == 0)
            .map(|word| OsString::from_vec(word.to_vec()));
        let name = words.next()?.into_string().ok()?;
        let (folder, program) = (words.next()?.into(), words.next()?);
        let count: usize = words.next()?.to_str()?.parse().ok()?;
        let arguments: Vec<OsString> = words.by_ref().take(count).collect();
        let mut environment = Vec::new();
        while let (Some(name), Some(value)) = (words.next(), words.next()) {
            environment.push((name, value));
        }
        (arguments.len() == count).then_some(Self {
            name,
            folder,
            program,
            arguments,
            environment,
        })
    }
}

/// The program without the hash that cargo puts behind its name.
fn name(program: &Path) -> String {
    let file = program.file_stem().unwrap_or_default().display().to_string();
    let is_hash = |text: &str| text.len() == 16 && text.chars().all(|char| char.is_ascii_hexdigit());
    match file.rsplit_once('-').filter(|(_, end)| is_hash(end)) {
        Some((name, _)) => name.to_owned(),
        None => file,
    }
}

/// Those first that took longest by the notes of an earlier run, so that none is left alone at the end. What is new may be long.
pub(crate) fn in_order(mut jobs: Vec<Job>, notes: &str) -> Vec<Job> {
    let took: BTreeMap<String, Duration> = notes
        .lines()
        .filter_map(Note::of)
        .filter(|note| note.test.is_empty())
        .map(|note| (note.program, note.took))
        .collect();
    jobs.sort_by_key(|job| {
        let known = took.get(&job.name).copied();
        (
            Reverse(known.unwrap_or(Duration::MAX)),
            !job.name.starts_with(LONG),
        )
    });
    jobs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(name: &str) -> Job {
        Job {
            name: name.to_owned(),
            folder: "/a b".into(),
            program: "p".into(),
            arguments: vec!["".into(), "--x=\n".into()],
            environment: vec![("A".into(), "".into()), ("B".into(), "c=d".into())],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = env::temp_dir().join(format!("plimsoll-stopwatch-jobs-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let jobs = [job("one"), job("two")];
        for job in &jobs {
            job.write(&folder).unwrap();
        }
        let read = Job::read_all(&folder).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(read, jobs);
        assert_eq!(Job::parse(b"one\0/a\0p\x003\0x"), None);
    }

    #[test]
    fn names_have_no_hash() {
        assert_eq!(name(Path::new("/t/deps/parity-0123456789abcdef")), "parity");
        assert_eq!(name(Path::new("/t/deps/a-b")), "a-b");
    }

    #[test]
    fn the_longest_come_first_and_what_is_new_before_them() {
        let jobs = ["a", "b", "new", "plimsoll-engine new", "c"].map(job);
        let notes = "1.5\ta\t\n70\tb\t\n9\tb\ttest\n2\tc\t\n";
        let names = in_order(jobs.to_vec(), notes).into_iter().map(|job| job.name);
        assert_eq!(
            names.collect::<Vec<_>>(),
            ["plimsoll-engine new", "new", "b", "c", "a"]
        );
    }
}
