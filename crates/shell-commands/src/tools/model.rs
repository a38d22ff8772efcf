//! What is known of a tool, as data.

/// A package manager, compiler or downloader.
#[derive(Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its name, which programs that work alike share: `pip` of `pip3`.
    pub name: &'static str,
    /// The programs that are it. A version behind the name (`pip3.11`, `gcc-12`) makes no difference.
    pub programs: &'static [&'static str],
    /// How its commands are found among the arguments.
    pub grammar: Grammar,
    /// Its commands and what they do; those of two words come before those that are their first.
    pub commands: &'static [(&'static str, Action)],
    /// What it does without a command, or with one that is not listed.
    pub otherwise: Action,
    /// Flags that take a value, which may be the next word.
    pub valued: &'static [&'static str],
    /// Those of them whose value is a file that lists packages.
    pub lists: &'static [&'static str],
    /// How the version stands behind the name of a package.
    pub versions: Versions,
    /// The flag whose value is the version of what is installed.
    pub version_flags: &'static [&'static str],
    /// Flags that answer its questions.
    pub yes: &'static [&'static str],
    /// Flags with which it leaves no cache behind.
    pub no_cache: &'static [&'static str],
    /// Variables that do as `no_cache`, when they have a value.
    pub no_cache_variables: &'static [&'static str],
    /// Flags with which it takes from its caches alone, so that it fails where they are empty.
    pub offline: &'static [&'static str],
    /// Flags and goals with which what it makes is in a cache, or points there: the result needs the cache then.
    pub keeps: &'static [&'static str],
    /// Variables that do as `keeps`, unless their value is `copy`.
    pub keeps_variables: &'static [&'static str],
    /// Its caches.
    pub caches: &'static [Cache],
}

/// How the arguments of a tool are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// One command, behind flags.
    Command,
    /// Any number of goals or tasks; the first that is listed says what it does.
    Goals,
    /// Flags are the commands: pacman's.
    Letters,
    /// No commands.
    Plain,
}

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Installs the packages named, or what the project lists where none are.
    Install,
    /// Fetches the list of what there is.
    Update,
    /// Installs newer versions of all that is there.
    Upgrade,
    /// Uninstalls.
    Remove,
    /// Empties caches.
    Clean,
    /// Fetches, and installs nothing.
    Download,
    /// Compiles or packs, and may fetch what it needs for that.
    Build,
    /// Something else: asks, sets, runs.
    Other,
}

/// How packages are named with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions {
    /// One of these signs is between name and version.
    Signs(&'static [&'static str]),
    /// A dash and a digit: what RPM's tools take. `@name` is a group.
    Dash,
}

/// A folder that makes the next run faster.
#[derive(Debug, PartialEq, Eq)]
pub struct Cache {
    /// A name of its own, as a part of a cache mount's id.
    pub id: &'static str,
    /// The folder: absolute, below the home folder (`~/…`), or in the working directory (`./…`).
    pub folder: &'static str,
    /// The folder when root runs it, where that is another one.
    pub root_folder: Option<&'static str>,
    /// Variables that move it, the first that is set first, and what follows their value.
    pub variables: &'static [(&'static str, &'static str)],
    /// Flags whose value is the folder.
    pub flags: &'static [&'static str],
    /// Whether several may use it at once.
    pub sharing: Sharing,
    /// What it holds.
    pub kind: CacheKind,
    /// Whether a step leaves something in it, in the images that most people start from.
    pub stays: bool,
    /// What must be run in a step before the cache is of any use there: a step without it takes what is in the folder
    /// from the steps before, and must see that.
    pub filled_by: Option<Action>,
    /// The commands that empty it, with the flags that they need for it.
    pub cleaned_by: &'static [&'static str],
}

/// How several users at once are stood, in the words of a cache mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// Any number at once.
    Shared,
    /// One after the other.
    Locked,
}

/// What a cache holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheKind {
    /// Copies of what was fetched; nothing looks there later.
    Download,
    /// What was fetched, and is used where it lies by later runs of the tool. Without it they fetch again, and fail with
    /// one of the tool's `offline` flags.
    InPlace,
    /// Results of compiling that are found by the contents of their inputs.
    Compiled,
    /// What the tool is there to make, or what the result needs when it runs: left out, the image is another one.
    Output,
}

/// What most tools have none of.
pub(super) const TOOL: Tool = Tool {
    name: "",
    programs: &[],
    grammar: Grammar::Command,
    commands: &[],
    otherwise: Action::Other,
    valued: &[],
    lists: &[],
    versions: Versions::Signs(&[]),
    version_flags: &[],
    yes: &[],
    no_cache: &[],
    no_cache_variables: &[],
    offline: &[],
    keeps: &[],
    keeps_variables: &[],
    caches: &[],
};

/// What most caches are.
pub(super) const CACHE: Cache = Cache {
    id: "",
    folder: "",
    root_folder: None,
    variables: &[],
    flags: &[],
    sharing: Sharing::Locked,
    kind: CacheKind::Download,
    stays: true,
    filled_by: None,
    cleaned_by: &[],
};

impl Cache {
    /// Where it is for someone with this home folder, whose variables the function tells. `None` where a variable's value
    /// is no place.
    #[must_use]
    pub fn path(
        &self,
        home: &str,
        is_root: bool,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Option<String> {
        for (name, rest) in self.variables {
            if let Some(value) = variable(name).filter(|value| !value.is_empty()) {
                // Only the first folder of a search path is written to.
                let value = value.split(':').next().unwrap_or_default().trim_end_matches('/');
                return value.starts_with('/').then(|| [value, rest].concat());
            }
        }
        let folder = self.root_folder.filter(|_| is_root).unwrap_or(self.folder);
        Some(match folder.strip_prefix('~') {
            Some(rest) => [home.trim_end_matches('/'), rest].concat(),
            None => folder.to_owned(),
        })
    }
}
