//! `EXPOSE` with an address or a port of the host.

use super::{Check, Example, Fact, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "ExposeInvalidFormat",
    description: "EXPOSE names ports of the container alone",
    key: "expose-invalid-format",
    is_experimental: false,
    check: Check::Fact(word),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "Which address and port of the host lead to the container is chosen when it is started (`docker run -p`); `EXPOSE` passes them over, and a later version of the language will refuse them.",
    bad: Example::new("FROM alpine\nEXPOSE 127.0.0.1:8080:80\n"),
    good: Example::new("FROM alpine\nEXPOSE 80\n"),
};

fn word(fact: &Fact) -> Option<String> {
    let Fact::ExposeInvalidFormat { port } = fact else { return None };
    let container = port.rsplit(':').next().unwrap_or_default();
    Some(format!(
        "`{port}` names an address or port of the host, which EXPOSE passes over: write `EXPOSE {container}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    #[test]
    fn addresses_and_host_ports() {
        assert_eq!(findings(&RULE, "FROM a\nEXPOSE 80:80 [::1]::90 70\n").len(), 2);
    }
}
