//! Fuzzes `plimsoll_properties::references`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plimsoll_properties::references(data));
