//! The whole way of a compilation: plan, lower, finish, and the linter beside them.

use dockerfile_syntax::{Budget, Dockerfile};

use crate::answers::Answers;
use crate::compiled::{CompileResult, Step, Warned};
use crate::error::CompileErrors;
use crate::facts::Facts;
use crate::lower::{Caching, Lowering, cache_mounts};
use crate::options::BuildOptions;
use crate::plan::{Plan, Planned};
use crate::{finish, lint};

/// Compiles `file` for one platform as far as `answers` reach.
///
/// ```
/// use dockerfile_compile::{Answer, Answers, BuildOptions, IgnoreAnswer, Need, SourceFile, Step, compile};
///
/// let text = b"FROM scratch\nCOPY a /\n";
/// let mut options = BuildOptions::new(SourceFile::new("Dockerfile", text.as_slice()));
/// options.session_id = "of the client".to_owned();
/// let parsed = dockerfile_syntax::parse(text);
///
/// let mut answers = Answers::new();
/// let step = compile(&parsed.dockerfile, &options, &answers).value?;
/// assert!(matches!(step, Step::Needs(needs) if needs.contains(&Need::ContextIgnore)));
///
/// let ignore = IgnoreAnswer { filename: ".dockerignore".to_owned(), data: b"*.md\n".to_vec() };
/// answers.insert(Need::ContextIgnore, Answer::Ignore(ignore.into()));
/// let Step::Done(compiled) = compile(&parsed.dockerfile, &options, &answers).value? else {
///     unreachable!("nothing else is lacking");
/// };
/// assert_eq!(compiled.definition.count(), 3); // the context, the copy, and the terminal op
/// # Ok::<(), dockerfile_compile::CompileErrors>(())
/// ```
///
/// Equal input gives equal output, to the byte. The warnings are complete only beside [`Step::Done`] and beside an
/// error.
pub fn compile(file: &Dockerfile<'_>, options: &BuildOptions, answers: &Answers) -> Warned<CompileResult> {
    compile_within(file, options, answers, &Budget::new())
}

/// [`compile`] with what earlier ones left of a budget: all platforms of a build share one.
pub fn compile_within(
    file: &Dockerfile<'_>,
    options: &BuildOptions,
    answers: &Answers,
    budget: &Budget,
) -> Warned<CompileResult> {
    let full = budget.clone();
    with_findings(file, options, || {
        let mut facts = Facts::default();
        let value = run(file, options, (answers, budget), &mut facts);
        let is_over = !matches!(value, Ok(Step::Needs(_)));
        if !is_over {
            // Nothing of it is kept; the next round makes it again.
            budget.restore(&full);
        }
        (value, is_over.then_some(facts))
    })
}

/// What comes of a file, with what the linter says where that is over; its findings may be errors.
pub(crate) fn with_findings<T>(
    file: &Dockerfile<'_>,
    options: &BuildOptions,
    run: impl FnOnce() -> (Result<T, CompileErrors>, Option<Facts>),
) -> Warned<Result<T, CompileErrors>> {
    let config = match lint::Config::of(file, options.check.as_deref()) {
        Ok(config) => config,
        Err(error) => {
            return Warned {
                value: Err(error.into()),
                warnings: Vec::new(),
            };
        }
    };
    let (mut value, facts) = run();
    let warnings = facts.map(|facts| lint::report(file, &config, &facts));
    let warnings = warnings.unwrap_or_default();
    if value.is_ok()
        && let Some(error) = lint::refusal(&config, &warnings)
    {
        value = Err(error.into());
    }
    Warned { value, warnings }
}

/// One round; whoever calls it judges what was noticed.
pub(crate) fn run(
    file: &Dockerfile<'_>,
    options: &BuildOptions,
    (answers, budget): (&Answers, &Budget),
    facts: &mut Facts,
) -> CompileResult {
    let plan = match Plan::make(file, options, (answers, budget), facts)? {
        Planned::Needs(needs) => return Ok(Step::Needs(needs)),
        Planned::Ready(plan) => plan,
    };
    let lowered = match cache_mounts::are_wanted(&plan)? {
        true => cache_mounts::run(&plan, answers, facts)?,
        false => Lowering::run(&plan, answers, facts, Caching::Off)?,
    };
    let lowering = match lowered {
        Planned::Needs(needs) => return Ok(Step::Needs(needs)),
        Planned::Ready(lowering) => lowering,
    };
    let sources = match lowering.found_sources(answers)? {
        Planned::Needs(needs) => return Ok(Step::Needs(needs)),
        Planned::Ready(sources) => sources,
    };
    let mut compiled = Box::new(finish::finish(lowering)?);
    compiled.sources = sources;
    Ok(Step::Done(compiled))
}
