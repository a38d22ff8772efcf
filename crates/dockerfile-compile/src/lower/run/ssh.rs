//! `type=ssh`: the socket of the client's ssh agent. Keys stay with the client.

use dockerfile_syntax::instruction::run::Mount;
use llb_graph::{ExecOp, SshMount};

use crate::error::CompileError;
use crate::lower::StageLowering;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_ssh(&mut self, mount: &Mount<'_>, exec: &mut ExecOp) -> Result<(), CompileError> {
        if !mount.source.is_empty() {
            return Err(CompileError::about(
                &mount.source,
                "an ssh mount has no source; choose the agent with id=NAME",
            ));
        }
        exec.ssh.push(SshMount {
            id: mount.id.to_string(),
            dest: (!mount.target.is_empty()).then(|| mount.target.to_string()),
            uid: mount.uid.unwrap_or(0),
            gid: mount.gid.unwrap_or(0),
            mode: mount.mode.unwrap_or(0o600),
            optional: !mount.required,
        });
        Ok(())
    }
}
