//! `plain`: a file of the dialect as an ordinary Dockerfile.

use std::sync::Arc;

use dockerfile_compile::{BuildOptions, SourceFile, flatten, plain};
use dockerfile_syntax::{InstructionKind, parse};

use crate::Verdict;
use crate::arguments::PlainArguments;
use crate::files::{self, Input};
use crate::images::Images;
use crate::options::Wanted;
use crate::output::{Failure, Output};
use crate::questions::{compile, refuse_errors, refuse_syntax, remark};
use crate::rounds::World;
use crate::taken_in::{call_as_named, take_in};

/// Writes the file without what the dialect has, or tells which lines can't be said so.
///
/// # Errors
/// Fails where the command line is malformed, or the file can't be read.
pub(crate) fn run(arguments: &PlainArguments, output: &Output) -> Result<Verdict, Failure> {
    let input = files::one(&arguments.file.path)?;
    let wanted = Wanted::parse(&arguments.build)?;
    let mut files = take_in(&input, &wanted);
    call_as_named(&mut files, &input);
    let source = Arc::clone(files.source());
    let whole = files.parse();
    if !whole.errors.is_empty() {
        return Ok(refuse_syntax((&input, &source), &whole, output));
    }
    let flat = match flatten(&whole.dockerfile, &source) {
        Ok(flat) => flat,
        Err(errors) => return Ok(refuse_errors((&input, &source), (&whole, &errors), output)),
    };
    let data = match source.parts.is_empty() {
        true => &input.data,
        false => &flat.text,
    };
    let parsed = parse(data);
    let mut instructions = parsed.dockerfile.instructions();
    let asks_for_caches =
        instructions.any(|one| matches!(&one.kind, InstructionKind::Run(run) if !run.caches.is_empty()));
    let mut instructions = parsed.dockerfile.instructions();
    let has_pairs_of_files = instructions.any(|one| matches!(&one.kind, InstructionKind::PairsFile(_)));
    let mut known = None;
    if asks_for_caches || has_pairs_of_files {
        // What is in a file of the context does not depend on images.
        let images = Images::new(
            &arguments.images,
            if asks_for_caches { "registry" } else { "assume" },
        )?;
        let options = BuildOptions {
            all_stages: true,
            is_question: true,
            ..wanted.single(&SourceFile::new(input.name.clone(), data.clone()))?
        };
        // The other files are part of it by now.
        let input = Input {
            data: data.clone(),
            ..input.clone()
        };
        let world = World {
            input: &input,
            wanted: &wanted,
            images: &images,
        };
        let compiled = compile(&world, &options, output)?;
        if asks_for_caches {
            remark(&images, output);
        }
        match compiled {
            Ok((compiled, _)) => known = Some(compiled),
            Err(refused) => return Ok(refused),
        }
    }
    let errors = match plain(data, known.as_deref()) {
        Ok(text) => return output.write(&text).map(|()| Verdict::Clean),
        Err(errors) => errors,
    };
    let errors = match source.parts.is_empty() {
        true => errors,
        false => flat.told_of_files(errors),
    };
    Ok(refuse_errors((&input, &source), (&whole, &errors), output))
}
