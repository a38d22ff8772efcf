//! A world for tests: every image exists, for the platform that was asked for.

use std::sync::Arc;

use llb_graph::Platform;

use crate::{
    Answer, Answers, BuildOptions, CompileResult, IgnoreAnswer, ImageAnswer, ImageRequest, Need, PairsAnswer,
    SourceFile, Step, Warned, compile,
};

/// Compiles a file, every stage of it, with an ignore file and a check option.
pub(crate) fn run(dockerfile: &str, ignore: &str, check: Option<&str>) -> Warned<CompileResult> {
    run_with(dockerfile, ignore, |options| {
        options.check = check.map(str::to_owned);
    })
}

/// Compiles a file with an ignore file and changed options.
pub(crate) fn run_with(
    dockerfile: &str,
    ignore: &str,
    change: impl FnOnce(&mut BuildOptions),
) -> Warned<CompileResult> {
    let parsed = dockerfile_syntax::parse(dockerfile.as_bytes());
    assert_eq!(parsed.errors, [], "{dockerfile}");
    let mut options = options(dockerfile);
    change(&mut options);
    let mut answers = Answers::new();
    loop {
        let run = compile(&parsed.dockerfile, &options, &answers);
        let Ok(Step::Needs(needs)) = run.value else {
            return run;
        };
        for need in needs {
            let answer = answer(&need, ignore);
            answers.insert(need, answer);
        }
    }
}

fn answer(need: &Need, ignore: &str) -> Answer {
    let ignore_answer = |data: &str| {
        Answer::Ignore(Arc::new(IgnoreAnswer {
            filename: ".dockerignore".to_owned(),
            data: data.into(),
        }))
    };
    match need {
        Need::Image(request) => Answer::Image(Arc::new(image(request))),
        Need::ContextIgnore => ignore_answer(ignore),
        Need::LocalIgnore(_) => ignore_answer(""),
        Need::Input(_) => Answer::Input(None),
        Need::ContextFile(_) | Need::StageFile(_) => Answer::File(Arc::new(PairsAnswer::Missing)),
        Need::SourceTime(_) => Answer::SourceTime(None),
        Need::Pin(_) => Answer::Pin(Err("nothing was looked up".to_owned())),
    }
}

/// An image with one layer; one that is named after arm64 is of that platform only.
fn image(request: &ImageRequest) -> ImageAnswer {
    let platform = request.platform.clone().unwrap_or_default();
    let architecture = if request.reference.contains("arm64") {
        "arm64"
    } else {
        &platform.architecture
    };
    let config = format!(
        r#"{{"architecture":"{architecture}","os":"{}","config":{{}},"rootfs":{{"type":"layers","diff_ids":["sha256:{}"]}}}}"#,
        platform.os,
        "0".repeat(64),
    );
    ImageAnswer::Found {
        reference: request.reference.clone(),
        digest: String::new(),
        config: config.into_bytes(),
    }
}

/// A build of every stage for linux/amd64.
pub(crate) fn options(dockerfile: &str) -> BuildOptions {
    BuildOptions {
        target_platform: Some(Platform::new("linux", "amd64")),
        build_platforms: vec![Platform::new("linux", "amd64")],
        session_id: "session".to_owned(),
        unique_id: "unique".to_owned(),
        all_stages: true,
        ..BuildOptions::new(SourceFile::new("Dockerfile", dockerfile.to_owned()))
    }
}
