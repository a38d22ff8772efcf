//! Git repositories.

use crate::path::join;
use crate::{SourceOp, caps};

/// Where a repository is, in the parts that its identifier is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitRemote {
    /// What git is given, such as `git@github.com:moby/buildkit.git`: without
    /// fragment and query.
    pub url: String,
    /// The host, with the port if the URL has one.
    pub host: String,
    /// The path on the host.
    pub path: String,
    /// Whether it is reached with SSH.
    pub ssh: bool,
}

/// What of a repository is checked out, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitOptions {
    /// Branch, tag or commit; `None` is the default branch.
    pub reference: Option<String>,
    /// Only this directory.
    pub subdir: Option<String>,
    /// Keeps `.git`.
    pub keep_git_dir: bool,
    /// The commit that it must be, in whole or its first digits.
    pub checksum: Option<String>,
    /// Leaves submodules out.
    pub skip_submodules: bool,
    /// Modification times: `commit` or `checkout`.
    pub mtime: Option<String>,
    /// Fetches `checksum` itself, without asking what the reference is now.
    pub fetch_by_commit: bool,
    /// Shows git's advice.
    pub advice: bool,
    /// Known keys of an SSH host, as lines of a `known_hosts` file with their ends.
    pub known_ssh_hosts: Option<String>,
    /// The SSH agent at the client; `None` is the default one.
    pub mount_ssh_sock: Option<String>,
    /// The secret with a token; `None` is `GIT_AUTH_TOKEN`, without asking the
    /// daemon whether it knows about secrets.
    pub auth_token_secret: Option<String>,
    /// The secret with an `Authorization` header; `None` is `GIT_AUTH_HEADER`,
    /// without asking the daemon whether it knows about secrets.
    pub auth_header_secret: Option<String>,
    /// Imports from this bundle instead of the remote, see [`GitBundle`].
    pub bundle: Option<GitBundle>,
    /// Gives a bundle in the file `bundle` instead of a work tree.
    pub checkout_bundle: bool,
}

/// A git bundle that is a blob of a registry or an OCI layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitBundle {
    /// `docker-image+blob://…@sha256:…` or `oci-layout+blob://…@sha256:…`
    pub locator: String,
    /// Which client has the OCI layout.
    pub oci_session_id: Option<String>,
    /// What the client calls the OCI layout.
    pub oci_store_id: Option<String>,
}

impl SourceOp {
    /// A checkout of a repository. The identifier is the same for every way to
    /// reach it, so that they share a cache.
    ///
    /// Host keys are as given: finding them out would be input and output.
    pub fn git(remote: &GitRemote, options: &GitOptions) -> Self {
        let reference = options.reference.as_deref().unwrap_or_default();
        let subdir = options.subdir.as_deref().unwrap_or_default();
        let mut identifier = format!("git://{}{}", remote.host, join(&["/", &remote.path]));
        if !reference.is_empty() || !subdir.is_empty() {
            identifier.push('#');
            identifier.push_str(reference);
        }
        if !subdir.is_empty() {
            identifier.push(':');
            identifier.push_str(subdir);
        }
        let mut source = Self::new(identifier);
        source.require(caps::SOURCE_GIT);
        if source.set_some("git.fullurl", Some(&remote.url)) {
            source.require(caps::SOURCE_GIT_FULL_URL);
        }
        source.git_auth(options);
        if remote.ssh {
            source.git_ssh(options);
        }
        source.git_checkout(options);
        source.git_bundle(options);
        source
    }

    fn git_auth(&mut self, options: &GitOptions) {
        for (attr, secret, default) in [
            (
                "git.authtokensecret",
                &options.auth_token_secret,
                "GIT_AUTH_TOKEN",
            ),
            (
                "git.authheadersecret",
                &options.auth_header_secret,
                "GIT_AUTH_HEADER",
            ),
        ] {
            match secret {
                None => {
                    self.set(attr, default);
                }
                Some(name) if name.is_empty() => {}
                Some(name) => {
                    self.set(attr, name.as_str());
                    self.require(caps::SOURCE_GIT_HTTP_AUTH);
                }
            }
        }
    }

    fn git_ssh(&mut self, options: &GitOptions) {
        self.set_some("git.knownsshhosts", options.known_ssh_hosts.as_deref());
        self.require(caps::SOURCE_GIT_KNOWN_SSH_HOSTS);
        let sock = options.mount_ssh_sock.as_deref();
        let sock = sock.filter(|id| !id.is_empty()).unwrap_or("default");
        self.set("git.mountsshsock", sock);
        self.require(caps::SOURCE_GIT_MOUNT_SSH_SOCK);
    }

    fn git_checkout(&mut self, options: &GitOptions) {
        let mut switch = |on: bool, attr: &str, cap: Option<&str>| {
            if on {
                self.set(attr, "true");
                cap.map(|cap| self.require(cap));
            }
        };
        switch(
            options.keep_git_dir,
            "git.keepgitdir",
            Some(caps::SOURCE_GIT_KEEP_DIR),
        );
        switch(
            options.skip_submodules,
            "git.skipsubmodules",
            Some(caps::SOURCE_GIT_SKIP_SUBMODULES),
        );
        switch(
            options.fetch_by_commit,
            "git.fetchbycommit",
            Some(caps::SOURCE_GIT_FETCH_BY_COMMIT),
        );
        switch(options.advice, "git.advice", None);
        switch(
            options.checkout_bundle,
            "git.checkoutbundle",
            Some(caps::SOURCE_GIT_CHECKOUT_BUNDLE),
        );
        if self.set_some("git.checksum", options.checksum.as_deref()) {
            self.require(caps::SOURCE_GIT_CHECKSUM);
        }
        if self.set_some("git.mtime", options.mtime.as_deref()) {
            self.require(caps::SOURCE_GIT_MTIME);
        }
    }

    fn git_bundle(&mut self, options: &GitOptions) {
        let Some(bundle) = &options.bundle else {
            return;
        };
        if self.set_some("git.bundle", Some(&bundle.locator)) {
            self.require(caps::SOURCE_GIT_BUNDLE);
        }
        self.set_some("oci.session", bundle.oci_session_id.as_deref());
        self.set_some("oci.store", bundle.oci_store_id.as_deref());
    }
}
