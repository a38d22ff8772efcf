//! Ignore files, and paths held against them.

use dockerfile_syntax::Budget;
use dockerfile_syntax::ignore::{Matcher, parse};

use crate::bounds;
use crate::fields::Fields;

/// Patterns written again are the same ones, a path is ignored or not for all times, and where a folder is ignored and
/// nothing is taken back, what is in it is ignored, too.
///
/// The input is the file, and paths, a line each.
pub fn ignore(data: &[u8]) {
    let mut fields = Fields::new(data);
    let file = fields.bytes();
    let paths = fields.text();
    let Ok(patterns) = parse(file) else { return };
    assert_eq!(Ok(&patterns), parse(file).as_ref(), "read twice");
    bounds::check(
        "patterns",
        bounds::size(&patterns),
        file.len(),
        bounds::SMALL_TIMES,
    );
    check_print(&patterns);
    let Ok(matcher) = Matcher::new(&patterns, &Budget::new()) else {
        return;
    };
    let takes_back = patterns.iter().any(|pattern| pattern.trim().starts_with('!'));
    for path in paths.lines().take(50) {
        let ask = |path: &str| matcher.matches_or_parent_matches(path, &Budget::new());
        let found = ask(path);
        assert_eq!(found, ask(path), "asked twice");
        let is_plain = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if is_plain && !takes_back && found == Ok(true) {
            let inside = ask(&format!("{path}/inside"));
            assert_eq!(inside, Ok(true), "{path} in {patterns:?}");
        }
    }
}

/// Patterns with a blank before them are no comments. Blanks at their ends go away, and so does a slash before a name,
/// behind which another `!` may come to light.
fn check_print(patterns: &[String]) {
    let rest = |pattern: &str| pattern.strip_prefix('!').unwrap_or(pattern).to_owned();
    let is_kept = |pattern: &String| {
        let rest = rest(pattern);
        let is_name = !rest.starts_with(['/', '!']);
        is_name && rest.trim() == rest && pattern.trim() == pattern && !rest.contains('\n')
    };
    if !patterns.iter().all(is_kept) {
        return;
    }
    let text: String = patterns.iter().map(|pattern| format!(" {pattern}\n")).collect();
    match parse(text.as_bytes()) {
        Ok(again) => assert_eq!(again, patterns, "written and read again"),
        // The blank may be one too many.
        Err(error) => assert!(text.len() > 65_535, "{error}"),
    }
}
