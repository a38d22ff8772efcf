//! Fuzzes `plimsoll_properties::ignore`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plimsoll_properties::ignore(data));
