//! A Dockerfile, parsed.

use dockerfile_syntax::{Dockerfile, Instruction, InstructionKind, Meta, directive, parse as parse_file};

use crate::bounds;
use crate::places::Places;

/// A parsed file's places are inside the text, errors are in order, equal texts give equal files, and an instruction
/// written again by itself reads as the same one.
pub fn parse(data: &[u8]) {
    let parsed = parse_file(data);
    assert_eq!(parsed, parse_file(data), "parsed twice");
    bounds::check(
        "the parsed file",
        bounds::size(&parsed),
        data.len(),
        bounds::PARSED_TIMES,
    );
    let places = Places::new(data);
    let in_order = parsed
        .errors
        .is_sorted_by_key(|error| (error.lines.start, error.span.start));
    assert!(in_order, "errors in file order: {:?}", parsed.errors);
    if !data.is_empty() {
        for error in &parsed.errors {
            places.check_lines("an error", error.lines);
            places.check_span("an error", error.span);
            assert!(!error.to_string().is_empty());
        }
    }
    check_file(&places, &parsed.dockerfile);
    let directives = ["syntax", "escape", "check"].map(|name| directive::parse_directive(name, data));
    for found in directives.into_iter().flatten() {
        places.check_lines("a directive", found.lines);
    }
    let _ = directive::detect_syntax(data);
    for instruction in parsed.dockerfile.instructions() {
        check_print(parsed.dockerfile.escape, instruction);
    }
}

fn check_file(places: &Places, file: &Dockerfile) {
    for stage in &file.stages {
        check_meta(places, &stage.from.meta);
    }
    for instruction in file.instructions() {
        check_meta(places, &instruction.meta);
        if let InstructionKind::Copy(dockerfile_syntax::instruction::Copy { sources, .. })
        | InstructionKind::Add(dockerfile_syntax::instruction::Add { sources, .. }) = &instruction.kind
        {
            assert_eq!(sources.paths.len(), sources.path_spans.len());
            for span in sources.path_spans.iter().chain([&sources.dest_span]) {
                places.check_both("a path", instruction.meta.lines, *span);
            }
        }
    }
    if let Some(unreadable) = &file.unreadable {
        check_meta(places, &unreadable.meta);
    }
    let directives = &file.directives;
    for directive in [&directives.syntax, &directives.escape, &directives.check]
        .into_iter()
        .flatten()
    {
        places.check_both("a directive", directive.lines, directive.span);
    }
}

fn check_meta(places: &Places, meta: &Meta) {
    places.check_both("an instruction", meta.lines, meta.span);
    places.check_both("a keyword", meta.lines, meta.keyword_span);
    for span in meta.flag_spans.iter().chain(&meta.arg_spans) {
        places.check_both("a flag or an argument", meta.lines, *span);
    }
    if let Some(at) = meta.invalid_utf8 {
        places.check_both(
            "a byte that is no text",
            meta.lines,
            dockerfile_syntax::Span::new(at, at),
        );
    }
}

/// The instruction as a file of its own; `None` where its text alone does not say it: heredocs are elsewhere, and what
/// was continued may be too long for a line, or end like one that is continued.
fn print(escape: char, instruction: &Instruction) -> Option<Vec<u8>> {
    let meta = &instruction.meta;
    let is_line = meta.code.len() < 60_000 && !meta.code.contains('\n') && !meta.code.ends_with(escape);
    // A trigger keeps the blanks at its end, which are no part of the instruction's code.
    let ends_blank = |trigger: &String| trigger.ends_with(|c: char| c.is_whitespace());
    if matches!(&instruction.kind, InstructionKind::Onbuild(trigger) if ends_blank(trigger)) {
        return None;
    }
    if !is_line || meta.code.contains("<<") || meta.invalid_utf8.is_some() {
        return None;
    }
    let mut out = format!("# escape={escape}\n");
    if !matches!(instruction.kind, InstructionKind::Arg(_)) {
        out.push_str("FROM scratch\n");
    }
    for comment in &meta.comments {
        out.push_str(&format!("# {comment}\n"));
    }
    out.push_str(&meta.code);
    out.push('\n');
    Some(out.into_bytes())
}

fn check_print(escape: char, instruction: &Instruction) {
    let Some(text) = print(escape, instruction) else {
        return;
    };
    let again = parse_file(&text);
    assert_eq!(again.errors, [], "{}", String::from_utf8_lossy(&text));
    let kinds: Vec<&InstructionKind> = again.dockerfile.instructions().map(|one| &one.kind).collect();
    let same = |kind: &InstructionKind| without_spans(kind) == without_spans(&instruction.kind);
    let is_stable = matches!(kinds.as_slice(), [kind] if same(kind));
    assert!(
        is_stable,
        "{:?} printed and read again is {kinds:?}",
        instruction.kind
    );
}

/// The same wherever it stands.
fn without_spans(kind: &InstructionKind) -> InstructionKind {
    let mut kind = kind.clone();
    if let InstructionKind::Copy(dockerfile_syntax::instruction::Copy { sources, .. })
    | InstructionKind::Add(dockerfile_syntax::instruction::Add { sources, .. }) = &mut kind
    {
        sources.dest_span = dockerfile_syntax::Span::default();
        sources.path_spans.fill(dockerfile_syntax::Span::default());
    }
    kind
}
