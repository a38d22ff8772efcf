//! `type=cache`: a folder that outlives the build.

use dockerfile_syntax::instruction::run::{Mount, Sharing};
use llb_graph::{
    CacheSharing, ChownOpt, ExecOp, FileAction, FileOp, FileSystem, MkdirAction, Mount as LlbMount, Op,
    Vertex,
};

use super::mounts::SourcedMount;
use crate::error::CompileError;
use crate::lower::StageLowering;
use crate::paths::unix::rooted;

/// The folder that carries owner and mode of an empty cache.
pub(super) const OWNED: &str = "/cache";

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_cache(
        &mut self,
        cache: &SourcedMount<'_>,
        exec: &mut ExecOp,
    ) -> Result<(), CompileError> {
        let target = self.mount_target(&cache.mount.target)?;
        let namespace = &self.all.plan.options.cache_mount_namespace;
        let id = match cache.mount.id.as_str() {
            // The target as written: a relative one names the same cache in every working directory.
            "" => [namespace, "/", &llb_graph::path::clean(&cache.mount.target)].concat(),
            id => [namespace, "/", id].concat(),
        };
        let sharing = match cache.mount.sharing {
            None | Some(Sharing::Shared) => CacheSharing::Shared,
            Some(Sharing::Private) => CacheSharing::Private,
            Some(Sharing::Locked) => CacheSharing::Locked,
        };
        let mut mount = LlbMount::cache(target, id, sharing).with_readonly(cache.mount.readonly);
        let source = rooted(&cache.mount.source);
        mount.source = cache.source;
        if source != "/" {
            mount = mount.with_selector(source);
        } else if has_owner(&cache.mount) {
            let asked = &cache.mount;
            let owner = (asked.uid.unwrap_or(0), asked.gid.unwrap_or(0));
            mount.source = self.owned_folder(cache.source, asked.mode, owner)?;
            mount = mount.with_selector(OWNED);
        }
        exec.mounts.push(mount);
        self.use_mount_source(cache);
        Ok(())
    }

    /// A folder with the mount's owner and mode, for the cache to start from.
    pub(super) fn owned_folder(
        &mut self,
        source: FileSystem,
        mode: Option<u32>,
        (user, group): (u32, u32),
    ) -> Result<FileSystem, CompileError> {
        let mkdir = MkdirAction {
            path: OWNED.to_owned(),
            mode: mode.unwrap_or(0o755),
            owner: Some(ChownOpt::ids(user, group)),
            ..MkdirAction::default()
        };
        let op = Op::File(FileOp::new(source, FileAction::Mkdir(mkdir)));
        self.all
            .add_vertex(Vertex::new(op).with_name("[internal] setting cache mount permissions"))
    }
}

fn has_owner(mount: &Mount<'_>) -> bool {
    mount.uid.is_some() || mount.gid.is_some() || mount.mode.is_some()
}
