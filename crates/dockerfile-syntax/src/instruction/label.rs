//! `LABEL`
