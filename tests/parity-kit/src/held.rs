//! Many requests held against the reference at once.

use std::collections::BTreeMap;
use std::fmt;
use std::thread;

use serde_json::Value;

use crate::compare::{Difference, Scope, compare, is_crash};
use crate::shrink::shrink;
use crate::{Oracle, dockerfile_of, generate, ours};

/// How many requests travel at once.
const BATCH: usize = 500;
/// How often the reference is asked again where it differs.
const ASKINGS: usize = 8;
/// After so many differences a run has told enough.
const ENOUGH: usize = 12;

/// What a run found.
#[derive(Debug, Default)]
pub struct Report {
    /// Requests that were compared.
    pub compared: usize,
    /// Of these, those that both refuse.
    pub refused: usize,
    /// Requests on which the reference crashed.
    pub crashed: usize,
    /// Messages that were held against one of the reference, by call.
    pub messages: BTreeMap<String, u64>,
    /// What differs, each with its request.
    pub failures: Vec<Failure>,
}

/// A request on which the two differ.
#[derive(Debug)]
pub struct Failure {
    /// The request, made small where it was made up.
    pub request: Value,
    /// What differs.
    pub differences: Vec<Difference>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failures {
            writeln!(f, "{failure}")?;
        }
        let Self {
            compared,
            refused,
            crashed,
            messages,
            failures,
        } = self;
        let differ = failures.len();
        let messages: Vec<String> = messages
            .iter()
            .map(|(call, count)| format!("{count} {call}"))
            .collect();
        writeln!(
            f,
            "messages held against the reference's: {}",
            messages.join(", ")
        )?;
        write!(
            f,
            "{compared} compared, {differ} differ; both refuse {refused}; the reference crashes on {crashed}"
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "==== {}", self.request["id"].as_str().unwrap_or_default())?;
        for (key, value) in self.request.as_object().into_iter().flatten() {
            if !matches!(key.as_str(), "id" | "brief" | "any_image" | "locals") {
                writeln!(f, "{key}: {value}")?;
            }
        }
        for (key, value) in self.request["locals"]["context"]
            .as_object()
            .into_iter()
            .flatten()
        {
            writeln!(f, "{key}: {value}")?;
        }
        let text = dockerfile_of(&self.request);
        let text = String::from_utf8_lossy(&text);
        for line in text.split_inclusive('\n') {
            writeln!(
                f,
                "  | {}",
                line.trim_end_matches('\n')
                    .escape_debug()
                    .to_string()
                    .replace("\\\"", "\"")
                    .replace("\\\\", "\\")
                    .replace("\\'", "'")
            )?;
        }
        for difference in &self.differences {
            write!(f, "{}: {}", difference.what, difference.detail)?;
            if !difference.detail.ends_with('\n') {
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

/// Makes up `count` requests from `seed` on and compares them; differences are made small, one of each kind.
///
/// # Errors
/// Fails where the oracle does.
pub fn random(oracle: &mut Oracle, seed: u64, count: u64, scope: Scope) -> Result<Report, String> {
    let mut report = Report::default();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let seeds: Vec<u64> = (seed..seed + count).collect();
    for seeds in seeds.chunks(BATCH) {
        let requests = made_up(seeds);
        let before = report.crashed;
        let failures = batch(oracle, &requests, scope, &mut report)?;
        if report.crashed - before == BATCH {
            return Err(format!(
                "the reference crashes on all of {BATCH} files, so the oracle can't start it any more"
            ));
        }
        for failure in failures {
            let first = failure.differences.first().map(kind).unwrap_or_default();
            let seen = kinds.entry(first).or_default();
            *seen += 1;
            if *seen <= 2 && report.failures.len() < ENOUGH {
                report.failures.push(smaller(oracle, &failure, scope)?);
            }
        }
        if report.failures.len() >= ENOUGH {
            break;
        }
    }
    Ok(report)
}

/// The requests of seeds, made by two threads.
fn made_up(seeds: &[u64]) -> Vec<Value> {
    let make = |seeds: &[u64]| {
        seeds
            .iter()
            .map(|&seed| generate::request(seed))
            .collect::<Vec<_>>()
    };
    let (front, back) = seeds.split_at(seeds.len() / 2);
    thread::scope(|scope| {
        let back = scope.spawn(move || make(back));
        let mut all = make(front);
        // A generator that panics leaves fewer requests; the count shows it.
        all.extend(back.join().unwrap_or_default());
        all
    })
}

/// Compares the requests of a file, one a line.
///
/// # Errors
/// Fails where the file can't be read or the oracle fails.
pub fn file(oracle: &mut Oracle, path: &str, scope: Scope) -> Result<Report, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let requests = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<Vec<Value>, _>>();
    let requests = requests.map_err(|error| format!("{path}: {error}"))?;
    let mut report = Report::default();
    report.failures = batch(oracle, &requests, scope, &mut report)?;
    Ok(report)
}

/// Compares requests and gives those that differ.
///
/// # Errors
/// Fails where the oracle does.
pub fn batch(
    oracle: &mut Oracle,
    requests: &[Value],
    scope: Scope,
    report: &mut Report,
) -> Result<Vec<Failure>, String> {
    let ours = thread::scope(|scope| {
        let (front, back) = requests.split_at(requests.len() / 2);
        let back = scope.spawn(move || ours_of(back));
        let mut all = ours_of(front);
        all.extend(back.join().map_err(|_| "a thread panicked".to_owned())?);
        Ok::<_, String>(all)
    })?;
    let lines: Vec<String> = ours.iter().map(|(_, line)| line.clone()).collect();
    let reference = oracle.answer(&lines).map_err(|error| error.to_string())?;
    let mut failures = Vec::new();
    for ((request, (ours, line)), reference) in requests.iter().zip(&ours).zip(&reference) {
        report.compared += 1;
        if is_crash(reference) && !is_crash(ours) {
            report.crashed += 1;
            continue;
        }
        for (call, count) in reference["wire"]["held"].as_object().into_iter().flatten() {
            *report.messages.entry(call.clone()).or_default() += count.as_u64().unwrap_or_default();
        }
        report.refused += usize::from(ours.get("error").is_some() && reference.get("error").is_some());
        let differences = compare(request, ours, reference, scope);
        if !differences.is_empty() && !is_chance(oracle, (request, line), ours, scope)? {
            let request = request.clone();
            failures.push(Failure { request, differences });
        }
    }
    Ok(failures)
}

/// Our answer to each request, and what the oracle is asked: the request, with the messages that we sent.
fn ours_of(requests: &[Value]) -> Vec<(Value, String)> {
    let one = |request: &Value| {
        let (answer, wire) = ours::answer_and_wire(&request.to_string());
        let mut asked = request.clone();
        asked["wire"] = wire;
        (answer, asked.to_string())
    };
    requests.iter().map(one).collect()
}

/// Whether the reference, which walks maps in random order, answers like us when it is asked again.
fn is_chance(
    oracle: &mut Oracle,
    (request, asked): (&Value, &str),
    ours: &Value,
    scope: Scope,
) -> Result<bool, String> {
    let lines = vec![asked.to_owned(); ASKINGS];
    let answers = oracle.answer(&lines).map_err(|error| error.to_string())?;
    let mut answers = answers.iter();
    Ok(answers.any(|reference| compare(request, ours, reference, scope).is_empty()))
}

/// What a difference is about, so that a run shows many and not one many times.
fn kind(difference: &Difference) -> String {
    let changed = difference.detail.lines().filter(|line| line.starts_with("    "));
    let words = changed
        .take(2)
        .map(|line| line.split(':').next().unwrap_or_default());
    let mut out = format!("{} {}", difference.what, words.collect::<String>());
    if difference.what.contains("refuse") {
        let text: String = difference
            .detail
            .chars()
            .filter(|char| char.is_ascii_lowercase())
            .collect();
        out.push_str(text.get(..30).unwrap_or_default());
    }
    out
}

fn smaller(oracle: &mut Oracle, failure: &Failure, scope: Scope) -> Result<Failure, String> {
    let wanted = failure
        .differences
        .first()
        .map(|one| one.what.clone())
        .unwrap_or_default();
    let mut problem = None;
    let mut last = None;
    let mut differs = |request: &Value| {
        let found = batch(
            oracle,
            std::slice::from_ref(request),
            scope,
            &mut Report::default(),
        );
        match found {
            Ok(mut failures) => {
                let found = failures
                    .pop()
                    .filter(|found| found.differences.first().is_some_and(|one| one.what == wanted));
                let differs = found.is_some();
                last = found.or(last.take());
                differs
            }
            Err(error) => {
                problem = Some(error);
                false
            }
        }
    };
    shrink(&failure.request, &mut differs);
    match (problem, last) {
        (Some(problem), _) => Err(problem),
        (None, Some(small)) => Ok(small),
        (None, None) => Ok(Failure {
            request: failure.request.clone(),
            differences: failure.differences.clone(),
        }),
    }
}
