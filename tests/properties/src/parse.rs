//! A Dockerfile, parsed.

use std::borrow::Cow;

use dockerfile_syntax::instruction::{CommandLine, KeyValue, Sources};
use dockerfile_syntax::{
    Dialect, Dockerfile, FromInstruction, Instruction, InstructionKind, LineRange, Meta, Word, directive,
    env_file, parse as parse_file,
};

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
    check_file(&places, data, &parsed.dockerfile);
    check_pairs(&places, data);
    let directives = ["syntax", "escape", "check"].map(|name| directive::parse_directive(name, data));
    for found in directives.into_iter().flatten() {
        places.check_lines("a directive", found.lines);
    }
    let _ = directive::detect_syntax(data);
    for instruction in parsed.dockerfile.instructions() {
        // One with an error stands there without what is wrong in it.
        let is_whole = |lines: &LineRange| {
            !parsed
                .errors
                .iter()
                .any(|error| lines.start <= error.lines.start && error.lines.start <= lines.end)
        };
        if is_whole(&instruction.meta.lines) {
            let file = &parsed.dockerfile;
            check_print((file.escape, file.dialect), instruction);
        }
    }
    assert_eq!(
        parsed.dockerfile.clone().into_owned(),
        parsed.dockerfile,
        "copied"
    );
}

/// As a file of pairs: what is read of it is in it, and what is wrong has a place in it.
fn check_pairs(places: &Places, data: &[u8]) {
    let read = env_file::parse(data);
    assert_eq!(read, env_file::parse(data), "read twice");
    match read {
        Ok(pairs) => {
            let size: usize = pairs.iter().map(|pair| pair.key.len() + pair.value.len()).sum();
            assert!(size <= data.len(), "{size} bytes of {}", data.len());
            assert!(pairs.iter().all(|pair| !pair.key.is_empty()));
        }
        Err(error) if error.position.line > 0 => {
            places.check_lines("a pair", LineRange::line(error.position.line));
        }
        Err(error) => {
            assert!(data.len() > env_file::FILE_BYTES || error.problem == env_file::Problem::TooMany);
        }
    }
}

fn check_file(places: &Places, data: &[u8], file: &Dockerfile<'_>) {
    for stage in &file.stages {
        check_meta(places, data, &stage.from.meta);
        check_words(places, data, &stage.from.meta, &words_of_from(&stage.from));
    }
    for instruction in file.instructions() {
        check_meta(places, data, &instruction.meta);
        check_words(places, data, &instruction.meta, &words(&instruction.kind));
    }
    if let Some(unreadable) = &file.unreadable {
        check_meta(places, data, &unreadable.meta);
        check_words(
            places,
            data,
            &unreadable.meta,
            &unreadable.words.iter().collect::<Vec<_>>(),
        );
    }
    let directives = &file.directives;
    for directive in [&directives.syntax, &directives.escape, &directives.check]
        .into_iter()
        .flatten()
    {
        places.check_both("a directive", directive.lines, directive.value.span);
    }
}

/// Words are where they say, and what is borrowed is what stands there, but for quotes around it.
fn check_words(places: &Places, data: &[u8], meta: &Meta<'_>, words: &[&Word<'_>]) {
    for word in words {
        places.check_both("a word", meta.lines, word.span);
        let written = data.get(word.span.start..word.span.end).unwrap_or_default();
        // A FROM that can't be read stands on nothing.
        let is_made_up = word.as_str() == "scratch";
        let is_borrowed = matches!(word.text, Cow::Borrowed(_)) && !word.is_empty() && !is_made_up;
        if is_borrowed && written.first() != Some(&b'"') {
            assert_eq!(written, word.as_bytes(), "a word that is borrowed");
        }
    }
}

fn words_of_from<'f>(from: &'f FromInstruction<'f>) -> Vec<&'f Word<'f>> {
    let named = from.platform.iter().chain(&from.name);
    std::iter::once(&from.base).chain(named).collect()
}

/// Every word of an instruction that an error can be about.
fn words<'k>(kind: &'k InstructionKind<'k>) -> Vec<&'k Word<'k>> {
    let sources = |sources: &'k Sources<'k>| {
        let contents = sources.contents.iter().map(|content| &content.path);
        sources.paths.iter().chain(contents).chain([&sources.dest])
    };
    let pair = |pair: &'k KeyValue<'k>| [&pair.key, &pair.value];
    match kind {
        InstructionKind::Add(add) => {
            let flags = add
                .chown
                .iter()
                .chain(&add.chmod)
                .chain(&add.checksum)
                .chain(&add.exclude);
            flags.chain(sources(&add.sources)).collect()
        }
        InstructionKind::Copy(copy) => {
            let flags = copy
                .from
                .iter()
                .chain(&copy.chown)
                .chain(&copy.chmod)
                .chain(&copy.exclude);
            flags.chain(sources(&copy.sources)).collect()
        }
        InstructionKind::Arg(items) => items
            .iter()
            .flat_map(|item| std::iter::once(&item.key).chain(&item.value))
            .collect(),
        InstructionKind::Env(pairs) | InstructionKind::Label(pairs) => pairs.iter().flat_map(pair).collect(),
        InstructionKind::Expose(words)
        | InstructionKind::Include(words)
        | InstructionKind::Require(words)
        | InstructionKind::Shell(words)
        | InstructionKind::Volume(words) => words.iter().collect(),
        InstructionKind::PairsFile(file) => std::iter::once(&file.path).chain(&file.from).collect(),
        InstructionKind::Maintainer(word)
        | InstructionKind::Onbuild(word)
        | InstructionKind::Stopsignal(word)
        | InstructionKind::User(word)
        | InstructionKind::Workdir(word) => vec![word],
        InstructionKind::Cmd(line) | InstructionKind::Entrypoint(line) => words_of_command(line),
        InstructionKind::Healthcheck(_) => Vec::new(),
        InstructionKind::Unset(unset) => std::iter::once(&unset.keyword).chain(&unset.names).collect(),
        InstructionKind::Run(run) => {
            let mounts = run.mounts.iter();
            let mut words: Vec<&Word<'_>> = mounts
                .flat_map(|mount| std::iter::once(&mount.text).chain(&mount.from))
                .collect();
            words.extend(run.devices.iter().map(|device| &device.name));
            words.extend(&run.caches);
            words.extend(words_of_command(&run.command));
            words
        }
    }
}

fn words_of_command<'k>(line: &'k CommandLine<'k>) -> Vec<&'k Word<'k>> {
    match line {
        // There is none.
        CommandLine::Shell(text) if text.is_empty() => Vec::new(),
        CommandLine::Shell(text) => vec![text],
        CommandLine::Exec(words) => words.iter().collect(),
    }
}

fn check_meta(places: &Places, data: &[u8], meta: &Meta<'_>) {
    check_words(places, data, meta, &[&meta.keyword]);
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
fn print((escape, dialect): (char, Dialect), instruction: &Instruction<'_>) -> Option<Vec<u8>> {
    let meta = &instruction.meta;
    let is_line = meta.code.len() < 60_000 && !meta.code.contains('\n') && !meta.code.ends_with(escape);
    // A trigger keeps the blanks at its end, which are no part of the instruction's code.
    let ends_blank = |trigger: &str| trigger.ends_with(|c: char| c.is_whitespace());
    if matches!(&instruction.kind, InstructionKind::Onbuild(trigger) if ends_blank(trigger)) {
        return None;
    }
    if !is_line || meta.code.contains("<<") || meta.invalid_utf8.is_some() {
        return None;
    }
    let head = match dialect {
        Dialect { is_on: false, .. } => "",
        Dialect { strict: true, .. } => "# plimsoll=1,strict\n",
        _ => "# plimsoll=1\n",
    };
    let mut out = format!("# escape={escape}\n{head}\n");
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

fn check_print(language: (char, Dialect), instruction: &Instruction<'_>) {
    let Some(text) = print(language, instruction) else {
        return;
    };
    let again = parse_file(&text);
    assert_eq!(again.errors, [], "{}", String::from_utf8_lossy(&text));
    let kinds: Vec<&InstructionKind<'_>> = again.dockerfile.instructions().map(|one| &one.kind).collect();
    let same = |kind: &InstructionKind<'_>| without_places(kind) == without_places(&instruction.kind);
    let is_stable = matches!(kinds.as_slice(), [kind] if same(kind));
    assert!(
        is_stable,
        "{:?} printed and read again is {kinds:?}",
        instruction.kind
    );
}

/// What it says, the same wherever it stands.
fn without_places(kind: &InstructionKind<'_>) -> String {
    let shown = format!("{kind:?}");
    let mut parts = shown.split("Span {");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    out
}
