//! The names of images, as bases write them and in full.

use std::collections::BTreeMap;
use std::rc::Rc;

use llb_graph::{Reference, ReferenceError};

/// Names that were read: stages often stand on the same image.
#[derive(Default)]
pub(super) struct ImageNames {
    known: BTreeMap<Rc<str>, Rc<ImageName>>,
}

/// The name of an image.
pub(super) struct ImageName {
    pub(super) reference: Reference,
    /// With domain and tag.
    pub(super) full: Rc<str>,
}

impl ImageNames {
    /// The image that `written` names; without tag and digest the latest.
    ///
    /// # Errors
    /// It names none.
    pub(super) fn read(&mut self, written: &Rc<str>) -> Result<Rc<ImageName>, ReferenceError> {
        if let Some(known) = self.known.get(written) {
            return Ok(Rc::clone(known));
        }
        let reference = Reference::parse_normalized(written)?.or_latest();
        let full = reference.to_string().into();
        let name = Rc::new(ImageName { reference, full });
        self.known.insert(Rc::clone(written), Rc::clone(&name));
        Ok(name)
    }
}
