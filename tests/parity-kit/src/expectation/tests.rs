//! Whatever two answers differ in, their cases differ, too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;

use super::*;
use crate::{CaseFile, ours};

/// Cases with each kind of section that has a short form.
const CASES: [&str; 4] = [
    "README",
    "attestations/several-sources",
    "options/platforms-two",
    "run/mount/many-order",
];

fn request_and_sections(name: &str) -> (Value, Vec<Full>) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    let text = std::fs::read_to_string(corpus.join(format!("{name}.case"))).unwrap();
    let request = CaseFile::parse(&text).unwrap().request(name).unwrap();
    let full = sections(&ours::answer(&request.to_string()));
    (request, full)
}

/// What a case says of these sections.
fn said(sections: &[Full], request: &Value) -> String {
    let expected = shortened(sections, request);
    let case = CaseFile {
        expected,
        ..CaseFile::default()
    };
    case.format()
}

/// Texts that are almost this one: with a character less, a line less or twice or elsewhere, or another value.
/// Of lines that are `known` from elsewhere the characters stay.
fn almost(text: &str, known: &mut BTreeSet<String>) -> Vec<String> {
    // The lines of a text, or the parts of an image.
    let separator = if text.contains('\n') { '\n' } else { ',' };
    let parts: Vec<&str> = text.split_inclusive(separator).collect();
    let mut out = Vec::new();
    for at in 0..parts.len() {
        let part = parts[at];
        let with = |part: &str| [&parts[..at], &[part], &parts[at + 1..]].concat().concat();
        let (name, _) = part.split_once(':').unwrap_or((part, ""));
        out.extend([with(""), with(&part.repeat(2))]);
        out.extend(["absent", "usual"].map(|word| with(&format!("{name}: {word}{separator}"))));
        if let Some(next) = parts.get(at + 1) {
            out.push([&parts[..at], &[next, part], &parts[at + 2..]].concat().concat());
        }
        if known.insert(part.to_owned()) {
            for (at, char) in part.char_indices() {
                let (before, after) = (&part[..at], &part[at + char.len_utf8()..]);
                out.push(with(&format!("{before}{after}")));
            }
        }
    }
    out
}

#[test]
fn answers_that_differ_do_not_look_the_same() {
    let mut known = BTreeSet::new();
    let mut count = 0;
    for name in CASES {
        let (request, full) = request_and_sections(name);
        let mut seen = BTreeMap::new();
        let mut see = |sections: Vec<Full>| {
            let before = seen
                .entry(said(&sections, &request))
                .or_insert_with(|| sections.clone());
            assert_eq!(*before, sections, "{name}");
        };
        see(full.clone());
        for section in &full {
            see(full.iter().filter(|other| *other != section).cloned().collect());
            // Only beside a graph is anything usual for the image and the metadata.
            let graph = full
                .iter()
                .find(|other| other.kind() == "llb" && *other != section);
            for content in almost(&section.content, &mut known) {
                let name = section.name.clone();
                see(graph
                    .cloned()
                    .into_iter()
                    .chain([Full { name, content }])
                    .collect());
            }
        }
        count += seen.len();
    }
    assert!(count > 2_000, "only {count} answers");
}

/// A field that is gone is named, and so is one that moved: the section is written whole.
#[test]
fn what_is_missing_is_said() {
    let request = json!({});
    let full = |content: &str| Full {
        name: "image".to_owned(),
        content: content.to_owned(),
    };
    let image = concat!(
        r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:"#,
        "0000000000000000000000000000000000000000000000000000000000000000",
        r#""]},"history":[{"created_by":"base"},{"created_by":"x","comment":"buildkit.dockerfile.v0"}],"#,
        r#""config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"#,
        r#""Cmd":["/bin/sh"],"WorkingDir":"/"}}"#
    );
    let said = |image: &str| said(&[full(image)], &request);
    assert_eq!(said(image), "-- image --\nhistory:\n  - created_by: \"x\"\n");
    let without = image
        .replace(r#","WorkingDir":"/""#, "")
        .replace(r#"{"created_by":"base"},"#, "");
    assert_eq!(
        said(&without),
        "-- image --\nhistory:\n  - absent\n  - created_by: \"x\"\nconfig:\n  WorkingDir: absent\n"
    );
    let moved = image
        .replace(r#""os":"linux","#, "")
        .replace(r#"]},"h"#, r#"]},"os":"linux","h"#);
    assert!(said(&moved).starts_with("-- image (in full) --\n{\n  \"architecture\": \"amd64\",\n"));
}
