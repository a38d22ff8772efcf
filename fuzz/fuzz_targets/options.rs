//! Fuzzes `plimsoll_properties::options`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plimsoll_properties::options(data));
