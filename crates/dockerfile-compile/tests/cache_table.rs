//! The table of docs/cache-mounts.md is made from the table of tools; `BLESS=1` writes it.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::Path;

use shell_commands::tools::{Cache, CacheKind, Sharing, Tool, tools};

const START: &str =
    "<!-- made from the table of tools: BLESS=1 cargo test -p dockerfile-compile --test cache_table -->\n";
const END: &str = "<!-- end of the table -->\n";

fn row(tool: &Tool, cache: &Cache) -> String {
    let programs: Vec<String> = tool.programs.iter().map(|name| format!("`{name}`")).collect();
    let folder = cache.root_folder.unwrap_or(cache.folder);
    let variables: Vec<String> = cache
        .variables
        .iter()
        .map(|(name, rest)| format!("`{name}{}{rest}`", if rest.is_empty() { "" } else { "`+`" }))
        .collect();
    let sharing = match cache.sharing {
        Sharing::Shared => "shared",
        Sharing::Locked => "locked",
    };
    let condition = match (cache.kind, cache.filled_by) {
        (CacheKind::InPlace, _) => "used in place",
        (CacheKind::Compiled, _) => "found by content",
        (_, Some(_)) => "behind an update in the same RUN",
        _ => "",
    };
    format!(
        "| {} | `{folder}` | {sharing} | {condition} | {} |\n",
        programs.join(" "),
        variables.join(" ")
    )
}

#[test]
fn the_page_has_the_table() {
    let mut table = String::from("| programs | folder | sharing | | moved by |\n|---|---|---|---|---|\n");
    for tool in tools() {
        for cache in tool.caches.iter().filter(|cache| cache.kind != CacheKind::Output) {
            table.push_str(&row(tool, cache));
        }
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cache-mounts.md");
    let text = fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(START).unwrap();
    let (old, after) = rest.split_once(END).unwrap();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&page, [before, START, &table, END, after].concat()).unwrap();
        return;
    }
    assert_eq!(old, table, "BLESS=1 writes it anew");
}
