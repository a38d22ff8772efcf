//! A `RUN` whose cause the file and the step's own root tell.

use dockerfile_syntax::instruction::run::Run;
use dockerfile_syntax::{InstructionKind, LineRange};
use llb_graph::path;
use llb_graph::proto::{self, MountType};

use super::Failed;
use super::program::{HEAD_BYTES, Program};
use super::step::{Hint, Step};
use crate::gateway::{Bridge, Session, pb};

/// What the daemon says before the code that a process ended with.
const EXIT_CODE: &str = "exit code: ";
/// The shell's word for a program that is not there.
const NOT_FOUND: u32 = 127;
/// The shell's word for a program that can't be run.
const NOT_RUN: u32 = 126;
/// How many folders of `PATH` are looked into.
const FOLDERS: usize = 12;
/// How many words of a command are looked at.
const WORDS: usize = 4;
/// In Go's file modes, as everywhere: who may run a file.
const RUNNABLE: u32 = 0o111;
/// In Go's file modes: a folder.
const FOLDER: u32 = 1 << 31;
/// Where a process finds programs when nothing is said.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The code that the failed process ended with, where the error is about that.
pub(super) fn exit_code(message: &str) -> Option<u32> {
    let (_, code) = message.rsplit_once(EXIT_CODE)?;
    code.trim().parse().ok()
}

/// A failed step and the file system that it began with.
struct Room<'a, B> {
    session: &'a Session<'a, B>,
    /// `None` is the empty one.
    root: Option<pb::Ref>,
    mounts: &'a [proto::Mount],
    meta: &'a proto::Meta,
}

/// Why a step failed, where that is known. `code` is what its process ended with.
pub(super) async fn explain<B: Bridge>(
    failed: &Failed<'_, '_, B>,
    step: &Step<'_>,
    exec: &proto::ExecOp,
    code: u32,
) -> Option<Hint> {
    let meta = exec.meta.as_ref()?;
    let is_windows = step
        .op
        .platform
        .as_ref()
        .is_some_and(|platform| platform.os == "windows");
    if is_windows || meta.args.is_empty() {
        return None;
    }
    let root = exec.mounts.iter().find(|mount| mount.dest == "/")?;
    let root = match usize::try_from(root.input) {
        Ok(index) => failed
            .session
            .solve(&step.graph_of(step.input(index)?), Vec::new())
            .await
            .ok()?,
        Err(_) => None,
    };
    let room = Room {
        session: failed.session,
        root,
        mounts: &exec.mounts,
        meta,
    };
    let run = match &step.instruction?.kind {
        InstructionKind::Run(run) => run,
        _ => return None,
    };
    let text = match room.no_program(failed, step).await {
        Some(text) => Some(text),
        None => match returns(run, meta) {
            Some(text) => Some(text),
            None => room.of_what_runs(failed, run, code).await,
        },
    };
    let text = text.or_else(|| room.optional_secret())?;
    Some(Hint { text, place: None })
}

impl<B: Bridge> Room<'_, B> {
    /// The program that was to be started, the shell for one, is not there.
    async fn no_program(&self, failed: &Failed<'_, '_, B>, step: &Step<'_>) -> Option<String> {
        let program = self.meta.args.first()?;
        let (places, where_) = match program.contains('/') {
            true => (vec![self.rooted(program)], String::new()),
            false => (self.search_path(program), " in any folder of PATH".to_owned()),
        };
        for place in &places {
            let is_there = self.has(place).await?;
            match self.cover(place) {
                Some(mount) if is_there => {
                    return Some(format!(
                        "the {} mounted at `{}` hides `{place}`, which starts this step: mount it at a folder of its own",
                        kind(mount),
                        mount.dest
                    ));
                }
                // What a mount holds can't be told.
                Some(_) => return None,
                None if is_there => return None,
                None => {}
            }
        }
        let is_shell = match &step.instruction?.kind {
            InstructionKind::Run(run) => {
                matches!(run.command, dockerfile_syntax::instruction::CommandLine::Shell(_))
            }
            _ => false,
        };
        let lacks = format!("this stage has no `{program}`{where_} so far");
        if !is_shell {
            return Some(format!("{lacks}: install or copy it in a step above"));
        }
        Some(match shell_line(failed, step) {
            Some(lines) => format!(
                "{lacks}, and SHELL on line {} says to run commands with it: install it above that line",
                lines.start
            ),
            None => format!(
                "{lacks}, which runs a command that is no JSON array: write `RUN [\"PROGRAM\", \"ARGUMENT\"]`, or start \
                 from an image that has a shell"
            ),
        })
    }

    /// What is odd about the programs that the command names.
    async fn of_what_runs(&self, failed: &Failed<'_, '_, B>, run: &Run<'_>, code: u32) -> Option<String> {
        use dockerfile_syntax::instruction::CommandLine;

        let program = self.meta.args.first()?;
        let started = match program.contains('/') {
            true => vec![self.rooted(program)],
            false => self.search_path(program),
        };
        let is_exec = matches!(run.command, CommandLine::Exec(_));
        for place in started.iter().filter(|place| self.cover(place).is_none()) {
            let Some(head) = self.head(place).await else {
                continue;
            };
            let program = Program::of(&head);
            if let Some(text) = foreign(&program, place, failed) {
                return Some(text);
            }
            if is_exec && let Some(text) = self.script(&program, place).await {
                return Some(text);
            }
            break;
        }
        if is_exec || !matches!(code, NOT_FOUND | NOT_RUN) {
            return None;
        }
        let command = self.meta.args.last()?;
        if let Some(text) = self.hidden(command).await {
            return Some(text);
        }
        let words = command.split_whitespace().map(|word| word.trim_end_matches(';'));
        let paths = words.filter(|word| word.starts_with('/') || word.starts_with("./"));
        for word in paths.take(WORDS) {
            let place = self.rooted(word);
            if self.cover(&place).is_some() {
                continue;
            }
            let Some(head) = self.head(&place).await else {
                continue;
            };
            let program = Program::of(&head);
            let text = foreign(&program, &place, failed);
            if let Some(text) = text.or(self.script(&program, &place).await) {
                return Some(text);
            }
            if code == NOT_RUN && self.is_locked(&place).await {
                return Some(format!(
                    "`{place}` may not be run: write `COPY --chmod=755` where it comes from, or `chmod +x` above"
                ));
            }
        }
        None
    }

    /// A script that nothing can run.
    async fn script(&self, program: &Program, place: &str) -> Option<String> {
        let Program::Script {
            interpreter,
            has_return,
        } = program
        else {
            return None;
        };
        if *has_return {
            return Some(format!(
                "the first line of `{place}`, `#!{interpreter}`, ends in CR LF, so a program with a CR in its name is \
                 looked for: save the file with LF alone"
            ));
        }
        if !interpreter.starts_with('/') || self.cover(interpreter).is_some() || self.has(interpreter).await?
        {
            return None;
        }
        Some(format!(
            "`{place}` is run by `{interpreter}`, says its first line, and this stage has none so far: install it, or \
             name another one"
        ))
    }

    /// A command that is there but for a mount.
    async fn hidden(&self, command: &str) -> Option<String> {
        let name = command.split_whitespace().next()?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+');
        if !name.bytes().all(is_name) {
            return None;
        }
        for place in self.search_path(name) {
            if let Some(mount) = self.cover(&place) {
                if self.has(&place).await? {
                    return Some(format!(
                        "the {} mounted at `{}` hides `{place}`: mount it at a folder of its own",
                        kind(mount),
                        mount.dest
                    ));
                }
            } else if self.has(&place).await? {
                return None;
            }
        }
        None
    }

    /// A file that is there only if the client passes a secret.
    fn optional_secret(&self) -> Option<String> {
        let named = |mount: &&proto::Mount| {
            let optional = mount.secret_opt.as_ref().is_some_and(|secret| secret.optional);
            optional && self.meta.args.iter().any(|arg| arg.contains(&mount.dest))
        };
        let mount = self.mounts.iter().find(named)?;
        let id = &mount.secret_opt.as_ref()?.id;
        Some(format!(
            "`{}` is there only if the client passes the secret, with `--secret id={id},src=FILE`; write `required` in \
             its mount to be told where it does not",
            mount.dest
        ))
    }

    /// Where a program of this name may be.
    fn search_path(&self, name: &str) -> Vec<String> {
        let mut variables = self
            .meta
            .env
            .iter()
            .filter_map(|entry| entry.strip_prefix("PATH="));
        let folders = variables.next_back().unwrap_or(USUAL_PATH).split(':');
        let folders = folders.filter(|folder| folder.starts_with('/')).take(FOLDERS);
        folders.map(|folder| path::join(&[folder, name])).collect()
    }

    fn rooted(&self, path: &str) -> String {
        path::normalize(&self.meta.cwd, path, false)
    }

    /// The mount that lies over a path of the root.
    fn cover(&self, path: &str) -> Option<&proto::Mount> {
        let covers = |mount: &&proto::Mount| {
            let rest = path.strip_prefix(mount.dest.trim_end_matches('/'));
            mount.dest != "/" && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.mounts.iter().find(covers)
    }

    /// Whether the root has a path; `None` where that can't be told.
    async fn has(&self, path: &str) -> Option<bool> {
        let Some(root) = &self.root else {
            return Some(false);
        };
        match self.session.stat_file(root, path).await {
            Ok(_) => Some(true),
            Err(status) if status.message.contains("no such file or directory") => Some(false),
            Err(_) => None,
        }
    }

    async fn head(&self, path: &str) -> Option<Vec<u8>> {
        self.session
            .read_head(self.root.as_ref()?, path, HEAD_BYTES)
            .await
            .ok()
    }

    /// Whether nobody may run a file.
    async fn is_locked(&self, path: &str) -> bool {
        let Some(root) = &self.root else {
            return false;
        };
        let stat = self.session.stat_file(root, path).await;
        stat.is_ok_and(|stat| stat.mode & (RUNNABLE | FOLDER) == 0)
    }
}

/// A program of another processor.
fn foreign<B>(program: &Program, place: &str, failed: &Failed<'_, '_, B>) -> Option<String> {
    let builder = &failed.request.build_platforms;
    let platform = program.foreign_to(builder)?;
    let own = builder.first()?;
    Some(format!(
        "`{place}` is for {platform} and the builder for {}, which runs it only by emulation and else says `exec format \
         error`: set that up, or write `FROM --platform=$BUILDPLATFORM` for stages that run programs",
        own.format()
    ))
}

/// Lines that end in CR LF, of which the shell takes the CR for a part of the last word.
fn returns(run: &Run<'_>, meta: &proto::Meta) -> Option<String> {
    let heredoc = run.heredocs.iter().find(|heredoc| {
        let mut lines = heredoc.bytes.split_inclusive(|byte| *byte == b'\n');
        lines.any(|line| line.ends_with(b"\r\n"))
    });
    let heredoc = heredoc.filter(|_| !meta.args.is_empty())?;
    Some(format!(
        "the lines of the heredoc {} end in CR LF, and the CR is part of what is run: save the file with LF alone",
        heredoc.name
    ))
}

/// What lies over a path, in words.
fn kind(mount: &proto::Mount) -> &'static str {
    match mount.mount_type() {
        MountType::Bind => "folder",
        MountType::Secret => "secret",
        MountType::Ssh => "ssh agent",
        MountType::Cache => "cache",
        MountType::Tmpfs => "tmpfs",
    }
}

/// The lines of the `SHELL` that is in force for a step.
fn shell_line<B>(failed: &Failed<'_, '_, B>, step: &Step<'_>) -> Option<LineRange> {
    let lines = step.lines?;
    let is_before = |start: usize| start < lines.start;
    let mut stages = failed.file.stages.iter();
    let stage = stages.rfind(|stage| is_before(stage.from.meta.lines.start))?;
    let mut above = stage.instructions.iter();
    let shell = above.rfind(|instruction| {
        is_before(instruction.meta.lines.start) && matches!(instruction.kind, InstructionKind::Shell(_))
    });
    shell.map(|shell| shell.meta.lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_at_the_end() {
        for (message, code) in [
            (
                "process \"x\" did not complete successfully: exit code: 127",
                Some(127),
            ),
            ("process \"echo exit code: 3\" was killed", None),
            ("\"/x\": not found", None),
        ] {
            assert_eq!(exit_code(message), code, "{message}");
        }
    }
}
