//! The stages that can be built. Needs nothing but the parsed file.

use dockerfile_syntax::Dockerfile;
use serde::Serialize;

use super::json::pretty;
use super::wire::{Location, sources};
use super::{View, table};
use crate::go::json::is_default;
use crate::options::SourceFile;

#[derive(Serialize)]
struct Targets<'a> {
    /// `null` in a file without stages.
    targets: Option<Vec<Target<'a>>>,
    sources: Vec<String>,
}

/// A stage. Base and platform are as written.
#[derive(Serialize)]
struct Target<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "is_default")]
    default: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    base: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    platform: &'a str,
    location: Location,
}

/// Lists the stages of `file`, which is `source`; those of other files that it reads are not its own.
///
/// ```
/// use dockerfile_compile::{SourceFile, view::targets};
///
/// let source = SourceFile::new("Dockerfile", b"FROM alpine AS base\nFROM base AS app\n".as_slice());
/// let parsed = dockerfile_syntax::parse(&source.data);
/// let text = String::from_utf8(targets(&parsed.dockerfile, &source).text)?;
/// assert!(text.contains("app"));
/// # Ok::<(), std::string::FromUtf8Error>(())
/// ```
#[must_use]
pub fn targets(file: &Dockerfile<'_>, source: &SourceFile) -> View {
    let count = file.stages.len();
    let stages = file.stages.iter().enumerate();
    let stages = stages.filter(|(_, stage)| stage.module == 0);
    let targets: Vec<Target<'_>> = stages
        .map(|(index, stage)| Target {
            name: stage.from.name.as_deref().unwrap_or_default(),
            default: index + 1 == count,
            description: &stage.from.doc_comment,
            base: &stage.from.base,
            platform: stage.from.platform.as_deref().unwrap_or_default(),
            location: Location::of(&[stage.from.meta.lines], source),
        })
        .collect();
    let mut text = String::from("TARGET\tDESCRIPTION\n");
    for target in &targets {
        let name = match (target.name, target.default) {
            ("", true) => "(default)".to_owned(),
            (name, true) => format!("{name} (default)"),
            (name, false) => name.to_owned(),
        };
        text.push_str(&format!("{name}\t{}\n", target.description));
    }
    let list = Targets {
        targets: Some(targets).filter(|targets| !targets.is_empty()),
        sources: sources(source),
    };
    View {
        json: pretty(&list),
        text: table::align(&text, 1).into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        let text = b"# foo is a stage\nFROM --platform=$P scratch AS Foo\nFROM foo\n".as_slice();
        let source = SourceFile::new("Dockerfile", text);
        let parsed = dockerfile_syntax::parse(&source.data);
        let view = targets(&parsed.dockerfile, &source);
        assert_eq!(
            String::from_utf8(view.text).unwrap(),
            "TARGET    DESCRIPTION\nfoo       is a stage\n(default) \n"
        );
        let json: serde_json::Value = serde_json::from_slice(&view.json).unwrap();
        let line = |line: u8| serde_json::json!({ "ranges": [{ "start": { "line": line }, "end": { "line": line } }] });
        let wanted = serde_json::json!([
            { "name": "foo", "description": "is a stage", "base": "scratch", "platform": "$P", "location": line(2) },
            { "default": true, "base": "foo", "location": line(3) },
        ]);
        assert_eq!(json["targets"], wanted);
        assert_eq!(
            json["sources"],
            serde_json::json!([crate::go::base64::encode(text)])
        );
    }

    #[test]
    fn no_stage() {
        let parsed = dockerfile_syntax::parse(b"ARG A\n");
        let view = targets(&parsed.dockerfile, &SourceFile::new("Dockerfile", b"".as_slice()));
        assert_eq!(
            view.json,
            b"{\n  \"targets\": null,\n  \"sources\": [\n    \"\"\n  ]\n}"
        );
    }
}
