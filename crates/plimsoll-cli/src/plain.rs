//! `plain`: a file of the dialect as an ordinary Dockerfile.

use dockerfile_compile::{BuildOptions, plain};
use dockerfile_syntax::{InstructionKind, parse};

use crate::Verdict;
use crate::arguments::PlainArguments;
use crate::files;
use crate::images::Images;
use crate::options::Wanted;
use crate::output::{Failure, Output};
use crate::questions::{compile, refuse_errors, refuse_syntax, remark};
use crate::rounds::World;

/// Writes the file without what the dialect has, or tells which lines can't be said so.
///
/// # Errors
/// Fails where the command line is malformed, or the file can't be read.
pub(crate) fn run(arguments: &PlainArguments, output: &Output) -> Result<Verdict, Failure> {
    let input = files::one(&arguments.file.path)?;
    let wanted = Wanted::parse(&arguments.build)?;
    let source = input.source();
    let parsed = parse(&input.data);
    if !parsed.errors.is_empty() {
        return Ok(refuse_syntax((&input, &source), &parsed, output));
    }
    let instructions = parsed
        .dockerfile
        .stages
        .iter()
        .flat_map(|stage| &stage.instructions);
    let asks_for_caches = instructions
        .into_iter()
        .any(|one| matches!(&one.kind, InstructionKind::Run(run) if !run.caches.is_empty()));
    let mut caches = None;
    if asks_for_caches {
        let images = Images::new(&arguments.images, "registry")?;
        let options = BuildOptions {
            all_stages: true,
            is_question: true,
            ..wanted.single(&source)?
        };
        let world = World {
            input: &input,
            wanted: &wanted,
            images: &images,
        };
        let compiled = compile(&world, &options, output)?;
        remark(&images, output);
        match compiled {
            Ok((compiled, _)) => caches = Some(compiled.asked_caches),
            Err(refused) => return Ok(refused),
        }
    }
    match plain(&input.data, caches.as_deref()) {
        Ok(text) => output.write(&text).map(|()| Verdict::Clean),
        Err(errors) => Ok(refuse_errors((&input, &source), (&parsed, &errors), output)),
    }
}
