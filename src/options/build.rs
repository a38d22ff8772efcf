//! From a request to the options of the compile core.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use dockerfile_compile::{BuildOptions, MainContext, SourceFile};
use llb_graph::{CapSet, Platform};

use super::{Request, own_platform};

impl Request {
    /// The compile core's options for one target platform; `None` leaves it to the base image.
    #[must_use]
    pub fn build_options(
        &self,
        source: Arc<SourceFile>,
        main_context: MainContext,
        caps: CapSet,
        target_platform: Option<Platform>,
    ) -> BuildOptions {
        BuildOptions {
            target: self.image.target.clone(),
            build_args: self.image.build_args.clone(),
            labels: self.image.labels.clone(),
            target_platform,
            scan_platform: self.sbom.as_ref().map(|_| own_platform()),
            build_platforms: self.build_platforms.clone(),
            multi_platform: self.targets.keyed,
            no_cache: self.image.no_cache.clone(),
            network: self.run.network,
            extra_hosts: self.run.extra_hosts.clone(),
            shm_size: self.run.shm_size,
            ulimits: self.run.ulimits.clone(),
            cgroup_parent: self.run.cgroup_parent.clone(),
            hostname: self.run.hostname.clone(),
            linux_resources: self.run.resources.clone(),
            image_resolve_mode: self.image.resolve_mode,
            cache_mount_namespace: self.run.cache_mount_namespace.clone(),
            session_id: self.session_id.clone(),
            local_session_ids: self.local_session_ids.clone(),
            unique_id: unique_id(),
            named_contexts: self.contexts.named.clone(),
            input_metadata: self.contexts.input_metadata.clone(),
            shared_keys: self.contexts.shared_keys.clone(),
            main_context,
            source,
            git_advice: self.place.git_advice,
            caps,
            all_stages: false,
            is_question: false,
            explains: false,
            cache_mounts: self.image.cache_mounts,
            lock: None,
            lists_sources: false,
            check: self.image.check.clone(),
        }
    }
}

/// A text that no other build has; the hasher's keys come from the system's random numbers.
pub(crate) fn unique_id() -> String {
    let state = RandomState::new();
    format!(
        "{:016x}{:016x}",
        state.hash_one(0),
        RandomState::new().hash_one(1)
    )
}
