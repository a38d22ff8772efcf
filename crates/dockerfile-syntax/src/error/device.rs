//! What can be wrong in a `RUN --device`.

use std::fmt;

use crate::suggest;

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
