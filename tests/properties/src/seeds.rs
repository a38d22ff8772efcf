//! Inputs to begin with, of the cases in `tests/corpus`.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll_parity::{CaseFile, case_paths};
use serde_json::Value;

/// Inputs by the name of the property, in an order that stays the same.
pub type Seeds = BTreeMap<&'static str, Vec<Vec<u8>>>;

/// The seeds of a folder of cases.
///
/// # Errors
/// Fails where a case can't be read.
pub fn of_corpus(folder: &Path) -> Result<Seeds, String> {
    let mut seeds = Seeds::new();
    for (name, path) in case_paths(folder).map_err(|error| error.to_string())? {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
        let case = CaseFile::parse(&text).map_err(|error| format!("{name}: {error}"))?;
        add_case(&mut seeds, &case);
    }
    Ok(seeds)
}

fn add_case(seeds: &mut Seeds, case: &CaseFile) {
    let mut add = |property: &'static str, parts: &[&[u8]]| {
        seeds.entry(property).or_default().push(parts.join(&0xff));
    };
    let given = |name: &str| case.given.iter().find(|section| section.name == name);
    let content = |name: &str| {
        given(name)
            .map(|section| section.content.as_slice())
            .unwrap_or_default()
    };
    let (dockerfile, options) = (content("Dockerfile"), content("options"));
    let ignore = content(".dockerignore in context");
    let args = String::from_utf8_lossy(options).replace("build-arg:", "");
    let images = images(content("answers"));
    let config = images.first().map(Vec::as_slice).unwrap_or_default();
    add("parse", &[dockerfile]);
    add("compile", &[dockerfile, &[], ignore, config, args.as_bytes()]);
    add("daemon", &[dockerfile, options, ignore]);
    add("reference", &[dockerfile, &[], &[], args.as_bytes()]);
    add("options", &[options]);
    if !ignore.is_empty() {
        add("ignore", &[ignore, b"a\na/b\nsub/file.txt\n.git/config"]);
    }
    for line in dockerfile.split(|byte| *byte == b'\n') {
        if let Some(script) = line.strip_prefix(b"RUN ") {
            add("commands", &[script]);
        }
    }
    for config in &images {
        add("config", &[config]);
    }
    for word in dockerfile.split(|byte| byte.is_ascii_whitespace()) {
        if word.contains(&b'$') {
            add("expand", &[word]);
            add("reference", &[&[], &[], word]);
        }
        if word.windows(2).any(|pair| pair == b"<<") {
            add("heredoc", &[word, b"body\n\tof it\n"]);
        }
        if word.iter().any(|byte| b"/:@".contains(byte)) {
            add("references", &[word]);
        }
    }
    let world = crate::world::World::new(dockerfile);
    let parsed = dockerfile_syntax::parse(dockerfile);
    if let Ok(compiled) = crate::compile::run(&world, &parsed.dockerfile).outcome.value {
        add("definition", &[&compiled.definition.bytes()]);
        add("config", &[&compiled.image_config]);
    }
}

/// The image configs of a case's answers.
fn images(answers: &[u8]) -> Vec<Vec<u8>> {
    let answers: Value = serde_json::from_slice(answers).unwrap_or_default();
    let images = answers["images"].as_object().into_iter().flatten();
    images
        .filter_map(|(_, image)| image.get("config"))
        .map(|config| config.to_string().into_bytes())
        .collect()
}
