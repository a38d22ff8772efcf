//! Fuzzes `plimsoll_properties::definition`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plimsoll_properties::definition(data));
