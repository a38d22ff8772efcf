//! Shell scripts, and what known tools do in them.

use shell_commands::{MOST_DEPTH, MOST_NODES, Script, parse};

use crate::fields::Fields;

/// Places are inside the text, on borders of characters and in order; levels are inside those around them; words are
/// where they say; the limits hold; and what is read twice is the same.
///
/// The input is the script.
pub fn commands(data: &[u8]) {
    let text = Fields::new(data).text();
    let script = parse(&text);
    assert_eq!(script, parse(&text), "read twice");
    assert!(script.commands.len() + script.levels.len() <= MOST_NODES + 2);
    check_levels(&text, &script);
    let mut last = 0;
    for command in &script.commands {
        let span = command.span.clone();
        assert!(text.get(span.clone()).is_some(), "{span:?}");
        assert!(last <= span.start && span.start < span.end, "{span:?}");
        last = span.start;
        let values = command.assignments.iter().map(|one| &one.value);
        for word in command.words.iter().chain(values) {
            assert_eq!(text.get(word.span.clone()), Some(word.raw));
            assert!(span.start <= word.span.start && word.span.end <= span.end);
            assert!(word.verbatim().is_none_or(|range| text.get(range).is_some()));
        }
        for redirect in &command.redirects {
            assert!(text.get(redirect.span.clone()).is_some());
            let body = redirect.body.clone();
            assert!(body.is_none_or(|body| text.get(body).is_some()));
        }
        assert!(script.pipeline(command).any(|one| one == command));
        assert!(script.levels_of(command).count() <= MOST_DEPTH + 1);
        if let Some(found) = command.tool() {
            let words = found.operands.len();
            assert!(found.packages().len() <= words, "{words} words");
            assert!(found.operands.len() <= found.arguments.len());
            for cache in found.tool.caches {
                let _ = found.cleans(cache);
            }
        }
    }
}

fn check_levels(text: &str, script: &Script<'_>) {
    for (index, level) in script.levels.iter().enumerate().skip(1) {
        assert!(text.get(level.span.clone()).is_some());
        let outer = &script.levels[level.place.level];
        assert!(level.place.level < index);
        assert!(outer.span.start <= level.span.start && level.span.end <= outer.span.end);
        assert!(
            level
                .command
                .is_none_or(|command| command < script.commands.len())
        );
    }
}
