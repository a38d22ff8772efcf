//! How the words of a script lie to a cache's folder.

use shell_commands::Word;

/// Programs that only take away: whether they find a mount matters to them.
const REMOVERS: [&str; 6] = ["rm", "rmdir", "mv", "find", "unlink", "shred"];

/// Whether two absolute paths are the same, or one is above the other.
pub(crate) fn is_related(one: &str, other: &str) -> bool {
    is_at_or_below(one, other) || is_at_or_below(other, one)
}

/// Whether an absolute path is a folder or something in it.
pub(crate) fn is_at_or_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    let rest = path.strip_prefix(folder);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a folder may be a cache's alone: somebody who moves a cache to `/tmp` or into the sources has other files there.
pub(super) fn is_own(folder: &str, home: &str, dir: &str) -> bool {
    let parts: Vec<&str> = folder.split('/').skip(1).collect();
    let is_plain = parts.iter().all(|part| !matches!(*part, "" | "." | ".."));
    let is_system = matches!(parts.first(), Some(&("dev" | "proc" | "sys" | "run")));
    let name = parts.last().copied().unwrap_or_default();
    let is_named = ["cache", "store", "pkg"].iter().any(|part| name.contains(part));
    is_plain
        && !is_system
        && (parts.len() > 1 || is_named)
        && !is_at_or_below(home, folder)
        && !is_at_or_below(dir, folder)
        && !matches!(folder, "/var/tmp" | "/var/cache" | "/usr/local" | "/var/lib")
}

/// Whether a word of a command may name the folder, or something above or in it.
pub(super) fn names_folder(program: &str, word: &Word<'_>, folder: &str, home: &str) -> bool {
    let removes = REMOVERS.contains(&program);
    let raw = word.raw.replace(['"', '\''], "");
    let of_home = ["$HOME", "${HOME}", "~"]
        .iter()
        .find_map(|start| raw.strip_prefix(start))
        .filter(|rest| rest.is_empty() || rest.starts_with('/'));
    if let Some(rest) = of_home {
        return meets(&[home.trim_end_matches('/'), rest].concat(), folder, program);
    }
    // The value of `--flag=/folder`, `FLAG=/folder` and `host:/folder`.
    let text = word.prefix();
    let text = match text.find(['=', ':']) {
        Some(at) if !text.starts_with('/') => &text[at + 1..],
        _ => text,
    };
    // What stands behind the part that is known may be anything.
    let text = match word.is_certain() {
        true => text,
        false => text.split(['*', '?', '[', '{']).next().unwrap_or_default(),
    };
    if text.starts_with('/') {
        return match word.is_certain() {
            true => meets(text, folder, program),
            false => folder.starts_with(text) || meets(text, folder, program),
        };
    }
    if !removes || text.starts_with('-') {
        return false;
    }
    // Below a folder that `cd` may have changed: a part of the cache's path that has the same name may be meant.
    let first = text
        .trim_start_matches("./")
        .split('/')
        .next()
        .unwrap_or_default();
    if text.contains("..") || (first.is_empty() && !word.raw.is_empty()) || text == "." {
        return true;
    }
    match word.is_certain() {
        true => folder.split('/').any(|part| part == first),
        false => folder.split('/').any(|part| part.starts_with(first)),
    }
}

/// Whether a path that is named has to do with the folder. To go to a folder above it changes nothing.
fn meets(path: &str, folder: &str, program: &str) -> bool {
    let path = llb_graph::path::clean(path);
    match program {
        "cd" | "pushd" => is_at_or_below(&path, folder),
        _ => is_related(&path, folder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_have_to_do_with_a_folder() {
        let folder = "/root/.cache/pip";
        for (text, names) in [
            ("rm -rf /root/.cache/pip", true),
            ("rm -rf /root/.cache", true),
            ("rm -rf /root/.cache/pip/*", true),
            ("rm -rf /root/.c*", true),
            ("rm -rf /root/.c{x,y}", true),
            ("rm -rf ~/.cache", true),
            ("rm -rf \"$HOME\"/.cache", true),
            ("rm -rf ${HOME}/.cache/pip/http", true),
            ("rm -rf $HOME/.npm", false),
            ("rm -rf \"$X\"", true),
            ("rm -rf $X/y", true),
            ("rm -rf ../x", true),
            ("rm -rf .cache", true),
            ("rm -rf *", true),
            ("rm -rf ./*", true),
            ("rm -rf .", true),
            ("rm -rf node node-*", false),
            ("rm -rf /var/lib/apt/lists/*", false),
            ("rm -rf /root/.cached", false),
            ("find / -name x -delete", true),
            ("find /usr -name x -delete", false),
            ("mv .cache x", true),
            ("cp -r /root/.cache /x", true),
            ("cp -r .cache /x", false),
            ("tar -xf x -C /", true),
            ("tar --directory=/root x", true),
            ("cd /root", false),
            ("cd /", false),
            ("cd /root/.cache/pip", true),
            ("ls ~", true),
            ("echo $X", false),
            ("curl https://example.com/root", false),
        ] {
            let script = shell_commands::parse(text);
            let command = &script.commands[0];
            let program = command.program().unwrap_or_default();
            let found = command.words[1..]
                .iter()
                .any(|word| names_folder(program, word, folder, "/root"));
            assert_eq!(found, names, "{text}");
        }
    }

    #[test]
    fn folders_of_a_cache_alone() {
        for (folder, own) in [
            ("/root/.cache/pip", true),
            ("/cache", true),
            ("/pnpm/store", true),
            ("/go/pkg/mod", true),
            ("/go", false),
            ("/tmp", false),
            ("/", false),
            ("/root", false),
            ("/root/../x", false),
            ("/srv/app", false),
            ("/srv/app/.cache", true),
            ("/proc/cache", false),
        ] {
            assert_eq!(is_own(folder, "/root", "/srv/app"), own, "{folder}");
        }
    }
}
