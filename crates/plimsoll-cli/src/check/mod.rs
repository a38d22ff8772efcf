//! `plimsoll check`: all errors, and what the linter has to say.

mod comments;
mod correction;
mod finding;
mod hadolint;
mod settings;
mod shellcheck;

use std::collections::BTreeSet;

use dockerfile_advice::{Adviser, Selection, Triggers, head_comment};
use dockerfile_compile::{BuildOptions, CompileError, CompileErrors, Remainder, fix, report_above};
use dockerfile_syntax::{Parsed, dialect};

use crate::Verdict;
use crate::arguments::{CheckArguments, CheckFormat};
use crate::files::{self, Input};
use crate::images::Images;
use crate::options::Wanted;
use crate::output::{Failure, Output};
use crate::report::{self, Checked};
use crate::rounds::World;
use crate::taken_in::{call_as_named, take_in};

use correction::Correction;
pub(crate) use finding::{Finding, Indexed, Level, in_own_files};
use settings::{Folders, Settings};
use shellcheck::ShellCheck;

/// How often what is wrong is taken out, to see what else is.
const ROUNDS: usize = 8;

/// Checks files one after the other: threads would take turns at the one allocator, and be slower.
///
/// # Errors
/// Fails where the command line is malformed or nothing can be written.
pub(crate) fn run(arguments: &CheckArguments, output: &mut Output) -> Result<Verdict, Failure> {
    if arguments.unsafe_fixes && !arguments.fix && !arguments.diff {
        return Err(Failure::new(
            "--unsafe-fixes goes with --fix or --diff: add one of them",
        ));
    }
    let wanted = Wanted::parse(&arguments.build)?;
    let images = Images::new(&arguments.images, "assume")?;
    let advice = arguments.advice.as_deref().map(Selection::parse).transpose();
    let advice = advice.map_err(|error| Failure::new(format!("--advice: {error}")))?;
    let shellcheck = ShellCheck::find(&arguments.shellcheck)?;
    let mut folders = Folders::default();
    let mut correction = Correction::new(arguments);
    let (mut checked, mut taken_in) = (Vec::new(), BTreeSet::new());
    let mut is_unread = false;
    for path in files::all(&arguments.files) {
        let mut input = match path.and_then(|path| files::read(&path)) {
            Ok(input) => input,
            Err(failure) => {
                is_unread = true;
                output.end(Err(failure));
                continue;
            }
        };
        let mut settings = folders.of(&input.folder())?;
        settings.asked.clone_from(&advice);
        let examine = |input: &Input| {
            let world = World {
                input,
                wanted: &wanted,
                images: &images,
            };
            examine(&world, &settings, shellcheck.as_ref())
        };
        correction.correct(&mut input, examine)?;
        let findings = examine(&input)?;
        taken_in.extend(names_of_others(&input, &wanted));
        checked.push(Checked { input, findings });
    }
    // What has no stage of its own was looked at in the files that take it in.
    checked.retain(|one| !taken_in.contains(&one.input.name) || has_stages(&one.input));
    if arguments.diff {
        output.write(correction.diff(output.paint()).as_bytes())?;
    } else {
        tell(arguments.format, &checked, output)?;
    }
    // Programs read what there is to correct in their own form.
    if arguments.fix || arguments.diff || arguments.format == CheckFormat::Text {
        output.remark(&correction.summary(&checked));
    }
    for remark in images.remarks() {
        output.note(remark);
    }
    let is_clean = match arguments.diff {
        true => correction.is_empty(),
        false => checked.iter().all(|checked| checked.findings.is_empty()),
    };
    Ok(match (is_unread, is_clean) {
        (true, _) => Verdict::Unread,
        (false, false) => Verdict::Findings,
        (false, true) => Verdict::Clean,
    })
}

/// The files that a Dockerfile takes in, as the command line calls them.
fn names_of_others(input: &Input, wanted: &Wanted) -> Vec<String> {
    if !dialect::find(&input.data).0.is_on {
        return Vec::new();
    }
    let mut files = take_in(input, wanted);
    call_as_named(&mut files, input);
    let others = files.source().parts.iter().skip(1);
    others.map(|other| other.filename.clone()).collect()
}

fn has_stages(input: &Input) -> bool {
    !dockerfile_syntax::parse(&input.data).dockerfile.stages.is_empty()
}

fn tell(format: CheckFormat, checked: &[Checked], output: &Output) -> Result<(), Failure> {
    let bytes = match format {
        CheckFormat::Text => report::text(checked, output.paint()),
        CheckFormat::Json => report::json(checked),
        CheckFormat::Sarif => report::sarif(checked),
        CheckFormat::Github => report::github(checked),
    };
    output.write(&bytes)?;
    if format == CheckFormat::Text && !checked.is_empty() {
        output.remark(&report::summary(checked));
    }
    Ok(())
}

/// All findings of a file that are wanted, in file order.
fn examine(
    world: &World<'_>,
    settings: &Settings,
    shellcheck: Option<&ShellCheck>,
) -> Result<Vec<Finding>, Failure> {
    let mut files = take_in(world.input, world.wanted);
    call_as_named(&mut files, world.input);
    let parsed = files.parse();
    let source = files.source();
    let data = &source.data;
    let file = Indexed::new(&parsed.dockerfile, data);
    let mut findings = Vec::new();
    let platforms = world.wanted.options(source);
    if let Some(first) = parsed.errors.first() {
        findings.extend(parsed.errors.iter().map(|error| Finding::of_syntax(error, &file)));
        let check = platforms.first().and_then(|options| options.check.as_deref());
        // Where lines themselves are wrong, nothing above is sure.
        if !parsed.errors.iter().any(|error| error.kind.is_of_lines()) {
            match report_above(&parsed.dockerfile, check, first.lines.start) {
                Ok(warnings) => {
                    findings.extend(warnings.iter().map(|warning| Finding::of_rule(warning, &file)));
                }
                Err(error) => findings.push(Finding::of_error(&error, &file)),
            }
        }
        for options in &platforms {
            let others = others(world, &parsed, options, None)?;
            findings.extend(others.iter().map(|error| Finding::of_error(error, &file)));
        }
    } else {
        for (index, options) in platforms.iter().enumerate() {
            let ended = world.lint(&parsed.dockerfile, options)?;
            if let Err(errors) = &ended.result {
                let others = others(world, &parsed, options, Some(errors))?;
                let all = errors.iter().chain(&others);
                findings.extend(all.map(|error| Finding::of_error(error, &file)));
            }
            // As in builds, the linter reads the file for the first platform.
            if index == 0 {
                let warnings = ended.warnings.iter();
                findings.extend(warnings.map(|warning| Finding {
                    fix: fix(&parsed.dockerfile, data, warning),
                    ..Finding::of_rule(warning, &file)
                }));
            }
        }
        let triggers = Triggers::bytes(&parsed.dockerfile, data);
        let triggers = Triggers::read(&triggers);
        let adviser = Adviser::new(
            &parsed.dockerfile,
            data,
            &triggers,
            world.wanted.target.as_deref(),
        );
        findings.extend(advise(&adviser, &file, settings, data));
        if let Some(shellcheck) = shellcheck {
            findings.extend(shellcheck.examine(&adviser, &file)?);
        }
    }
    comments::apply(&mut findings, &file, data);
    settings.apply(&mut findings, |finding| comments::keyword_of(finding, &file));
    findings.sort_by_key(Finding::place_key);
    let mut once: Vec<Finding> = Vec::new();
    for finding in findings {
        let same_place = once
            .iter()
            .rev()
            .take_while(|other| other.place_key() == finding.place_key());
        if !same_place.into_iter().any(|other| *other == finding) {
            once.push(finding);
        }
    }
    Ok(in_own_files(once, source))
}

/// What else is wrong with a file, as builds tell it: what is known to be wrong is taken out, and the rest looked at.
fn others(
    world: &World<'_>,
    parsed: &Parsed<'_>,
    options: &BuildOptions,
    known: Option<&CompileErrors>,
) -> Result<Vec<CompileError>, Failure> {
    let mut found = Vec::new();
    if parsed.errors.iter().any(|error| error.kind.hides_lines()) {
        return Ok(found);
    }
    let mut rest = Remainder::new(&parsed.dockerfile, &parsed.gaps);
    if known.is_some_and(|errors| !rest.take_out(errors)) {
        return Ok(found);
    }
    for _ in 0..ROUNDS {
        if rest.file().stages.is_empty() {
            break;
        }
        let Err(more) = world.lint(rest.file(), options)?.result else {
            break;
        };
        found.extend(rest.own_of(&more));
        if !rest.take_out(&more) {
            break;
        }
    }
    Ok(found)
}

/// The advice that is wanted: by the command line, otherwise by the file itself, otherwise by its folder.
fn advise(adviser: &Adviser<'_>, file: &Indexed<'_>, settings: &Settings, data: &[u8]) -> Vec<Finding> {
    let said = head_comment(data).filter(|_| settings.asked.is_none());
    let parsed_comment = said.map(|comment| (Selection::parse(&comment.value), comment.lines));
    let selection = match (&settings.asked, parsed_comment) {
        (Some(asked), _) => asked.clone(),
        (None, Some((Ok(said), _))) => said,
        (None, Some((Err(error), lines))) => return vec![Finding::of_comment(error, lines, file)],
        (None, None) => settings.advice.clone().unwrap_or_else(Selection::all),
    };
    let advice = adviser.advise(&selection).into_iter();
    advice
        .map(|advice| Finding {
            fix: adviser.fix(&advice),
            ..Finding::of_advice(&advice, file)
        })
        .collect()
}
