//! The frontend's program.
fn main() {}
