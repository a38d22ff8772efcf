//! The rules, one file each: its name, its words, an example that is run, tests.
//!
//! A rule is a file here and a line in the list below. The order of the list is the order in which findings of one kind
//! come up.

use super::fix::{Broken, Edit, Fix};
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

/// Mends a finding; not every one can be.
pub(super) type Mend = fn(Broken<'_>) -> Option<Fix>;

/// The rules whose findings can be mended. Apart from [`RULES`], so that the image, which mends nothing, goes without.
pub(super) const FIXES: &[(&Rule, Mend)] = &[
    (
        &consistent_instruction_casing::RULE,
        consistent_instruction_casing::fix,
    ),
    (&expose_proto_casing::RULE, expose_proto_casing::fix),
    (&from_as_casing::RULE, from_as_casing::fix),
    (&json_args_recommended::RULE, json_args_recommended::fix),
    (&legacy_key_value_format::RULE, legacy_key_value_format::fix),
    (&maintainer_deprecated::RULE, maintainer_deprecated::fix),
    (&no_empty_continuation::RULE, no_empty_continuation::fix),
    (&redundant_target_platform::RULE, redundant_target_platform::fix),
    (&stage_name_casing::RULE, stage_name_casing::fix),
    (&workdir_relative_path::RULE, workdir_relative_path::fix),
];

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

    /// The file with all findings of `rule` mended.
    fn mended(rule: &'static Rule, dockerfile: &str) -> String {
        let text = super::super::fix::correct(dockerfile.as_bytes(), |text| {
            let text = std::str::from_utf8(text).unwrap();
            let parsed = dockerfile_syntax::parse(text.as_bytes());
            let found = run(text, "", None).warnings.into_iter();
            let found = found.filter(|warning| warning.rule == rule.name);
            let fixes = found.filter_map(|warning| crate::fix(&parsed.dockerfile, text.as_bytes(), &warning));
            fixes.collect()
        });
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn bad_examples_are_mended() {
        let is_mended = |doc: &&RuleDoc| FIXES.iter().any(|(rule, _)| rule.name == doc.name());
        for doc in rule_docs().iter().filter(is_mended) {
            let text = mended(doc.rule, doc.bad.dockerfile);
            assert_eq!(findings_with(doc.rule, &text, ""), [], "{}: {text}", doc.name());
        }
    }

    /// A rule, a file, and what comes of it; nothing where a person must think.
    const MENDED: &[(&Rule, &str, Option<&str>)] = &[
        (
            &stage_name_casing::RULE,
            "FROM a AS B\nFROM B AS C\n",
            Some("FROM a AS b\nFROM B AS c\n"),
        ),
        (&from_as_casing::RULE, "from a \\\n  AS b\n", None),
        (
            &consistent_instruction_casing::RULE,
            "from a AS b\nrun x\nCOPY a b\n",
            Some("from a AS b\nrun x\ncopy a b\n"),
        ),
        (
            &consistent_instruction_casing::RULE,
            "From a as b\nRUN x\n",
            Some("FROM a AS b\nRUN x\n"),
        ),
        (&consistent_instruction_casing::RULE, "FROM a\nru\\\nn x\n", None),
        (
            &no_empty_continuation::RULE,
            "FROM a\nRUN x \\\n\n  \n# c\n\n y\n\nRUN z\n",
            Some("FROM a\nRUN x \\\n# c\n y\n\nRUN z\n"),
        ),
        (
            &redundant_target_platform::RULE,
            "FROM  --platform=${TARGETPLATFORM}  a AS b\n",
            Some("FROM  a AS b\n"),
        ),
        (
            &expose_proto_casing::RULE,
            "FROM a\nEXPOSE 3/UDP 1/tcp 2/Tcp\n",
            Some("FROM a\nEXPOSE 3/udp 1/tcp 2/tcp\n"),
        ),
        (
            &legacy_key_value_format::RULE,
            "FROM a\nENV A  b c $D\n",
            Some("FROM a\nENV A=\"b c $D\"\n"),
        ),
        (
            &legacy_key_value_format::RULE,
            "FROM a\nlabel a.b \"c d\"\n",
            Some("FROM a\nlabel a.b=\"c d\"\n"),
        ),
        (
            &legacy_key_value_format::RULE,
            "FROM a\nENV A b\n",
            Some("FROM a\nENV A=b\n"),
        ),
        (&legacy_key_value_format::RULE, "FROM a\nENV A it's\n", None),
        (
            &legacy_key_value_format::RULE,
            "FROM a\nENV A \"b\" \"c\"\n",
            None,
        ),
        (&legacy_key_value_format::RULE, "FROM a\nENV A b\\\n c\n", None),
        (
            &maintainer_deprecated::RULE,
            "FROM a\nmaintainer \"Jo <j@x>\"\n",
            Some("FROM a\nlabel org.opencontainers.image.authors=\"Jo <j@x>\"\n"),
        ),
        (
            &maintainer_deprecated::RULE,
            "FROM a\nMAINTAINER J \"$\" \\o\n",
            Some("FROM a\nLABEL org.opencontainers.image.authors=\"J \\\"\\$\\\" \\\\o\"\n"),
        ),
        (
            &json_args_recommended::RULE,
            "FROM a\nCMD my-app  --port 80\n",
            Some("FROM a\nCMD [\"my-app\", \"--port\", \"80\"]\n"),
        ),
        (&json_args_recommended::RULE, "FROM a\nCMD exec a\n", None),
        (&json_args_recommended::RULE, "FROM a\nCMD a $B\n", None),
        (
            &workdir_relative_path::RULE,
            "FROM a\nWORKDIR b/c\n",
            Some("FROM a\nWORKDIR /b/c\n"),
        ),
        (&workdir_relative_path::RULE, "FROM a\nWORKDIR ./b\n", None),
    ];

    #[test]
    fn fixes() {
        for (rule, before, after) in MENDED {
            let rule = RULES.iter().find(|known| known.name == rule.name).unwrap();
            assert_eq!(mended(rule, before), after.unwrap_or(before), "{before}");
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
