//! What tools are made to do: each file in `tests/tools`. `BLESS=1` writes what comes out; read it then.
//!
//! A case is a script, a line of four dashes, and a line a command that runs a known tool: its name, what it does, `-y`
//! where it won't ask, `no-cache`, `offline`, the caches it empties, and packages, as `name`, `name(sign)version` or
//! `kind:name`.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use shell_commands::tools::{CacheKind, PackageKind, tools};
use shell_commands::{Use, parse};

fn show_use(found: &Use<'_, '_>) -> String {
    let mut out = format!("{} {:?}", found.tool.name, found.action);
    if found.is_answered() {
        out += " -y";
    }
    if found.avoids_cache() {
        out += " no-cache";
    }
    if found.is_offline() {
        out += " offline";
    }
    for cache in found.tool.caches.iter().filter(|cache| found.cleans(cache)) {
        let _ = write!(out, " empties-{}", cache.id);
    }
    for package in found.packages() {
        out.push(' ');
        if package.kind != PackageKind::Name {
            let _ = write!(out, "{:?}:", package.kind);
        }
        out += package.name;
        if let Some(version) = package.version {
            let _ = write!(out, "({}){version}", package.sign);
        }
    }
    out
}

fn show(text: &str) -> String {
    let script = parse(text);
    let mut out = String::new();
    for found in script.commands.iter().filter_map(|command| command.tool()) {
        let _ = writeln!(out, "{}", show_use(&found));
    }
    out
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

#[test]
fn commands_do_what_is_said() {
    for file in files() {
        let text = fs::read_to_string(&file).unwrap();
        let mut out = Vec::new();
        for case in text.split("====\n").filter(|case| !case.trim().is_empty()) {
            let script = case
                .split_once("\n----\n")
                .map_or(case.trim_end(), |(script, _)| script);
            out.push(format!("{script}\n----\n{}", show(script)));
        }
        let out = out.join("====\n");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, &out).unwrap();
        }
        assert_eq!(out, fs::read_to_string(&file).unwrap(), "{}", file.display());
    }
}

#[test]
fn the_table_is_in_order() {
    let mut programs = BTreeSet::new();
    for tool in tools() {
        for program in tool.programs {
            assert!(programs.insert(program), "{program} is two tools");
        }
        for list in [
            tool.valued,
            tool.yes,
            tool.no_cache,
            tool.offline,
            tool.version_flags,
        ] {
            assert!(
                list.iter().all(|flag| flag.starts_with('-')),
                "{}: {list:?}",
                tool.name
            );
        }
        assert!(
            tool.lists.iter().all(|flag| tool.valued.contains(flag)),
            "{}",
            tool.name
        );
        assert!(
            tool.version_flags
                .iter()
                .all(|flag| tool.valued.contains(flag) || *flag == "-Version")
        );
        for (index, (command, _)) in tool.commands.iter().enumerate() {
            let before = tool.commands.iter().take(index);
            let hidden = before.filter(|(first, _)| command.starts_with(&format!("{first} ")));
            assert_eq!(hidden.count(), 0, "{} {command} is never found", tool.name);
        }
        for cache in tool.caches {
            let is_place = cache.folder.starts_with('/')
                || cache.folder.starts_with("~/")
                || cache.folder.starts_with("./");
            assert!(is_place && !cache.folder.ends_with('/'), "{}", cache.id);
            assert_eq!(cache.folder.starts_with("./"), cache.id == "cargo-target");
            for command in cache.cleaned_by {
                let text = format!("{} {command}", tool.programs[0]);
                let script = parse(&text);
                let found = script.commands[0].tool().unwrap();
                assert!(found.cleans(cache), "{text} does not empty {}", cache.id);
            }
        }
    }
}

#[test]
fn caches_are_where_variables_say() {
    let cache = |id: &str| {
        let mut caches = tools().flat_map(|tool| tool.caches);
        caches.find(|cache| cache.id == id).unwrap()
    };
    let none = |_: &str| None;
    let set = |name: &'static str, value: &'static str| {
        move |asked: &str| (asked == name).then(|| value.to_owned())
    };
    let path =
        |id: &str, variable: &dyn Fn(&str) -> Option<String>| cache(id).path("/home/me/", false, variable);
    for (id, wanted) in [
        ("pip", "/home/me/.cache/pip"),
        ("apt", "/var/cache/apt"),
        ("go-mod", "/home/me/go/pkg/mod"),
        ("yarn", "/home/me/.cache/yarn"),
        ("cargo-target", "./target"),
    ] {
        assert_eq!(path(id, &none).as_deref(), Some(wanted));
    }
    assert_eq!(
        cache("yarn").path("/root", true, &none).as_deref(),
        Some("/usr/local/share/.cache/yarn")
    );
    for (id, name, value, wanted) in [
        ("pip", "PIP_CACHE_DIR", "/c", Some("/c")),
        ("pip", "XDG_CACHE_HOME", "/c/", Some("/c/pip")),
        ("go-mod", "GOPATH", "/go:/more", Some("/go/pkg/mod")),
        ("go-mod", "GOMODCACHE", "", Some("/home/me/go/pkg/mod")),
        ("go-build", "GOCACHE", "off", None),
        (
            "cargo-registry",
            "CARGO_HOME",
            "/usr/local/cargo",
            Some("/usr/local/cargo/registry"),
        ),
        ("composer", "COMPOSER_HOME", "/tmp", Some("/tmp/cache")),
    ] {
        assert_eq!(path(id, &set(name, value)).as_deref(), wanted, "{id} {name}");
    }
    let outputs: Vec<&str> = tools()
        .flat_map(|tool| tool.caches)
        .filter(|cache| cache.kind == CacheKind::Output)
        .map(|cache| cache.id)
        .collect();
    assert_eq!(outputs, ["yarn-berry", "cargo-target"]);
}
