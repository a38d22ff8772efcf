//! The ids of the capabilities that a definition can need.

use super::{CapDefinition, CapStatus};

macro_rules! caps {
    ($($name:ident = $id:literal;)*) => {
        $(
            #[doc = concat!("`", $id, "`")]
            pub const $name: &str = $id;
        )*
    };
}

caps! {
    SOURCE_IMAGE = "source.image";
    SOURCE_IMAGE_RESOLVE_MODE = "source.image.resolvemode";
    SOURCE_IMAGE_LAYER_LIMIT = "source.image.layerlimit";
    SOURCE_IMAGE_CHECKSUM = "source.image.checksum";
    SOURCE_LOCAL = "source.local";
    SOURCE_LOCAL_UNIQUE = "source.local.unique";
    SOURCE_LOCAL_SESSION_ID = "source.local.sessionid";
    SOURCE_LOCAL_INCLUDE_PATTERNS = "source.local.includepatterns";
    SOURCE_LOCAL_FOLLOW_PATHS = "source.local.followpaths";
    SOURCE_LOCAL_EXCLUDE_PATTERNS = "source.local.excludepatterns";
    SOURCE_LOCAL_SHARED_KEY_HINT = "source.local.sharedkeyhint";
    SOURCE_LOCAL_DIFFER = "source.local.differ";
    SOURCE_METADATA_TRANSFER = "source.local.metadatatransfer";
    SOURCE_GIT = "source.git";
    SOURCE_GIT_KEEP_DIR = "source.git.keepgitdir";
    SOURCE_GIT_FULL_URL = "source.git.fullurl";
    SOURCE_GIT_HTTP_AUTH = "source.git.httpauth";
    SOURCE_GIT_KNOWN_SSH_HOSTS = "source.git.knownsshhosts";
    SOURCE_GIT_MOUNT_SSH_SOCK = "source.git.mountsshsock";
    SOURCE_GIT_SUBDIR = "source.git.subdir";
    SOURCE_GIT_CHECKSUM = "source.git.checksum";
    SOURCE_GIT_SKIP_SUBMODULES = "source.git.skipsubmodules";
    SOURCE_GIT_SIGNATURE_VERIFY = "source.git.signatureverify";
    SOURCE_GIT_MTIME = "source.git.mtime";
    SOURCE_GIT_FETCH_BY_COMMIT = "source.git.fetchbycommit";
    SOURCE_GIT_BUNDLE = "source.git.bundle";
    SOURCE_GIT_CHECKOUT_BUNDLE = "source.git.checkoutbundle";
    SOURCE_HTTP = "source.http";
    SOURCE_HTTP_AUTH = "source.http.auth";
    SOURCE_HTTP_CHECKSUM = "source.http.checksum";
    SOURCE_HTTP_PERM = "source.http.perm";
    SOURCE_HTTP_UID_GID = "soruce.http.uidgid";
    SOURCE_HTTP_HEADER = "source.http.header";
    SOURCE_HTTP_SIGNATURE_VERIFY = "source.http.signatureverify";
    SOURCE_IMAGE_BLOB = "source.imageblob";
    SOURCE_OCI_LAYOUT = "source.ocilayout";
    BUILD_OP_LLB_FILE_NAME = "source.buildop.llbfilename";
    EXEC_META_BASE = "exec.meta.base";
    EXEC_META_CGROUP_PARENT = "exec.meta.cgroup.parent";
    EXEC_META_NETWORK = "exec.meta.network";
    EXEC_META_NETWORK_PROXY = "exec.meta.network.proxy";
    EXEC_META_PROXY = "exec.meta.proxyenv";
    EXEC_META_SECURITY = "exec.meta.security";
    EXEC_META_SECURITY_DEVICE_WHITELIST_V1 = "exec.meta.security.devices.v1";
    EXEC_META_SETS_DEFAULT_PATH = "exec.meta.setsdefaultpath";
    EXEC_META_ULIMIT = "exec.meta.ulimit";
    EXEC_META_CDI = "exec.meta.cdi";
    EXEC_META_REMOVE_MOUNT_STUBS_RECURSIVE = "exec.meta.removemountstubs.recursive";
    EXEC_META_LINUX_RESOURCES = "exec.meta.linux.resources";
    EXEC_MOUNT_BIND = "exec.mount.bind";
    EXEC_MOUNT_BIND_READ_WRITE_NO_OUTPUT = "exec.mount.bind.readwrite-nooutput";
    EXEC_MOUNT_CACHE = "exec.mount.cache";
    EXEC_MOUNT_CACHE_SHARING = "exec.mount.cache.sharing";
    EXEC_MOUNT_SELECTOR = "exec.mount.selector";
    EXEC_MOUNT_TMPFS = "exec.mount.tmpfs";
    EXEC_MOUNT_TMPFS_SIZE = "exec.mount.tmpfs.size";
    EXEC_MOUNT_SECRET = "exec.mount.secret";
    EXEC_MOUNT_SSH = "exec.mount.ssh";
    EXEC_MOUNT_CONTENT_CACHE = "exec.mount.cache.content";
    EXEC_CGROUPS_MOUNTED = "exec.cgroup";
    EXEC_SECRET_ENV = "exec.secretenv";
    EXEC_VALID_EXIT_CODE = "exec.validexitcode";
    FILE_BASE = "file.base";
    FILE_RM_WILDCARD = "file.rm.wildcard";
    FILE_COPY_INCLUDE_EXCLUDE_PATTERNS = "file.copy.includeexcludepatterns";
    FILE_COPY_REQUIRED_PATHS = "file.copy.requiredpaths";
    FILE_RM_NO_FOLLOW_SYMLINK = "file.rm.nofollowsymlink";
    FILE_COPY_ALWAYS_REPLACE_EXISTING_DEST_PATHS = "file.copy.alwaysreplaceexistingdestpaths";
    FILE_COPY_MODE_STRING_FORMAT = "file.copy.modestring";
    FILE_SYMLINK_CREATE = "file.symlink.create";
    CONSTRAINTS = "constraints";
    PLATFORM = "platform";
    META_IGNORE_CACHE = "meta.ignorecache";
    META_DESCRIPTION = "meta.description";
    META_EXPORT_CACHE = "meta.exportcache";
    REMOTE_CACHE_GHA = "cache.gha";
    REMOTE_CACHE_S3 = "cache.s3";
    REMOTE_CACHE_AZBLOB = "cache.azblob";
    MERGE_OP = "mergeop";
    DIFF_OP = "diffop";
    PASSTHROUGH_OP = "passthroughop";
    ANNOTATIONS = "exporter.image.annotations";
    ATTESTATIONS = "exporter.image.attestations";
    SOURCE_DATE_EPOCH = "exporter.sourcedateepoch";
    MULTIPLE_EXPORTERS = "exporter.multiple";
    SESSION_EXPORTER = "exporter.session";
    SOURCE_POLICY = "source.policy";
    SOURCE_POLICY_SESSION = "source.policy.session";
    GC_FREE_SPACE_FILTER = "gc.freespacefilter";
    HISTORY_FILTERS = "history.filter";
}

/// One that may change, as most may.
const fn experimental(id: &'static str) -> CapDefinition {
    CapDefinition {
        id,
        name: "",
        status: CapStatus::Experimental,
        hints: &[],
    }
}

/// All that the reference client knows, so that a definition may list.
/// `file.copy.modestring` and `exec.meta.removemountstubs.recursive` have ids but
/// are not among them: a daemon refuses operations that list those.
pub const KNOWN_LLB: &[CapDefinition] = &[
    experimental(SOURCE_IMAGE),
    experimental(SOURCE_IMAGE_RESOLVE_MODE),
    experimental(SOURCE_IMAGE_LAYER_LIMIT),
    experimental(SOURCE_IMAGE_CHECKSUM),
    experimental(SOURCE_LOCAL),
    experimental(SOURCE_LOCAL_UNIQUE),
    experimental(SOURCE_LOCAL_SESSION_ID),
    experimental(SOURCE_LOCAL_INCLUDE_PATTERNS),
    experimental(SOURCE_LOCAL_FOLLOW_PATHS),
    experimental(SOURCE_LOCAL_EXCLUDE_PATTERNS),
    experimental(SOURCE_LOCAL_SHARED_KEY_HINT),
    experimental(SOURCE_LOCAL_DIFFER),
    experimental(SOURCE_METADATA_TRANSFER),
    experimental(SOURCE_GIT),
    experimental(SOURCE_GIT_KEEP_DIR),
    experimental(SOURCE_GIT_FULL_URL),
    experimental(SOURCE_GIT_HTTP_AUTH),
    experimental(SOURCE_GIT_KNOWN_SSH_HOSTS),
    experimental(SOURCE_GIT_MOUNT_SSH_SOCK),
    experimental(SOURCE_GIT_SUBDIR),
    experimental(SOURCE_GIT_CHECKSUM),
    experimental(SOURCE_GIT_SKIP_SUBMODULES),
    experimental(SOURCE_GIT_SIGNATURE_VERIFY),
    experimental(SOURCE_GIT_MTIME),
    experimental(SOURCE_GIT_FETCH_BY_COMMIT),
    experimental(SOURCE_GIT_BUNDLE),
    experimental(SOURCE_GIT_CHECKOUT_BUNDLE),
    experimental(SOURCE_HTTP),
    experimental(SOURCE_HTTP_AUTH),
    experimental(SOURCE_HTTP_CHECKSUM),
    experimental(SOURCE_HTTP_PERM),
    experimental(SOURCE_HTTP_UID_GID),
    experimental(SOURCE_HTTP_HEADER),
    experimental(SOURCE_HTTP_SIGNATURE_VERIFY),
    experimental(SOURCE_IMAGE_BLOB),
    experimental(SOURCE_OCI_LAYOUT),
    experimental(BUILD_OP_LLB_FILE_NAME),
    experimental(EXEC_META_BASE),
    experimental(EXEC_META_CGROUP_PARENT),
    experimental(EXEC_META_NETWORK),
    experimental(EXEC_META_NETWORK_PROXY),
    experimental(EXEC_META_PROXY),
    experimental(EXEC_META_SECURITY),
    experimental(EXEC_META_SECURITY_DEVICE_WHITELIST_V1),
    experimental(EXEC_META_SETS_DEFAULT_PATH),
    experimental(EXEC_META_ULIMIT),
    experimental(EXEC_META_CDI),
    experimental(EXEC_META_LINUX_RESOURCES),
    experimental(EXEC_MOUNT_BIND),
    experimental(EXEC_MOUNT_BIND_READ_WRITE_NO_OUTPUT),
    experimental(EXEC_MOUNT_CACHE),
    experimental(EXEC_MOUNT_CACHE_SHARING),
    experimental(EXEC_MOUNT_SELECTOR),
    experimental(EXEC_MOUNT_TMPFS),
    experimental(EXEC_MOUNT_TMPFS_SIZE),
    experimental(EXEC_MOUNT_SECRET),
    experimental(EXEC_MOUNT_SSH),
    experimental(EXEC_MOUNT_CONTENT_CACHE),
    experimental(EXEC_CGROUPS_MOUNTED),
    experimental(EXEC_SECRET_ENV),
    experimental(EXEC_VALID_EXIT_CODE),
    CapDefinition {
        id: FILE_BASE,
        name: "",
        status: CapStatus::Prerelease,
        hints: &[("docker", "Docker v19.03"), ("buildkit", "BuildKit v0.5.0")],
    },
    experimental(FILE_RM_WILDCARD),
    experimental(FILE_COPY_INCLUDE_EXCLUDE_PATTERNS),
    experimental(FILE_COPY_REQUIRED_PATHS),
    experimental(FILE_RM_NO_FOLLOW_SYMLINK),
    experimental(FILE_COPY_ALWAYS_REPLACE_EXISTING_DEST_PATHS),
    experimental(FILE_SYMLINK_CREATE),
    experimental(CONSTRAINTS),
    experimental(PLATFORM),
    experimental(META_IGNORE_CACHE),
    experimental(META_DESCRIPTION),
    experimental(META_EXPORT_CACHE),
    experimental(REMOTE_CACHE_GHA),
    experimental(REMOTE_CACHE_S3),
    experimental(REMOTE_CACHE_AZBLOB),
    experimental(MERGE_OP),
    experimental(DIFF_OP),
    experimental(PASSTHROUGH_OP),
    experimental(ANNOTATIONS),
    experimental(ATTESTATIONS),
    CapDefinition {
        id: SOURCE_DATE_EPOCH,
        name: "source date epoch",
        status: CapStatus::Experimental,
        hints: &[],
    },
    experimental(MULTIPLE_EXPORTERS),
    experimental(SESSION_EXPORTER),
    experimental(SOURCE_POLICY),
    experimental(SOURCE_POLICY_SESSION),
    experimental(GC_FREE_SPACE_FILTER),
    experimental(HISTORY_FILTERS),
];

/// What daemons could do that don't tell their capabilities.
pub const FROZEN_LLB: &[&str] = &[
    SOURCE_IMAGE,
    SOURCE_LOCAL,
    SOURCE_LOCAL_UNIQUE,
    SOURCE_LOCAL_SESSION_ID,
    SOURCE_LOCAL_INCLUDE_PATTERNS,
    SOURCE_LOCAL_FOLLOW_PATHS,
    SOURCE_LOCAL_EXCLUDE_PATTERNS,
    SOURCE_LOCAL_SHARED_KEY_HINT,
    SOURCE_GIT,
    SOURCE_GIT_KEEP_DIR,
    SOURCE_GIT_FULL_URL,
    SOURCE_HTTP,
    SOURCE_HTTP_CHECKSUM,
    SOURCE_HTTP_PERM,
    SOURCE_HTTP_UID_GID,
    BUILD_OP_LLB_FILE_NAME,
    EXEC_META_BASE,
    EXEC_META_PROXY,
    EXEC_MOUNT_BIND,
    EXEC_MOUNT_CACHE,
    EXEC_MOUNT_CACHE_SHARING,
    EXEC_MOUNT_SELECTOR,
    EXEC_MOUNT_TMPFS,
    EXEC_MOUNT_SECRET,
    CONSTRAINTS,
    PLATFORM,
    META_IGNORE_CACHE,
    META_DESCRIPTION,
    META_EXPORT_CACHE,
];
