//! A whole Dockerfile: directives, global arguments, stages.

use serde_json::Value;

use super::Random;
use super::instruction::instruction;
use super::sources::IMAGES;
use super::word::{NAMES, word};
use crate::{ours, set_dockerfile};

/// A Dockerfile that grows. What is refused is left out most of the time, so that much of what is left builds.
pub(super) struct Draft {
    request: Value,
    pub(super) text: String,
    /// Names of its stages.
    pub(super) stages: Vec<String>,
    /// Whether something that is refused is in it, on purpose.
    broken: bool,
}

impl Draft {
    pub(super) fn new(request: &Value) -> Self {
        Self {
            request: request.clone(),
            text: String::new(),
            stages: Vec::new(),
            broken: false,
        }
    }

    /// Adds what `make` makes, trying again where that is refused.
    fn push(&mut self, random: &mut Random, mut make: impl FnMut(&mut Random, &[String]) -> String) {
        for _ in 0..6 {
            let piece = make(random, &self.stages);
            let mut longer = format!("{}{piece}", self.text);
            let builds = self.broken || self.builds(&longer);
            if builds || random.one_in(60) {
                self.broken |= !builds;
                std::mem::swap(&mut self.text, &mut longer);
                return;
            }
        }
    }

    fn builds(&mut self, text: &str) -> bool {
        let ending = if self.stages.is_empty() && !text.to_lowercase().contains("from ") {
            "FROM scratch\n"
        } else {
            ""
        };
        set_dockerfile(&mut self.request, format!("{text}{ending}").as_bytes());
        !refused(&self.request)
    }
}

/// Whether this frontend refuses a request.
pub(super) fn refused(request: &Value) -> bool {
    ours::answer(&request.to_string()).get("result").is_none()
}

/// Makes up a Dockerfile for a request that has images.
pub(super) fn draft(random: &mut Random, request: &Value) -> Draft {
    let mut draft = Draft::new(request);
    while random.one_in(8) {
        draft.push(random, directive);
    }
    while random.one_in(3) {
        draft.push(random, global);
    }
    let count = random.pick(&[1, 1, 1, 2, 2, 3, 4]);
    for _ in 0..count {
        stage(random, &mut draft);
    }
    if random.one_in(40) {
        draft.text.insert(0, '\u{feff}');
    }
    if random.one_in(15) {
        draft.text = draft.text.trim_end_matches('\n').to_owned();
    }
    if random.one_in(12) {
        draft.text = draft.text.replace('\n', "\r\n");
    }
    draft
}

fn global(random: &mut Random, _: &[String]) -> String {
    let name = random.pick(&NAMES);
    match random.below(3) {
        0 => format!("ARG {name}\n"),
        1 => format!(
            "ARG {name}={}\n",
            random.pick(&["alpine", "1", "linux/arm64", "abcabc", "x y"])
        ),
        _ => format!("ARG {name}={}\n", word(random)),
    }
}

fn directive(random: &mut Random, _: &[String]) -> String {
    random
        .pick(&[
            "# escape=`\n",
            "# escape=\\\n",
            "# check=skip=all\n",
            "#check=error=true;skip=JSONArgsRecommended\n",
            "# check=skip=StageNameCasing,FromAsCasing\n",
            "#  EsCaPe = ` \n",
            "# escape=x\n",
            "# unknown=1\n",
            "# words\n",
            "\n",
            "# check=experimental=all\n",
            "#!/bin/sh\n",
            "# Escape=`\r\n",
        ])
        .to_owned()
}

fn stage(random: &mut Random, draft: &mut Draft) {
    let mut name = "";
    draft.push(random, |random, stages| {
        let (line, chosen) = from(random, stages);
        name = chosen;
        line
    });
    if !name.is_empty() {
        draft.stages.push(name.to_owned());
    }
    for _ in 0..random.below(9) {
        draft.push(random, |random, stages| {
            let text = instruction(random, stages);
            let indent = random.pick(&["", "", "", "", "", "", "", "  ", "\t"]);
            format!("{indent}{text}\n")
        });
    }
}

/// A FROM line, and the name of its stage.
fn from(random: &mut Random, stages: &[String]) -> (String, &'static str) {
    let mut out = random.pick(&["FROM", "FROM", "FROM", "FROM", "from"]).to_owned();
    if random.one_in(6) {
        let platform = random.pick(&[
            "linux/arm64",
            "$BUILDPLATFORM",
            "$TARGETPLATFORM",
            "linux/amd64",
            "linux/arm/v7",
            "windows/amd64",
            "$A",
            "a/b/c/d",
            "",
            "linux",
            "arm64",
            "linux/s390x",
            "${TARGETOS}/${TARGETARCH}",
            "freebsd/amd64",
            "linux/arm64/v8",
            "linux/386",
            "darwin",
        ]);
        out.push_str(&format!(" --platform={platform}"));
    }
    let base = match random.below(10) {
        0..3 if !stages.is_empty() => stages
            .get(random.below(stages.len()))
            .cloned()
            .unwrap_or_default(),
        0..5 => "alpine".to_owned(),
        5 => "scratch".to_owned(),
        6 if random.one_in(4) => word(random),
        _ => random.pick(&IMAGES).to_owned(),
    };
    out.push_str(&format!(" {base}"));
    let mut name = "";
    if random.one_in(2) {
        name = random.pick(&[
            "one", "two", "three", "Four", "one", "build", "dev", "context", "1x", "a-b_c.d", "A", "alpine",
        ]);
        out.push_str(&format!(" {} {name}", random.pick(&["AS", "AS", "as", "As"])));
    } else if random.one_in(40) {
        out.push_str(random.pick(&[" AS", " a b c", " x y", " AS a b"]));
    }
    out.push('\n');
    (out, name)
}
