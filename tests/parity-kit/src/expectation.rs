//! What a case says must come of it.

use serde_json::Value;

use crate::bytes::decode;
use crate::case_file::Section;
use crate::compare::parse_definition;
use crate::escape::fold_runs;

/// Sections of a case, such as `llb` and `image`, in the order that they are written.
pub type Expectations = Vec<Section>;

/// Names of the sections that say what must come of a case; what follows a blank is free.
pub(crate) const NAMES: [&str; 9] = [
    "llb",
    "image",
    "metadata",
    "attestation",
    "result",
    "forwarded",
    "lookups",
    "warnings",
    "error",
];

/// What the answer to a request says, in the form of a case.
#[must_use]
pub fn expectations(request: &Value, answer: &Value) -> Expectations {
    let mut out = sections(answer);
    if request["session"] == "" {
        // Sources of no session have random names.
        for section in &mut out {
            let text = String::from_utf8_lossy(&section.content);
            let stays = |line: &&str| !line.trim_start().starts_with("local.unique:");
            section.content = text
                .split_inclusive('\n')
                .filter(stays)
                .collect::<String>()
                .into_bytes();
        }
    }
    out
}

fn sections(answer: &Value) -> Expectations {
    let mut out = Expectations::new();
    for key in ["panic", "bad_request"] {
        if let Some(message) = answer.get(key) {
            put(&mut out, "error", &format!("{key}: {message}"));
        }
    }
    forwards(&mut out, answer);
    let result = &answer["result"];
    for (key, reference) in result["refs"].as_object().into_iter().flatten() {
        if !result["metadata"]
            .get("result.json")
            .is_some_and(Value::is_string)
        {
            put(
                &mut out,
                &named("llb", key),
                &buildkit_llb::text::format(&parse_definition(reference)),
            );
        }
    }
    metadata(&mut out, &result["metadata"]);
    for (key, list) in result["attestations"].as_object().into_iter().flatten() {
        for one in list.as_array().into_iter().flatten() {
            attestation(&mut out, key, one);
        }
    }
    warnings(&mut out, answer);
    if let Some(error) = answer.get("error") {
        put(&mut out, "error", &error_text(error));
    } else if answer.get("result").is_none() {
        put(&mut out, "error", "the daemon is too old to be told of an error");
    }
    out
}

fn named(kind: &str, key: &str) -> String {
    format!("{kind} {key}").trim_end().to_owned()
}

fn put(out: &mut Expectations, name: &str, text: &str) {
    let mut text = fold_runs(text);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    out.push(Section {
        name: name.to_owned(),
        content: text.into_bytes(),
    });
}

fn forwards(out: &mut Expectations, answer: &Value) {
    for solve in answer["solves"].as_array().into_iter().flatten() {
        if let Some(frontend) = solve["frontend"].as_str() {
            let options = solve["opts"].as_object().into_iter().flatten();
            let options =
                options.map(|(key, value)| format!("{key}={}\n", value.as_str().unwrap_or_default()));
            put(
                out,
                &format!("forwarded to {frontend}"),
                &options.collect::<String>(),
            );
        }
    }
}

fn metadata(out: &mut Expectations, metadata: &Value) {
    let mut rest = String::new();
    for (key, value) in metadata.as_object().into_iter().flatten() {
        let bytes = decode(value);
        let text = String::from_utf8_lossy(&bytes);
        if let Some(platform) = key.strip_prefix("containerimage.config") {
            put(
                out,
                &named("image", platform.trim_start_matches('/')),
                &laid_out(&text),
            );
        } else if key.starts_with("result.") {
            let text = text.to_string();
            put(out, &named("result", key.trim_start_matches("result.")), &text);
        } else if key.starts_with("containerimage.base.config") {
            rest.push_str(&format!("{key}: {}\n", buildkit_llb::digest(&bytes)));
        } else {
            rest.push_str(&format!("{key}: {text}\n"));
        }
    }
    if !rest.is_empty() {
        put(out, "metadata", &rest);
    }
}

fn attestation(out: &mut Expectations, key: &str, one: &Value) {
    let mut text = String::new();
    for (field, value) in one.as_object().into_iter().flatten() {
        match value {
            Value::String(value) => text.push_str(&format!("{field}: {value}\n")),
            Value::Object(map) if field == "metadata" => {
                for (key, value) in map {
                    text.push_str(&format!("{key}: {}\n", String::from_utf8_lossy(&decode(value))));
                }
            }
            _ => {}
        }
    }
    text.push_str(&buildkit_llb::text::format(&parse_definition(&one["ref"])));
    put(out, &named("attestation", key), &text);
}

fn warnings(out: &mut Expectations, answer: &Value) {
    let list = answer["warnings"].as_array().into_iter().flatten();
    let text: String = list
        .map(|warning| format!("{}\n", warning["short"].as_str().unwrap_or_default()))
        .collect();
    if !text.is_empty() {
        put(out, "warnings", &text);
    }
}

fn error_text(error: &Value) -> String {
    let mut text = format!("{}\n", error["message"].as_str().unwrap_or_default());
    if error["code"] != 2 {
        text.push_str(&format!("code {}\n", error["code"]));
    }
    for source in error["sources"].as_array().into_iter().flatten() {
        let ranges = source["ranges"].as_array().into_iter().flatten();
        let lines: Vec<String> = ranges.map(|range| format!("{}-{}", range[0], range[2])).collect();
        text.push_str(&format!(
            "at {}:{}\n",
            source["filename"].as_str().unwrap_or_default(),
            lines.join(" ")
        ));
    }
    text
}

/// JSON over several lines, its tokens left as they are.
fn laid_out(json: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let chars: Vec<char> = json.chars().collect();
    for (index, &char) in chars.iter().enumerate() {
        if in_string {
            out.push(char);
            in_string = escaped || char != '"';
            escaped = !escaped && char == '\\';
            continue;
        }
        let next = chars.get(index + 1).copied().unwrap_or_default();
        let last = index
            .checked_sub(1)
            .and_then(|index| chars.get(index))
            .copied()
            .unwrap_or_default();
        match char {
            '{' | '[' => {
                depth += 1;
                out.push(char);
                if !matches!(next, '}' | ']') {
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !matches!(last, '{' | '[') {
                    line(&mut out, depth);
                }
                out.push(char);
            }
            ',' => {
                out.push(char);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            '"' => {
                in_string = true;
                out.push(char);
            }
            char => out.push(char),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}
