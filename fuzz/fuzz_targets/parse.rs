//! Fuzzes `plimsoll_properties::parse`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plimsoll_properties::parse(data));
