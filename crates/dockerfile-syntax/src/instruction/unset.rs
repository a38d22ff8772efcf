//! `UNSET what [name…]`, of the dialect: takes out of the image's config what stands there, all or the named.
//!
//! Words between blanks. No flags.

use super::InstructionKind;
use crate::error::{Fault, SyntaxErrorKind};
use crate::parts::Parts;
use crate::shape::Shape;
use crate::suggest;
use crate::word::{Word, into_owned, owned_already};

pub(super) const SHAPE: Shape = Shape::Blanks;

/// `UNSET what [name…]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unset<'a> {
    /// What is taken out.
    pub what: Setting,
    /// The word that says so.
    pub keyword: Word<'a>,
    /// What of it; all where there is none. Not expanded.
    pub names: Vec<Word<'a>>,
}

into_owned!(Unset { what, keyword, names });

/// Something in an image's config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// `ENV`
    Env,
    /// `LABEL`
    Label,
    /// `EXPOSE`
    Expose,
    /// `VOLUME`
    Volume,
    /// `ENTRYPOINT`
    Entrypoint,
    /// `CMD`
    Cmd,
    /// `HEALTHCHECK`
    Healthcheck,
    /// `USER`
    User,
    /// `STOPSIGNAL`
    Stopsignal,
    /// `ONBUILD`
    Onbuild,
}

owned_already!(Setting);

impl Setting {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Env,
        Self::Label,
        Self::Expose,
        Self::Volume,
        Self::Entrypoint,
        Self::Cmd,
        Self::Healthcheck,
        Self::User,
        Self::Stopsignal,
        Self::Onbuild,
    ];

    /// The instruction that sets it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Env => "ENV",
            Self::Label => "LABEL",
            Self::Expose => "EXPOSE",
            Self::Volume => "VOLUME",
            Self::Entrypoint => "ENTRYPOINT",
            Self::Cmd => "CMD",
            Self::Healthcheck => "HEALTHCHECK",
            Self::User => "USER",
            Self::Stopsignal => "STOPSIGNAL",
            Self::Onbuild => "ONBUILD",
        }
    }

    /// Whether it has parts with names.
    fn has_names(self) -> bool {
        matches!(self, Self::Env | Self::Label | Self::Expose | Self::Volume)
    }
}

pub(super) fn parse<'a>(mut parts: Parts<'_, 'a>) -> Result<InstructionKind<'a>, Fault> {
    parts.flags(&[])?;
    let mut words = parts.args.into_words().into_iter();
    let Some(keyword) = words.next() else {
        return Err(SyntaxErrorKind::NoArguments { instruction: "UNSET" }.into());
    };
    let mut all = Setting::ALL.into_iter();
    let Some(what) = all.find(|what| what.name().eq_ignore_ascii_case(&keyword)) else {
        let kind = SyntaxErrorKind::UnsetWhat {
            word: keyword.to_string(),
            suggestion: suggest::nearest(&keyword, &Setting::ALL.map(Setting::name), false),
        };
        return Err(kind.on(keyword.span));
    };
    let names: Vec<Word<'a>> = words.collect();
    if let Some(name) = names.first()
        && !what.has_names()
    {
        let kind = SyntaxErrorKind::UnsetName {
            what: what.name(),
            name: name.to_string(),
        };
        return Err(kind.on(name.span));
    }
    Ok(InstructionKind::Unset(Box::new(Unset { what, keyword, names })))
}
