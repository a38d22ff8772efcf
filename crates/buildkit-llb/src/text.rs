//! A definition as text.
