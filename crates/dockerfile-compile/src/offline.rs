//! What a file by itself tells: the linter without anybody to ask.

use std::sync::Arc;

use dockerfile_syntax::{Budget, Dockerfile};
use serde_json::json;

use crate::compile::{run, with_findings};
use crate::facts::{Fact, Facts, Outside};
use crate::{
    Answer, Answers, BuildOptions, CompileErrors, IgnoreAnswer, ImageAnswer, ImageRequest, Need, PairsAnswer,
    Step, Warned, host,
};

/// What the linter says of a file, and whether it could be built, as far as the file and the options tell.
///
/// Every image is taken to be there, for the platform that is asked for and with an empty config; ignore files to be
/// empty; and frontend inputs to be missing. What only a look at them can tell is left out: the rules `UndefinedVar`, since an image
/// may set any variable, but for those that are declared outside of stages, `InvalidBaseImagePlatform` and `CopyIgnoredFile`. Without a target all stages are looked at.
///
/// The file has been parsed without errors: those of [`dockerfile_syntax::Parsed`] are told by themselves.
///
/// ```
/// use dockerfile_compile::{BuildOptions, SourceFile, lint};
///
/// let text = b"FROM alpine as Base\nCOPY --from=nothing /a /b\n";
/// let parsed = dockerfile_syntax::parse(text);
/// let found = lint(&parsed.dockerfile, &BuildOptions::new(SourceFile::new("Dockerfile", text.as_slice())));
/// let rules: Vec<&str> = found.warnings.iter().map(|warning| warning.rule).collect();
/// assert_eq!(rules, ["StageNameCasing", "FromAsCasing"]);
/// assert!(found.value.is_ok());
/// ```
#[must_use]
pub fn lint(file: &Dockerfile<'_>, options: &BuildOptions) -> Warned<Result<(), CompileErrors>> {
    lint_with(file, options, assumed)
}

/// [`lint`] where somebody knows a part all the same, such as the context's ignore file: `answer` answers each question
/// once, with [`assumed`] what it doesn't know. No images may be among what it knows, or the rules that are left out
/// would matter.
#[must_use]
pub fn lint_with(
    file: &Dockerfile<'_>,
    options: &BuildOptions,
    answer: impl FnMut(&Need, &BuildOptions) -> Answer,
) -> Warned<Result<(), CompileErrors>> {
    let options = BuildOptions {
        all_stages: options.all_stages || options.target.is_none(),
        ..options.clone()
    };
    with_findings(file, &options, || {
        let (value, facts) = run_alone(file, &options, answer);
        (value, Some(facts))
    })
}

/// Compiles with answers that are made up, each once.
fn run_alone(
    file: &Dockerfile<'_>,
    options: &BuildOptions,
    mut answer: impl FnMut(&Need, &BuildOptions) -> Answer,
) -> (Result<(), CompileErrors>, Facts) {
    let mut answers = Answers::new();
    loop {
        let mut facts = Facts::default();
        let step = run(file, options, (&answers, &Budget::new()), &mut facts);
        facts.retain(|fact| !may_be_of_image(fact, file));
        match step {
            Ok(Step::Needs(needs)) => {
                for need in needs {
                    let answer = answer(&need, options);
                    answers.insert(need, answer);
                }
            }
            Ok(Step::Done(_)) => return (Ok(()), facts),
            Err(errors) => return (Err(errors), facts),
        }
    }
}

/// Whether it is about a variable that an image may set. What is declared above the first FROM is most likely meant, unless it is
/// a version that images set themselves, as `node` sets `NODE_VERSION`.
fn may_be_of_image(fact: &Fact, file: &Dockerfile<'_>) -> bool {
    let Fact::UndefinedVar { name, outside, .. } = fact else {
        return false;
    };
    let is_version_of = |image: &str| {
        let image = image.rsplit('/').next().unwrap_or_default();
        let image = image.split([':', '@', '$']).next().unwrap_or_default();
        !image.is_empty()
            && name
                .strip_suffix("_VERSION")
                .is_some_and(|of| of.eq_ignore_ascii_case(image))
    };
    !matches!(outside, Some(Outside::Line(_)))
        || file.stages.iter().any(|stage| is_version_of(&stage.from.base))
}

/// The answer to a question where nobody is there to ask: what [`lint`] makes up.
#[must_use]
pub fn assumed(need: &Need, options: &BuildOptions) -> Answer {
    match need {
        Need::Image(request) => Answer::Image(Arc::new(image(request, options))),
        Need::ContextIgnore | Need::LocalIgnore(_) => Answer::Ignore(Arc::new(IgnoreAnswer {
            filename: ".dockerignore".to_owned(),
            data: Vec::new(),
        })),
        Need::Input(_) => Answer::Input(None),
        Need::ContextFile(_) | Need::StageFile(_) => Answer::File(Arc::new(PairsAnswer::Unknown)),
        Need::SourceTime(_) => Answer::SourceTime(None),
        Need::Pin(_) => Answer::Pin(Err("nothing was looked up".to_owned())),
    }
}

fn image(request: &ImageRequest, options: &BuildOptions) -> ImageAnswer {
    let platform = request.platform.as_ref().or(options.build_platforms.first());
    let platform = platform.cloned().unwrap_or_else(host::platform);
    let config = json!({
        "os": platform.os,
        "architecture": platform.architecture,
        "variant": platform.variant,
        "os.version": platform.os_version,
        "config": {},
        // An image without layers is taken for an empty base.
        "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", "0".repeat(64))] },
    });
    ImageAnswer::Found {
        reference: request.reference.clone(),
        digest: String::new(),
        config: config.to_string().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceFile;

    fn found(text: &str, change: impl FnOnce(&mut BuildOptions)) -> (Vec<&'static str>, Option<String>) {
        let parsed = dockerfile_syntax::parse(text.as_bytes());
        assert_eq!(parsed.errors, []);
        let mut options = BuildOptions::new(SourceFile::new("Dockerfile", text.to_owned()));
        change(&mut options);
        let found = lint(&parsed.dockerfile, &options);
        let rules = found.warnings.iter().map(|warning| warning.rule).collect();
        (rules, found.value.err().map(|errors| errors.first.to_string()))
    }

    #[test]
    fn only_what_the_file_tells() {
        for (text, rules) in [
            ("FROM a\nWORKDIR $HOME/x\nCOPY $UNKNOWN /b\n", &[][..]),
            (
                "ARG P=linux/arm64\nFROM a AS B\nFROM --platform=$P a\nCMD x\n",
                &["StageNameCasing", "JSONArgsRecommended"],
            ),
            (
                "FROM oci AS one\nONBUILD COPY --from=two a b\nFROM one\nMAINTAINER me\n",
                &["MaintainerDeprecated"],
            ),
            ("# check=skip=all\nFROM a AS B\n", &[]),
            ("ARG DIR=/x\nFROM a\nCOPY x $DIR/\n", &["UndefinedVar"]),
            ("ARG DIR=/x\nFROM a\nARG DIR\nCOPY x $DIR/\n", &[]),
            (
                "ARG NODE_VERSION=22\nFROM h:5000/node:$NODE_VERSION\nLABEL v=$NODE_VERSION\n",
                &[],
            ),
            ("FROM a\nLABEL v=$TARGETARCH\n", &[]),
        ] {
            let (found, error) = found(text, |_| {});
            assert_eq!((found.as_slice(), error), (rules, None), "{text}");
        }
    }

    #[test]
    fn what_is_known_counts() {
        let text = b"FROM a\nCOPY secret /\n";
        let parsed = dockerfile_syntax::parse(text);
        let options = BuildOptions::new(SourceFile::new("Dockerfile", text.as_slice()));
        let ignore = |need: &Need, options: &BuildOptions| match need {
            Need::ContextIgnore => Answer::Ignore(Arc::new(IgnoreAnswer {
                filename: ".dockerignore".to_owned(),
                data: b"secret\n".to_vec(),
            })),
            need => assumed(need, options),
        };
        assert!(lint(&parsed.dockerfile, &options).warnings.is_empty());
        let found = lint_with(&parsed.dockerfile, &options, ignore).warnings;
        let rules: Vec<_> = found.iter().map(|warning| warning.rule).collect();
        assert_eq!(rules, ["CopyIgnoredFile"]);
    }

    #[test]
    fn what_can_not_be_built() {
        let (_, error) = found("FROM a\nCOPY --from=1 a b\nFROM b\n", |_| {});
        assert!(error.is_some_and(|error| error.contains("--from=1")));
        let (_, error) = found("FROM a\n", |options| options.target = Some("b".to_owned()));
        assert!(error.is_some_and(|error| error.contains('b')));
        let (rules, error) = found("# check=error=true\nFROM a AS B\n", |_| {});
        assert!(error.is_some_and(|error| error.contains("StageNameCasing")) && rules.len() == 1);
        let (rules, error) = found("# check=nonsense\nFROM a AS B\n", |_| {});
        assert!(error.is_some() && rules.is_empty());
    }
}
