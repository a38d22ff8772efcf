//! `RUN --device=name[,required[=bool]]`, or with `name=name`.
//!
//! The first field that is neither `name=…` nor `required` is the name, also with `=` in it: `vendor.com/class=device`.

use crate::word::{Marked, Word, into_owned};
use crate::{csv, number, suggest, text};

pub use crate::error::DeviceError;

/// `--device=name[,required[=bool]]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceSpec<'a> {
    /// The device's name; may be empty.
    pub name: Word<'a>,
    /// Whether the build fails without the device.
    pub required: bool,
}

into_owned!(DeviceSpec { name, required });

impl<'a> DeviceSpec<'a> {
    /// Reads what stands behind `--device=`.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(spec: &Word<'a>) -> Result<Self, Marked<DeviceError>> {
        let mut device = Self::default();
        let wrong = |error, word: &Word<'_>| Marked {
            error,
            span: word.span,
        };
        for field in csv::fields(spec).ok_or_else(|| wrong(DeviceError::Csv, spec))? {
            let (key, value) = match field.cut('=') {
                Some((key, value)) => (key, Some(value)),
                None => (field.clone(), None),
            };
            let name = text::lower(&key);
            match (&*name, value) {
                ("required", None) => device.required = true,
                ("required", Some(value)) => {
                    device.required = number::parse_bool(&value).ok_or_else(|| {
                        let given = value.to_string();
                        wrong(
                            DeviceError::NotBool {
                                key: name.to_string(),
                                value: given,
                            },
                            &value,
                        )
                    })?;
                }
                ("name", Some(value)) if !device.name.is_empty() => {
                    let name = device.name.to_string();
                    return Err(wrong(DeviceError::NameRepeated { name }, &value));
                }
                ("name", Some(value)) => device.name = value,
                _ if device.name.is_empty() => device.name = field,
                (_, None) => {
                    let text = field.to_string();
                    return Err(wrong(DeviceError::NotKeyValue { field: text }, &field));
                }
                (_, Some(_)) => {
                    let suggestion = suggest::nearest(&name, &["name", "required"], true);
                    return Err(wrong(
                        DeviceError::UnknownKey {
                            key: name.to_string(),
                            suggestion,
                        },
                        &key,
                    ));
                }
            }
        }
        Ok(device)
    }
}
