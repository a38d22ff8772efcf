//! What `examples/commands.rs` prints, as the README shows it.

#![allow(clippy::unwrap_used)]

#[path = "../examples/commands.rs"]
#[allow(dead_code, reason = "its `main` reads its input")]
mod commands;

#[test]
fn the_readme_shows_what_is_printed() {
    let printed = commands::report("apt-get update && apt-get install -y curl=8.*");
    let readme = include_str!("../README.md");
    assert_eq!(
        readme.split("```console\n").nth(1).unwrap().split("```").next(),
        Some(&*printed)
    );
    assert!(commands::report("a 'b").ends_with("not all of it was understood\n"));
}
