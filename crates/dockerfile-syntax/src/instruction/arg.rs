//! `ARG`

/// `ARG name[=default] …`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arg {
    /// The items in the order written, at least one.
    pub items: Vec<ArgItem>,
}

/// One name of an `ARG`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArgItem {
    /// The name, never blank, never expanded. Quotes and escapes are kept.
    pub key: String,
    /// The default, not expanded; quotes and escapes are kept.
    pub value: Option<String>,
    /// What a comment above the instruction says about this name (`# name text`); empty without one.
    pub doc_comment: String,
}
