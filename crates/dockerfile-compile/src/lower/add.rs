//! `ADD`: what `COPY` does, from the web and from git too, with local archives unpacked.

use dockerfile_syntax::instruction::AddInstruction;

use super::StageLowering;
use super::copy::{CopyRequest, Kind};
use crate::error::CompileError;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_add(
        &mut self,
        command: &Command<'_>,
        add: &AddInstruction<'_>,
    ) -> Result<(), CompileError> {
        let mut request = CopyRequest {
            kind: Kind::Add,
            chown: self.expand_flag(command, add.chown.as_ref())?,
            chmod: self.expand_flag(command, add.chmod.as_ref())?,
            checksum: self.expand_flag(command, add.checksum.as_ref())?,
            paths: self.expand_all(command, &add.sources.paths)?,
            dest: self.expand_in_place(command, &add.sources.dest)?,
            contents: self.expand_contents(command, &add.sources.contents)?,
            source: self.all.main_context()?,
            exclude: &add.exclude,
            link: add.link,
            parents: false,
            keep_git_dir: add.keep_git_dir,
            unpack: add.unpack,
            reads_context: true,
            if_exists: add.if_exists.is_on,
        };
        self.lower_copy_request(command, &mut request)?;
        for path in request.paths.iter().filter(|path| !crate::remote::is_http(path)) {
            self.all.use_context_path(&request.pattern(path));
        }
        Ok(())
    }
}
