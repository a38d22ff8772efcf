//! `EXPOSE`
