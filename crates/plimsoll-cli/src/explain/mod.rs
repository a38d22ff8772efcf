//! `explain`: what a build does, and why the cache was missed.

mod compare;
mod contents;

use std::fs;
use std::path::Path;

use dockerfile_compile::view::{Explanation, safe_lines};

pub(crate) use contents::walk;

use crate::Verdict;
use crate::arguments::{ExplainArguments, QuestionFormat};
use crate::files;
use crate::options::Wanted;
use crate::output::{Failure, Output};
use crate::questions::{answer, explain};

/// Tells what a build of one file does, or what is other than in an earlier explanation.
///
/// # Errors
/// Fails where the command line is malformed, or a file can't be read.
pub(crate) fn run(arguments: &ExplainArguments, output: &Output) -> Result<Verdict, Failure> {
    let before = read(arguments.against.as_deref(), "--against")?;
    let after = read(arguments.now.as_deref(), "--now")?;
    let explanation = match after {
        Some(after) => after,
        None => match look(arguments, output)? {
            Ok(explanation) => explanation,
            Err(refused) => return Ok(refused),
        },
    };
    let Some(before) = before else {
        answer(&explanation.explain_view(), arguments.format, output)?;
        return Ok(Verdict::Clean);
    };
    let compared = compare::compare(&before, &explanation);
    match arguments.format {
        QuestionFormat::Text => output.write(&safe_lines(compared.text(&explanation).as_bytes()))?,
        QuestionFormat::Json => {
            let json = serde_json::to_string_pretty(&compared);
            let json = json.map_err(|error| Failure::new(format!("can't write JSON: {error}")))?;
            output.write(format!("{json}\n").as_bytes())?;
        }
    }
    Ok(Verdict::Clean)
}

/// What a build of the Dockerfile does by now; the verdict where it can't be built.
fn look(arguments: &ExplainArguments, output: &Output) -> Result<Result<Explanation, Verdict>, Failure> {
    let input = files::one(&arguments.file.path)?;
    let wanted = Wanted::parse(&arguments.build)?;
    let mut explanation = match explain((&input, &wanted), &arguments.images, output)? {
        Ok(explanation) => explanation,
        Err(refused) => return Ok(Err(refused)),
    };
    for note in contents::fill(&mut explanation, &input, &wanted)? {
        output.note(&note);
    }
    explanation.seal();
    Ok(Ok(explanation))
}

/// An explanation that was written to a file, which an option names.
fn read(path: Option<&Path>, option: &str) -> Result<Option<Explanation>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let name = path.display();
    let wrong = |why: String| {
        Failure::new(format!(
            "{option} {name}: {why}; write the file with `plimsoll explain --format json > {name}`"
        ))
    };
    let data = fs::read(path).map_err(|error| wrong(format!("can't be read: {error}")))?;
    let before: Explanation =
        serde_json::from_slice(&data).map_err(|error| wrong(format!("is no explanation: {error}")))?;
    if before.version != Explanation::VERSION {
        return Err(wrong(format!(
            "has version {}, and this program reads {}",
            before.version,
            Explanation::VERSION
        )));
    }
    Ok(Some(before))
}
