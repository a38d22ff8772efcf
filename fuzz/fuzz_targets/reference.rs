//! Fuzzes `plimsoll_properties::reference`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plimsoll_properties::reference(data));
