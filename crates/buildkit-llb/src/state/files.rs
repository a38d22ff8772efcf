//! Changes of files, action by action.

use super::State;
use super::StateError;
use super::node::Inputs;
use super::settings::Settings;
use crate::path::normalize;
use crate::{
    ChownOpt, CopyAction, CopyMode, FileAction, FileOp, MkdirAction, MkfileAction, RmAction, SymlinkAction,
};

/// Changes of a file system that are one operation: one of [`copy`], [`mkdir`], [`mkfile`], [`rm`] and [`symlink`], and
/// what comes [`then`](Self::then). For [`State::file`].
///
/// Relative paths are below the state's directory, and those that are copied from below the directory of the state that
/// they come from.
///
/// ```
/// use llb_graph::{copy, image, local, mkdir, mkfile, symlink};
///
/// let files = mkdir("/app", 0o755)
///     .with_owner("1000:1000")
///     .then(copy(local("context"), "/", "/app/").contents_only().exclude(["*.md"]))
///     .then(mkfile("/app/version", 0o644, "1.2.3\n"))
///     .then(symlink("app", "/current"));
/// let state = image("alpine").file(files);
/// # let _ = state;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Actions(Vec<(FileAction, Option<State>)>);

impl Actions {
    /// Adds a change, which starts from the result of the one before.
    pub fn then(mut self, next: impl Into<Self>) -> Self {
        self.0.extend(next.into().0);
        self
    }

    /// The operation on a file system, with the paths and states filled in.
    pub(super) fn on(self, base: &State, inputs: &mut Inputs) -> Result<FileOp, StateError> {
        let base_fs = inputs.add(base.made());
        let mut op = FileOp {
            base: base_fs,
            actions: Vec::with_capacity(self.0.len()),
        };
        for (mut action, source) in self.0 {
            fill_in_paths(&mut action, &base.settings);
            if let (FileAction::Copy(copy), Some(source)) = (&mut action, source) {
                if let Some(error) = source.error() {
                    return Err(error.clone());
                }
                copy.src = normalize(&source.settings.dir, &copy.src, false);
                copy.source = inputs.add(source.made());
            }
            op.actions.push(action);
        }
        Ok(op)
    }
}

fn fill_in_paths(action: &mut FileAction, settings: &Settings) {
    let (path, keep_slash) = match action {
        FileAction::Copy(copy) => (&mut copy.dest, true),
        FileAction::Mkfile(file) => (&mut file.path, false),
        FileAction::Mkdir(dir) => (&mut dir.path, false),
        FileAction::Rm(rm) => (&mut rm.path, false),
        // Both texts of a link stay as they are written.
        FileAction::Symlink(_) => return,
    };
    *path = normalize(&settings.dir, path, keep_slash);
}

macro_rules! actions {
    ($($of:ty),*) => {$(
        impl From<$of> for Actions {
            fn from(action: $of) -> Self {
                Self(vec![(action.into(), None)])
            }
        }

        impl $of {
            /// Goes on with another change in the same operation of a [`State`].
            pub fn then(self, next: impl Into<Actions>) -> Actions {
                Actions::from(self).then(next)
            }
        }
    )*};
}

actions!(MkfileAction, MkdirAction, RmAction, SymlinkAction);

/// Copies from a state: made by [`copy`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Copy {
    action: CopyAction,
    source: State,
}

/// Copies `src` of a state to `dest`. A `/` at the end of `dest` says that it is a directory.
///
/// ```
/// use llb_graph::{copy, image, scratch};
///
/// let program = copy(image("busybox"), "/bin/busybox", "/bin/").create_dest_path();
/// let state = scratch().file(program);
/// # let _ = state;
/// ```
pub fn copy(source: impl Into<State>, src: impl Into<String>, dest: impl Into<String>) -> Copy {
    Copy {
        action: CopyAction::new(None, src, dest),
        source: source.into(),
    }
}

/// Makes a directory.
pub fn mkdir(path: impl Into<String>, mode: u32) -> MkdirAction {
    MkdirAction::new(path, mode)
}

/// Writes a file.
pub fn mkfile(path: impl Into<String>, mode: u32, data: impl Into<Vec<u8>>) -> MkfileAction {
    MkfileAction::new(path, mode, data)
}

/// Removes a file or directory.
pub fn rm(path: impl Into<String>) -> RmAction {
    RmAction::new(path)
}

/// Makes `newpath` a link to `oldpath`.
pub fn symlink(oldpath: impl Into<String>, newpath: impl Into<String>) -> SymlinkAction {
    SymlinkAction::new(oldpath, newpath)
}

impl From<Copy> for Actions {
    fn from(copy: Copy) -> Self {
        Self(vec![(copy.action.into(), Some(copy.source))])
    }
}

impl Copy {
    /// Goes on with another change in the same operation.
    pub fn then(self, next: impl Into<Actions>) -> Actions {
        Actions::from(self).then(next)
    }

    /// Sets the owner, such as `1000:1000` or `me`; else it is kept.
    pub fn with_owner(self, owner: impl Into<ChownOpt>) -> Self {
        self.set(|copy| copy.owner = Some(owner.into()))
    }

    /// Sets the permissions; else they are kept.
    pub fn with_mode(self, mode: CopyMode) -> Self {
        self.set(|copy| copy.mode = Some(mode))
    }

    /// Sets the modification time, in nanoseconds since 1970; else it is kept.
    pub fn with_timestamp(self, nanoseconds: i64) -> Self {
        self.set(|copy| copy.timestamp = Some(nanoseconds))
    }

    /// Makes the directories above the destination.
    pub fn create_dest_path(self) -> Self {
        self.set(|copy| copy.create_dest_path = true)
    }

    /// Copies of a directory only what is in it.
    pub fn contents_only(self) -> Self {
        self.set(|copy| copy.dir_contents_only = true)
    }

    /// Follows links in the path that is copied.
    pub fn follow_symlinks(self) -> Self {
        self.set(|copy| copy.follow_symlinks = true)
    }

    /// Unpacks an archive instead of copying it.
    pub fn unpack(self) -> Self {
        self.set(|copy| copy.attempt_unpack = true)
    }

    /// Takes the path that is copied as a pattern, which matches something.
    pub fn allow_wildcard(self) -> Self {
        self.set(|copy| copy.allow_wildcard = true)
    }

    /// Takes the path that is copied as a pattern, which may match nothing.
    pub fn allow_empty_wildcard(self) -> Self {
        self.set(|copy| (copy.allow_wildcard, copy.allow_empty_wildcard) = (true, true))
    }

    /// Replaces what is in the way, also where it is of another type.
    pub fn replace(self) -> Self {
        self.set(|copy| copy.always_replace_existing_dest_paths = true)
    }

    /// Copies only what matches one of these patterns.
    pub fn include<S: Into<String>>(self, patterns: impl IntoIterator<Item = S>) -> Self {
        self.set(|copy| copy.include_patterns.extend(patterns.into_iter().map(Into::into)))
    }

    /// Leaves out what matches one of these patterns.
    pub fn exclude<S: Into<String>>(self, patterns: impl IntoIterator<Item = S>) -> Self {
        self.set(|copy| copy.exclude_patterns.extend(patterns.into_iter().map(Into::into)))
    }

    /// Needs these paths to be there, beside patterns of what to include.
    pub fn require<S: Into<String>>(self, paths: impl IntoIterator<Item = S>) -> Self {
        self.set(|copy| copy.required_paths.extend(paths.into_iter().map(Into::into)))
    }

    fn set(mut self, set: impl FnOnce(&mut CopyAction)) -> Self {
        set(&mut self.action);
        self
    }
}
