//! `WORKDIR`
