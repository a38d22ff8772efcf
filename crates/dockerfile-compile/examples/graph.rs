//! Prints the graph that a Dockerfile becomes. Every image is taken to be there and to say nothing of itself; a frontend
//! asks its gateway for the configs instead.
//!
//! ```console
//! $ cargo run --example graph -- Dockerfile
//! ```

use std::error::Error;
use std::io::{Write as _, stdout};
use std::sync::Arc;
use std::{env, fs};

use dockerfile_compile::{
    Answer, Answers, BuildOptions, Compiled, IgnoreAnswer, ImageAnswer, Need, PairsAnswer, SourceFile, Step,
    compile,
};
use dockerfile_syntax::parse;
use llb_graph::text;

/// An image without layers would be taken for an empty base.
const CONFIG: &str = r#"{"os": "linux", "architecture": "amd64", "config": {}, "rootfs": {"type": "layers", "diff_ids": [
    "sha256:0000000000000000000000000000000000000000000000000000000000000000"
]}}"#;

/// Parses, then compiles as often as there are questions.
///
/// # Errors
/// Fails with what is wrong with the file.
pub fn compiled(name: &str, text: &[u8]) -> Result<Box<Compiled>, Box<dyn Error>> {
    let parsed = parse(text);
    if let Some(error) = parsed.errors.into_iter().next() {
        return Err(error.into());
    }
    let mut options = BuildOptions::new(SourceFile::new(name, text.to_vec()));
    options.session_id = "session".to_owned();
    let mut answers = Answers::new();
    loop {
        match compile(&parsed.dockerfile, &options, &answers).value? {
            Step::Done(compiled) => return Ok(compiled),
            Step::Needs(needs) => {
                for need in needs {
                    let answer = answer(&need);
                    answers.insert(need, answer);
                }
            }
        }
    }
}

fn answer(need: &Need) -> Answer {
    match need {
        Need::Image(request) => Answer::Image(Arc::new(ImageAnswer::Found {
            reference: request.reference.clone(),
            digest: String::new(),
            config: CONFIG.into(),
        })),
        Need::ContextIgnore | Need::LocalIgnore(_) => Answer::Ignore(Arc::new(IgnoreAnswer {
            filename: ".dockerignore".to_owned(),
            data: Vec::new(),
        })),
        Need::Input(_) => Answer::Input(None),
        Need::ContextFile(_) | Need::StageFile(_) => Answer::File(Arc::new(PairsAnswer::Missing)),
        Need::SourceTime(_) => Answer::SourceTime(None),
        Need::Pin(_) => Answer::Pin(Err("nothing was looked up".to_owned())),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    for name in env::args().skip(1) {
        let compiled = compiled(&name, &fs::read(&name)?)?;
        let definition = compiled.definition.decode()?;
        stdout().write_all(text::format(&definition).as_bytes())?;
    }
    Ok(())
}
