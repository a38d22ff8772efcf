//! The names of images, as bases write them and in full.

use std::collections::BTreeMap;
use std::rc::Rc;

use llb_graph::{Reference, ReferenceError};

use super::Inputs;
use crate::error::CompileError;
use crate::lock::{SourceKind, image_name, platform_name};

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

impl Inputs<'_> {
    /// The full name of an image, with the digest that the lock has for it.
    ///
    /// # Errors
    /// The lock must have it, and has not.
    pub(super) fn locked(&self, name: &ImageName) -> Result<Rc<str>, CompileError> {
        let unlocked = || Rc::clone(&name.full);
        let (Some(lock), Some(key)) = (&self.options.lock, image_name(&name.reference)) else {
            return Ok(unlocked());
        };
        let platform = platform_name(&self.target_platform);
        let found = lock.find(SourceKind::Image, &key, &platform);
        let Some(digest) = found.map_err(CompileError::new)? else {
            return Ok(unlocked());
        };
        let pinned = name.reference.clone().with_digest(digest);
        let pinned = pinned.map_err(|error| CompileError::new(error.to_string()))?;
        Ok(pinned.to_string().into())
    }

    /// Refuses an image that nothing pins, where the lock must have it.
    pub(crate) fn require_locked(&self, full_name: &str) -> Result<(), CompileError> {
        let is_pinned = full_name.contains('@');
        let lock = self.options.lock.as_ref().filter(|_| !is_pinned);
        let platform = platform_name(&self.target_platform);
        let found = lock.map(|lock| lock.find(SourceKind::Image, full_name, &platform));
        found.transpose().map_err(CompileError::new).map(drop)
    }
}
