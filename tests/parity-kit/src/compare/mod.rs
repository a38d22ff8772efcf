//! Where two answers differ.
//!
//! Left out is what `docs/compatibility.md` lists under "What is not compared": the words of errors and warnings,
//! which graphs were read on the way, and what is random in the reference.

mod definition;
mod refusal;
mod text;
mod wire;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::bytes::{decode, dockerfile_of};
pub(crate) use definition::parse as parse_definition;
pub use text::{difference, shown};

/// A difference, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs, such as `result linux/amd64`.
    pub what: String,
    /// Lines of ours under `-` and of the reference's under `+`, or a sentence.
    pub detail: String,
}

impl Difference {
    fn new(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            detail: detail.into(),
        }
    }
}

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// Findings of the linter.
    pub warnings: bool,
    /// Graphs that the frontend had solved for itself, and lookups.
    pub calls: bool,
}

impl Scope {
    /// Everything.
    pub const ALL: Self = Self {
        warnings: true,
        calls: true,
    };
}

/// Whether the reference's answer tells nothing: it crashed.
#[must_use]
pub fn is_crash(answer: &Value) -> bool {
    answer.get("panic").is_some()
}

/// All differences between the answer of this frontend and that of the reference, the weightiest first.
#[must_use]
pub fn compare(request: &Value, ours: &Value, reference: &Value, scope: Scope) -> Vec<Difference> {
    for key in ["panic", "bad_request"] {
        if let Some(message) = ours.get(key) {
            return vec![Difference::new(format!("our {key}"), message.to_string())];
        }
    }
    if let Some(message) = reference.get("bad_request") {
        return vec![Difference::new("the request is malformed", message.to_string())];
    }
    let is_utf8 = std::str::from_utf8(&dockerfile_of(request)).is_ok();
    let (error, theirs) = (refusal(ours), refusal(reference));
    match (error, theirs) {
        (Some(_), Some(_)) => {
            let mut found = match ours.get("error") {
                None if !can_return(request) => Vec::new(),
                _ => refusal::compare(&ours["error"], &reference["error"]),
            };
            if scope.warnings {
                let passed_over = passed_over(&dockerfile_of(request), &ours["error"]);
                warnings(&mut found, ours, reference, Some(passed_over));
            }
            wire::wire(&mut found, reference, true);
            return found;
        }
        // What the reference does with such bytes differs from field to field.
        (Some(_), None) if !is_utf8 => return Vec::new(),
        (Some(error), None) => return vec![Difference::new("we refuse", error)],
        (None, Some(error)) => return vec![Difference::new("the reference refuses", error)],
        (None, None) => {}
    }
    let loose = request["session"] == json!("");
    let mut found = Vec::new();
    results(
        &mut found,
        &ours["result"],
        &reference["result"],
        (loose, is_utf8),
    );
    if scope.warnings {
        warnings(&mut found, ours, reference, None);
    }
    // What can't be built ends the reference sooner, as a refusal does.
    let ends_early = cannot_be_built(reference);
    if scope.calls && !ends_early {
        solves(&mut found, ours, reference, loose);
        lookups(&mut found, ours, reference);
    }
    // Where the graph differs its messages do, all over; only what is wrong with them by themselves is worth a word then.
    let differs = !found.is_empty() || ends_early;
    wire::wire(&mut found, reference, differs);
    found
}

/// Whether an answer is the linter's about a file that can't be built.
fn cannot_be_built(answer: &Value) -> bool {
    let json = decode(&answer["result"]["metadata"]["result.json"]);
    let json = serde_json::from_slice::<Value>(&json).unwrap_or_default();
    json["buildError"].is_object()
}

/// Whether the daemon of a request can be told of errors.
fn can_return(request: &Value) -> bool {
    let names = |list: &Value| {
        list.as_array()
            .is_some_and(|list| list.iter().any(|id| id == "return"))
    };
    let only = &request["frontend_caps_only"];
    !names(&request["frontend_caps_absent"]) && (only.is_null() || names(only))
}

/// Why there is no result.
fn refusal(answer: &Value) -> Option<String> {
    match answer.get("error") {
        Some(error) => Some(error.to_string()),
        None if answer.get("result").is_none() => {
            Some("without an error that the daemon could show".to_owned())
        }
        None => None,
    }
}

fn results(found: &mut Vec<Difference>, ours: &Value, reference: &Value, (loose, is_utf8): (bool, bool)) {
    let null = Value::Null;
    for key in keys(&ours["refs"], &reference["refs"]) {
        let (left, right) = (&ours["refs"][&key], &reference["refs"][&key]);
        if let Some(detail) = definition::compare(left, right, loose) {
            found.push(Difference::new(format!("result {key}"), detail));
        }
    }
    for key in keys(&ours["metadata"], &reference["metadata"]) {
        let left = ours["metadata"].get(&key).unwrap_or(&null);
        let right = reference["metadata"].get(&key).unwrap_or(&null);
        if key == "result.txt" {
            // Words for people.
        } else if left.is_null() != right.is_null() {
            let who = if left.is_null() {
                "the reference"
            } else {
                "this frontend"
            };
            found.push(Difference::new(
                format!("metadata {key}"),
                format!("only {who} has it"),
            ));
        } else if key.starts_with("containerimage.config") && !is_utf8 {
            // History quotes bytes that are no text in Go's way.
        } else if let Some(detail) = metadata(&key, left, right) {
            found.push(Difference::new(format!("metadata {key}"), detail));
        }
    }
    for key in keys(&ours["attestations"], &reference["attestations"]) {
        let (left, right) = (&ours["attestations"][&key], &reference["attestations"][&key]);
        attestations(found, &key, left, right, loose);
    }
}

fn attestations(found: &mut Vec<Difference>, key: &str, ours: &Value, reference: &Value, loose: bool) {
    let none = Vec::new();
    let (left, right) = (
        ours.as_array().unwrap_or(&none),
        reference.as_array().unwrap_or(&none),
    );
    if left.len() != right.len() {
        let detail = format!("{} of ours, {} of the reference", left.len(), right.len());
        found.push(Difference::new(format!("attestations {key}"), detail));
    }
    for (left, right) in left.iter().zip(right) {
        let without = |one: &Value| {
            let mut one = one.clone();
            one.as_object_mut().map(|one| one.remove("ref"));
            pretty(&one)
        };
        if without(left) != without(right) {
            let detail = difference(&without(left), &without(right));
            found.push(Difference::new(format!("attestation {key}"), detail));
        }
        if let Some(detail) = definition::compare_unordered(&left["ref"], &right["ref"], loose) {
            found.push(Difference::new(format!("attestation {key}"), detail));
        }
    }
}

/// A value of the result's metadata: its bytes, but of the answer to a question its meaning.
fn metadata(key: &str, ours: &Value, reference: &Value) -> Option<String> {
    let (left, right) = (decode(ours), decode(reference));
    if left == right || key == "result.txt" {
        return None;
    }
    let parse = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
    match (parse(&left), parse(&right)) {
        (Some(left), Some(mut right)) if key == "result.json" => {
            if right["buildError"].is_object() {
                refusal::count_from_one(&mut right);
            }
            let (mut left, right) = (wordless(left), wordless(right));
            forget_further_places(&mut left, &right);
            forget_further_findings(&mut left, &right);
            forget_further_questions(&mut left, &right);
            (left != right).then(|| difference(&pretty(&left), &pretty(&right)))
        }
        (Some(left), Some(right)) if left != right => Some(difference(&pretty(&left), &pretty(&right))),
        _ => {
            let [left, right] = [left, right].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            Some(format!("    - {left}\n    + {right}\n"))
        }
    }
}

/// Takes the places of the error that keeps a file from being built for the reference's, where these are among them: it
/// ends with its first error.
fn forget_further_places(ours: &mut Value, reference: &Value) {
    let ranges = |answer: &Value| {
        let list = answer["buildError"]["location"]["ranges"].as_array();
        list.cloned().unwrap_or_default()
    };
    let known = ranges(ours);
    let both = ours["buildError"].is_object() && reference["buildError"].is_object();
    if both && ranges(reference).iter().all(|range| known.contains(range)) {
        ours["buildError"]["location"] = reference["buildError"]["location"].clone();
    }
}

/// Takes out the findings that only ours has in a file that can't be built: it goes on behind the first error.
fn forget_further_findings(ours: &mut Value, reference: &Value) {
    let known = reference["warnings"].as_array().cloned().unwrap_or_default();
    if !reference["buildError"].is_object() {
        return;
    }
    if let Some(found) = ours.get_mut("warnings").and_then(Value::as_array_mut) {
        found.retain(|finding| known.contains(finding));
        if found.is_empty() {
            ours["warnings"] = reference["warnings"].clone();
        }
    }
}

/// Takes out of a list of questions those that only ours answers.
fn forget_further_questions(ours: &mut Value, reference: &Value) {
    let known: Vec<&Value> = reference
        .as_array()
        .into_iter()
        .flatten()
        .map(|question| &question["name"])
        .collect();
    if let Some(questions) = ours.as_array_mut() {
        questions.retain(|question| known.contains(&&question["name"]));
    }
}

/// The answer to a question without the words that are ours.
fn wordless(mut answer: Value) -> Value {
    for one in answer
        .get_mut("metadata")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        // Random with the reference.
        if let Some(group) = one.1.get_mut("progress_group").and_then(Value::as_object_mut) {
            group.remove("id");
        }
    }
    for list in ["args", "secrets", "ssh"] {
        if let Some(list) = answer.get_mut(list).and_then(Value::as_array_mut) {
            // The reference leaves those of one line in the order of a hash table.
            list.sort_by_cached_key(|one| {
                let line = one["location"]["ranges"][0]["start"]["line"].as_u64();
                (line, one["name"].as_str().map(str::to_owned))
            });
        }
    }
    // The list of questions; elsewhere descriptions are comments of the Dockerfile.
    for question in answer.as_array_mut().into_iter().flatten() {
        question
            .as_object_mut()
            .map(|question| question.remove("description"));
        for option in question
            .get_mut("opts")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            option.as_object_mut().map(|option| option.remove("description"));
        }
    }
    for warning in answer
        .get_mut("warnings")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        for word in ["description", "detail"] {
            warning.as_object_mut().map(|warning| warning.remove(word));
        }
    }
    if let Some(error) = answer.get_mut("buildError").and_then(Value::as_object_mut) {
        error.remove("message");
    }
    let sources = answer.get_mut("sources").and_then(Value::as_array_mut);
    for data in sources
        .into_iter()
        .flatten()
        .filter_map(|source| source.get_mut("data"))
    {
        // Clients print its lines.
        *data = shown(&decode(data)).into();
    }
    if let Some(list) = answer.get_mut("warnings").and_then(Value::as_array_mut) {
        list.sort_by_key(ToString::to_string);
    }
    answer
}

/// The line of an instruction that there is none, where it announces a heredoc. Ours passes over the heredoc's body; the
/// reference reads it as instructions.
fn passed_over(dockerfile: &[u8], error: &Value) -> u64 {
    let sources = error["sources"].as_array().into_iter().flatten();
    let ranges = sources.flat_map(|source| source["ranges"].as_array().into_iter().flatten());
    let announces = |number: &u64| {
        let index = usize::try_from(*number).unwrap_or_default().wrapping_sub(1);
        let line = dockerfile.split(|byte| *byte == b'\n').nth(index);
        line.is_some_and(|line| line.windows(2).any(|two| two == b"<<"))
    };
    let lines = ranges.filter_map(|range| range[0].as_u64()).filter(announces);
    lines.min().unwrap_or(u64::MAX)
}

/// Findings of the linter. Where both refuse the file the reference's are among ours, since it stops earlier; but for
/// those about continuations below the line `passed_over`.
fn warnings(found: &mut Vec<Difference>, ours: &Value, reference: &Value, passed_over: Option<u64>) {
    let lines = |answer: &Value| {
        let list = answer["warnings"].as_array().cloned().unwrap_or_default();
        let is_in_body = |warning: &Value| {
            let short = warning["short"].as_str().unwrap_or_default();
            let line = warning["ranges"][0][0].as_u64().unwrap_or_default();
            short.starts_with("NoEmptyContinuation") && passed_over.is_some_and(|above| line > above)
        };
        let list = list.iter().filter(|warning| !is_in_body(warning));
        let mut lines: Vec<String> = list.map(warning_line).collect();
        lines.sort();
        lines
    };
    let (mut left, right) = (lines(ours), lines(reference));
    if passed_over.is_some() {
        left.retain(|line| right.contains(line));
    }
    if left != right {
        found.push(Difference::new(
            "warnings",
            difference(&left.concat(), &right.concat()),
        ));
    }
}

fn warning_line(warning: &Value) -> String {
    let rule = warning["short"].as_str().unwrap_or_default();
    let rule = rule.split(':').next().unwrap_or_default();
    // A place at line 0 is none.
    let ranges = match &warning["ranges"] {
        nowhere if *nowhere == json!([[0, 0, 0, 0]]) => json!([]),
        ranges => ranges.clone(),
    };
    let part = |key: &str| warning.get(key).cloned().unwrap_or_default();
    format!(
        "{rule} {} level {} {} {} at {}\n",
        ranges,
        part("level"),
        part("url"),
        part("filename"),
        part("digest")
    )
}

/// Graphs and other frontends that were asked for. Their order is free where there are several platforms.
fn solves(found: &mut Vec<Difference>, ours: &Value, reference: &Value, loose: bool) {
    let list = |answer: &Value| {
        let list = answer["solves"].as_array().cloned().unwrap_or_default();
        let mut list: Vec<(String, Value)> = list.iter().map(|solve| solve_key(solve, loose)).collect();
        list.sort_by(|a, b| a.0.cmp(&b.0));
        list.dedup_by(|a, b| a.0 == b.0);
        list
    };
    let (left, right) = (list(ours), list(reference));
    let missing = |from: &[(String, Value)], of: &[(String, Value)]| -> Vec<(String, Value)> {
        let has = |key: &String| of.iter().any(|(other, _)| other == key);
        from.iter().filter(|(key, _)| !has(key)).cloned().collect()
    };
    let (mut only_left, only_right) = (missing(&left, &right), missing(&right, &left));
    // What ours asks for early and then finds that it does not need costs a daemon nothing.
    only_left.retain(|(_, solve)| solve["reads"].as_array().is_some_and(|reads| !reads.is_empty()));
    for index in 0..only_left.len().max(only_right.len()) {
        let (left, right) = (only_left.get(index), only_right.get(index));
        let value = |one: Option<&(String, Value)>| one.map(|one| one.1.clone()).unwrap_or_default();
        let detail = definition::compare_unordered(&value(left), &value(right), loose).unwrap_or_else(|| {
            let key = |one: Option<&(String, Value)>| one.map(|one| one.0.clone()).unwrap_or_default();
            difference(&key(left), &key(right))
        });
        found.push(Difference::new("a graph solved on the way", detail));
    }
}

fn solve_key(solve: &Value, loose: bool) -> (String, Value) {
    let mut rest = Map::new();
    let forwards = solve.get("frontend").is_some();
    for key in ["frontend", "opts", "cache_imports", "final"] {
        // A daemon reads options only to hand them to another frontend.
        if let Some(value) = solve.get(key).filter(|_| forwards || key != "opts") {
            rest.insert(key.to_owned(), value.clone());
        }
    }
    let inputs = solve["inputs"].as_object().cloned().unwrap_or_default();
    let inputs = inputs
        .iter()
        .map(|(name, input)| (name.clone(), definition::key(input, loose)));
    let inputs: Vec<(String, String)> = inputs.collect();
    let key = format!(
        "{}\n{}\n{inputs:?}",
        definition::key(solve, loose),
        pretty(&Value::Object(rest))
    );
    (key, solve.clone())
}

/// Images and sources that were looked up, each once.
fn lookups(found: &mut Vec<Difference>, ours: &Value, reference: &Value) {
    let lines = |answer: &Value| {
        let list = answer["resolves"].as_array().cloned().unwrap_or_default();
        // Folders of the client have no date to ask for.
        let is_local = |one: &Value| {
            one["identifier"]
                .as_str()
                .is_some_and(|id| id.starts_with("local://"))
        };
        let mut lines = BTreeSet::new();
        for one in list.iter().filter(|one| !is_local(one)) {
            let mut one = one.clone();
            if one["resolve_mode"] == "default" {
                one.as_object_mut().map(|one| one.remove("resolve_mode"));
            }
            lines.insert(format!("{one}\n"));
        }
        lines.into_iter().collect::<String>()
    };
    let (left, right) = (lines(ours), lines(reference));
    if left != right {
        found.push(Difference::new("lookups", difference(&left, &right)));
    }
}

fn keys(left: &Value, right: &Value) -> BTreeSet<String> {
    let of = |value: &Value| {
        value
            .as_object()
            .map(|map| map.keys().cloned().collect::<Vec<_>>())
    };
    of(left).into_iter().chain(of(right)).flatten().collect()
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
