//! `outline`, `targets`, `llb` and `images`: what a build of one file would be.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use dockerfile_compile::view::{self, Explanation, View, safe_lines};
use dockerfile_compile::{BuildOptions, CompileErrors, Compiled, SourceFile};
use dockerfile_syntax::Parsed;
use llb_graph::json::convert_llb;

use crate::Verdict;
use crate::arguments::{
    BuildArguments, ImageArguments, ImagesArguments, LlbArguments, LlbFormat, OutlineArguments,
    QuestionFormat, TargetsArguments,
};
use crate::check::{Finding, Indexed, in_own_files};
use crate::files::{self, Input};
use crate::images::Images;
use crate::options::Wanted;
use crate::output::{Failure, Output};
use crate::report::{self, Checked};
use crate::rounds::World;
use crate::taken_in::{call_as_named, take_in};

/// What a client may pass to a build of the target.
///
/// # Errors
/// Fails where the command line is malformed, or the file can't be read.
pub(crate) fn outline(arguments: &OutlineArguments, output: &Output) -> Result<Verdict, Failure> {
    let input = files::one(&arguments.file.path)?;
    let wanted = Wanted::parse(&arguments.build)?;
    let images = Images::new(&arguments.images, "assume")?;
    let options = BuildOptions {
        is_question: true,
        ..wanted.single(&input.source())?
    };
    let world = World {
        input: &input,
        wanted: &wanted,
        images: &images,
    };
    let (compiled, source) = match compile(&world, &options, output)? {
        Ok(compiled) => compiled,
        Err(refused) => return Ok(refused),
    };
    let outline = compiled.outline.unwrap_or_default();
    answer(&outline.view(&source), arguments.format, output)?;
    remark(&images, output);
    Ok(Verdict::Clean)
}

/// The stages that can be built.
///
/// # Errors
/// Fails where the file can't be read.
pub(crate) fn targets(arguments: &TargetsArguments, output: &Output) -> Result<Verdict, Failure> {
    let input = files::one(&arguments.file.path)?;
    let wanted = Wanted::parse(&BuildArguments {
        build_contexts: arguments.build_contexts.clone(),
        ..BuildArguments::default()
    })?;
    let mut files = take_in(&input, &wanted);
    call_as_named(&mut files, &input);
    let parsed = files.parse();
    if !parsed.errors.is_empty() {
        return Ok(refuse_syntax((&input, files.source()), &parsed, output));
    }
    answer(
        &view::targets(&parsed.dockerfile, files.source()),
        arguments.format,
        output,
    )?;
    Ok(Verdict::Clean)
}

/// The graph of the target.
///
/// # Errors
/// Fails where the command line is malformed, the file can't be read, or bytes would go to a terminal.
pub(crate) fn llb(arguments: &LlbArguments, output: &Output) -> Result<Verdict, Failure> {
    if arguments.format == LlbFormat::Bytes && output.is_terminal() {
        return Err(Failure::new(
            "a graph is bytes for programs, not for a terminal: write `plimsoll llb | buildctl build …`, `plimsoll llb > graph.pb`, or `plimsoll llb --format json` to read it",
        ));
    }
    let input = files::one(&arguments.file.path)?;
    let wanted = Wanted::parse(&arguments.build)?;
    let images = Images::new(&arguments.images, "registry")?;
    // In the graph the file goes by the name that it has in its folder, as in builds.
    let source = SourceFile::new(input.file_name(), input.data.clone());
    let options = BuildOptions {
        unique_id: arguments.local_id.clone().unwrap_or_else(unique_id),
        ..wanted.single(&source)?
    };
    let world = World {
        input: &input,
        wanted: &wanted,
        images: &images,
    };
    let (compiled, _) = match compile(&world, &options, output)? {
        Ok(compiled) => compiled,
        Err(refused) => return Ok(refused),
    };
    match arguments.format {
        LlbFormat::Bytes => output.write(&compiled.definition.bytes())?,
        LlbFormat::Json => {
            let json = compiled
                .definition
                .decode()
                .and_then(|definition| convert_llb(&definition));
            let json = json.map_err(|error| {
                Failure::new(format!(
                    "Plimsoll can't read a graph of its own, please report it: {error}"
                ))
            })?;
            output.write(format!("{json}\n").as_bytes())?;
        }
    }
    remark(&images, output);
    Ok(Verdict::Clean)
}

/// Looks the images of files up and writes a file of answers.
///
/// # Errors
/// Fails where the command line is malformed or a file can't be read.
pub(crate) fn images(arguments: &ImagesArguments, output: &Output) -> Result<Verdict, Failure> {
    let wanted = Wanted::parse(&arguments.build)?;
    let images = Images::registry(&arguments.registry);
    let mut verdict = Verdict::Clean;
    for path in files::all(&arguments.files) {
        let input = files::read(&path?)?;
        let mut files = take_in(&input, &wanted);
        call_as_named(&mut files, &input);
        let parsed = files.parse();
        if !parsed.errors.is_empty() {
            verdict = refuse_syntax((&input, files.source()), &parsed, output);
            continue;
        }
        let world = World {
            input: &input,
            wanted: &wanted,
            images: &images,
        };
        for options in wanted.options(files.source()) {
            // What is wrong with the file beside its images is not asked for.
            world.lint(&parsed.dockerfile, &options)?;
        }
    }
    let seen = images.into_seen();
    for (image, why) in seen.failures() {
        output.fail(&format!("{image} can't be looked up: {why}"));
        verdict = Verdict::Findings;
    }
    output.write(&seen.to_json())?;
    Ok(verdict)
}

/// What a build of one file does, with what was noted on the way; where it can't be built, that is told.
///
/// # Errors
/// Fails where the command line is malformed or the file can't be read.
pub(crate) fn explain(
    (input, wanted): (&Input, &Wanted),
    images: &ImageArguments,
    output: &Output,
) -> Result<Result<Explanation, Verdict>, Failure> {
    let images = Images::new(images, "assume")?;
    let options = BuildOptions {
        explains: true,
        ..wanted.single(&input.source())?
    };
    let world = World {
        input,
        wanted,
        images: &images,
    };
    let compiled = compile(&world, &options, output)?;
    remark(&images, output);
    Ok(compiled.map(|(compiled, _)| compiled.explanation.unwrap_or_default()))
}

/// A build, and the bytes of all files that it was compiled from.
pub(crate) type Whole = (Box<Compiled>, Arc<SourceFile>);

/// Compiles the file, with those that it takes in, which come along; where it can't be built, that is told.
///
/// # Errors
/// Fails only where the core asks again for what it was told.
pub(crate) fn compile(
    world: &World<'_>,
    options: &BuildOptions,
    output: &Output,
) -> Result<Result<Whole, Verdict>, Failure> {
    let mut files = take_in(world.input, world.wanted);
    if options.source.filename != files.source().filename {
        call_as_named(&mut files, world.input);
    }
    let source = Arc::clone(files.source());
    let parsed = files.parse();
    if !parsed.errors.is_empty() {
        return Ok(Err(refuse_syntax((world.input, &source), &parsed, output)));
    }
    let options = BuildOptions {
        source: Arc::clone(&source),
        ..options.clone()
    };
    let ended = world.compile(&parsed.dockerfile, &options)?;
    let refuse = |errors| refuse_errors((world.input, &source), (&parsed, &errors), output);
    Ok(ended
        .result
        .map_err(refuse)
        .map(|compiled| (compiled, Arc::clone(&source))))
}

/// Writes an answer in one of its forms.
///
/// # Errors
/// Fails where standard output can't be written to.
pub(crate) fn answer(view: &View, format: QuestionFormat, output: &Output) -> Result<(), Failure> {
    match format {
        QuestionFormat::Text => output.write(&safe_lines(&view.text)),
        QuestionFormat::Json => output.write(&[&view.json[..], b"\n"].concat()),
    }
}

/// Tells on standard error why there is no answer.
fn refuse(input: &Input, findings: Vec<Finding>, output: &Output) -> Verdict {
    let checked = [Checked {
        input: input.clone(),
        findings,
    }];
    let text = report::text(&checked, output.note_paint());
    output.remark(&String::from_utf8_lossy(&text));
    output.remark(&report::summary(&checked));
    Verdict::Findings
}

pub(crate) fn refuse_syntax(
    (input, source): (&Input, &SourceFile),
    parsed: &Parsed<'_>,
    output: &Output,
) -> Verdict {
    let file = Indexed::new(&parsed.dockerfile, &source.data);
    let findings = parsed.errors.iter().map(|error| Finding::of_syntax(error, &file));
    refuse(input, in_own_files(findings.collect(), source), output)
}

pub(crate) fn refuse_errors(
    (input, source): (&Input, &SourceFile),
    (parsed, errors): (&Parsed<'_>, &CompileErrors),
    output: &Output,
) -> Verdict {
    let file = Indexed::new(&parsed.dockerfile, &source.data);
    let findings = errors.iter().map(|error| Finding::of_error(error, &file));
    refuse(input, in_own_files(findings.collect(), source), output)
}

pub(crate) fn remark(images: &Images, output: &Output) {
    for remark in images.remarks() {
        output.note(remark);
    }
}

/// A text that no other build has; the hasher's keys come from the system's random numbers.
fn unique_id() -> String {
    let half = |number: u8| RandomState::new().hash_one(number);
    format!("{:016x}{:016x}", half(0), half(1))
}
