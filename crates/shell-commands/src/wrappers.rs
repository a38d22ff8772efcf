//! Programs that run the program which their arguments name.

use crate::word::Word;

/// A program in front of another, as its manual page has it.
struct Wrapper {
    name: &'static str,
    /// Its short flags that take a value, which may be the next word.
    short: &'static str,
    /// As `short`, long.
    long: &'static [&'static str],
    /// How many words stand between its flags and the program.
    operands: usize,
    /// Flags with which it only tells of the program.
    asks: &'static [&'static str],
}

const fn wrapper(name: &'static str, short: &'static str, long: &'static [&'static str]) -> Wrapper {
    Wrapper {
        name,
        short,
        long,
        operands: 0,
        asks: &[],
    }
}

const fn with_operand(name: &'static str, short: &'static str, long: &'static [&'static str]) -> Wrapper {
    Wrapper {
        operands: 1,
        ..wrapper(name, short, long)
    }
}

const fn asking(name: &'static str, short: &'static str, asks: &'static [&'static str]) -> Wrapper {
    Wrapper {
        asks,
        ..wrapper(name, short, &[])
    }
}

/// sudo(8), doas(1), su-exec's and gosu's pages, env(1), nice(1), nohup(1), timeout(1), stdbuf(1) and chroot(1) of
/// coreutils, time(1), xargs(1) of findutils, ionice(1), setarch(8), setsid(1) and flock(1) of util-linux, eatmydata(1),
/// fakeroot(1), xvfb-run(1), busybox(1), the builtins of POSIX and bash.
const WRAPPERS: [Wrapper; 27] = [
    wrapper(
        "sudo",
        "CDghpRrTtuU",
        &[
            "user", "group", "host", "prompt", "chdir", "chroot", "role", "type",
        ],
    ),
    wrapper("doas", "Cu", &[]),
    with_operand("gosu", "", &[]),
    with_operand("su-exec", "", &[]),
    wrapper("env", "uC", &["unset", "chdir"]),
    asking("exec", "a", &[]),
    asking("command", "", &["-v", "-V"]),
    wrapper("builtin", "", &[]),
    wrapper("nice", "n", &["adjustment"]),
    wrapper("ionice", "cn", &["class", "classdata"]),
    wrapper("nohup", "", &[]),
    wrapper("time", "fo", &["format", "output"]),
    with_operand("timeout", "ks", &["kill-after", "signal"]),
    wrapper("stdbuf", "ioe", &["input", "output", "error"]),
    with_operand("chroot", "", &[]),
    wrapper("setsid", "", &[]),
    with_operand("flock", "wE", &["wait", "timeout", "conflict-exit-code"]),
    wrapper("linux32", "", &[]),
    wrapper("linux64", "", &[]),
    wrapper(
        "xargs",
        "aEdILnPs",
        &[
            "arg-file",
            "delimiter",
            "max-lines",
            "max-args",
            "max-procs",
            "max-chars",
            "process-slot-var",
        ],
    ),
    asking("busybox", "", &["--list", "--help", "--install", "--list-full"]),
    wrapper("eatmydata", "", &[]),
    wrapper("fakeroot", "lisb", &["lib", "faked"]),
    wrapper(
        "xvfb-run",
        "efnps",
        &["error-file", "auth-file", "server-num", "server-args"],
    ),
    wrapper("tini", "pe", &[]),
    wrapper("dumb-init", "r", &["rewrite"]),
    wrapper("catchsegv", "", &[]),
];

/// Shells that take a script as the argument of `-c`.
const SHELLS: [&str; 8] = ["sh", "bash", "ash", "dash", "ksh", "mksh", "zsh", "rbash"];

/// The last part of a program's path.
pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

pub(crate) fn is_shell(program: &str) -> bool {
    SHELLS.contains(&program)
}

/// The index of the word that names the program, behind all wrappers.
pub(crate) fn program_index(words: &[Word<'_>]) -> usize {
    let mut at = 0;
    loop {
        let name = words.get(at).and_then(Word::literal).map(base_name);
        let wrapper = WRAPPERS.iter().find(|wrapper| name == Some(wrapper.name));
        let Some(next) = wrapper.and_then(|wrapper| behind(wrapper, words, at)) else {
            return at;
        };
        at = next;
    }
}

/// The index of the program that the wrapper at an index runs, if it does.
fn behind(wrapper: &Wrapper, words: &[Word<'_>], wrapper_at: usize) -> Option<usize> {
    let mut at = wrapper_at + 1;
    let mut operands = wrapper.operands;
    loop {
        let word = words.get(at)?.prefix();
        if wrapper.asks.contains(&word) {
            return None;
        }
        at += 1;
        if word == "--" {
            let program = at + operands;
            return (program < words.len()).then_some(program);
        }
        if let Some(long) = word.strip_prefix("--") {
            at += usize::from(wrapper.long.contains(&long));
        } else if let Some(short) = word.strip_prefix('-').filter(|short| !short.is_empty()) {
            // The rest of a cluster is the value of the first flag in it that takes one.
            let valued = short.find(|flag| wrapper.short.contains(flag));
            at += usize::from(valued.is_some_and(|index| index + 1 == short.len()));
        } else if matches!(wrapper.name, "env" | "sudo") && word.contains('=') {
        } else if operands > 0 {
            operands -= 1;
        } else {
            return Some(at - 1);
        }
    }
}

/// Whether the word behind these is a script: they are a shell and its flags, with `-c` at the end.
pub(crate) fn is_shell_script(words: &[Word<'_>]) -> bool {
    let words = words.get(program_index(words)..).unwrap_or_default();
    let Some((program, flags)) = words.split_first() else {
        return false;
    };
    if !program.literal().map(base_name).is_some_and(is_shell) {
        return false;
    }
    let mut takes_value = false;
    let mut has_script = false;
    for flag in flags {
        let Some(flag) = flag.literal() else { return false };
        if takes_value {
            takes_value = false;
        } else if let Some(letters) = flag.strip_prefix(['-', '+']) {
            let is_long = letters.starts_with('-');
            takes_value = !is_long && letters.ends_with(['o', 'O']);
            has_script |= !is_long && flag.starts_with('-') && letters.contains('c');
        } else {
            return false;
        }
    }
    has_script && !takes_value
}
