//! What a `RUN` executes: its arguments, and the heredocs that belong to them.

use std::borrow::Cow;

use dockerfile_syntax::heredoc::{self, Heredoc};
use dockerfile_syntax::instruction::{CommandLine, Run};
use llb_graph::Mount;

use super::SCRIPTS;
use crate::dialect::strict::{Shell, interpreter, is_shell_with_heredoc};
use crate::error::CompileError;
use crate::lower::StageLowering;
use crate::lower::name::summarize_heredoc;

/// What a `RUN` executes.
pub(super) struct Script {
    pub(super) args: Vec<Cow<'static, str>>,
    /// What the step's name says beside the instruction's text.
    pub(super) summary: String,
    /// The heredoc as a file.
    pub(super) mount: Option<Mount>,
}

impl StageLowering<'_, '_, '_> {
    /// The arguments, and the heredocs that belong to them.
    pub(super) fn script(&mut self, run: &Run<'_>) -> Result<Script, CompileError> {
        let mut summary = String::new();
        let mut mount = None;
        let written = match &run.command {
            CommandLine::Shell(text) => text,
            CommandLine::Exec(words) => {
                let args = words.iter().map(|word| Cow::Owned(word.to_string())).collect();
                refuse_exec(run)?;
                return Ok(Script { args, summary, mount });
            }
        };
        let mut text = Cow::Borrowed(written.as_str());
        match run.heredocs.first() {
            Some(first) if heredoc::parse_word(written).is_some() => {
                let content = lone_heredoc(first);
                summary = format!(" ({})", summarize_heredoc(&first.text()));
                if self.state.image.os != "windows" && content.starts_with("#!") {
                    // The shell starts it, and its first line says what runs it.
                    let data = strict_program(run, content)?.into_owned().into_bytes();
                    let source = self.inline_document(&first.name, 0o755, data)?;
                    mount = Some(
                        Mount::bind(SCRIPTS, source)
                            .with_selector("/")
                            .with_readonly(true),
                    );
                    text = format!("{SCRIPTS}{}", first.name).into();
                } else {
                    text = self.strict_text(run, content, "\n")?;
                }
            }
            _ => {
                // Not one heredoc alone: the shell reads them from the text, as it would from a script.
                let reads_script = run.is_strict() && is_shell_with_heredoc(&text) && run.heredocs.len() == 1;
                if !reads_script {
                    text = self.strict_text(run, text, "; ")?;
                }
                if !run.heredocs.is_empty() {
                    let text = text.to_mut();
                    for heredoc in &run.heredocs {
                        text.push('\n');
                        let body = heredoc.text();
                        if reads_script {
                            text.push_str(Shell::Posix.preamble(&body));
                            text.push('\n');
                        }
                        text.push_str(&body);
                        text.push_str(&heredoc.name);
                    }
                }
            }
        }
        let args = self.behind_shell(text);
        Ok(Script { args, summary, mount })
    }

    /// A text for the stage's shell, with what makes it strict in front where it shall be.
    fn strict_text<'t>(
        &self,
        run: &Run<'_>,
        text: Cow<'t, str>,
        separator: &str,
    ) -> Result<Cow<'t, str>, CompileError> {
        if !run.is_strict() {
            return Ok(text);
        }
        let words = self.behind_shell("".into());
        let words = words.iter().map(|word| &**word);
        match Shell::of(words) {
            Ok(shell) => Ok([shell.preamble(&text), separator, &text].concat().into()),
            Err(shell) => Err(refuse(
                run,
                &format!(
                    "the shell of this stage, `{shell}`, has no way to stop at the first command that fails; write SHELL [\"/bin/sh\", \"-c\"] above, or --strict=false"
                ),
            )),
        }
    }
}

/// The text of a heredoc that is the whole command.
fn lone_heredoc<'h>(heredoc: &'h Heredoc<'_>) -> Cow<'h, str> {
    let body = heredoc.text();
    match heredoc.chomp {
        true => heredoc::chomp(&body).into(),
        false => body,
    }
}

/// A script that says itself what runs it.
fn strict_program<'t>(run: &Run<'_>, script: Cow<'t, str>) -> Result<Cow<'t, str>, CompileError> {
    if !run.is_strict() {
        return Ok(script);
    }
    match Shell::of(interpreter(&script).unwrap_or_default()) {
        Ok(shell) => {
            let (first, rest) = script.split_once('\n').unwrap_or((&script, ""));
            Ok([first, "\n", shell.preamble(rest), "\n", rest].concat().into())
        }
        Err(_) if run.strict.span.is_none() => Ok(script),
        Err(program) => Err(refuse(
            run,
            &format!("the script's first line has `{program}` run it, which is no shell; leave --strict out"),
        )),
    }
}

fn refuse_exec(run: &Run<'_>) -> Result<(), CompileError> {
    match run.strict.is_on {
        true => Err(refuse(
            run,
            "no shell runs a command in JSON form, so there is nothing to stop; leave --strict out, or write the command without brackets",
        )),
        false => Ok(()),
    }
}

/// An error of `--strict`, at the flag where there is one.
fn refuse(run: &Run<'_>, reason: &str) -> CompileError {
    match run.strict.span {
        Some(span) => CompileError::about(span, format!("--strict: {reason}")),
        None => CompileError::new(format!("`# plimsoll=1,strict`: {reason}")),
    }
}
