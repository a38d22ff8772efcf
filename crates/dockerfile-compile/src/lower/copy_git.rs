//! A repository as a source of `ADD`.

use dockerfile_syntax::Place;
use llb_graph::{CopyAction, Op, SourceOp, Vertex};

use super::StageLowering;
use super::copy::{CopyRequest, PassedOn};
use crate::error::CompileError;
use crate::remote::git_options;
use crate::remote::git_ref::GitRef;

impl StageLowering<'_, '_, '_> {
    /// Copies a repository's files.
    pub(super) fn copy_git(
        &mut self,
        request: &CopyRequest<'_>,
        (path, place, git, passed_on): (&str, Place, &GitRef, &PassedOn<'_>),
        base: &CopyAction,
        name: &str,
    ) -> Result<CopyAction, CompileError> {
        let mut options = git_options(git, self.all.plan.options.git_advice);
        if let (Some(before), Some(query)) = (passed_on.keep_git_dir, git.keep_git_dir)
            && before != query
        {
            return Err(CompileError::new(match request.keep_git_dir {
                Some(flag) => format!(
                    "--keep-git-dir={flag} and keep-git-dir={query} in the URL disagree; leave one of them out"
                ),
                None => {
                    "repositories in one ADD disagree about keep-git-dir; write one ADD for each".to_owned()
                }
            }));
        }
        options.keep_git_dir = git.keep_git_dir.or(passed_on.keep_git_dir) == Some(true);
        let checksum = &passed_on.checksum;
        if !checksum.is_empty() && !git.checksum.is_empty() && *checksum != *git.checksum {
            return Err(CompileError::new(match request.checksum.is_empty() {
                true => format!(
                    "the checksums {checksum} and {} are of repositories in one ADD; write one ADD for each",
                    git.checksum
                ),
                false => format!(
                    "--checksum={checksum} and the checksum {} in the URL disagree; leave one of them out",
                    git.checksum
                ),
            }));
        }
        if options.checksum.is_none() && git.checksum.is_empty() && !checksum.is_empty() {
            options.checksum = Some(checksum.to_string());
        }
        self.pin_git((path, place), git, &mut options)?;
        let vertex = Vertex::new(Op::Source(SourceOp::git(&git.place, &options))).with_name(name);
        Ok(CopyAction {
            source: self.all.add_vertex(vertex)?,
            src: "/".to_owned(),
            ..base.clone()
        })
    }
}
