//! `type=bind`: files of the context, a stage or an image.

use llb_graph::{ExecOp, Mount, caps};

use super::bind_kind;
use super::mounts::SourcedMount;
use crate::error::CompileError;
use crate::lower::StageLowering;
use crate::paths::unix::rooted;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_bind(
        &mut self,
        bind: &SourcedMount<'_>,
        exec: &mut ExecOp,
    ) -> Result<(), CompileError> {
        let target = self.mount_target(&bind.mount.target)?;
        let drops_writes = self
            .all
            .plan
            .options
            .caps
            .supports(caps::EXEC_MOUNT_BIND_READ_WRITE_NO_OUTPUT);
        let mut mount = Mount::bind(target, bind.source).with_readonly(bind.mount.readonly);
        mount.kind = bind_kind(bind.mount.readonly || !drops_writes);
        let source = rooted(&bind.mount.source);
        if source != "/" {
            mount = mount.with_selector(source);
        }
        exec.mounts.push(mount);
        self.use_mount_source(bind);
        Ok(())
    }
}
