//! The I/O shell around the compile core.
