//! The Dockerfiles that are measured.

use std::fmt::Write as _;

/// A chain of stages: each has ARG and ENV, WORKDIR, five RUN with cache and secret mounts, and, but for the first, a
/// COPY from the stage before.
pub fn stages(count: usize) -> String {
    let mut text = String::new();
    for stage in 0..count {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "FROM alpine AS stage{stage}\nARG VERSION={stage}\nENV STAGE=stage{stage} RELEASE=$VERSION\nWORKDIR /work/${{STAGE}}\n"
        );
        if let Some(before) = stage.checked_sub(1) {
            let _ = writeln!(text, "COPY --from=stage{before} /work/stage{before}/out /before/");
        }
        for step in 0..5 {
            let _ = write!(
                text,
                "RUN --mount=type=cache,target=/var/cache/step{step},sharing=locked --mount=type=secret,id=token \\\n    mkdir -p out && echo \"$RELEASE step {step}\" > out/{step}.txt\n"
            );
        }
        text.push('\n');
    }
    text
}

/// A small Dockerfile that nobody has built before: `who` and `number` tell it from the others.
pub fn small(who: &str, number: usize) -> String {
    format!(
        "FROM alpine AS build\nENV WHO={who} NUMBER={number}\nWORKDIR /src\nRUN echo \"$WHO $NUMBER\" > answer\n\n\
         FROM alpine\nLABEL number={number}\nCOPY --from=build /src/answer /answer\nCMD [\"cat\", \"/answer\"]\n"
    )
}
