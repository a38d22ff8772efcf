//! What is put into a container beside its root: file systems, caches, secrets, sockets and devices.

use crate::FileSystem;

/// A file system in the container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where, absolute.
    pub dest: String,
    /// What; for a cache its first content, for a tmpfs nothing.
    pub source: FileSystem,
    /// Which path of the source; empty is all of it.
    pub selector: String,
    /// Whether it can't be written to; then it is no output.
    pub readonly: bool,
    /// What kind.
    pub kind: MountKind,
    /// Whether the content takes part in the cache key.
    pub content_cache: ContentCache,
}

/// The kinds of mount that have a source. Secrets and SSH sockets have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountKind {
    /// A file system of the graph.
    Bind {
        /// What is written is dropped.
        no_output: bool,
    },
    /// A directory that outlives the build.
    Cache {
        /// Its name, at least one character.
        id: String,
        /// What a second writer gets.
        sharing: CacheSharing,
    },
    /// Memory.
    Tmpfs {
        /// Bytes at most; zero is no limit.
        size: i64,
    },
}

/// What a second writer of a cache directory gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheSharing {
    /// The same directory.
    #[default]
    Shared,
    /// Another directory.
    Private,
    /// Its turn, when the first is done.
    Locked,
}

/// Whether a mount's content takes part in the cache key, beside its definition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContentCache {
    /// As the daemon thinks best.
    #[default]
    Default,
    /// Yes.
    On,
    /// No.
    Off,
}

/// A secret as an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretEnv {
    /// The secret's name at the client.
    pub id: String,
    /// The variable.
    pub name: String,
    /// Whether the program runs without it.
    pub optional: bool,
}

/// A secret as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretMount {
    /// The secret's name at the client.
    pub id: String,
    /// The file, absolute.
    pub dest: String,
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Its permissions; 0400 is usual.
    pub mode: u32,
    /// Whether the program runs without it.
    pub optional: bool,
}

/// The socket of an SSH agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshMount {
    /// The agent's name at the client; empty is the default one.
    pub id: String,
    /// The socket, absolute; `None` is `/run/buildkit/ssh_agent.N`, N from zero.
    pub dest: Option<String>,
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Its permissions; 0600 is usual.
    pub mode: u32,
    /// Whether the program runs without it.
    pub optional: bool,
}

/// A device by its Container Device Interface name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CdiDevice {
    /// Such as `vendor.com/gpu=gpu1`.
    pub name: String,
    /// Whether the program runs without it.
    pub optional: bool,
}

impl Mount {
    /// A file system of the graph, writable.
    pub fn bind(dest: impl Into<String>, source: FileSystem) -> Self {
        Self::new(dest, source, MountKind::Bind { no_output: false })
    }

    /// A cache directory that starts empty.
    pub fn cache(dest: impl Into<String>, id: impl Into<String>, sharing: CacheSharing) -> Self {
        let id = id.into();
        Self::new(dest, None, MountKind::Cache { id, sharing })
    }

    /// Memory of at most `size` bytes; zero is no limit.
    pub fn tmpfs(dest: impl Into<String>, size: i64) -> Self {
        Self::new(dest, None, MountKind::Tmpfs { size })
    }

    fn new(dest: impl Into<String>, source: FileSystem, kind: MountKind) -> Self {
        Self {
            dest: dest.into(),
            source,
            selector: String::new(),
            readonly: false,
            kind,
            content_cache: ContentCache::Default,
        }
    }

    /// Mounts only one path of the source.
    #[must_use]
    pub fn with_selector(mut self, selector: impl Into<String>) -> Self {
        self.selector = selector.into();
        self
    }

    /// Sets whether it can't be written to.
    #[must_use]
    pub fn with_readonly(mut self, readonly: bool) -> Self {
        self.readonly = readonly;
        self
    }

    /// Sets whether the content takes part in the cache key.
    #[must_use]
    pub fn with_content_cache(mut self, content_cache: ContentCache) -> Self {
        self.content_cache = content_cache;
        self
    }

    /// Drops what is written to a file system of the graph. Caches and memory are no outputs anyway.
    #[must_use]
    pub fn without_output(mut self) -> Self {
        if let MountKind::Bind { no_output } = &mut self.kind {
            *no_output = true;
        }
        self
    }

    /// Whether the file system is there after the program as it was before.
    pub(crate) fn is_kept(&self) -> bool {
        self.readonly && matches!(self.kind, MountKind::Bind { .. })
    }

    /// Whether what the program writes there is an output of the op.
    pub(crate) fn is_output(&self) -> bool {
        !self.readonly && matches!(self.kind, MountKind::Bind { no_output: false })
    }
}

impl SecretEnv {
    /// The secret `id` as the variable `name`; the command doesn't run without it.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            optional: false,
        }
    }

    /// Runs the command also where the client has no such secret.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

impl SecretMount {
    /// The secret `id` as the file `/run/secrets/ID`, which only root reads; the command doesn't run without it.
    ///
    /// ```
    /// use llb_graph::SecretMount;
    ///
    /// let secret = SecretMount::new("npm").with_dest("/root/.npmrc").with_owner(1000, 1000).optional();
    /// assert_eq!((secret.id.as_str(), secret.mode), ("npm", 0o400));
    /// ```
    pub fn new(id: impl Into<String>) -> Self {
        let id = id.into();
        Self {
            dest: format!("/run/secrets/{id}"),
            id,
            uid: 0,
            gid: 0,
            mode: 0o400,
            optional: false,
        }
    }

    /// Sets the file.
    #[must_use]
    pub fn with_dest(mut self, dest: impl Into<String>) -> Self {
        self.dest = dest.into();
        self
    }
}

impl Default for SshMount {
    /// The client's default agent at the usual place, for root.
    fn default() -> Self {
        Self {
            id: String::new(),
            dest: None,
            uid: 0,
            gid: 0,
            mode: 0o600,
            optional: false,
        }
    }
}

impl SshMount {
    /// The client's agent `id` at the usual place, for root; the command doesn't run without it.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }

    /// Sets the socket.
    #[must_use]
    pub fn with_dest(mut self, dest: impl Into<String>) -> Self {
        self.dest = Some(dest.into());
        self
    }
}

/// What a secret and an agent of the client have in common.
macro_rules! lent_by_the_client {
    ($($mount:ty),*) => {$(
        impl $mount {
            /// Sets user and group.
            #[must_use]
            pub fn with_owner(mut self, uid: u32, gid: u32) -> Self {
                (self.uid, self.gid) = (uid, gid);
                self
            }

            /// Sets the permissions.
            #[must_use]
            pub fn with_mode(mut self, mode: u32) -> Self {
                self.mode = mode;
                self
            }

            /// Runs the command also where the client has none of that id.
            #[must_use]
            pub fn optional(mut self) -> Self {
                self.optional = true;
                self
            }
        }

        impl<T: Into<String>> From<T> for $mount {
            fn from(id: T) -> Self {
                Self::new(id)
            }
        }
    )*};
}

lent_by_the_client!(SecretMount, SshMount);

impl CdiDevice {
    /// The device of this name; the command doesn't run without it.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            optional: false,
        }
    }

    /// Runs the command also where there is no such device.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

impl<T: Into<String>> From<T> for CdiDevice {
    fn from(name: T) -> Self {
        Self::new(name)
    }
}
