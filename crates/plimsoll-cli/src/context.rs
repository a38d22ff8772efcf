//! `context`: what of the build context is read, and what is kept out.

use dockerfile_compile::view::context::ContextReport;
use dockerfile_compile::view::explain::{LOCAL, Origin};

use crate::Verdict;
use crate::arguments::ContextArguments;
use crate::explain::walk;
use crate::files;
use crate::options::Wanted;
use crate::output::{Failure, Output};
use crate::questions::{answer, explain};

/// Tells what a build of one file reads of folders.
///
/// # Errors
/// Fails where the command line is malformed, or a file can't be read.
pub(crate) fn run(arguments: &ContextArguments, output: &Output) -> Result<Verdict, Failure> {
    let input = files::one(&arguments.file.path)?;
    let wanted = Wanted::parse(&arguments.build)?;
    let model = match explain((&input, &wanted), &arguments.images, output)? {
        Ok(model) => model,
        Err(refused) => return Ok(refused),
    };
    let mut reports = Vec::new();
    for (at, source) in model.sources.iter().enumerate() {
        let is_read = model.steps.iter().any(|step| {
            let mut origins = step.reads.iter().map(|read| read.from);
            origins.any(|origin| origin == Origin::Source(at))
        });
        if source.kind != LOCAL || !is_read {
            continue;
        }
        let Some(folder) = walk(&source.name, (&input, &wanted), true)? else {
            continue;
        };
        for what in folder.unread.iter().take(3) {
            output.note(&format!("can't read {what}"));
        }
        let mut report = ContextReport::of(&model, at, &folder.tree);
        report.is_cut = folder.is_cut;
        if !folder.ignored.lines.is_empty() {
            report.note_ignored(&folder.ignored.name, &folder.ignored.lines, &folder.tree);
        }
        reports.push(report);
    }
    answer(&ContextReport::view(&reports), arguments.format, output)?;
    Ok(Verdict::Clean)
}
