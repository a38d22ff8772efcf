//! `ADD`: what `COPY` does, from the web and from git too, with local archives unpacked.

use dockerfile_syntax::instruction::Add;

use super::StageLowering;
use super::copy::{CopyRequest, Kind};
use crate::error::CompileError;
use crate::plan::Command;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_add(&mut self, command: &Command<'_>, add: &Add) -> Result<(), CompileError> {
        let request = CopyRequest {
            kind: Kind::Add,
            chown: self.expand(command, &add.chown)?,
            chmod: self.expand(command, &add.chmod)?,
            checksum: self.expand(command, &add.checksum)?,
            paths: self.expand_all(command, &add.sources.paths)?,
            dest: self.expand(command, &add.sources.dest)?,
            contents: self.expand_contents(command, &add.sources.contents)?,
            source: self.all.main_context()?,
            exclude: &add.exclude,
            link: add.link,
            parents: false,
            keep_git_dir: add.keep_git_dir,
            unpack: add.unpack,
            reads_context: true,
        };
        self.lower_copy_request(command, &request)?;
        for path in request.paths.iter().filter(|path| !crate::remote::is_http(path)) {
            self.all.use_context_path(path);
        }
        Ok(())
    }
}
