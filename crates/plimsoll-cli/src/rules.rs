//! `plimsoll rules`: the rules of `check`, and a page about each.

use std::fmt::Write as _;

use dockerfile_syntax::suggest;

use crate::Verdict;
use crate::output::{Failure, Output};

/// The names of all rules: the reference's, then advice.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let reference = dockerfile_compile::rule_docs().iter().map(|doc| doc.name());
    reference.chain(dockerfile_advice::rule_docs().map(|doc| doc.name()))
}

/// Lists the rules, or tells about one.
///
/// # Errors
/// Fails where there is no such rule or nothing can be written.
pub(crate) fn run(rule: Option<&str>, output: &Output) -> Result<Verdict, Failure> {
    let text = match rule {
        None => list(),
        Some(rule) => page(rule).ok_or_else(|| unknown(rule))?,
    };
    output.write(text.as_bytes()).map(|()| Verdict::Clean)
}

fn unknown(rule: &str) -> Failure {
    let names: Vec<&str> = names().collect();
    let hint = match suggest::nearest(rule, &names, false) {
        Some(near) => format!(" (did you mean {near}?)"),
        None => String::new(),
    };
    Failure::new(format!(
        "there is no rule `{rule}`{hint}; `plimsoll rules` lists them"
    ))
}

fn list() -> String {
    let reference = dockerfile_compile::rule_docs()
        .iter()
        .map(|doc| (doc.name(), doc.description()));
    let advice = dockerfile_advice::rule_docs().map(|doc| (doc.name(), doc.description()));
    let width = names().map(str::len).max().unwrap_or_default();
    let mut out = String::new();
    for (name, description) in reference.chain(advice) {
        // Writing to a string can't fail.
        let _ = writeln!(out, "{name:width$}  {description}");
    }
    out
}

/// What there is to know about a rule.
pub(crate) fn page(rule: &str) -> Option<String> {
    let reference = dockerfile_compile::rule_docs()
        .iter()
        .find(|doc| doc.name() == rule);
    if let Some(doc) = reference {
        let (bad, good) = (doc.bad(), doc.good());
        let mut out = format!("# {rule}\n\n{}.\n\n{}\n", doc.description(), doc.why());
        push_example(&mut out, "Found in", bad.dockerfile);
        push_example(&mut out, "In order", good.dockerfile);
        return Some(out);
    }
    dockerfile_advice::rule_docs()
        .find(|doc| doc.name() == rule)
        .map(dockerfile_advice::RuleDoc::page)
}

fn push_example(out: &mut String, title: &str, dockerfile: &str) {
    // Writing to a string can't fail.
    let _ = write!(out, "\n{title}:\n\n```dockerfile\n{dockerfile}```\n");
}
