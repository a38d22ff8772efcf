//! The properties hold for what the fuzzers found, for the corpus, and for damaged pieces of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::path::Path;

use plimsoll_parity::generate::Random;
use plimsoll_properties::{PROPERTIES, Property, seeds, tokens};

/// How many damaged inputs each property gets.
const DAMAGED: usize = 300;

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs one input, with its name where it fails.
fn hold(name: &str, property: Property, input: &[u8]) {
    let run = || property(input);
    if let Err(panic) = std::panic::catch_unwind(run) {
        let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        panic!("{name}: {text:.2000}\n{}", input.escape_ascii());
    }
}

#[test]
fn found_inputs() {
    let mut count = 0;
    for entry in std::fs::read_dir(folder().join("found")).unwrap() {
        let of_property = entry.unwrap().path();
        let name = of_property.file_name().unwrap().to_str().unwrap();
        let (_, property) = PROPERTIES
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("found/{name} is the name of no property"));
        for input in std::fs::read_dir(&of_property).unwrap() {
            let path = input.unwrap().path();
            hold(&path.to_string_lossy(), *property, &std::fs::read(&path).unwrap());
            count += 1;
        }
    }
    assert!(count > 0, "nothing was replayed");
}

#[test]
fn corpus_and_damaged() {
    let seeds = seeds::of_corpus(&folder().join("../corpus")).unwrap();
    for (number, (name, property)) in PROPERTIES.iter().enumerate() {
        let inputs = &seeds[name];
        assert!(inputs.len() > 5, "{name} has {} seeds", inputs.len());
        for input in inputs {
            hold(name, *property, input);
        }
        let mut random = Random::new(number as u64);
        for _ in 0..DAMAGED {
            let mut input = inputs[random.below(inputs.len())].clone();
            let other = &inputs[random.below(inputs.len())];
            damage(&mut random, &mut input, other);
            hold(name, *property, &input);
        }
    }
}

/// Changes an input a few times; `other` is one to take from.
fn damage(random: &mut Random, input: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() + 1);
        let end = (at + random.below(20)).min(input.len());
        match random.below(6) {
            0 => drop(input.splice(at..at, random.pick(&tokens::TOKENS).bytes())),
            1 => drop(input.splice(at..end, [])),
            2 => drop(input.splice(at..end, [0xff, random.number().to_le_bytes()[0]])),
            3 => drop(input.splice(
                at..end,
                other.iter().copied().skip(random.below(other.len() + 1)).take(30),
            )),
            4 => input.extend((0..random.below(20)).map(|_| random.number().to_le_bytes()[0])),
            _ => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = random.number().to_le_bytes()[0];
                }
            }
        }
    }
}

#[test]
fn the_dictionary_is_one() {
    let dictionary = tokens::dictionary();
    let words = tokens::TOKENS.len() + tokens::OTHERS.len();
    assert_eq!(dictionary.lines().count(), words);
    let quoted =
        |line: &str| line.len() > 2 && line.starts_with('"') && line.ends_with('"') && line.is_ascii();
    assert!(dictionary.lines().all(quoted), "{dictionary}");
    assert_eq!(tokens::spell(&[2, 21, 3, 0xf8]), b"\nFROM alpine\nRUN x");
}
