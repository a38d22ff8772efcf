//! Fuzzes `plimsoll_properties::expand`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plimsoll_properties::expand(data));
