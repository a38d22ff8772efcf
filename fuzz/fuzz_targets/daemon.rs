//! Fuzzes `plimsoll_properties::daemon`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plimsoll_properties::daemon(data));
