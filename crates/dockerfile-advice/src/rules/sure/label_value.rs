//! Values of the OCI's labels that are not what their keys promise.

use dockerfile_syntax::InstructionKind;

use crate::rule::{Findings, Rule, RuleDoc};
use crate::subject::Adviser;

/// What a value is to be.
#[derive(Clone, Copy)]
enum Form {
    Url,
    Time,
    License,
    Text,
}

/// The annotations of the OCI image specification that have a form.
const KEYS: [(&str, Form); 9] = [
    ("org.opencontainers.image.created", Form::Time),
    ("org.opencontainers.image.documentation", Form::Url),
    ("org.opencontainers.image.licenses", Form::License),
    ("org.opencontainers.image.revision", Form::Text),
    ("org.opencontainers.image.source", Form::Url),
    ("org.opencontainers.image.title", Form::Text),
    ("org.opencontainers.image.url", Form::Url),
    ("org.opencontainers.image.vendor", Form::Text),
    ("org.opencontainers.image.version", Form::Text),
];

pub(super) const RULE: Rule = Rule {
    name: "sure/label-value",
    description: "A label of the OCI's has a value of its form",
    check,
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Registries, scanners and update tools read these labels: `source` leads to the changelog, `created` to the age. With a value of another form they find nothing.",
    cost: "None.",
    bad: "FROM alpine:3.22\nLABEL org.opencontainers.image.source=\"me/app\" org.opencontainers.image.created=\"today\"\n",
    good: "FROM alpine:3.22\nLABEL org.opencontainers.image.source=\"https://example.com/me/app\" org.opencontainers.image.created=\"2026-01-31T12:00:00Z\"\n",
    fix: None,
    hadolint: &["DL3051", "DL3052", "DL3053", "DL3054"],
};

fn check(adviser: &Adviser<'_>, findings: &mut Findings) {
    for instruction in adviser.stages.iter().flat_map(|stage| stage.instructions) {
        let InstructionKind::Label(pairs) = &instruction.kind else {
            continue;
        };
        for pair in pairs {
            let known = KEYS
                .iter()
                .find(|(key, _)| pair.key.trim_matches(['"', '\'']) == *key);
            let value = pair.value.trim_matches(['"', '\'']);
            let Some((key, form)) = known.filter(|_| !value.contains('$')) else {
                continue;
            };
            if let Some(wanted) = fault(*form, value) {
                findings.push(&instruction.meta, pair.value.span, format!("`{key}` is {wanted}"));
            }
        }
    }
}

fn fault(form: Form, value: &str) -> Option<&'static str> {
    if value.is_empty() {
        return Some("empty: give it a value, or leave it out");
    }
    match form {
        Form::Url if !is_url(value) => Some("a URL: write `https://…`"),
        Form::Time if !is_time(value) => Some("a time as RFC 3339 has it: write `2026-01-31T12:00:00Z`"),
        Form::License if !is_license(value) => {
            Some("an SPDX license expression: write `Apache-2.0` or `MIT OR GPL-2.0-only`")
        }
        _ => None,
    }
}

/// SPDX's grammar: identifiers joined by `AND`, `OR` and `WITH`, with brackets around parts.
fn is_license(value: &str) -> bool {
    let mut depth = 0_i32;
    let mut is_operand = true;
    for word in value
        .replace('(', " ( ")
        .replace(')', " ) ")
        .split_ascii_whitespace()
    {
        match word {
            "(" if is_operand => depth += 1,
            ")" if !is_operand && depth > 0 => depth -= 1,
            "AND" | "OR" | "WITH" if !is_operand => is_operand = true,
            _ if is_operand
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b".-+:".contains(&byte)) =>
            {
                is_operand = false;
            }
            _ => return false,
        }
    }
    depth == 0 && !is_operand
}

fn is_url(value: &str) -> bool {
    value.split_once("://").is_some_and(|(scheme, rest)| {
        !scheme.is_empty()
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte))
            && !rest.is_empty()
            && !rest.contains(' ')
    })
}

/// `2026-01-31T12:00:00Z`, with parts of a second and another offset as one likes.
fn is_time(value: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let Some((start, rest)) = value.split_at_checked(FORM.len()) else {
        return false;
    };
    let fits = start.bytes().zip(FORM).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        form => byte == *form,
    });
    let offset = rest
        .strip_prefix('.')
        .map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let is_offset = |offset: &str| matches!(offset.as_bytes(), [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()));
    fits && (offset.eq_ignore_ascii_case("z") || is_offset(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for time in ["2026-01-31T12:00:00Z", "2026-01-31t12:00:00.123+01:00"] {
            assert!(is_time(time), "{time}");
        }
        for time in [
            "2026-01-31",
            "2026-01-31T12:00:00",
            "yesterday",
            "2026-01-31T12:00:00+1",
        ] {
            assert!(!is_time(time), "{time}");
        }
        for license in [
            "MIT",
            "Apache-2.0 OR (GPL-2.0-only WITH Classpath-exception-2.0)",
            "LicenseRef-own",
        ] {
            assert!(is_license(license), "{license}");
        }
        for license in ["Apache 2", "MIT,BSD", "(MIT", "MIT OR", "see LICENSE"] {
            assert!(!is_license(license), "{license}");
        }
        assert!(is_url("https://a/b") && !is_url("a/b") && !is_url("://a") && !is_url("https://a b"));
    }
}
