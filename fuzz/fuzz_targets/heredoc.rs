//! Fuzzes `plimsoll_properties::heredoc`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plimsoll_properties::heredoc(data));
