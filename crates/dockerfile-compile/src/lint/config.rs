//! Which rules are wanted: `# check=skip=A,B;experimental=C;error=true`.

use std::borrow::Cow;
use std::collections::BTreeSet;

use dockerfile_syntax::{Dockerfile, suggest};
use llb_graph::collect;

use super::Rule;
use crate::error::CompileError;
use crate::go::text::parse_bool;

/// More options than these are read as part of the last one, as the reference does.
const MOST_OPTIONS: usize = 3;
const KEYS: [&str; 3] = ["skip", "experimental", "error"];

/// What the check options of a file, or of the build, say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Config {
    skip: Names,
    experimental: Names,
    /// Findings fail the build.
    pub(crate) is_error: bool,
}

/// A set of rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Names {
    all: bool,
    names: BTreeSet<String>,
}

impl Names {
    /// Sets `all` or a list of names in the place of an earlier list.
    fn set(&mut self, value: &str) {
        if value == "all" {
            self.all = true;
        } else {
            self.names = collect::set(value.split(',').map(|name| name.trim().to_owned()));
        }
    }

    fn merge(&mut self, other: Self) {
        self.all |= other.all;
        self.names.extend(other.names);
    }

    fn contains(&self, name: &str) -> bool {
        self.all || self.names.contains(name)
    }
}

/// Whether `text` is a well-formed check option.
///
/// ```
/// use dockerfile_compile::validate_check;
///
/// assert!(validate_check("skip=StageNameCasing;error=true").is_ok());
/// assert!(validate_check("skip").is_err());
/// ```
///
/// # Errors
/// Says what is wrong with it.
pub fn validate_check(text: &str) -> Result<(), String> {
    Config::parse(text).map(drop)
}

impl Config {
    /// The options of the build, or else those of the file's `# check=` line as far as its first space.
    pub(crate) fn of(file: &Dockerfile<'_>, option: Option<&str>) -> Result<Self, CompileError> {
        match (option, &file.directives.check) {
            (Some(option), _) => Self::parse(option).map_err(|error| {
                CompileError::new(format!("build-arg `BUILDKIT_DOCKERFILE_CHECK`: {error}"))
            }),
            (None, Some(line)) => {
                let text = line.value.split(' ').next().unwrap_or_default();
                Self::parse(text).map_err(|error| {
                    CompileError::new(format!("check={}: {error}", line.value)).at(line.place())
                })
            }
            (None, None) => Ok(Self::default()),
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut config = Self::default();
        if text.trim().is_empty() {
            return Ok(config);
        }
        for option in text.trim().splitn(MOST_OPTIONS, ';') {
            let (key, value) = option.split_once('=').unwrap_or((option, ""));
            let (key, value) = (key.trim(), value.trim());
            match key {
                _ if !option.contains('=') => return Err(unknown(key)),
                "skip" => config.skip.set(value),
                "experimental" => config.experimental.set(value),
                "error" => {
                    config.is_error = parse_bool(value).ok_or_else(|| {
                        format!("`error={value}` is neither true nor false; write `error=true`")
                    })?;
                }
                _ => return Err(unknown(key)),
            }
        }
        Ok(config)
    }

    /// This config with what the check comment above an instruction adds. It can't make findings errors, and a
    /// malformed one adds nothing.
    pub(super) fn with_comment(&self, check: Option<&str>) -> Cow<'_, Self> {
        match check.map(Self::parse) {
            Some(Ok(local)) => {
                let mut config = self.clone();
                config.skip.merge(local.skip);
                config.experimental.merge(local.experimental);
                Cow::Owned(config)
            }
            Some(Err(_)) | None => Cow::Borrowed(self),
        }
    }

    /// Whether findings of `rule` are wanted.
    pub(super) fn wants(&self, rule: &Rule) -> bool {
        if rule.is_experimental {
            self.experimental.contains(rule.name)
        } else {
            !self.skip.contains(rule.name)
        }
    }
}

fn unknown(key: &str) -> String {
    let hint = match suggest::nearest(key, &KEYS, true) {
        Some(near) => format!(" (did you mean `{near}=`?)"),
        None => String::new(),
    };
    format!(
        "`{key}` is no check option{hint}; expected `skip=RULE,…`, `experimental=RULE,…` or `error=true`, joined by `;`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::check_comment;

    fn names(names: &[&str]) -> Names {
        Names {
            all: false,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn grammar() {
        let all = Names {
            all: true,
            ..Names::default()
        };
        let config = Config::parse(" skip = A, B ;error= true;experimental=all").unwrap();
        assert_eq!(config.skip, names(&["A", "B"]));
        assert!(config.is_error);
        assert_eq!(config.experimental, all);
        assert_eq!(Config::parse(" "), Ok(Config::default()));
        // A fourth option is part of the third.
        let config = Config::parse("error=0;skip=A;skip=B;experimental=C").unwrap();
        assert_eq!(config.skip, names(&["B;experimental=C"]));
    }

    #[test]
    fn malformed() {
        for (text, part) in [
            ("skip", "`skip` is no check option"),
            ("skpi=A", "did you mean `skip=`"),
            ("error=maybe", "`error=maybe` is neither"),
            ("skip=A;", "`` is no check option"),
            ("error=1;skip=A;error=1;skip=B", "`error=1;skip=B`"),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn comments() {
        let config = Config::parse("skip=A").unwrap();
        let merge = |comments: &[&str]| {
            let comments: Vec<Cow<'_, str>> = comments.iter().map(|comment| (*comment).into()).collect();
            config
                .with_comment(check_comment(&comments).as_deref())
                .into_owned()
        };
        assert_eq!(
            merge(&["text", "check=skip=B;error=1 why"]).skip,
            names(&["A", "B"])
        );
        assert!(!merge(&["check=error=1"]).is_error);
        assert_eq!(merge(&["check=nonsense", "check=skip=B"]), config);
        assert!(merge(&["Check = skip=all"]).skip.all);
        assert_eq!(merge(&["checks=skip=B"]), config);
    }
}
