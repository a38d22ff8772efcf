//! Which files are meant, and what is in them.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use dockerfile_compile::SourceFile;
use dockerfile_syntax::env_file::FILE_BYTES;

use crate::output::Failure;

/// The usual name, of which some file systems lose the case.
const USUAL_NAMES: [&str; 3] = ["Dockerfile", "dockerfile", "Containerfile"];
/// Folders with files of others.
const FOREIGN_FOLDERS: [&str; 1] = ["node_modules"];
/// What an ignore file has behind the name of its Dockerfile.
const IGNORE_SUFFIX: &str = ".dockerignore";
/// The same limit as for what a daemon sends.
const MOST_BYTES: u64 = 16 << 20;

/// A Dockerfile with its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// Where it is; `None` for standard input.
    pub(crate) path: Option<PathBuf>,
    /// How it is called in messages.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) data: Vec<u8>,
}

impl Input {
    /// The file as the core knows it, by the name in messages.
    pub(crate) fn source(&self) -> SourceFile {
        SourceFile::new(self.name.clone(), self.data.clone())
    }

    /// The folder that it is in.
    pub(crate) fn folder(&self) -> PathBuf {
        let folder = self.path.as_deref().and_then(Path::parent);
        match folder {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        }
    }

    /// Its name in its folder.
    pub(crate) fn file_name(&self) -> String {
        let name = self.path.as_deref().and_then(Path::file_name);
        name.map_or_else(
            || "Dockerfile".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    }
}

/// The Dockerfile that a question is about.
///
/// # Errors
/// Fails where there is none.
pub(crate) fn one(path: &Path) -> Result<Input, Failure> {
    if !path.is_dir() {
        return read(path);
    }
    let found = USUAL_NAMES
        .iter()
        .map(|name| path.join(name))
        .find(|file| file.is_file());
    let found = found.ok_or_else(|| {
        Failure::new(format!(
            "there is no Dockerfile in {}: name the file, such as `plimsoll targets build/app.Dockerfile`",
            path.display()
        ))
    })?;
    read(tidy(&found))
}

/// Reads a file, or standard input for `-`.
///
/// # Errors
/// Fails where it can't be read, or is larger than a Dockerfile may be.
pub(crate) fn read(path: &Path) -> Result<Input, Failure> {
    let failed = |name: &str, error: &io::Error| Failure::new(format!("can't read {name}: {error}"));
    if path.as_os_str() == "-" {
        let name = "standard input";
        let data = limited(io::stdin().lock()).map_err(|error| failed(name, &error))?;
        return Ok(Input {
            path: None,
            name: name.to_owned(),
            data,
        });
    }
    let name = path.display().to_string();
    let data = content(path).map_err(|error| failed(&name, &error))?;
    Ok(Input {
        path: Some(path.to_owned()),
        name,
        data,
    })
}

/// The bytes of a file, unless it is larger than a Dockerfile may be.
pub(crate) fn content(path: &Path) -> io::Result<Vec<u8>> {
    fs::File::open(path).and_then(limited)
}

fn limited(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut data = Vec::new();
    reader.take(MOST_BYTES + 1).read_to_end(&mut data)?;
    if data.len() as u64 > MOST_BYTES {
        let message = format!(
            "it has more than {} MiB, which no Dockerfile has",
            MOST_BYTES >> 20
        );
        return Err(io::Error::other(message));
    }
    Ok(data)
}

/// The files that `paths` mean: those named, and every Dockerfile in and below the folders among them.
pub(crate) fn all(paths: &[PathBuf]) -> Vec<Result<PathBuf, Failure>> {
    let mut found = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" || !path.is_dir() {
            found.push(Ok(path.clone()));
            continue;
        }
        let before = found.len();
        walk(path, &mut found);
        if found.len() == before {
            found.push(Err(Failure::new(format!(
                "there is no Dockerfile in or below {}: name the file",
                path.display()
            ))));
        }
    }
    found
}

/// In order of their names, the files of a folder before those below it.
fn walk(top: &Path, found: &mut Vec<Result<PathBuf, Failure>>) {
    let mut open = vec![top.to_owned()];
    while let Some(folder) = open.pop() {
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                found.push(Err(Failure::new(format!(
                    "can't read {}: {error}",
                    folder.display()
                ))));
                continue;
            }
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            // A link to a folder may lead round in a circle.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    let is_foreign = name.starts_with('.') || FOREIGN_FOLDERS.contains(&name.as_str());
                    folders.extend(Some(entry.path()).filter(|_| !is_foreign));
                }
                Ok(_) if is_dockerfile(&name) && entry.path().is_file() => {
                    files.push(tidy(&entry.path()).to_owned());
                }
                _ => {}
            }
        }
        files.sort();
        found.extend(files.into_iter().map(Ok));
        folders.sort();
        open.extend(folders.into_iter().rev());
    }
}

/// `./a` is called `a`.
fn tidy(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}

fn is_dockerfile(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_one = name == "dockerfile"
        || name == "containerfile"
        || name.starts_with("dockerfile.")
        || name.ends_with(".dockerfile");
    is_one && !name.ends_with(IGNORE_SUFFIX)
}

/// The ignore file of a context: the Dockerfile's own, unless it is empty or not there, or else the folder's.
pub(crate) fn ignore_file(input: &Input, context: &Path) -> (String, Vec<u8>) {
    let own = format!("{}{IGNORE_SUFFIX}", input.file_name());
    if input.path.is_some()
        && let Ok(data) = fs::read(input.folder().join(&own))
        && !data.is_empty()
    {
        return (own, data);
    }
    folder_ignore_file(context)
}

/// The ignore file of a folder, empty where there is none.
pub(crate) fn folder_ignore_file(folder: &Path) -> (String, Vec<u8>) {
    let data = fs::read(folder.join(IGNORE_SUFFIX)).unwrap_or_default();
    (IGNORE_SUFFIX.to_owned(), data)
}

/// A file of pairs in a folder, as much of it as one may have and a byte more; nothing where there is none.
///
/// # Errors
/// It can't be read.
pub(crate) fn file_of(folder: &Path, path: &str) -> io::Result<Option<Vec<u8>>> {
    let file = match fs::File::open(folder.join(path)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut data = Vec::new();
    file.take(FILE_BYTES as u64 + 1).read_to_end(&mut data)?;
    Ok(Some(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_dockerfiles() {
        for (name, is_one) in [
            ("Dockerfile", true),
            ("dockerfile", true),
            ("Containerfile", true),
            ("Dockerfile.test", true),
            ("app.Dockerfile", true),
            ("app.dockerfile", true),
            ("Dockerfile.dockerignore", false),
            ("Dockerfiles", false),
            ("MyDockerfile", false),
        ] {
            assert_eq!(is_dockerfile(name), is_one, "{name}");
        }
    }
}
