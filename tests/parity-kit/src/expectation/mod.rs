//! What a case says must come of it: what differs from the usual, which is in `tests/corpus/default.txt`.

mod default;
mod section;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests;
mod tree;

use serde_json::Value;

use crate::bytes::decode;
use crate::case_file::Section;
use crate::compare::parse_definition;
use crate::escape::fold_runs;

/// Sections of a case, such as `llb` and `image`, in the order that they are written.
pub type Expectations = Vec<Section>;

/// Names of the sections that say what must come of a case; what follows a blank is free.
pub(crate) const NAMES: [&str; 10] = [
    "llb",
    "required",
    "image",
    "metadata",
    "attestation",
    "result",
    "forwarded",
    "lookups",
    "warnings",
    "error",
];

/// Marks the name of a section that the short form can't hold.
const IN_FULL: &str = " (in full)";

/// What the answer to a request says, in the form of a case.
#[must_use]
pub fn expectations(request: &Value, answer: &Value) -> Expectations {
    let mut full = sections(answer);
    if request["session"] == "" {
        // Sources of no session have random names.
        for section in &mut full {
            let stays = |line: &&str| !line.trim_start().starts_with("local.unique:");
            section.content = section.content.split_inclusive('\n').filter(stays).collect();
        }
    }
    shortened(&full, request)
}

/// A section, whole: of an image the JSON, of others the text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Full {
    name: String,
    content: String,
}

impl Full {
    fn kind(&self) -> &str {
        self.name.split(' ').next().unwrap_or_default()
    }

    /// All of it, as text for people.
    fn text(&self) -> String {
        match self.kind() {
            "image" => laid_out(&self.content) + "\n",
            _ => self.content.clone(),
        }
    }
}

/// The sections as they stand in a case. An image and metadata of which all is usual need no section.
fn shortened(full: &[Full], request: &Value) -> Expectations {
    let mut out = Expectations::new();
    let mut put = |name: &str, text: &str| {
        let content = fold_runs(text).into_bytes();
        let name = name.to_owned();
        out.push(Section { name, content });
    };
    let wanted = usual_sections(full);
    for section in full {
        let facts = section::facts(request, &section.name);
        let kind = match section.kind() {
            // Those of several platforms or of another frontend have nothing usual.
            "metadata" if !wanted.contains(&section.name) => "",
            kind => kind,
        };
        match section::short(kind, &section.content, &facts) {
            Some(short) if short.is_empty() && wanted.contains(&section.name) => {}
            Some(short) => put(&section.name, &short),
            None => put(&format!("{}{IN_FULL}", section.name), &section.text()),
        }
    }
    for name in wanted {
        if !full.iter().any(|section| section.name == name) {
            put(&name, "absent\n");
        }
    }
    out
}

/// The sections that go with graphs, unless another frontend made them.
fn usual_sections(full: &[Full]) -> Vec<String> {
    if full.iter().any(|section| section.kind() == "forwarded") {
        return Vec::new();
    }
    let graphs = full.iter().filter_map(|section| section.name.strip_prefix("llb"));
    let mut out: Vec<String> = graphs.map(|platform| format!("image{platform}")).collect();
    if full.iter().any(|section| section.name == "llb") {
        out.push("metadata".to_owned());
    }
    out
}

fn sections(answer: &Value) -> Vec<Full> {
    let mut out = Vec::new();
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
                &llb_graph::text::format(&parse_definition(reference)),
            );
        }
    }
    required(&mut out, answer);
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

fn put(out: &mut Vec<Full>, name: &str, text: &str) {
    let mut content = text.to_owned();
    if !content.ends_with('\n') {
        content.push('\n');
    }
    let name = name.to_owned();
    out.push(Full { name, content });
}

fn forwards(out: &mut Vec<Full>, answer: &Value) {
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

/// Graphs that are no part of the result, of which nothing is read, and that the daemon computes all the same.
fn required(out: &mut Vec<Full>, answer: &Value) {
    let refs = answer["result"]["refs"].as_object().into_iter().flatten();
    let results: Vec<&Value> = refs.map(|(_, reference)| &reference["digests"]).collect();
    for solve in answer["solves"].as_array().into_iter().flatten() {
        let is_needed = solve["evaluate"] == true && solve["reads"].is_null();
        if is_needed && !results.is_empty() && !results.contains(&&solve["digests"]) {
            put(
                out,
                "required",
                &llb_graph::text::format(&parse_definition(solve)),
            );
        }
    }
}

fn metadata(out: &mut Vec<Full>, metadata: &Value) {
    let mut rest = String::new();
    for (key, value) in metadata.as_object().into_iter().flatten() {
        let bytes = decode(value);
        let text = String::from_utf8_lossy(&bytes);
        if let Some(platform) = key.strip_prefix("containerimage.config") {
            let name = named("image", platform.trim_start_matches('/'));
            let content = text.into_owned();
            out.push(Full { name, content });
        } else if key.starts_with("result.") {
            let text = text.to_string();
            put(out, &named("result", key.trim_start_matches("result.")), &text);
        } else if key.starts_with("containerimage.base.config") {
            rest.push_str(&format!("{key}: {}\n", llb_graph::digest(&bytes)));
        } else {
            rest.push_str(&format!("{key}: {text}\n"));
        }
    }
    if !rest.is_empty() {
        put(out, "metadata", &rest);
    }
}

fn attestation(out: &mut Vec<Full>, key: &str, one: &Value) {
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
    text.push_str(&llb_graph::text::format(&parse_definition(&one["ref"])));
    put(out, &named("attestation", key), &text);
}

fn warnings(out: &mut Vec<Full>, answer: &Value) {
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
