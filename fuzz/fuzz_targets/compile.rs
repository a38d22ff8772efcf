//! Fuzzes `plimsoll_properties::compile`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plimsoll_properties::compile(data));
