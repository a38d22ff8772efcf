//! The images that a file names.

use dockerfile_syntax::{Meta, Span};

use crate::stages::Base;
use crate::subject::Adviser;

/// An image, and where it is named.
pub(super) struct Image<'a> {
    pub(super) meta: &'a Meta<'a>,
    pub(super) span: Span,
    /// Without tag and digest.
    pub(super) name: &'a str,
    pub(super) tag: Option<&'a str>,
    /// Whether a digest says which one it is.
    pub(super) is_pinned: bool,
}

/// All images of FROM and `COPY --from` whose names are known.
pub(super) fn images<'a>(adviser: &'a Adviser<'a>) -> impl Iterator<Item = Image<'a>> {
    adviser.stages.iter().flat_map(|stage| {
        let base = match &stage.base {
            Base::Image(image) => Some(image_of(&stage.from.meta, stage.from.base.span, image)),
            _ => None,
        };
        let copied = stage.copies().filter_map(|(instruction, copy)| {
            let from = copy.from.as_ref()?;
            let is_image = adviser.stage_of(stage, from).is_none() && !from.contains('$');
            is_image.then(|| image_of(&instruction.meta, from.span, from))
        });
        base.into_iter().chain(copied)
    })
}

fn image_of<'a>(meta: &'a Meta<'a>, span: Span, image: &'a str) -> Image<'a> {
    let (tagged, digest) = match image.split_once('@') {
        Some((tagged, digest)) => (tagged, Some(digest)),
        None => (image, None),
    };
    // A colon before the last slash is that of a port.
    let path = tagged.rfind('/').map_or(0, |slash| slash + 1);
    let colon = tagged
        .get(path..)
        .and_then(|name| name.find(':'))
        .map(|at| path + at);
    let (name, tag) = match colon.and_then(|colon| tagged.split_at_checked(colon)) {
        Some((name, tag)) => (name, Some(tag.trim_start_matches(':'))),
        None => (tagged, None),
    };
    Image {
        meta,
        span,
        name,
        tag,
        is_pinned: digest.is_some(),
    }
}
