//! The whole compile core, from text to graph.

use std::collections::BTreeSet;

use dockerfile_compile::{Answers, CompileErrors, Compiled, Need, Step, Warned, compile_within, plain, view};
use dockerfile_syntax::budget::BUDGET_BYTES;
use dockerfile_syntax::{Budget, Dockerfile, parse};
use llb_graph::{Definition, Graph, MarshalOptions, Marshalled, Platform, json};

use crate::bounds;
use crate::places::Places;
use crate::world::World;

/// What a compilation may make here: a full budget shows nothing more, and takes longer.
const ROOM: usize = 1 << 20;

/// More rounds than these are a circle: a round comes of an image's triggers or of a context that leads to another.
const MOST_ROUNDS: usize = 64;

/// What a build was asked and what came of it.
pub(crate) struct Run {
    needs: BTreeSet<Need>,
    pub(crate) outcome: Warned<Result<Compiled, CompileErrors>>,
}

/// Needs grow or end; errors and warnings are at places of the file; graph and config are in bounds and well formed; and
/// compiling twice gives equal bytes.
pub fn compile(data: &[u8]) {
    let world = World::new(data);
    let parsed = parse(&world.dockerfile);
    let file = parsed.dockerfile;
    if !parsed.errors.is_empty() {
        let _ = view::targets(&file, &world.options.source);
        return;
    }
    let first = run(&world, &file);
    let second = run(&world, &file);
    assert_eq!(first.needs, second.needs, "asked twice");
    assert_eq!(first.outcome.warnings, second.outcome.warnings, "compiled twice");
    match (&first.outcome.value, &second.outcome.value) {
        (Ok(one), Ok(other)) => check_equal(one, other),
        (Err(one), Err(other)) => assert_eq!(one, other, "compiled twice"),
        (one, other) => assert_eq!(one.is_ok(), other.is_ok(), "compiled twice"),
    }
    check_places(&world, &first.outcome);
    if let Ok(compiled) = &first.outcome.value {
        check_compiled(world.size(first.needs.len()), compiled);
        check_plain(&world.dockerfile, compiled);
        let outline = compiled.outline.as_ref();
        assert_eq!(outline.is_some(), world.options.is_question);
        let _ = outline.map(|outline| outline.view(&world.options.source));
    }
    let _ = view::lint(&first.outcome.warnings, None, &world.options.source);
}

/// The plain form of a file of the dialect can be read, and is of the language alone.
fn check_plain(text: &[u8], compiled: &Compiled) {
    if let Ok(text) = plain(text, Some(compiled)) {
        let parsed = parse(&text);
        assert_eq!(parsed.errors, []);
        assert!(!parsed.dockerfile.dialect.is_on);
    }
}

/// Compiles until nothing is lacking.
pub(crate) fn run(world: &World, file: &Dockerfile<'_>) -> Run {
    let mut answers = Answers::new();
    let mut asked = BTreeSet::new();
    let mut rounds = 0;
    loop {
        let budget = Budget::new();
        assert_eq!(budget.spend(BUDGET_BYTES - ROOM), Ok(()));
        let Warned { value, warnings } = compile_within(file, &world.options, &answers, &budget);
        let value = match value {
            Ok(Step::Needs(needs)) => {
                let new = answers.missing(&needs);
                assert!(!new.is_empty(), "all of {needs:?} are answered");
                rounds += 1;
                assert!(rounds <= MOST_ROUNDS, "needs without an end: {needs:?}");
                for need in new {
                    answers.insert(need.clone(), world.answer(&need));
                    asked.insert(need);
                }
                continue;
            }
            Ok(Step::Done(compiled)) => Ok(*compiled),
            Err(errors) => Err(errors),
        };
        let outcome = Warned { value, warnings };
        return Run {
            needs: asked,
            outcome,
        };
    }
}

fn check_equal(one: &Compiled, other: &Compiled) {
    assert_eq!(one.definition, other.definition, "compiled twice");
    assert_eq!(one.image_config, other.image_config, "compiled twice");
    assert_eq!(one.scan_definition, other.scan_definition, "compiled twice");
    assert_eq!(one.scan_extras, other.scan_extras, "compiled twice");
    assert_eq!(one.epoch, other.epoch, "compiled twice");
    assert_eq!(one.image_platform, other.image_platform, "compiled twice");
}

fn check_places(world: &World, outcome: &Warned<Result<Compiled, CompileErrors>>) {
    let places = Places::new(&world.dockerfile);
    for warning in &outcome.warnings {
        for lines in &warning.lines {
            places.check_lines("a warning", *lines);
        }
    }
    for error in outcome
        .value
        .as_ref()
        .err()
        .into_iter()
        .flat_map(CompileErrors::iter)
    {
        assert!(!error.message.is_empty());
        if let Some(file) = &error.file {
            let places = Places::new(&file.data);
            error
                .lines
                .iter()
                .for_each(|lines| places.check_lines("an error", *lines));
            continue;
        }
        error
            .lines
            .iter()
            .for_each(|lines| places.check_lines("an error", *lines));
        if let Some(span) = error.span {
            places.check_span("an error", span);
        }
    }
}

fn check_compiled(input: usize, compiled: &Compiled) {
    let marshalled = &compiled.definition;
    let out = marshalled.bytes().len() + compiled.image_config.len();
    let made = out.saturating_sub(ROOM * bounds::BUDGET_TIMES);
    bounds::check("graph and config", made, input, bounds::COMPILED_TIMES);
    let definition = marshalled.decode();
    assert!(definition.is_ok(), "{definition:?}");
    let definition = definition.unwrap_or_default();
    assert_eq!(
        Marshalled::from(&definition),
        *marshalled,
        "what is known of its bytes is so"
    );
    assert!(
        marshalled.ops().eq(definition.def.iter().map(Vec::as_slice)),
        "its ops"
    );
    assert!(json::convert_llb(&definition).is_ok());
    let config = serde_json::from_slice::<serde_json::Value>(&compiled.image_config);
    assert!(
        config.is_ok_and(|config| config.is_object()),
        "the config is an object"
    );
    let mut graph = Graph::new();
    let output = graph.import(&definition);
    assert!(output.is_ok(), "{output:?}");
    if let Ok(output) = output {
        let options = MarshalOptions::new(Platform::new("linux", "amd64"));
        // Their order is that of a walk, which begins elsewhere.
        let sorted = |definition: &Definition| definition.def.iter().cloned().collect::<BTreeSet<_>>();
        let again = graph.marshal(output, &options).unwrap_or_default().decode();
        assert_eq!(
            again.map(|again| sorted(&again)),
            Ok(sorted(&definition)),
            "imported"
        );
    }
}
