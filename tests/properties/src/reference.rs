//! Ours held against the reference: parsing and expansion, by what a small build of them comes to.

use std::cell::RefCell;
use std::path::Path;

use plimsoll_parity::compare::Scope;
use plimsoll_parity::held::{self, Report};
use plimsoll_parity::{Oracle, set_dockerfile};
use serde_json::json;

use crate::fields::Fields;
use crate::tokens;

thread_local! {
    static ORACLE: RefCell<Option<Oracle>> = const { RefCell::new(None) };
}

/// The reference makes of a Dockerfile what we make of it. Needs Go.
///
/// The input is the Dockerfile, how it is spelled, a word that variables are expanded in, and build arguments.
pub fn reference(data: &[u8]) {
    let mut fields = Fields::new(data);
    let file = fields.bytes();
    let is_spelled = fields.switches().flag();
    let mut text = match is_spelled {
        true => tokens::spell(file),
        false => file.to_vec(),
    };
    let word = fields.bytes();
    if !word.is_empty() {
        text.extend_from_slice(b"\nFROM scratch\nARG A=aXbaXb\nENV B=b C=\nLABEL word=");
        text.extend_from_slice(word);
        text.extend_from_slice(b"\nCOPY a /");
        text.extend_from_slice(word);
        text.push(b'\n');
    }
    let mut request = json!({
        "id": "made-up",
        "brief": true,
        "any_image": true,
        "locals": { "dockerfile": {}, "context": {} },
        "opts": {},
    });
    set_dockerfile(&mut request, &text);
    for line in fields.text().lines().take(20) {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        request["opts"][format!("build-arg:{key}")] = json!(value);
    }
    let compared = ORACLE.with_borrow_mut(|oracle| {
        let oracle = match oracle {
            Some(oracle) => oracle,
            None => oracle.insert(start()?),
        };
        held::batch(oracle, &[request], Scope::ALL, &mut Report::default())
    });
    match compared {
        Ok(failures) => {
            let told: String = failures.iter().map(ToString::to_string).collect();
            assert!(failures.is_empty(), "{told}");
        }
        Err(error) => assert_eq!(error, "", "the oracle fails"),
    }
}

fn start() -> Result<Oracle, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Oracle::start(&root, &root.join("target"), 1).map_err(|error| error.to_string())
}
