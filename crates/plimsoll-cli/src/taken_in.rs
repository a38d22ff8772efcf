//! The files that a Dockerfile of the dialect takes in, from where a build would have them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dockerfile_compile::{FileAnswer, FileOrigin, FileRequest, Files, GitRef, SourceFile};

use crate::files::{self, Input};
use crate::options::Wanted;

/// Reads all of them. One that can't be read is an error where it is named.
pub(crate) fn take_in(input: &Input, wanted: &Wanted) -> Files {
    let mut files = Files::new(SourceFile::new(input.file_name(), input.data.clone()));
    loop {
        let lacking = files.lacking();
        if lacking.is_empty() {
            break;
        }
        let answered = lacking.into_iter().map(|request| {
            let answer = match read(&request, input, wanted) {
                Ok(data) => FileAnswer::Found {
                    data: data.into(),
                    definition: None,
                },
                Err(why) => FileAnswer::Failed(why),
            };
            (request, answer)
        });
        files.add(answered);
    }
    files
}

/// Has the files called as the command line calls the Dockerfile: with the folder in front.
pub(crate) fn call_as_named(files: &mut Files, input: &Input) {
    let own = input.file_name();
    let folder = input.path.as_deref().and_then(Path::parent);
    let folder = folder.map(Path::to_owned).unwrap_or_default();
    files.rename(|name| {
        if name == own {
            input.name.clone()
        } else if name.contains(':') {
            name.to_owned()
        } else {
            folder.join(name).display().to_string()
        }
    });
}

fn read(request: &FileRequest, input: &Input, wanted: &Wanted) -> Result<Vec<u8>, String> {
    let folder = match &request.origin {
        FileOrigin::Dockerfile => input.folder(),
        FileOrigin::Context(name) => folder_of(name, wanted)?,
        FileOrigin::Git(url) => return of_repository(url, &request.path),
    };
    files::content(&folder.join(&request.path)).map_err(|error| error.to_string())
}

fn folder_of(name: &str, wanted: &Wanted) -> Result<PathBuf, String> {
    match (wanted.folder(name), wanted.contexts.contains_key(name)) {
        (Some(folder), _) => Ok(folder.to_owned()),
        (None, true) => Err(format!(
            "the build context `{name}` is no folder, so only a build can read it"
        )),
        (None, false) => Err(format!(
            "no build context `{name}` was passed: add --build-context {name}=FOLDER"
        )),
    }
}

/// A file of a commit, by the git that is installed.
fn of_repository(url: &str, path: &str) -> Result<Vec<u8>, String> {
    let git = GitRef::parse(url).map_err(|error| format!("{error:?}"))?;
    let commit = match git.checksum.as_str() {
        "" => &git.reference,
        checksum => checksum,
    };
    let folder = std::env::temp_dir().join(format!("plimsoll-{}-{commit}", std::process::id()));
    let run = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(&folder).args(arguments);
        // A question for a password would wait for somebody who is not there.
        command.env("GIT_TERMINAL_PROMPT", "0").stdin(Stdio::null());
        let output = command
            .output()
            .map_err(|error| format!("git can't be run: {error}"))?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        }
    };
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let file = format!("{commit}:{path}");
    let read = run(&["init", "--quiet"])
        .and_then(|_| run(&["fetch", "--quiet", "--depth=1", "--", &git.place.url, commit]))
        .and_then(|_| run(&["show", &file]));
    // What is left of it is in the way of nothing.
    let _ = fs::remove_dir_all(&folder);
    read
}
