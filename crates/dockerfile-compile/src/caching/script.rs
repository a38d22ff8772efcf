//! One RUN: the caches of its tools, and what speaks against a mount.

use llb_graph::collect;

use shell_commands::tools::{Cache, CacheKind, Sharing, Tool};
use shell_commands::{Action, Command, LevelKind, Script, Use};

use super::folder::{is_at_or_below, is_own, is_related, names_folder};

/// Who runs a command, and with what around it.
pub struct Runner<'r> {
    /// As `USER` has it: `app`, `1000:1000`; empty for root.
    pub user: &'r str,
    /// The working directory.
    pub dir: &'r str,
    /// The variables in force.
    pub variable: &'r dyn Fn(&str) -> Option<String>,
}

/// A cache mount that a command's tool has a use for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheMount {
    /// The tool.
    pub tool: &'static str,
    /// The cache, as the table of tools has it.
    pub cache: &'static Cache,
    /// Where it is mounted.
    pub folder: String,
    /// Whom it belongs to: user and group by number.
    pub owner: (u32, u32),
}

impl CacheMount {
    /// Adds it to others; of two in one folder the first is mounted.
    pub(super) fn add_to(self, mounts: &mut Vec<Self>) {
        if !mounts.iter().any(|mount| is_related(&mount.folder, &self.folder)) {
            mounts.push(self);
        }
    }

    /// The flag of `RUN` that makes such a mount.
    #[must_use]
    pub fn flag(&self) -> String {
        let mut flag = format!("--mount=type=cache,target={}", self.folder);
        if self.cache.sharing == Sharing::Locked {
            flag.push_str(",sharing=locked");
        }
        if self.owner != (0, 0) {
            let (user, group) = self.owner;
            flag.push_str(&format!(",uid={user},gid={group}"));
        }
        flag
    }
}

/// A tool that a RUN uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) tool: &'static str,
    /// It takes from its caches alone.
    pub(super) is_offline: bool,
    /// It reads or fills its caches.
    pub(super) is_fetching: bool,
}

/// What a RUN's text says of caches.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    /// Mounts that nothing in the text speaks against.
    pub(crate) mounts: Vec<CacheMount>,
    pub(super) uses: Vec<Used>,
    /// A script that nobody read is run, which may do anything.
    pub(super) is_unread: bool,
    /// All that is run is known, and nothing but the tools named uses caches.
    pub(super) is_known: bool,
}

impl Reading {
    /// Whether it may set up what git asks servers with.
    pub(crate) fn uses_git(&self) -> bool {
        self.uses.iter().any(|used| used.tool == "git")
    }
}

/// The mounts that a RUN may have as far as its own text goes: what other instructions say against them is not asked.
///
/// ```
/// use dockerfile_compile::caching::{Runner, cache_mounts};
///
/// let runner = Runner { user: "", dir: "/app", variable: &|_| None };
/// let mounts = cache_mounts("pip install -r requirements.txt", &runner);
/// assert_eq!(mounts[0].flag(), "--mount=type=cache,target=/root/.cache/pip");
/// assert!(cache_mounts("pip install --no-cache-dir flask", &runner).is_empty());
/// ```
#[must_use]
pub fn cache_mounts(text: &str, runner: &Runner<'_>) -> Vec<CacheMount> {
    read(text, runner).mounts
}

/// A RUN whose text is not a shell's.
pub(crate) fn unread() -> Reading {
    Reading {
        is_unread: true,
        ..Reading::default()
    }
}

/// More than this no RUN has a use for.
const MOST_MOUNTS: usize = 20;

/// A command with the tool that it uses.
type Found<'s> = (&'s Command<'s>, Use<'s, 's>);

/// Reads the text of a RUN.
pub(crate) fn read(text: &str, runner: &Runner<'_>) -> Reading {
    let script = shell_commands::parse(text);
    let mut reading = Reading {
        is_unread: !script.is_whole,
        is_known: script.is_whole,
        ..Reading::default()
    };
    let levels = script
        .levels
        .iter()
        .filter(|level| level.kind == LevelKind::Script);
    let read = collect::set(levels.filter_map(|level| level.command));
    for (index, command) in script.commands.iter().enumerate() {
        let is_unread = runs_unread(command, read.contains(&index));
        reading.is_unread |= is_unread;
        if let Some(found) = command.tool() {
            reading.uses.push(Used {
                tool: found.tool.name,
                is_offline: found.is_offline() || is_offline(runner),
                is_fetching: fetches(&found),
            });
            // Compilers start what a build file says.
            reading.is_known &= found.tool.name != "compiler" && !runs_a_script(&found);
        } else {
            reading.is_known &= !is_unread && is_harmless(command);
        }
    }
    if reading.is_unread {
        return reading;
    }
    let Some(home) = home(runner) else {
        return reading;
    };
    let found = |command| Some((command, Command::tool(command)?));
    let used: Vec<Found<'_>> = script.commands.iter().filter_map(found).collect();
    let at = Place {
        script: &script,
        runner,
        home: &home,
    };
    let mut tools: Vec<&Tool> = Vec::new();
    for (_, found) in &used {
        if !tools.contains(&found.tool) {
            tools.push(found.tool);
            at.add_mounts(found.tool, &used, &mut reading.mounts);
        }
        if reading.mounts.len() >= MOST_MOUNTS {
            break;
        }
    }
    reading
}

/// Where the mounts of a RUN are looked for.
struct Place<'s> {
    script: &'s Script<'s>,
    runner: &'s Runner<'s>,
    home: &'s str,
}

impl Place<'_> {
    fn add_mounts(&self, tool: &'static Tool, used: &[Found<'_>], mounts: &mut Vec<CacheMount>) {
        let is_set = |name: &&str| (self.runner.variable)(name).is_some_and(|value| !value.is_empty());
        let links = |name: &&str| (self.runner.variable)(name).is_some_and(|value| value != "copy");
        let same = || used.iter().filter(|(_, one)| one.tool.name == tool.name);
        let wants =
            |(command, one): &Found<'_>| fetches(one) && !one.avoids_cache() && !switches_user(command);
        if !same().any(wants)
            || same().any(|(_, one)| one.keeps() || one.is_offline())
            || tool.no_cache_variables.iter().any(is_set)
            || tool.keeps_variables.iter().any(links)
            || is_offline(self.runner)
        {
            return;
        }
        let Some(owner) = owner(self.runner.user) else {
            return;
        };
        for cache in tool.caches {
            let is_filled = cache
                .filled_by
                .is_none_or(|action| same().any(|(_, one)| one.action == action));
            let is_moved = same().any(|(_, one)| one.has_flag(cache.flags));
            let is_emptied = same().any(|(_, one)| one.cleans(cache));
            if cache.kind == CacheKind::Output || !is_filled || is_moved || is_emptied {
                continue;
            }
            let Some(folder) = self.folder(tool, cache, owner) else {
                continue;
            };
            let mount = CacheMount {
                tool: tool.name,
                cache,
                folder,
                owner,
            };
            mount.add_to(mounts);
        }
    }

    /// The folder of a cache, where it may be mounted.
    fn folder(&self, tool: &Tool, cache: &Cache, owner: (u32, u32)) -> Option<String> {
        let is_root = owner.0 == 0;
        let path = |cache: &Cache| cache.path(self.home, is_root, self.runner.variable);
        let folder = path(cache).filter(|folder| folder.starts_with('/'))?;
        let mut others = tool.caches.iter().filter(|other| other.kind == CacheKind::Output);
        let is_output = others.any(|other| path(other).is_some_and(|other| is_related(&other, &folder)));
        // The folders above a mount that are not there are made, and are root's.
        let has_parent = is_root
            || folder.rsplit_once('/').map(|(parent, _)| parent) == Some(self.home.trim_end_matches('/'));
        let is_free = is_own(&folder, self.home, self.runner.dir)
            && !is_at_or_below(self.runner.dir, &folder)
            && !is_output
            && has_parent
            && !self.is_named(&folder)
            && !self.is_reset(cache, tool);
        is_free.then_some(folder)
    }

    /// Whether a word of the script has to do with a folder.
    fn is_named(&self, folder: &str) -> bool {
        self.script.commands.iter().any(|command| {
            let program = command.program().unwrap_or_default();
            let arguments = command.words.iter();
            let values = command.assignments.iter().map(|assignment| &assignment.value);
            let targets = command.redirects.iter().map(|redirect| &redirect.target);
            let mut words = arguments.chain(values).chain(targets);
            words.any(|word| names_folder(program, word, folder, self.home))
        })
    }

    /// Whether the script sets a variable that says where the cache is, or whether it is used.
    fn is_reset(&self, cache: &Cache, tool: &Tool) -> bool {
        let places = cache.variables.iter().map(|(name, _)| *name);
        let switches = tool.no_cache_variables.iter().chain(tool.keeps_variables);
        let names: Vec<&str> = places.chain(switches.copied()).chain(["HOME"]).collect();
        self.script.commands.iter().any(|command| {
            let assigned = command.assignments.iter().any(|one| names.contains(&one.name));
            let mut words = command.words.iter().map(|word| word.prefix());
            assigned
                || words.any(|word| {
                    let name = word.split(['=', '+']).next().unwrap_or_default();
                    names.contains(&name)
                })
        })
    }
}

/// Whether a command fills or reads the caches of its tool.
fn fetches(found: &Use<'_, '_>) -> bool {
    use Action::{Build, Download, Install, Update, Upgrade};
    match found.action {
        Install | Update | Upgrade | Download => true,
        Build => !runs_a_script(found),
        _ => false,
    }
}

/// Whether a package manager runs what the project's own file says: `npm run build`.
fn runs_a_script(found: &Use<'_, '_>) -> bool {
    let is_node = matches!(found.tool.name, "npm" | "yarn" | "pnpm" | "bun");
    is_node && matches!(found.action, Action::Build | Action::Other)
}

/// Whether variables keep tools from the network.
fn is_offline(runner: &Runner<'_>) -> bool {
    let is_on = |name: &str| {
        let value = (runner.variable)(name).unwrap_or_default();
        !matches!(value.as_str(), "" | "0" | "false" | "no" | "off")
    };
    let names = [
        "CARGO_NET_OFFLINE",
        "UV_OFFLINE",
        "CONDA_OFFLINE",
        "npm_config_offline",
        "NPM_CONFIG_OFFLINE",
        "BUNDLE_LOCAL",
    ];
    names.into_iter().any(is_on) || (runner.variable)("GOPROXY").is_some_and(|proxy| proxy == "off")
}

/// Whether a wrapper in front of a command changes who runs it, or with which variables.
fn switches_user(command: &Command<'_>) -> bool {
    let mut words = command.wrappers().iter().map(|word| word.prefix());
    words.any(|word| {
        let name = word.rsplit('/').next().unwrap_or_default();
        matches!(
            name,
            "sudo" | "doas" | "gosu" | "su-exec" | "chroot" | "fakeroot" | "-i" | "-" | "-u" | "--unset"
        )
    })
}

/// Whether a command runs a script whose text is not here, or as somebody else.
fn runs_unread(command: &Command<'_>, has_script: bool) -> bool {
    let Some(word) = command.invocation().first() else {
        return false;
    };
    let Some(program) = command.program() else {
        // What a variable names.
        return word.has_expansion();
    };
    if command.is_shell() {
        return !has_script;
    }
    let known = ["mvnw", "gradlew"].contains(&program);
    let path = word.literal().unwrap_or_default();
    let is_of_project = path.contains('/') && !path.starts_with("/usr/") && !path.starts_with("/bin/");
    matches!(
        program,
        "su" | "runuser" | "setpriv" | "eval" | "unshare" | "parallel" | "ssh"
    ) || program
        .rsplit_once('.')
        .is_some_and(|(_, end)| end == "sh" || end == "bash")
        || (is_of_project && !known && command.tool().is_none() && !program.contains("python"))
}

/// Whether a command that is no tool's surely starts no tool.
fn is_harmless(command: &Command<'_>) -> bool {
    let Some(program) = command.program() else {
        return command.invocation().is_empty();
    };
    command.is_shell()
        || HARMLESS.contains(&program)
            && !command
                .arguments()
                .iter()
                .any(|word| word.prefix().starts_with("-exec"))
}

/// Programs of the system and builtins that start no other.
const HARMLESS: [&str; 62] = [
    ":",
    "[",
    "[[",
    "addgroup",
    "adduser",
    "awk",
    "basename",
    "cat",
    "cd",
    "chgrp",
    "chmod",
    "chown",
    "cp",
    "curl",
    "cut",
    "date",
    "dirname",
    "du",
    "echo",
    "exit",
    "export",
    "expr",
    "false",
    "file",
    "find",
    "getent",
    "grep",
    "groupadd",
    "gunzip",
    "gzip",
    "head",
    "id",
    "install",
    "ldconfig",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mktemp",
    "mv",
    "printf",
    "pwd",
    "readlink",
    "rm",
    "rmdir",
    "sed",
    "set",
    "sha256sum",
    "sleep",
    "sort",
    "stat",
    "strip",
    "tail",
    "tar",
    "tee",
    "test",
    "touch",
    "tr",
    "true",
    "uname",
    "unzip",
    "useradd",
];

/// The home folder, where it is known.
pub(super) fn home(runner: &Runner<'_>) -> Option<String> {
    match (runner.variable)("HOME") {
        Some(home) => Some(home).filter(|home| home.starts_with('/') && home.len() > 1),
        None => owner(runner.user)
            .filter(|(user, _)| *user == 0)
            .map(|_| "/root".to_owned()),
    }
}

/// User and group by number; `None` where only the image knows them.
pub(super) fn owner(user: &str) -> Option<(u32, u32)> {
    let (user, group) = user.split_once(':').unwrap_or((user, ""));
    let number = |text: &str| match text {
        "" | "root" => Some(0),
        text => text.parse().ok(),
    };
    let user = number(user)?;
    // Root's caches are root's, whatever its group. Others without one have their own, as the image knows it, and need none.
    Some((user, if user == 0 { 0 } else { number(group)? }))
}
