//! The rules by group, each in a file of its own.

mod fast;
mod light;
mod safe;
mod sure;

use crate::rule::{Rule, RuleDoc};

/// Every rule; the groups in alphabetical order, as the rules in each.
pub(crate) fn rules() -> impl Iterator<Item = &'static Rule> {
    [fast::RULES, light::RULES, safe::RULES, sure::RULES]
        .into_iter()
        .flatten()
        .copied()
}

/// Every rule with what there is to read about it, sorted by name.
pub fn rule_docs() -> impl Iterator<Item = &'static RuleDoc> {
    [fast::DOCS, light::DOCS, safe::DOCS, sure::DOCS]
        .into_iter()
        .flatten()
        .copied()
}

#[cfg(test)]
mod testing {
    use dockerfile_compile::correct;

    use super::*;
    use crate::{Adviser, Selection, Triggers};

    /// What `rule` says of a file: line, the text marked, and the message.
    pub(super) fn findings(rule: &Rule, text: &str) -> Vec<(usize, String, String)> {
        let parsed = dockerfile_syntax::parse(text.as_bytes());
        assert_eq!(parsed.errors, [], "{text}");
        let triggers = Triggers::bytes(&parsed.dockerfile, text.as_bytes());
        let triggers = Triggers::read(&triggers);
        let adviser = Adviser::new(&parsed.dockerfile, text.as_bytes(), &triggers, None);
        let found = adviser.advise(&Selection::parse(rule.name).unwrap()).into_iter();
        let marked = |advice: &crate::Advice| advice.span.map(|span| text[span.start..span.end].to_owned());
        found
            .map(|advice| {
                (
                    advice.lines.start,
                    marked(&advice).unwrap_or_default(),
                    advice.message,
                )
            })
            .collect()
    }

    /// What `rule` marks in a file.
    pub(super) fn marked(rule: &Rule, text: &str) -> Vec<String> {
        findings(rule, text)
            .into_iter()
            .map(|(_, marked, _)| marked)
            .collect()
    }

    /// The file with all that `rule` finds mended.
    pub(super) fn mended(rule: &Rule, text: &str) -> String {
        let selection = Selection::parse(rule.name).unwrap();
        let fixed = correct(text.as_bytes(), |text| {
            let parsed = dockerfile_syntax::parse(text);
            let triggers = Triggers::bytes(&parsed.dockerfile, text);
            let triggers = Triggers::read(&triggers);
            let adviser = Adviser::new(&parsed.dockerfile, text, &triggers, None);
            adviser
                .advise(&selection)
                .iter()
                .filter_map(|advice| adviser.fix(advice))
                .collect()
        });
        String::from_utf8(fixed).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{findings, mended};
    use super::*;

    #[test]
    fn every_rule_has_a_page_and_they_are_sorted() {
        let rules: Vec<&str> = rules().map(|rule| rule.name).collect();
        let docs: Vec<&str> = rule_docs().map(RuleDoc::name).collect();
        assert_eq!(rules, docs);
        let mut sorted = rules.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(rules, sorted);
    }

    #[test]
    fn examples_do_what_they_say() {
        for doc in rule_docs() {
            let name = doc.name();
            assert_ne!(
                findings(doc.rule, doc.bad),
                [],
                "{name} is silent on its bad example"
            );
            assert_eq!(
                findings(doc.rule, doc.good),
                [],
                "{name} speaks on its good example"
            );
            let texts = [doc.description(), doc.why, doc.cost];
            assert!(texts.iter().all(|text| !text.is_empty()), "{name} lacks a text");
            for (_, _, message) in findings(doc.rule, doc.bad) {
                let mut letters = message.chars();
                let (first, second) = (letters.next().unwrap(), letters.next().unwrap());
                // A keyword is in capital letters throughout.
                let is_name = first.is_uppercase() && second.is_lowercase();
                let is_plain = !is_name && !message.ends_with('.');
                assert!(is_plain, "{name}: {message}");
            }
        }
    }

    #[test]
    fn bad_examples_are_mended() {
        for doc in rule_docs().filter(|doc| doc.has_fix()) {
            let text = mended(doc.rule, doc.bad);
            assert_eq!(findings(doc.rule, &text), [], "{}: {text}", doc.name());
        }
    }
}
