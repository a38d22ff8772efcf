//! The state with which a stage starts: its parent's, an image's, a context's, or none.

use std::rc::Rc;
use std::sync::Arc;

use llb_graph::{
    Definition, FileSystem, ImageOptions, LocalOptions, OciLayoutOptions, Op, Platform, SourceOp, Vertex,
};

use super::name::{Step, step_name};
use super::{Lowering, StageState};
use crate::error::CompileError;
use crate::image::Image;
use crate::plan::{ContextSource, LocalContext, Origin, Stage, StageId};
use crate::remote::{git_options, http_source};

/// What an operation takes in a message beside its texts: digests, capabilities and what holds them.
const VERTEX_BYTES: usize = 512;

/// What a line takes among the places of an operation.
const LINE_BYTES: usize = 16;

/// What a pattern takes in a source beside its text.
const PATTERN_BYTES: usize = 4;

/// The key under which a vertex tells the instruction it comes from.
pub(super) const COMMAND: &str = "com.docker.dockerfile.v1.command";

impl Lowering<'_, '_> {
    /// The state before the stage's own instructions.
    pub(super) fn start(&mut self, id: StageId) -> Result<StageState, CompileError> {
        let plan = self.plan;
        let stage = plan.stage(id);
        if let Some(base) = stage.base {
            let parent = self
                .state(base)
                .ok_or_else(|| internal("a stage starts before the one it stands on"))?;
            let mut state = parent.child();
            let is_lowered = plan.stage(base).replaced_by.is_none() || plan.options.all_stages;
            if state.platform.os.is_empty() && is_lowered {
                // A stage on a context that has no platform has none either; as with the reference, it has the target's
                // once it is lowered.
                state.platform = Arc::clone(&plan.target_platform);
            }
            return Ok(state);
        }
        let ground = stage.ground.as_ref();
        let ground = ground.ok_or_else(|| internal("a stage stands on nothing"))?;
        let platform = Arc::clone(&ground.platform);
        match &ground.origin {
            Origin::Scratch => {
                let image = Image::empty(&plan.target_platform);
                Ok(StageState::new(None, Rc::new(image), platform, id))
            }
            Origin::Image { image, is_empty } => {
                let mut state = StageState::new(None, Rc::clone(&image.config), platform, id);
                state.forget_date();
                state.forget_triggers();
                state.base_image = Some(Rc::clone(&image.config));
                state.steps = stage.named_steps;
                if !is_empty {
                    state.fs = self.add_base_image(stage, &image.reference, &mut state)?;
                    state.run_platform = Some(normalized(&state.platform));
                }
                Ok(state)
            }
            Origin::NotLookedUp(reference) => {
                plan.require_locked(reference)?;
                let mut state = StageState::new(None, Rc::default(), platform, id);
                state.fs = self.add_base_image(stage, reference, &mut state)?;
                Ok(state)
            }
            Origin::Context {
                source,
                config,
                whole_stage,
            } => self.start_context((id, platform), source, config.as_ref(), *whole_stage),
        }
    }

    fn add_base_image(
        &mut self,
        stage: &Stage<'_>,
        reference: &str,
        state: &mut StageState,
    ) -> Result<FileSystem, CompileError> {
        let options = self.plan.options;
        let platform = Arc::clone(&state.platform);
        let name = step_name(
            &mut Step {
                stage,
                total: stage.own_total,
                state,
                is_trigger: false,
                shows_platform: options.multi_platform,
            },
            &format!("FROM {reference}"),
            Some(&platform),
        );
        let source = SourceOp::image_unchecked(
            reference,
            &ImageOptions {
                resolve_mode: options.image_resolve_mode,
                ..ImageOptions::default()
            },
        );
        let code = stage
            .from
            .map(|from| from.meta.code.to_string())
            .unwrap_or_default();
        let vertex = Vertex::new(Op::Source(source))
            .with_name(name)
            .with_description(COMMAND, code)
            .with_platform(platform)
            .with_location(self.location(stage.lines));
        self.add_vertex(vertex)
    }

    fn start_context(
        &mut self,
        (id, platform): (StageId, Arc<Platform>),
        source: &ContextSource,
        config: Option<&Rc<Image>>,
        whole_stage: bool,
    ) -> Result<StageState, CompileError> {
        let (fs, source_platform) = self.add_context(id, source)?;
        let image = config.cloned().unwrap_or_default();
        let mut state = StageState::new(fs, image, platform.clone(), id);
        state.forget_date();
        state.run_platform = source_platform.map(Arc::new);
        if matches!(
            source,
            ContextSource::Image { .. } | ContextSource::OciLayout { .. } | ContextSource::Input(_)
        ) && let Some(config) = config
        {
            state.apply_config(config);
        }
        if !whole_stage {
            state.base_image = config.cloned();
            state.run_platform = Some(normalized(&platform));
        }
        state.forget_triggers();
        Ok(state)
    }

    /// The files of a named context, and the platform that comes with them.
    fn add_context(
        &mut self,
        id: StageId,
        source: &ContextSource,
    ) -> Result<(FileSystem, Option<Platform>), CompileError> {
        let (source, name, platform) = match source {
            ContextSource::Scratch => return Ok((None, None)),
            ContextSource::Input(definition) => {
                self.spend_import(definition)?;
                let fs = self.graph.import(definition).map_err(|error| {
                    CompileError::new(format!(
                        "an input of the client is no usable build graph: {error}"
                    ))
                })?;
                let platform = fs.and_then(|output| self.graph.platform(output.vertex));
                return Ok((fs, platform.cloned()));
            }
            ContextSource::Local(context) => return self.add_local_context(id, context),
            ContextSource::Image {
                reference,
                platform,
                custom_name,
            } => (
                SourceOp::image_unchecked(reference, &ImageOptions::default()),
                custom_name,
                platform.clone(),
            ),
            ContextSource::OciLayout {
                reference,
                platform,
                session_id,
                store_id,
                custom_name,
            } => {
                let options = OciLayoutOptions {
                    session_id: Some(session_id.clone()),
                    store_id: Some(store_id.clone()),
                    ..OciLayoutOptions::default()
                };
                (
                    SourceOp::oci_layout(reference, &options),
                    custom_name,
                    platform.clone(),
                )
            }
            ContextSource::Git { git, custom_name } => {
                let mut options = git_options(git, self.plan.options.git_advice);
                options.mtime = (!git.mtime.is_empty()).then(|| git.mtime.clone());
                (SourceOp::git(&git.place, &options), custom_name, None)
            }
            ContextSource::Http { url, custom_name } => {
                let source = http_source(url, "context", "").map_err(CompileError::new)?;
                (source, custom_name, None)
            }
        };
        let mut vertex = Vertex::new(Op::Source(source)).with_name(name);
        if let Some(platform) = &platform {
            vertex = vertex.with_platform(platform.clone());
        }
        Ok((
            self.add_vertex(vertex)?,
            platform.map(|platform| platform.normalize()),
        ))
    }

    fn add_local_context(
        &mut self,
        id: StageId,
        context: &LocalContext,
    ) -> Result<(FileSystem, Option<Platform>), CompileError> {
        let patterns = context.excludes.iter();
        self.spend(patterns.map(|pattern| pattern.len() + PATTERN_BYTES).sum())?;
        let options = LocalOptions {
            session_id: Some(context.session_id.clone()).filter(|session| !session.is_empty()),
            exclude_patterns: context.excludes.to_vec(),
            shared_key_hint: Some(context.shared_key.clone()),
            ..LocalOptions::default()
        };
        let source = SourceOp::local(&context.local, &options);
        let fs = self.add_vertex(Vertex::new(Op::Source(source)).with_name(&context.custom_name))?;
        if let Some(output) = fs {
            self.local_contexts.push((output, context.clone(), id));
        }
        Ok((fs, None))
    }

    /// Adds a vertex whose result is its first output.
    pub(super) fn add_vertex(&mut self, vertex: Vertex) -> Result<FileSystem, CompileError> {
        self.spend_vertex(&vertex)?;
        let id = self
            .graph
            .add(vertex)
            .map_err(|error| CompileError::new(error.to_string()))?;
        Ok(Some(id.first_output()))
    }

    /// Pays for `bytes` of text.
    ///
    /// # Errors
    /// They pass the budget.
    pub(super) fn spend(&self, bytes: usize) -> Result<(), CompileError> {
        Ok(self.plan.budget.spend(bytes)?)
    }

    /// Pays for a vertex and what is said about it; whoever makes its operation pays for that.
    pub(super) fn spend_vertex(&self, vertex: &Vertex) -> Result<(), CompileError> {
        let described = vertex.metadata.description.values().map(String::len);
        let lines = vertex.locations.iter().map(|location| location.ranges.len());
        self.spend(VERTEX_BYTES + described.sum::<usize>() + lines.sum::<usize>() * LINE_BYTES)
    }

    /// Pays for a graph that becomes part of this one.
    pub(super) fn spend_import(&self, definition: &Definition) -> Result<(), CompileError> {
        let operations = definition.def.iter();
        self.spend(operations.map(|bytes| bytes.len() + VERTEX_BYTES).sum())
    }
}

/// The platform in its usual form, shared where it has that already.
fn normalized(platform: &Arc<Platform>) -> Arc<Platform> {
    let usual = platform.normalize();
    match usual == **platform {
        true => Arc::clone(platform),
        false => Arc::new(usual),
    }
}

/// A broken promise between the parts of this crate, told as an error.
fn internal(what: &str) -> CompileError {
    CompileError::new(format!(
        "internal error: {what}; please report this with the Dockerfile"
    ))
}
