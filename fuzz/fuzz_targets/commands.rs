//! Fuzzes `plimsoll_properties::commands`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plimsoll_properties::commands(data));
