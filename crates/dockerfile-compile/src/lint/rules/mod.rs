//! The rules, one file each: its name, its words, an example that is run, tests.
//!
//! A rule is a file here and a line in the list below. The order of the list is the order in which findings of one kind
//! come up.

use super::{Check, Example, Fact, Findings, Item, Rule, RuleDoc, did_you_mean};

macro_rules! rules {
    ($($module:ident)*) => {
        $(mod $module;)*

        /// Every rule.
        pub(super) const RULES: &[&Rule] = &[$(&$module::RULE),*];

        /// Every rule as a person reads about it.
        #[must_use]
        pub fn rule_docs() -> &'static [RuleDoc] {
            const DOCS: &[RuleDoc] = &[$($module::DOC),*];
            DOCS
        }
    };
}

rules! {
    no_empty_continuation
    stage_name_casing
    from_as_casing
    invalid_definition_description
    maintainer_deprecated
    reserved_stage_name
    duplicate_stage_name
    consistent_instruction_casing
    invalid_default_arg_in_from
    undefined_arg_in_from
    redundant_target_platform
    from_platform_flag_const_disallowed
    invalid_base_image_platform
    undefined_var
    legacy_key_value_format
    secrets_used_in_arg_or_env
    json_args_recommended
    multiple_instructions_disallowed
    workdir_relative_path
    copy_ignored_file
    expose_proto_casing
    expose_invalid_format
}

#[cfg(test)]
mod testing {
    use super::Rule;
    use crate::testing::run;

    /// Findings of `rule` on a file: first line and message.
    pub(super) fn findings(rule: &Rule, dockerfile: &str) -> Vec<(usize, String)> {
        findings_with(rule, dockerfile, "")
    }

    /// [`findings`] with an ignore file. They survive an error of the file.
    pub(super) fn findings_with(rule: &Rule, dockerfile: &str, ignore: &str) -> Vec<(usize, String)> {
        let run = run(dockerfile, ignore, None);
        run.warnings
            .into_iter()
            .filter(|warning| warning.rule == rule.name)
            .map(|warning| (warning.lines[0].start, warning.message))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::testing::findings_with;
    use super::*;
    use crate::testing::run;

    #[test]
    fn examples_do_what_they_say() {
        for doc in rule_docs() {
            let fires = |example: Example| findings_with(doc.rule, example.dockerfile, example.ignore).len();
            assert!(fires(doc.bad) > 0, "{} is silent on its bad example", doc.name());
            assert_eq!(fires(doc.good), 0, "{} fires on its good example", doc.name());
            let good = run(doc.good.dockerfile, doc.good.ignore, None).value;
            assert!(good.is_ok(), "{}: {good:?}", doc.name());
        }
    }

    #[test]
    fn pages_follow_names() {
        for rule in RULES.iter().filter(|rule| !rule.key.is_empty()) {
            let words: Vec<&str> = rule.key.split('-').collect();
            assert_eq!(words.concat(), rule.name.to_lowercase());
        }
        assert_eq!(RULES.iter().filter(|rule| rule.key.is_empty()).count(), 1);
        assert_eq!(RULES.iter().filter(|rule| rule.is_experimental).count(), 1);
    }
}
