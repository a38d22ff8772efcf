//! Fuzzes `plimsoll_properties::config`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plimsoll_properties::config(data));
