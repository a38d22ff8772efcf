//! The last step: the target's graph and image config, and what is to be scanned beside it.

use std::collections::BTreeMap;
use std::rc::Rc;

use llb_graph::{Digest, FileSystem, MarshalOptions, Marshalled, Platform};

use crate::compiled::{Compiled, FilePairs};
use crate::error::CompileError;
use crate::go::text::{parse_bool, rfc3339};
use crate::image::{Added, Image};
use crate::lower::{Lowering, StageState};
use crate::plan::{Plan, StageId};
use crate::view::{Explanation, Outline};

const SCAN_CONTEXT: &str = "BUILDKIT_SBOM_SCAN_CONTEXT";
const SCAN_STAGE: &str = "BUILDKIT_SBOM_SCAN_STAGE";
/// More stages than this are not solved beside a target.
const MOST_REQUIRED: usize = 256;

/// Marshals what the lowering made, and makes the config once the graph is gone: both may be large.
pub(crate) fn finish(mut lowering: Lowering<'_, '_>) -> Result<Compiled, CompileError> {
    let plan = lowering.plan;
    let target = lowering
        .state(plan.target)
        .cloned()
        .ok_or_else(|| CompileError::new("internal error: the target was not lowered; please report this"))?;
    let scan_context = scans(&lowering, plan.target, &target, SCAN_CONTEXT);
    let context = if scan_context {
        lowering.main_context_for_scan()?
    } else {
        None
    };
    let (scan_extras, extras_ignore_cache) = scan_extras(&lowering, scan_context, context)?;
    let platform = &plan.target_platform;
    let scan_platform = plan.options.scan_platform.as_ref();
    let scan_platform = scan_platform.filter(|scan| **scan != **platform);
    let required = plan.required();
    let explanation = plan
        .options
        .explains
        .then(|| explain(&lowering, &required))
        .transpose()?;
    let required = required_graphs(&lowering, &required)?;
    let scan_definition = scan_platform.map(|platform| marshal(&lowering, target.fs, platform));
    let scan_definition = scan_definition.transpose()?;
    let outline = plan.options.is_question.then(|| Outline::of(&lowering));
    let Lowering {
        graph,
        history,
        caching,
        asked_caches,
        pairs,
        ..
    } = lowering;
    let definition = graph.into_marshalled(target.fs, &marshal_options(plan, platform));
    let definition = definition.map_err(|error| CompileError::new(error.to_string()))?;
    let mut image = Rc::unwrap_or_clone(target.image);
    name_platform(&mut image, plan);
    let labels = plan.options.labels.iter();
    let mut added = Added {
        created: plan.epoch.map(rfc3339),
        labels: labels.map(|(key, value)| (&**key, &**value)).collect(),
        ..Added::default()
    };
    history.add_to(&mut added, (target.history, target.settings));
    Ok(Compiled {
        definition,
        required,
        scan_definition,
        image_platform: image.platform(),
        image_config: image.to_json(&added),
        base_image_config: target
            .base_image
            .as_ref()
            .map(|image| image.to_json(&Added::default())),
        epoch: plan.epoch,
        scan_extras,
        ignore_cache: plan.stage(plan.target).ignore_cache || target.always_runs || extras_ignore_cache,
        file_pairs: pairs
            .read
            .into_iter()
            .map(|read| FilePairs {
                of: read.of,
                lines: read.lines,
                pairs: read.pairs,
            })
            .collect(),
        added_mounts: caching.into_added(),
        asked_caches,
        outline,
        explanation,
        sources: Vec::new(),
    })
}

/// A requested platform is named by the config, whatever the base says; a variant only where it is known.
fn name_platform(image: &mut Image, plan: &Plan<'_>) {
    let target = &plan.target_platform;
    if !plan.is_implicit_target() {
        let is_same = target.os == image.os && target.architecture == image.architecture;
        image.os.clone_from(&target.os);
        image.architecture.clone_from(&target.architecture);
        if !target.variant.is_empty() || !is_same {
            image.variant.clone_from(&target.variant);
        }
        if !target.os_version.is_empty() || !is_same {
            image.os_version.clone_from(&target.os_version);
        }
        if !target.os_features.is_empty() {
            image.os_features.clone_from(&target.os_features);
        }
    }
    image.set_platform(&image.platform().normalize());
}

/// The graph of a result; `platform` is that of the steps that name none.
fn marshal(
    lowering: &Lowering<'_, '_>,
    fs: FileSystem,
    platform: &Platform,
) -> Result<Marshalled, CompileError> {
    lowering
        .graph
        .marshal(fs, &marshal_options(lowering.plan, platform))
        .map_err(|error| CompileError::new(error.to_string()))
}

/// The graphs of stages that have to succeed as well. One without operations always does.
fn required_graphs(
    lowering: &Lowering<'_, '_>,
    required: &[StageId],
) -> Result<Vec<Marshalled>, CompileError> {
    let plan = lowering.plan;
    if required.len() > MOST_REQUIRED {
        return Err(CompileError::new(format!(
            "REQUIRE names {} stages that are no part of one another, and a build solves up to {MOST_REQUIRED} beside its target; let one stage of them read the others",
            required.len()
        )));
    }
    let mut graphs = Vec::new();
    for id in required {
        let Some(fs) = lowering.state(*id).and_then(|state| state.fs) else {
            continue;
        };
        let graph = marshal(lowering, Some(fs), &plan.target_platform)?;
        let source = &plan.options.source;
        let text = source.data.len() - source.sent_bytes();
        let bytes: usize = graph.parts().map(|part| part.len()).sum();
        let spent = plan.budget.spend(bytes.saturating_sub(text));
        spent.map_err(|exceeded| CompileError::from(exceeded).at(plan.stage(*id).place))?;
        graphs.push(graph);
    }
    Ok(graphs)
}

/// What is told of the graph of a result, and of those of stages that are required.
fn explain(lowering: &Lowering<'_, '_>, required: &[StageId]) -> Result<Explanation, CompileError> {
    let options = marshal_options(lowering.plan, &lowering.plan.target_platform);
    let refuse = |error: String| CompileError::new(error);
    let mut definitions = Vec::new();
    let mut digests: Vec<Option<Digest>> = Vec::new();
    for id in std::iter::once(&lowering.plan.target).chain(required) {
        let fs = lowering.state(*id).and_then(|state| state.fs);
        let marshalled = lowering.graph.marshal_named(fs, &options);
        let (definition, found) = marshalled.map_err(|error| refuse(error.to_string()))?;
        definitions.push(definition);
        match digests.is_empty() {
            true => digests = found,
            false => digests
                .iter_mut()
                .zip(found)
                .for_each(|(known, found)| *known = known.or(found)),
        }
    }
    Explanation::of(lowering, &definitions, &digests).map_err(|error| refuse(error.to_string()))
}

fn marshal_options(plan: &Plan<'_>, platform: &Platform) -> MarshalOptions {
    MarshalOptions::new(platform.clone()).with_local_unique_id(plan.options.unique_id.clone())
}

/// The graphs of the context and of the stages that are to be scanned, and whether one of them ignores the cache.
fn scan_extras(
    lowering: &Lowering<'_, '_>,
    scan_context: bool,
    context: FileSystem,
) -> Result<(BTreeMap<String, Marshalled>, bool), CompileError> {
    let plan = lowering.plan;
    let platform = plan
        .options
        .scan_platform
        .as_ref()
        .unwrap_or(&plan.target_platform);
    let mut extras = BTreeMap::new();
    let mut ignores_cache = false;
    if scan_context {
        extras.insert("context".to_owned(), marshal(lowering, context, platform)?);
    }
    // What is only required is no part of the result.
    for id in plan
        .read_by(plan.target)
        .into_iter()
        .filter(|id| *id != plan.target)
    {
        let stage = plan.stage(id);
        let Some(state) = lowering.state(id) else { continue };
        if !stage.is_implicit() && stage.replaced_by.is_none() && scans(lowering, id, state, SCAN_STAGE) {
            extras.insert(
                stage.display_name.to_string(),
                marshal(lowering, state.fs, platform)?,
            );
            ignores_cache |= stage.ignore_cache;
        }
    }
    Ok((extras, ignores_cache))
}

/// Whether the argument `key` asks for a scan of the stage: the stage's own one beats the global one.
fn scans(lowering: &Lowering<'_, '_>, id: StageId, state: &StageState, key: &str) -> bool {
    let plan = lowering.plan;
    let name = &plan.stage(id).display_name;
    match state
        .args
        .value(key)
        .or_else(|| plan.args_of(plan.stage(id).module).lookup(key))
    {
        None => false,
        Some(value) => parse_bool(value).unwrap_or_else(|| value.split(',').any(|listed| *listed == **name)),
    }
}
