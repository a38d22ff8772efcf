//! `RUN --cache=TOOL`: the mounts that somebody asks for by the tool's name.

use shell_commands::tools::{CacheKind, Sharing, Tool};

use super::script::{CacheMount, Runner, home, owner};

/// In front of their ids, to tell them from those that people write.
const PREFIX: &str = "plimsoll";

impl CacheMount {
    /// The id of the cache of one owner, for mounts that were asked for.
    #[must_use]
    pub fn asked_id(&self) -> String {
        let (user, _) = self.owner;
        format!("{PREFIX}/{}/{user}", self.cache.id)
    }

    /// The flag of `RUN` that makes the mount that was asked for.
    #[must_use]
    pub fn asked_flag(&self) -> String {
        let (user, group) = self.owner;
        let sharing = match self.cache.sharing {
            Sharing::Shared => "",
            Sharing::Locked => ",sharing=locked",
        };
        let owner = match self.owner {
            (0, 0) => String::new(),
            _ => format!(",uid={user},gid={group}"),
        };
        let (id, folder) = (self.asked_id(), &self.folder);
        format!("--mount=type=cache,id={id},target={folder}{sharing}{owner}")
    }
}

/// The mounts of a tool for someone.
///
/// # Errors
/// Why they can't be told, and what to write instead.
pub(crate) fn caches_of(tool: &'static Tool, runner: &Runner<'_>) -> Result<Vec<CacheMount>, String> {
    let user = runner.user;
    let Some(owner) = owner(user) else {
        return Err(format!(
            "a cache mount belongs to a user by number, and only the image knows that of `{user}`; write USER with the number, or --mount=type=cache with target=, uid= and gid="
        ));
    };
    let home = home(runner);
    let mut mounts: Vec<CacheMount> = Vec::new();
    for cache in tool.caches.iter().filter(|cache| cache.kind != CacheKind::Output) {
        // Where there is no home folder, only what is below one is wanting.
        let path = cache.path(home.as_deref().unwrap_or("~"), owner.0 == 0, runner.variable);
        let Some(folder) = path.filter(|path| path.starts_with(['/', '~'])) else {
            continue;
        };
        if folder.starts_with('~') {
            return Err(format!(
                "the cache is below the home folder, and only the image knows that of `{user}`; write ENV HOME=/the/folder above"
            ));
        }
        let mount = CacheMount {
            tool: tool.name,
            cache,
            folder,
            owner,
        };
        mount.add_to(&mut mounts);
    }
    match mounts.is_empty() {
        true => Err("its cache is in no folder of its own; write --mount=type=cache with target=".to_owned()),
        false => Ok(mounts),
    }
}
