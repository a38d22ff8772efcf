//! `RUN --mount=key=value,…`: what all types share.
//!
//! Fields are comma-separated, with double quotes where a value holds a comma. Keys are in any case. `type` is `bind`
//! (when not given), `cache`, `tmpfs`, `secret` or `ssh`; each has a file beside this one that says what it takes.
//! Where a key depends on the type, `type=` must stand before it.

use super::{bind, cache, secret, ssh, tmpfs};
use crate::dialect::Dialect;
use crate::expand::ExpandError;
use crate::span::Span;
use crate::word::{Marked, Word, into_owned};
use crate::{csv, number, suggest, text};

pub use crate::error::{MountError, MountKind};

/// A `--mount` as written: comma-separated fields. Its values are expanded and checked by [`MountSpec::resolve`],
/// once the variables are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MountSpec<'a> {
    /// What stands behind `--mount=`.
    pub text: Word<'a>,
    /// The last `from=`. It is known before the variables of the stage are: only in the dialect it may hold variables, which
    /// are the global ones.
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
    /// Fields that cannot be told apart, or a variable in `from` where the file is not of the dialect.
    pub fn parse(text: Word<'a>, dialect: Dialect) -> Result<Self, Marked<MountError>> {
        const FROM: &str = "from=";
        let mut from = None;
        for field in fields(&text)? {
            let key = field.get(..FROM.len()).unwrap_or_default();
            if !key.eq_ignore_ascii_case(FROM) {
                continue;
            }
            let value = field.part(FROM.len()..field.len());
            if has_variable(&value) && !dialect.is_on {
                let given = value.to_string();
                return Err(MountError::FromVariable { value: given }.on(value.span));
            }
            from = Some(value);
        }
        Ok(Self { text, from })
    }

    /// Expands and checks all values but variables in `from`.
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
            let name = text::lower(&key);
            let text = match name == "from" && has_variable(&value) {
                true => None,
                false => expand(&value).map_err(|error| MountError::Expand(Box::new(error)).on(span))?,
            };
            let value = text.map_or(value, |text| Word::new(text, span));
            let set = mount.set(&name, value);
            let set = set.map_err(|error| {
                let is_about_key = matches!(
                    error,
                    MountError::UnknownKey { .. } | MountError::KeyNotForType { .. }
                );
                error.on(if is_about_key { key.span } else { span })
            });
            readonly = set?.or(readonly);
        }
        mount.readonly = readonly.unwrap_or(rules(mount.kind).readonly);
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

/// Whether a value holds a variable. A dollar at the very end is none.
fn has_variable(value: &str) -> bool {
    value.find('$').is_some_and(|at| at + 1 < value.len())
}

fn fields<'l, 'a>(
    text: &'l Word<'a>,
) -> Result<impl Iterator<Item = Word<'a>> + use<'l, 'a>, Marked<MountError>> {
    csv::fields(text).ok_or_else(|| MountError::Csv.on(text.span))
}

impl<'a> Mount<'a> {
    /// Takes a field without `=`. Gives read-only when the field says it.
    fn set_word(&mut self, field: &str) -> Result<Option<bool>, MountError> {
        let key = text::lower(field);
        match &*key {
            "readonly" | "ro" => Ok(Some(true)),
            "readwrite" | "rw" => Ok(Some(false)),
            "required" => {
                self.allow(rules(self.kind).required, &key)?;
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
                self.allow(rules(self.kind).required, key)?;
                self.required = number::parse_bool(&value).ok_or_else(invalid)?;
            }
            "size" => {
                self.allow(rules(self.kind).size, key)?;
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
        let rules = rules(self.kind);
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

fn rules(kind: MountKind) -> &'static Rules {
    match kind {
        MountKind::Bind => &bind::RULES,
        MountKind::Cache => &cache::RULES,
        MountKind::Tmpfs => &tmpfs::RULES,
        MountKind::Secret => &secret::RULES,
        MountKind::Ssh => &ssh::RULES,
    }
}
