//! `RUN --device=name[,required[=bool]]`, or with `name=name`.
//!
//! The first field that is neither `name=…` nor `required` is the name, also with `=` in it: `vendor.com/class=device`.

use std::fmt;

use crate::word::{Marked, Word, into_owned};
use crate::{csv, number, suggest, text};

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

/// What is wrong in a `--device`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceError {
    /// The quotes are wrong, or there is no text at all.
    Csv,
    /// A second name.
    NameRepeated {
        /// The first name.
        name: String,
    },
    /// A word that is neither a name nor `key=value`.
    NotKeyValue {
        /// The word.
        field: String,
    },
    /// A value that is no boolean.
    NotBool {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// A key that is not known.
    UnknownKey {
        /// The key.
        key: String,
        /// A known one that is spelled almost like it.
        suggestion: Option<String>,
    },
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Csv => write!(
                f,
                "--device needs a name, and a quote (\") that is opened must be closed before the next comma"
            ),
            Self::NameRepeated { name } => write!(
                f,
                "--device already has the name {name}; give each device a --device of its own"
            ),
            Self::NotKeyValue { field } => write!(
                f,
                "--device does not know what {field:?} means; write name=NAME or required"
            ),
            Self::NotBool { key, value } => write!(f, "--device: {key} is true or false, not {value:?}"),
            Self::UnknownKey { key, suggestion } => {
                write!(f, "--device has no key {key:?}; it knows name and required")?;
                suggest::write(f, suggestion.as_deref())
            }
        }
    }
}

impl std::error::Error for DeviceError {}
