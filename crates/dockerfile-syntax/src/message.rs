//! How errors read: what is wrong, what was expected, and what may be meant.

use crate::budget::MESSAGE_BYTES;
use crate::error::{SyntaxErrorKind, Unfinished};
use crate::suggest;
use std::fmt;

/// Behind the name of an addition to the language.
const ADDITION: &str = "in a Dockerfile without the line `# plimsoll=1` among the comments at its head";

impl fmt::Display for SyntaxErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.file(f)
    }
}

impl SyntaxErrorKind {
    /// Errors of the file, of lines and directives; hands on to the next group.
    fn file(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyFile => f.write_str("the Dockerfile is empty; it needs at least a FROM"),
            Self::NoInstructions => {
                f.write_str("the Dockerfile holds only comments and blank lines; it needs at least a FROM")
            }
            Self::FileTooLarge => write!(
                f,
                "up to here the file has more instructions and words than Plimsoll reads: what they take in memory passes {} MiB; split the Dockerfile",
                crate::limits::PARSED_BYTES >> 20
            ),
            Self::InstructionTooLarge { length } => write!(
                f,
                "the instruction has {length} bytes, and a message to BuildKit holds {MESSAGE_BYTES}; put its text into a file of the context, for COPY or RUN --mount=type=bind to read"
            ),
            Self::LineTooLong { length } => write!(
                f,
                "the line has {length} bytes, and 65535 is the most; break it with a continuation, or COPY the data \
                 from a file"
            ),
            Self::RepeatedDirective { name } => {
                write!(
                    f,
                    "the directive {name}= stands in the file already; it may be given once"
                )
            }
            Self::InvalidEscape { value } => {
                write!(f, "the escape character is either \\ or `, not {value:?}")
            }
            Self::BeforeFrom { instruction } => {
                write!(
                    f,
                    "{instruction} stands before the first FROM, where only ARG may stand"
                )
            }
            Self::UnterminatedHeredoc { name, near: None } => {
                write!(f, "the heredoc has no end: no line after it is just {name:?}")
            }
            Self::UnterminatedHeredoc {
                name,
                near: Some(line),
            } => {
                write!(
                    f,
                    "the heredoc has no end: line {line} has blanks beside {name:?}, which must stand alone"
                )
            }
            Self::InvalidHeredoc { word } => write!(f, "the heredoc word {word:?} cannot be read"),
            Self::HeredocDestination { instruction } => {
                write!(
                    f,
                    "a heredoc can be a source of {instruction}, not its destination"
                )
            }
            Self::JsonElementNotString => {
                f.write_str("a JSON array here holds strings only, each in double quotes")
            }
            other => other.names(f),
        }
    }

    /// Errors of names that there are not; hands on to the next group.
    fn names(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FromInFragment => f.write_str(
                "a file that INCLUDE names in a stage has no FROM; name the file before the first FROM to have its stages",
            ),
            Self::OtherFile { message } => f.write_str(message),
            Self::DialectVersion { version } => write!(
                f,
                "the dialect has version 1, not {version:?}; write `# plimsoll=1`"
            ),
            Self::DialectWord { word, suggestion } => {
                write!(
                    f,
                    "behind `# plimsoll=1` there may stand strict and lock, not {word:?}"
                )?;
                suggest::write(f, suggestion.as_deref())
            }
            Self::DialectAboveDirective { directive } => write!(
                f,
                "`# plimsoll=` stands above `# {directive}=`, which no builder reads there; move it below"
            ),
            Self::UnknownInstruction {
                keyword,
                is_addition: true,
                ..
            } => write!(f, "there is no instruction {keyword:?} {ADDITION}"),
            Self::UnknownInstruction {
                keyword,
                suggestion,
                unfinished,
                ..
            } => {
                write!(f, "there is no instruction {keyword:?}")?;
                match unfinished {
                    Some(Unfinished {
                        line,
                        operator,
                        escape,
                    }) => write!(
                        f,
                        "; line {line} ends in `{operator}`, so if its command goes on here, end that line with {escape}"
                    ),
                    None => suggest::write(f, suggestion.as_deref()),
                }
            }
            Self::UnknownFlag {
                flag,
                is_addition: true,
                ..
            } => write!(f, "there is no flag --{flag} {ADDITION}"),
            Self::UnknownFlag { flag, suggestion, .. } => {
                write!(f, "there is no flag --{flag} here")?;
                suggest::write(
                    f,
                    suggestion.as_deref().map(|flag| format!("--{flag}")).as_deref(),
                )
            }
            other => other.arguments(f),
        }
    }

    /// Errors of arguments; hands on to the next group.
    fn arguments(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoArguments { instruction: "SHELL" } => {
                f.write_str("SHELL needs a program: SHELL [\"/bin/sh\", \"-c\"]")
            }
            Self::NoArguments { instruction } => write!(f, "{instruction} needs at least one argument"),
            Self::NotOneArgument { instruction } => {
                write!(f, "{instruction} needs one argument and has none")
            }
            Self::NoDestination { instruction } => {
                write!(
                    f,
                    "{instruction} needs a source and a destination: {instruction} SOURCE… DEST"
                )
            }
            Self::NoValue { instruction, key } => {
                write!(
                    f,
                    "{instruction} {key} has no value; write {instruction} {key}=VALUE"
                )
            }
            Self::NoEquals { instruction, word } => {
                write!(
                    f,
                    "{word:?} has no =; {instruction} takes NAME=VALUE pairs, with quotes around blanks"
                )
            }
            Self::BlankName { instruction } => write!(f, "there is no name before = in {instruction}"),
            Self::FromArguments { suggestion } => {
                f.write_str("FROM takes an image, and AS NAME if the stage shall have a name")?;
                match suggestion {
                    Some(suggestion) => write!(f, "; write {suggestion}"),
                    None => Ok(()),
                }
            }
            Self::InvalidStageName { name } => write!(
                f,
                "{name:?} cannot name a stage; a name begins with a letter, then letters, digits, `-`, `_` and `.`"
            ),
            Self::ShellNotJson => f.write_str("SHELL takes a JSON array: SHELL [\"/bin/sh\", \"-c\"]"),
            Self::BlankVolume => f.write_str("a path of VOLUME is blank"),
            Self::UnsetWhat { word, suggestion } => {
                write!(
                    f,
                    "UNSET is followed by ENV, LABEL, EXPOSE, VOLUME, ENTRYPOINT, CMD, HEALTHCHECK, USER, STOPSIGNAL or ONBUILD, not by {word:?}"
                )?;
                suggest::write(f, suggestion.as_deref())
            }
            Self::UnsetName { what, name } => write!(
                f,
                "UNSET {what} takes out all there is, and {name:?} behind it names nothing; write UNSET {what}"
            ),
            Self::OnbuildChain => f.write_str("ONBUILD cannot hold another ONBUILD"),
            Self::OnbuildForbidden { instruction } => write!(f, "ONBUILD cannot hold {instruction}"),
            Self::OnbuildNotSingle => {
                f.write_str("an ONBUILD trigger of the base image is not one instruction")
            }
            other => other.healthcheck(f),
        }
    }

    /// Errors of `HEALTHCHECK`; hands on to the next group.
    fn healthcheck(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HealthcheckNoneArguments => f.write_str("nothing may follow HEALTHCHECK NONE"),
            Self::HealthcheckNoCommand => f.write_str("HEALTHCHECK CMD needs a command behind CMD"),
            Self::HealthcheckType { word } => {
                write!(
                    f,
                    "HEALTHCHECK is followed by CMD and a command, or by NONE, not by {word:?}"
                )
            }
            Self::InvalidDuration { flag, value } => {
                write!(f, "--{flag} needs a duration such as 30s or 1m30s, not {value:?}")
            }
            Self::DurationTooShort { flag, value } => {
                write!(f, "--{flag} must be 0 or at least 1ms, not {value:?}")
            }
            Self::InvalidRetries { value } => {
                write!(f, "--retries needs a whole number, 0 or more, not {value:?}")
            }
            other => other.flags(f),
        }
    }

    /// Errors of flags.
    fn flags(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PairsFile {
                instruction,
                has_file: true,
            } => write!(
                f,
                "{instruction} --file takes all pairs from the file; write others as an {instruction} of their own"
            ),
            Self::PairsFile { instruction, .. } => write!(
                f,
                "--from says whose file it is; write {instruction} --file=PATH --from=STAGE"
            ),
            Self::DuplicateFlag { flag } => write!(f, "--{flag} is given twice"),
            Self::FlagNoValue { flag, next } => {
                let value = next.as_deref().unwrap_or("VALUE");
                write!(f, "--{flag} has no value; write --{flag}={value}")
            }
            Self::FlagNotBool { flag, value } => {
                write!(f, "--{flag} stands alone, or with =true or =false, not {value:?}")
            }
            Self::InvalidNetwork { value } => {
                write!(f, "--network is default, none or host, not {value:?}")
            }
            Self::InvalidSecurity { value } => {
                write!(f, "--security is sandbox or insecure, not {value:?}")
            }
            Self::Mount(error) => fmt::Display::fmt(error, f),
            Self::Device(error) => fmt::Display::fmt(error, f),
            // Every other kind is worded above.
            _ => f.write_str("the instruction cannot be read"),
        }
    }
}
