//! A comment above a stage or argument that does not describe it (experimental).

use dockerfile_syntax::InstructionKind;

use super::{Check, Example, Item, Rule, RuleDoc};

pub(super) const RULE: Rule = Rule {
    name: "InvalidDefinitionDescription",
    description: "A comment right above a named FROM or an ARG describes it and begins with its name",
    key: "invalid-definition-description",
    is_experimental: true,
    check: Check::Instruction(check),
};

pub(super) const DOC: RuleDoc = RuleDoc {
    rule: &RULE,
    why: "A comment of the form `# NAME text` above a stage or an argument is its description: `docker buildx build --call=outline` and `--call=targets` show it. A comment that begins otherwise is lost on them. To write a comment that is no description, put an empty comment or line of code between.",
    bad: Example::new("# check=experimental=all\n\n# Here the program is built.\nFROM alpine AS build\n"),
    good: Example::new("# check=experimental=all\n\n# build compiles the program.\nFROM alpine AS build\n"),
};

fn check(item: Item<'_>) -> Option<String> {
    let last = item.meta().comments.last()?;
    let (keyword, names): (&str, Vec<&str>) = match item {
        Item::From(from) => ("FROM", from.name.as_deref().into_iter().collect()),
        Item::Other(instruction) => match &instruction.kind {
            InstructionKind::Arg(items) => ("ARG", items.iter().map(|item| item.key.as_str()).collect()),
            _ => return None,
        },
        Item::Unreadable(_) => return None,
    };
    let example = match names.as_slice() {
        [] => return None,
        [name] => name,
        _ => "NAME",
    };
    let first_word = last.split(' ').next().unwrap_or_default();
    (!names.contains(&first_word)).then(|| {
        format!("the comment above this {keyword} does not describe it: write `# {example} text`, or an empty `#` line below the comment")
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::findings;
    use super::*;

    const ON: &str = "# check=experimental=InvalidDefinitionDescription\n\n";

    fn lines(file: &str) -> Vec<usize> {
        let found = findings(&RULE, &format!("{ON}{file}"));
        found.into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn the_last_comment_counts() {
        assert_eq!(lines("# b is it\n# text\nFROM a AS b\n"), [5]);
        assert!(lines("# text\n# b is it\nFROM a AS b\n").is_empty());
        assert!(lines("# text\n#\nFROM a AS b\n").is_empty());
    }

    #[test]
    fn arguments_and_nameless_stages() {
        assert_eq!(lines("# text\nFROM a\n# B text\nARG A B\n# text\nARG C\n# text\nRUN x\n"), [8]);
    }

    #[test]
    fn off_by_default() {
        assert_eq!(findings(&RULE, "# text\nFROM a AS b\n"), []);
    }
}
