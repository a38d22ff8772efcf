//! `FROM`

use crate::ast::Meta;

/// `FROM [--platform=platform] image [AS name]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct From {
    /// Its keyword, text, place and comments.
    pub meta: Meta,
    /// The image or stage to start from, not expanded.
    pub base: String,
    /// `--platform`, not expanded. None when not given or empty.
    pub platform: Option<String>,
    /// The stage's name in lower case.
    pub name: Option<String>,
    /// The stage's name as written.
    pub name_as_written: Option<String>,
    /// The `AS` as written.
    pub as_keyword: Option<String>,
    /// What a comment above says about the stage's name (`# name text`); empty without one.
    pub doc_comment: String,
}
