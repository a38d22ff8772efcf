//! Downloads.

use crate::{SourceOp, caps};

/// What a download becomes, and how it is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpOptions {
    /// The digest that it must have.
    pub checksum: Option<String>,
    /// The file that it becomes.
    pub file: FileInfo,
    /// The secret that holds the `Authorization` header.
    pub auth_header_secret: Option<String>,
    /// The `Accept` header.
    pub accept: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The signature that it must have.
    pub signature: Option<HttpSignature>,
}

/// The file that a download or blob becomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileInfo {
    /// Its name; `None` is what the server says.
    pub filename: Option<String>,
    /// Permissions, of which the nine lowest bits count; zero is 0600.
    pub perm: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// A detached OpenPGP signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpSignature {
    /// The keys, armored.
    pub public_key: String,
    /// The signature, armored.
    pub signature: String,
}

impl FileInfo {
    pub(crate) fn set(&self, source: &mut SourceOp) {
        source.set_some("http.filename", self.filename.as_deref());
        let perm = self.perm & 0o777;
        if perm != 0 {
            source.set("http.perm", format!("0{perm:o}"));
        }
        if self.uid != 0 {
            source.set("http.uid", self.uid.to_string());
        }
        if self.gid != 0 {
            source.set("http.gid", self.gid.to_string());
        }
    }
}

impl SourceOp {
    /// A download of an `http://` or `https://` URL.
    pub fn http(url: &str, options: &HttpOptions) -> Self {
        let mut source = Self::new(url);
        source.require(caps::SOURCE_HTTP);
        if source.set_some("http.checksum", options.checksum.as_deref()) {
            source.require(caps::SOURCE_HTTP_CHECKSUM);
        }
        options.file.set(&mut source);
        if options.file.perm & 0o777 != 0 {
            source.require(caps::SOURCE_HTTP_PERM);
        }
        if options.file.uid != 0 || options.file.gid != 0 {
            source.require(caps::SOURCE_HTTP_UID_GID);
        }
        if source.set_some("http.authheadersecret", options.auth_header_secret.as_deref()) {
            source.require(caps::SOURCE_HTTP_AUTH);
        }
        if options.accept.is_some() || options.user_agent.is_some() {
            source.set_some("http.header.accept", options.accept.as_deref());
            source.set_some("http.header.user-agent", options.user_agent.as_deref());
            source.require(caps::SOURCE_HTTP_HEADER);
        }
        if let Some(signature) = &options.signature {
            source.set_some("http.sig.pubkey", Some(&signature.public_key));
            source.set_some("http.sig.signature", Some(&signature.signature));
            source.require(caps::SOURCE_HTTP_SIGNATURE_VERIFY);
        }
        source
    }
}
