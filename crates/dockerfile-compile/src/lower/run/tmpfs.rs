//! `type=tmpfs`: a folder in memory.

use llb_graph::{ExecOp, Mount};

use super::mounts::SourcedMount;
use crate::error::CompileError;
use crate::lower::StageLowering;
use crate::paths::unix::rooted;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_tmpfs(
        &mut self,
        tmpfs: &SourcedMount<'_>,
        exec: &mut ExecOp,
    ) -> Result<(), CompileError> {
        let target = self.mount_target(&tmpfs.mount.target)?;
        let mut mount = Mount::tmpfs(target, tmpfs.mount.size).with_readonly(tmpfs.mount.readonly);
        let source = rooted(&tmpfs.mount.source);
        if source != "/" {
            mount = mount.with_selector(source);
        }
        exec.mounts.push(mount);
        self.use_mount_source(tmpfs);
        Ok(())
    }
}
