//! `RUN --mount=key=value,…`: what all types share.
//!
//! Fields are comma-separated, with double quotes where a value holds a comma. Keys are in any case. `type` is `bind`
//! (when not given), `cache`, `tmpfs`, `secret` or `ssh`; each has a file beside this one that says what it takes.
//! Where a key depends on the type, `type=` must stand before it.

use std::fmt;

use super::{bind, cache, secret, ssh, tmpfs};
use crate::expand::ExpandError;
use crate::span::Span;
use crate::word::{Marked, Word, into_owned};
use crate::{csv, number, suggest, text};

/// A `--mount` as written: comma-separated fields. Its values are expanded and checked by [`MountSpec::resolve`],
/// once the variables are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MountSpec<'a> {
    /// What stands behind `--mount=`.
    pub text: Word<'a>,
    /// The last `from=`; it is never expanded, so it is known from the start.
    pub from: Option<Word<'a>>,
}

into_owned!(MountSpec { text, from });

/// A mount with all its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mount<'a> {
    /// `type`
    pub kind: MountKind,
    /// `from`; empty when not given.
    pub from: Word<'a>,
    /// `source` or `src`; empty when not given.
    pub source: Word<'a>,
    /// `target`, `dst` or `destination`; empty when not given.
    pub target: Word<'a>,
    /// `readonly`, `ro`, `readwrite`, `rw`, or what is usual for the type: cache and tmpfs are writable.
    pub readonly: bool,
    /// `size` in bytes, 0 when not given.
    pub size: i64,
    /// `id`; empty when not given.
    pub id: Word<'a>,
    /// `sharing`, when given.
    pub sharing: Option<Sharing>,
    /// `required`
    pub required: bool,
    /// `mode`, when given.
    pub mode: Option<u32>,
    /// `uid`, when given.
    pub uid: Option<u32>,
    /// `gid`, when given.
    pub gid: Option<u32>,
    /// `env`, when given: the variable that holds a secret. May be given and empty.
    pub env: Option<Word<'a>>,
}

/// The type of a mount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum MountKind {
    /// Files of the context, a stage or an image.
    #[default]
    Bind,
    /// A directory that outlives the build.
    Cache,
    /// A directory in memory.
    Tmpfs,
    /// A secret, as a file or a variable.
    Secret,
    /// The socket of an ssh agent.
    Ssh,
}

/// How several builds use a cache mount at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sharing {
    /// All at once.
    Shared,
    /// Each has its own.
    Private,
    /// One after the other.
    Locked,
}

/// What is wrong in a `--mount`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MountError {
    /// The quotes are wrong, or there is no text at all.
    Csv,
    /// A variable in `from=`.
    FromVariable {
        /// The value given.
        value: String,
    },
    /// A variable that could not be expanded.
    Expand(Box<ExpandError>),
    /// A word without `=` that is no flag.
    NotKeyValue {
        /// The word.
        field: String,
        /// A known key that is spelled almost like it.
        suggestion: Option<String>,
    },
    /// A key that is not known.
    UnknownKey {
        /// The key.
        key: String,
        /// A known one that is spelled almost like it.
        suggestion: Option<String>,
    },
    /// A type that is not known.
    UnknownType {
        /// The value given.
        value: String,
        /// A known one that is spelled almost like it.
        suggestion: Option<String>,
    },
    /// A sharing mode that is not known.
    UnknownSharing {
        /// The value given.
        value: String,
        /// A known one that is spelled almost like it.
        suggestion: Option<String>,
    },
    /// A key that the type (as known at this point of the text) does not have.
    KeyNotForType {
        /// The key.
        key: String,
        /// The type.
        kind: MountKind,
    },
    /// A value that its key does not take.
    InvalidValue {
        /// The key.
        key: String,
        /// The value given.
        value: String,
    },
    /// A secret without any of source, target and id.
    SecretUnnamed,
    /// A secret with both source and id.
    SecretNamedTwice,
}

/// What a type of mount takes. Keys not named here are taken by all types.
pub(super) struct Rules {
    /// Whether it is read-only when nothing is said.
    pub(super) readonly: bool,
    /// Whether it takes `required`.
    pub(super) required: bool,
    /// Whether it takes `size`.
    pub(super) size: bool,
    /// Whether it takes `mode`, `uid` and `gid`.
    pub(super) owner: bool,
    /// Whether it takes `sharing`.
    pub(super) sharing: bool,
    /// What else must hold for it.
    pub(super) check: fn(&Mount<'_>) -> Result<(), MountError>,
}

impl MountKind {
    /// All types, in the order in which suggestions are tried.
    pub const ALL: [Self; 5] = [Self::Bind, Self::Cache, Self::Tmpfs, Self::Secret, Self::Ssh];

    /// The type as it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Cache => "cache",
            Self::Tmpfs => "tmpfs",
            Self::Secret => "secret",
            Self::Ssh => "ssh",
        }
    }

    fn rules(self) -> &'static Rules {
        match self {
            Self::Bind => &bind::RULES,
            Self::Cache => &cache::RULES,
            Self::Tmpfs => &tmpfs::RULES,
            Self::Secret => &secret::RULES,
            Self::Ssh => &ssh::RULES,
        }
    }
}

const KEYS: [&str; 19] = [
    "type",
    "from",
    "source",
    "target",
    "readonly",
    "id",
    "sharing",
    "required",
    "size",
    "mode",
    "uid",
    "gid",
    "src",
    "dst",
    "destination",
    "ro",
    "rw",
    "readwrite",
    "env",
];

impl<'a> MountSpec<'a> {
    /// Reads what stands behind `--mount=` as far as it can be read before variables are known.
    ///
    /// # Errors
    /// Fields that cannot be told apart, or a variable in `from`.
    pub fn parse(text: Word<'a>) -> Result<Self, Marked<MountError>> {
        const FROM: &str = "from=";
        let mut from = None;
        for field in fields(&text)? {
            let key = field.get(..FROM.len()).unwrap_or_default();
            if !key.eq_ignore_ascii_case(FROM) {
                continue;
            }
            let value = field.part(FROM.len()..field.len());
            // A dollar at the very end is no variable.
            if value.find('$').is_some_and(|at| at + 1 < value.len()) {
                let given = value.to_string();
                return Err(MountError::FromVariable { value: given }.on(value.span));
            }
            from = Some(value);
        }
        Ok(Self { text, from })
    }

    /// Expands and checks all values.
    ///
    /// `expand` is asked once for each value, in the order written, and gives its text where that is another one than
    /// is written.
    ///
    /// # Errors
    /// The first thing that is wrong, which may be an error of `expand`.
    pub fn resolve(
        &self,
        expand: &mut dyn FnMut(&Word<'a>) -> Result<Option<String>, ExpandError>,
    ) -> Result<Mount<'a>, Marked<MountError>> {
        let mut mount = Mount::default();
        let mut readonly = None;
        for field in fields(&self.text)? {
            let Some((key, value)) = field.cut('=') else {
                let set = mount.set_word(&field).map_err(|error| error.on(field.span));
                readonly = set?.or(readonly);
                continue;
            };
            let span = value.span;
            let text = expand(&value).map_err(|error| MountError::Expand(Box::new(error)).on(span))?;
            let value = text.map_or(value, |text| Word::new(text, span));
            let set = mount.set(&text::lower(&key), value);
            let set = set.map_err(|error| {
                let is_about_key = matches!(
                    error,
                    MountError::UnknownKey { .. } | MountError::KeyNotForType { .. }
                );
                error.on(if is_about_key { key.span } else { span })
            });
            readonly = set?.or(readonly);
        }
        mount.readonly = readonly.unwrap_or(mount.kind.rules().readonly);
        match mount.check() {
            Ok(()) => Ok(mount),
            Err(error) => {
                let span = match &error {
                    MountError::KeyNotForType { key, .. } => self.span_of(key),
                    _ => self.text.span,
                };
                Err(error.on(span))
            }
        }
    }

    /// Where a key stands last.
    fn span_of(&self, wanted: &str) -> Span {
        let fields = csv::fields(&self.text).into_iter().flatten();
        let keys = fields.filter_map(|field| Some(field.cut('=')?.0));
        let found = keys.filter(|key| text::lower(key) == wanted).last();
        found.map_or(self.text.span, |key| key.span)
    }
}

fn fields<'l, 'a>(
    text: &'l Word<'a>,
) -> Result<impl Iterator<Item = Word<'a>> + use<'l, 'a>, Marked<MountError>> {
    csv::fields(text).ok_or_else(|| MountError::Csv.on(text.span))
}

impl MountError {
    fn on(self, span: Span) -> Marked<Self> {
        Marked { error: self, span }
    }
}

impl<'a> Mount<'a> {
    /// Takes a field without `=`. Gives read-only when the field says it.
    fn set_word(&mut self, field: &str) -> Result<Option<bool>, MountError> {
        let key = text::lower(field);
        match &*key {
            "readonly" | "ro" => Ok(Some(true)),
            "readwrite" | "rw" => Ok(Some(false)),
            "required" => {
                self.allow(self.kind.rules().required, &key)?;
                self.required = true;
                Ok(None)
            }
            _ => {
                let words = ["readonly", "ro", "readwrite", "rw", "required"];
                let suggestion = suggest::nearest(&key, &words, true);
                Err(MountError::NotKeyValue {
                    field: field.to_owned(),
                    suggestion,
                })
            }
        }
    }

    /// Takes a field with `=`. Gives read-only when the field says it.
    fn set(&mut self, key: &str, value: Word<'a>) -> Result<Option<bool>, MountError> {
        let invalid = || MountError::InvalidValue {
            key: key.to_owned(),
            value: value.to_string(),
        };
        match key {
            "readonly" | "ro" => return number::parse_bool(&value).map(Some).ok_or_else(invalid),
            "readwrite" | "rw" => {
                return number::parse_bool(&value)
                    .map(|writable| Some(!writable))
                    .ok_or_else(invalid);
            }
            "type" => self.kind = kind(&value)?,
            "sharing" => self.sharing = Some(sharing(&value)?),
            "required" => {
                self.allow(self.kind.rules().required, key)?;
                self.required = number::parse_bool(&value).ok_or_else(invalid)?;
            }
            "size" => {
                self.allow(self.kind.rules().size, key)?;
                self.size = number::parse_size(&value).ok_or_else(invalid)?;
            }
            "mode" => self.mode = Some(number::parse_u32(&value, 8).ok_or_else(invalid)?),
            "uid" => self.uid = Some(number::parse_u32(&value, 10).ok_or_else(invalid)?),
            "gid" => self.gid = Some(number::parse_u32(&value, 10).ok_or_else(invalid)?),
            "from" => self.from = value,
            "source" | "src" => self.source = value,
            "target" | "dst" | "destination" => self.target = value,
            "id" => self.id = value,
            "env" => self.env = Some(value),
            _ => {
                let suggestion = suggest::nearest(key, &KEYS, true);
                return Err(MountError::UnknownKey {
                    key: key.to_owned(),
                    suggestion,
                });
            }
        }
        Ok(None)
    }

    fn allow(&self, allowed: bool, key: &str) -> Result<(), MountError> {
        if allowed {
            Ok(())
        } else {
            Err(MountError::KeyNotForType {
                key: key.to_owned(),
                kind: self.kind,
            })
        }
    }

    /// What can be checked only when all fields are known.
    fn check(&self) -> Result<(), MountError> {
        let rules = self.kind.rules();
        self.allow(rules.owner || self.mode.is_none(), "mode")?;
        self.allow(rules.owner || self.uid.is_none(), "uid")?;
        self.allow(rules.owner || self.gid.is_none(), "gid")?;
        (rules.check)(self)?;
        self.allow(rules.sharing || self.sharing.is_none(), "sharing")
    }
}

fn kind(value: &str) -> Result<MountKind, MountError> {
    let wanted = text::lower(value);
    MountKind::ALL
        .into_iter()
        .find(|kind| kind.name() == wanted)
        .ok_or_else(|| MountError::UnknownType {
            value: value.to_owned(),
            suggestion: suggest::nearest(value, &MountKind::ALL.map(MountKind::name), true),
        })
}

fn sharing(value: &str) -> Result<Sharing, MountError> {
    match &*text::lower(value) {
        "shared" => Ok(Sharing::Shared),
        "private" => Ok(Sharing::Private),
        "locked" => Ok(Sharing::Locked),
        _ => Err(MountError::UnknownSharing {
            value: value.to_owned(),
            suggestion: suggest::nearest(value, &["shared", "private", "locked"], true),
        }),
    }
}

/// What a value of a key looks like.
fn expected(key: &str) -> &'static str {
    match key {
        "size" => "a size such as 64m or 1.5g",
        "mode" => "an octal number such as 0755",
        "uid" | "gid" => "a number such as 1000",
        _ => "true or false",
    }
}

impl fmt::Display for MountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Csv => f.write_str(
                "--mount needs key=value fields, and a quote (\") that is opened must be closed before the next comma",
            ),
            Self::FromVariable { value } => write!(
                f,
                "--mount: from={value} holds a variable, which is not expanded there; \
                 begin a stage with FROM {value} AS name and write from=name"
            ),
            Self::Expand(error) => write!(f, "--mount: {error}"),
            Self::NotKeyValue { field, suggestion } => {
                write!(f, "--mount: {field:?} is no key=value pair")?;
                suggest::write(f, suggestion.as_deref())
            }
            Self::UnknownKey { key, suggestion } => {
                write!(f, "--mount has no key {key:?}")?;
                suggest::write(f, suggestion.as_deref())
            }
            Self::UnknownType { value, suggestion } => {
                write!(f, "--mount has no type {value:?}; there are bind, cache, tmpfs, secret and ssh")?;
                suggest::write(f, suggestion.as_deref())
            }
            Self::UnknownSharing { value, suggestion } => {
                write!(f, "--mount: sharing is shared, private or locked, not {value:?}")?;
                suggest::write(f, suggestion.as_deref())
            }
            Self::KeyNotForType { key, kind } => {
                write!(f, "--mount of type {} takes no {key}", kind.name())?;
                if *kind == MountKind::Bind { f.write_str(" (write type= before it)") } else { Ok(()) }
            }
            Self::InvalidValue { key, value } => {
                write!(f, "--mount: {key} is {}, not {value:?}", expected(key))
            }
            Self::SecretUnnamed => f.write_str("--mount of type secret needs an id, a source or a target"),
            Self::SecretNamedTwice => {
                f.write_str("--mount of type secret takes an id or a source, which mean the same, not both")
            }
        }
    }
}

impl std::error::Error for MountError {}
