//! A case as a file: sections under headers `-- name --`, the text before the first says what the case shows.
//!
//! `tests/corpus/README.case` describes the format by example.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::bytes::encode;
use crate::escape::{escape, is_header, is_plain, unescape};
use crate::expectation::{Expectations, NAMES};

/// A part of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What stands between the dashes, without ` (escaped)`.
    pub name: String,
    /// The bytes, escapes undone.
    pub content: Vec<u8>,
}

/// A case, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFile {
    /// What the case shows.
    pub intro: String,
    /// Options, answers and files.
    pub given: Vec<Section>,
    /// What must come of it.
    pub expected: Expectations,
}

impl CaseFile {
    /// Reads a case.
    ///
    /// # Errors
    /// Fails on a malformed escape.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut case = Self::default();
        let mut current: Option<(String, String)> = None;
        for line in text.split_inclusive('\n') {
            let bare = line.trim_end_matches('\n');
            if is_header(bare) {
                case.add(current.take())?;
                let name = bare.trim_start_matches("-- ").trim_end_matches(" --");
                current = Some((name.to_owned(), String::new()));
            } else if let Some((_, content)) = &mut current {
                content.push_str(line);
            } else {
                case.intro.push_str(line);
            }
        }
        case.add(current)?;
        Ok(case)
    }

    fn add(&mut self, section: Option<(String, String)>) -> Result<(), String> {
        let Some((name, content)) = section else {
            return Ok(());
        };
        let (name, content) = match name.strip_suffix(" (escaped)") {
            Some(name) => (name.to_owned(), unescape(&content)?),
            None => (name, content.into_bytes()),
        };
        let section = Section { name, content };
        let kind = section.name.split(' ').next().unwrap_or_default();
        if NAMES.contains(&kind) && !section.name.contains(" in ") {
            self.expected.push(section);
        } else {
            self.given.push(section);
        }
        Ok(())
    }

    /// The case as text.
    #[must_use]
    pub fn format(&self) -> String {
        let mut out = self.intro.clone();
        for section in self.given.iter().chain(&self.expected) {
            let is_text = is_plain(&section.content);
            let mark = if is_text { "" } else { " (escaped)" };
            out.push_str(&format!("-- {}{mark} --\n", section.name));
            match is_text {
                true => out.push_str(&String::from_utf8_lossy(&section.content)),
                false => out.push_str(&escape(&section.content)),
            }
        }
        out
    }

    /// The request, with the given id.
    ///
    /// # Errors
    /// Fails where options or answers are malformed, and says how.
    pub fn request(&self, id: &str) -> Result<Value, String> {
        let mut request = Map::new();
        request.insert("any_image".to_owned(), json!(true));
        let mut locals: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        locals.insert("dockerfile".to_owned(), BTreeMap::new());
        locals.insert("context".to_owned(), BTreeMap::new());
        let mut options = Map::new();
        for section in &self.given {
            let text = String::from_utf8_lossy(&section.content);
            match section.name.as_str() {
                "options" => options = parse_options(&text)?,
                "answers" => request.extend(parse_answers(&text)?),
                name => {
                    let (path, local) = name.rsplit_once(" in ").unwrap_or((name, "dockerfile"));
                    let tree = locals.entry(local.to_owned()).or_default();
                    tree.insert(path.to_owned(), encode(&section.content));
                }
            }
        }
        request.insert("id".to_owned(), json!(id));
        request.insert("brief".to_owned(), json!(true));
        request.insert("locals".to_owned(), json!(locals));
        if !options.is_empty() {
            request.insert("opts".to_owned(), Value::Object(options));
        }
        Ok(Value::Object(request))
    }
}

fn parse_options(text: &str) -> Result<Map<String, Value>, String> {
    let option = |line: &str| {
        let (key, value) = line
            .split_once('=')
            .ok_or_else(|| format!("option {line:?} has no ="))?;
        Ok((key.to_owned(), json!(value)))
    };
    text.lines().filter(|line| !line.is_empty()).map(option).collect()
}

/// The answers: fields of a request. Text may stand as `text` where a request has base64.
fn parse_answers(text: &str) -> Result<Map<String, Value>, String> {
    let mut answers: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| format!("answers: {error}"))?;
    for download in answers
        .get_mut("http")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        if let Some(text) = download.1.as_object_mut().and_then(|one| one.remove("text")) {
            download.1["body"] = json!(encode(text.as_str().unwrap_or_default().as_bytes()));
        }
    }
    for repository in answers
        .get_mut("git")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        let texts = repository.1.as_object_mut().and_then(|one| one.remove("text"));
        for (path, text) in texts.as_ref().and_then(Value::as_object).into_iter().flatten() {
            repository.1["files"][path] = json!(encode(text.as_str().unwrap_or_default().as_bytes()));
        }
    }
    Ok(answers)
}
