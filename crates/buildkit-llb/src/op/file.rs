//! Files that are copied, written and removed.

use crate::encode::{EMPTY, Encoder, SKIP_OUTPUT};
use crate::path::absolute;
use crate::wire::{elements, flag, int, message, text};
use crate::{FileSystem, Output, caps, proto};

/// Changes a file system, action by action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOp {
    /// What the first action starts from.
    pub base: FileSystem,
    /// At least one; each starts from the result of the one before.
    pub actions: Vec<FileAction>,
}

/// One change. Paths are of the file system, so relative ones are from `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileAction {
    /// Copies from another file system.
    Copy(CopyAction),
    /// Writes a file.
    Mkfile(MkfileAction),
    /// Makes a directory.
    Mkdir(MkdirAction),
    /// Removes a file or directory.
    Rm(RmAction),
    /// Makes a symbolic link.
    Symlink(SymlinkAction),
}

/// Copies `src` of `source` to `dest`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyAction {
    /// Where `src` is.
    pub source: FileSystem,
    /// What.
    pub src: String,
    /// Where to; `/` or `/.` at the end makes it a directory.
    pub dest: String,
    /// The new owner; `None` keeps it.
    pub owner: Option<ChownOpt>,
    /// The new permissions; `None` keeps them.
    pub mode: Option<CopyMode>,
    /// Whether links in `src` are followed.
    pub follow_symlinks: bool,
    /// Whether of a directory only the content is copied.
    pub dir_contents_only: bool,
    /// Whether an archive is unpacked instead, as Docker's ADD does.
    pub attempt_unpack: bool,
    /// Whether directories above `dest` are made.
    pub create_dest_path: bool,
    /// Whether `src` is a pattern.
    pub allow_wildcard: bool,
    /// Whether a pattern may match nothing.
    pub allow_empty_wildcard: bool,
    /// The new modification time, in nanoseconds since 1970; `None` keeps it.
    pub timestamp: Option<i64>,
    /// Only what matches one of these, if there are any.
    pub include_patterns: Vec<String>,
    /// Not what matches one of these.
    pub exclude_patterns: Vec<String>,
    /// Whether what is in the way, and of another type, is replaced.
    pub always_replace_existing_dest_paths: bool,
    /// Paths that must be there when there are include patterns.
    pub required_paths: Vec<String>,
}

/// The permissions of what is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyMode {
    /// As a number, such as `0o755`.
    Bits(u32),
    /// As `chmod` takes it, such as `go-w`.
    Symbolic(String),
}

/// Writes a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MkfileAction {
    /// Where.
    pub path: String,
    /// Permissions; only the nine lowest bits count.
    pub mode: u32,
    /// Content.
    pub data: Vec<u8>,
    /// Its owner; `None` is root.
    pub owner: Option<ChownOpt>,
    /// Modification time, in nanoseconds since 1970; `None` is now.
    pub timestamp: Option<i64>,
}

/// Makes a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MkdirAction {
    /// Where.
    pub path: String,
    /// Permissions; only the nine lowest bits count.
    pub mode: u32,
    /// Whether directories above are made too; then it may be there already.
    pub make_parents: bool,
    /// Its owner; `None` is root.
    pub owner: Option<ChownOpt>,
    /// Modification time, in nanoseconds since 1970; `None` is now.
    pub timestamp: Option<i64>,
}

/// Removes a file or directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RmAction {
    /// What.
    pub path: String,
    /// Whether it may be missing.
    pub allow_not_found: bool,
    /// Whether `path` is a pattern.
    pub allow_wildcard: bool,
}

/// Makes `newpath` a symbolic link to `oldpath`; both stay as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SymlinkAction {
    /// What the link says.
    pub oldpath: String,
    /// Where the link is.
    pub newpath: String,
    /// Its owner; `None` is root.
    pub owner: Option<ChownOpt>,
    /// Modification time, in nanoseconds since 1970; `None` is now.
    pub timestamp: Option<i64>,
}

/// The owner of what an action makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChownOpt {
    /// `None` is root.
    pub user: Option<UserOpt>,
    /// `None` is the daemon's choice: the user's number.
    pub group: Option<UserOpt>,
}

/// A user or group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserOpt {
    /// By number.
    Id(u32),
    /// By name, looked up in the passwd or group file of the op's base.
    Name(String),
}

macro_rules! from_actions {
    ($($kind:ident($of:ty)),*) => {$(
        impl From<$of> for FileAction {
            fn from(action: $of) -> Self {
                Self::$kind(action)
            }
        }
    )*};
}

from_actions!(
    Copy(CopyAction),
    Mkfile(MkfileAction),
    Mkdir(MkdirAction),
    Rm(RmAction),
    Symlink(SymlinkAction)
);

macro_rules! made {
    ($($of:ty),*) => {$(
        impl $of {
            /// Sets the owner, such as `1000:1000`, `me` or [`ChownOpt::ids`].
            #[must_use]
            pub fn with_owner(mut self, owner: impl Into<ChownOpt>) -> Self {
                self.owner = Some(owner.into());
                self
            }

            /// Sets the modification time, in nanoseconds since 1970.
            #[must_use]
            pub fn with_timestamp(mut self, nanoseconds: i64) -> Self {
                self.timestamp = Some(nanoseconds);
                self
            }
        }
    )*};
}

made!(CopyAction, MkfileAction, MkdirAction, SymlinkAction);

impl CopyAction {
    /// Copies `src` of `source` to `dest`, as it is.
    pub fn new(source: FileSystem, src: impl Into<String>, dest: impl Into<String>) -> Self {
        Self {
            source,
            src: src.into(),
            dest: dest.into(),
            ..Self::default()
        }
    }
}

impl MkfileAction {
    /// Writes `data` to the file at `path`, which is root's.
    pub fn new(path: impl Into<String>, mode: u32, data: impl Into<Vec<u8>>) -> Self {
        Self {
            path: path.into(),
            mode,
            data: data.into(),
            ..Self::default()
        }
    }
}

impl MkdirAction {
    /// Makes the directory at `path`, which is root's and must not be there yet.
    pub fn new(path: impl Into<String>, mode: u32) -> Self {
        Self {
            path: path.into(),
            mode,
            ..Self::default()
        }
    }

    /// Makes the directories above too; then it may be there already.
    #[must_use]
    pub fn with_parents(mut self) -> Self {
        self.make_parents = true;
        self
    }
}

impl RmAction {
    /// Removes what is at `path`, which must be there.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            ..Self::default()
        }
    }

    /// Lets it be missing.
    #[must_use]
    pub fn allow_not_found(mut self) -> Self {
        self.allow_not_found = true;
        self
    }

    /// Takes the path as a pattern.
    #[must_use]
    pub fn allow_wildcard(mut self) -> Self {
        self.allow_wildcard = true;
        self
    }
}

impl SymlinkAction {
    /// Makes `newpath` a link to `oldpath`.
    pub fn new(oldpath: impl Into<String>, newpath: impl Into<String>) -> Self {
        Self {
            oldpath: oldpath.into(),
            newpath: newpath.into(),
            ..Self::default()
        }
    }
}

impl From<&str> for ChownOpt {
    /// [`ChownOpt::parse`].
    fn from(text: &str) -> Self {
        Self::parse(text)
    }
}

impl ChownOpt {
    /// Reads `user[:group]`, each a name, a number, or `root`.
    pub fn parse(text: &str) -> Self {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        Self {
            user: Some(UserOpt::parse(user)),
            group: group.map(UserOpt::parse),
        }
    }

    /// By numbers.
    pub fn ids(uid: u32, gid: u32) -> Self {
        Self {
            user: Some(UserOpt::Id(uid)),
            group: Some(UserOpt::Id(gid)),
        }
    }

    fn write(&self, out: &mut Vec<u8>, base: i64) {
        prost::Message::encode_raw(&self.encode(base), out);
    }

    fn encode(&self, base: i64) -> proto::ChownOpt {
        proto::ChownOpt {
            user: self.user.as_ref().map(|user| user.encode(base)),
            group: self.group.as_ref().map(|group| group.encode(base)),
        }
    }
}

impl UserOpt {
    /// A number if `text` is a decimal of 32 bits or `root` (zero), else a name.
    pub fn parse(text: &str) -> Self {
        match text {
            "root" => Self::Id(0),
            _ => text
                .parse::<i32>()
                .map_or_else(|_| Self::Name(text.to_owned()), |id| Self::Id(id.cast_unsigned())),
        }
    }

    fn encode(&self, base: i64) -> proto::UserOpt {
        let user = match self {
            // Nobody is called nothing: the reference makes that root.
            Self::Name(name) if name.is_empty() => proto::user_opt::User::ById(0),
            Self::Name(name) => proto::user_opt::User::ByName(proto::NamedUserOpt {
                name: name.clone(),
                input: base,
            }),
            Self::Id(id) => proto::user_opt::User::ById(*id),
        };
        proto::UserOpt { user: Some(user) }
    }
}

impl FileOp {
    /// A change of one action.
    pub fn new(base: FileSystem, action: impl Into<FileAction>) -> Self {
        Self {
            base,
            actions: vec![action.into()],
        }
    }

    /// Adds a change, which starts from the result of the one before.
    #[must_use]
    pub fn then(mut self, action: impl Into<FileAction>) -> Self {
        self.actions.push(action.into());
        self
    }

    /// From the last action back, since that is how the reference walks its list;
    /// the base belongs to every action, so it is first.
    pub(crate) fn inputs(&self) -> Vec<Output> {
        let mut inputs: Vec<Output> = self.base.into_iter().collect();
        for action in self.actions.iter().rev() {
            if let Some(source) = action.source()
                && !inputs.contains(&source)
            {
                inputs.push(source);
            }
        }
        inputs
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>, encoder: &mut Encoder<'_>) {
        // The one capability that a file op ever lists: the reference gathers those
        // of the actions before there are any.
        encoder.cap(caps::FILE_BASE);
        let base = self.base.map_or(EMPTY, |base| encoder.input(base));
        // All inputs have their places before the first action: an index past them is the result of an action.
        for source in self.actions.iter().filter_map(FileAction::source) {
            encoder.input(source);
        }
        let results = encoder.input_count()..;
        let inputs = std::iter::once(base).chain(results);
        let last = self.actions.len().saturating_sub(1);
        for (at, (input, action)) in inputs.zip(&self.actions).enumerate() {
            let source = action.source().map_or(EMPTY, |source| encoder.input(source));
            message(out, 2, |out| {
                int(out, 1, input);
                int(out, 2, source);
                int(out, 3, if at == last { 0 } else { SKIP_OUTPUT });
                action.write(out, base);
            });
        }
    }
}

impl FileAction {
    fn source(&self) -> FileSystem {
        match self {
            Self::Copy(copy) => copy.source,
            _ => None,
        }
    }

    pub(crate) fn source_mut(&mut self) -> Option<&mut FileSystem> {
        match self {
            Self::Copy(copy) => Some(&mut copy.source),
            _ => None,
        }
    }

    fn write(&self, out: &mut Vec<u8>, base: i64) {
        let owner = |owner: &Option<ChownOpt>| owner.as_ref().map(|owner| owner.encode(base));
        let action = match self {
            Self::Copy(copy) => return message(out, 4, |out| copy.write(out, base)),
            Self::Mkfile(file) => return message(out, 5, |out| file.write(out, base)),
            Self::Mkdir(dir) => proto::file_action::Action::Mkdir(proto::FileActionMkDir {
                path: absolute(&dir.path, false).into_owned(),
                mode: permissions(dir.mode),
                make_parents: dir.make_parents,
                owner: owner(&dir.owner),
                timestamp: dir.timestamp.unwrap_or(-1),
            }),
            Self::Rm(rm) => proto::file_action::Action::Rm(proto::FileActionRm {
                path: absolute(&rm.path, false).into_owned(),
                allow_not_found: rm.allow_not_found,
                allow_wildcard: rm.allow_wildcard,
            }),
            Self::Symlink(link) => proto::file_action::Action::Symlink(proto::FileActionSymlink {
                oldpath: link.oldpath.clone(),
                newpath: link.newpath.clone(),
                owner: owner(&link.owner),
                timestamp: link.timestamp.unwrap_or(-1),
            }),
        };
        action.encode(out);
    }
}

impl MkfileAction {
    fn write(&self, out: &mut Vec<u8>, base: i64) {
        text(out, 1, absolute(&self.path, false).as_bytes());
        int(out, 2, permissions(self.mode).into());
        text(out, 3, &self.data);
        if let Some(owner) = &self.owner {
            message(out, 4, |out| owner.write(out, base));
        }
        int(out, 5, self.timestamp.unwrap_or(-1));
    }
}

impl CopyAction {
    fn write(&self, out: &mut Vec<u8>, base: i64) {
        let (mode, mode_str) = match &self.mode {
            None => (-1, ""),
            Some(CopyMode::Bits(bits)) => (bits.cast_signed(), ""),
            Some(CopyMode::Symbolic(text)) => (0, text.as_str()),
        };
        text(out, 1, absolute(&self.src, false).as_bytes());
        text(out, 2, absolute(&self.dest, true).as_bytes());
        if let Some(owner) = &self.owner {
            message(out, 3, |out| owner.write(out, base));
        }
        int(out, 4, mode.into());
        flag(out, 5, self.follow_symlinks);
        flag(out, 6, self.dir_contents_only);
        flag(out, 7, self.attempt_unpack);
        flag(out, 8, self.create_dest_path);
        flag(out, 9, self.allow_wildcard);
        flag(out, 10, self.allow_empty_wildcard);
        int(out, 11, self.timestamp.unwrap_or(-1));
        elements(out, 12, &self.include_patterns);
        elements(out, 13, &self.exclude_patterns);
        flag(out, 14, self.always_replace_existing_dest_paths);
        text(out, 15, mode_str);
        elements(out, 16, &self.required_paths);
    }
}

fn permissions(mode: u32) -> i32 {
    (mode & 0o777).cast_signed()
}
