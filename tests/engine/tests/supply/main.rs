//! How the image comes to be, and how it comes to those who build with it: the same bytes each time, what it needs to run, and how
//! a company takes it in, pins it, allows it and changes over to it.

#[path = "../examples/common.rs"]
#[allow(dead_code, reason = "the tests of the examples use the rest")]
mod common;
#[path = "../request/fixture.rs"]
#[allow(dead_code, reason = "the tests of requests use the rest")]
mod fixture;

mod closed;
mod image;
mod operations;
mod policy;
mod release;
mod reproduce;
mod run;
