//! `type=secret`: a secret of the client, as a file or a variable. Its value never gets here.

use dockerfile_syntax::instruction::run::Mount;
use llb_graph::{ExecOp, SecretEnv, SecretMount};

use crate::error::CompileError;
use crate::lower::StageLowering;
use crate::paths::os::{is_absolute, to_slash};
use crate::paths::unix::base;

const WINDOWS: &str = "windows";

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_secret(&mut self, mount: &Mount<'_>, exec: &mut ExecOp) -> Result<(), CompileError> {
        let os = &self.state.platform.os;
        let target = to_slash(mount.target.as_str(), os);
        let id = match (mount.source.as_str(), mount.id.as_str()) {
            ("", "") if target.is_empty() => {
                return Err(CompileError::new("a secret mount needs a name; write id=NAME"));
            }
            ("", "") => base(&target).to_owned(),
            ("", id) => id.to_owned(),
            (source, _) => source.to_owned(),
        };
        if os == WINDOWS && !target.is_empty() && !is_absolute(&target, os) {
            return Err(CompileError::about(
                &mount.target,
                format!(
                    "on Windows the target of a secret is an absolute path, not `{target}`; write target=C:/path/to/secret"
                ),
            ));
        }
        if let Some(name) = &mount.env {
            let optional = !mount.required;
            exec.secret_env.push(SecretEnv {
                id: id.clone(),
                name: name.to_string(),
                optional,
            });
            if target.is_empty() {
                return Ok(());
            }
        }
        if os == WINDOWS && target.is_empty() {
            return Err(CompileError::new(
                "on Windows secrets have no usual place; write target=C:/path/to/secret, or env=NAME",
            ));
        }
        let dest = if target.is_empty() {
            ["/run/secrets/", base(&id)].concat()
        } else {
            target.into_owned()
        };
        exec.secrets.push(SecretMount {
            id,
            dest,
            uid: mount.uid.unwrap_or(0),
            gid: mount.gid.unwrap_or(0),
            mode: mount.mode.unwrap_or(0o400),
            optional: !mount.required,
        });
        Ok(())
    }
}
