//! The programs in `examples/` of the LLB crate: what they print builds, and gives what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use plimsoll_engine::Engine;
use plimsoll_engine::frontend_image::project;

const CRATE: &str = "crates/buildkit-llb";

/// A program, the arguments of its build, and the files that come out.
struct Example {
    name: &'static str,
    arguments: Vec<String>,
    files: &'static [(&'static str, &'static str)],
}

fn examples(folder: &Path) -> Result<Vec<Example>> {
    let token = folder.join("token");
    fs::write(&token, "secret\n")?;
    let context = folder.join("context");
    fs::create_dir(&context)?;
    for name in ["README.md", "draft.md", "old.md", "main.c"] {
        fs::write(context.join(name), name)?;
    }
    let example = |name, arguments: &[String], files| Example {
        name,
        arguments: arguments.to_vec(),
        files,
    };
    Ok(vec![
        example(
            "two_commands",
            &["--secret".to_owned(), format!("id=token,src={}", token.display())],
            &[("greeting", "hello world: a token of 7 bytes\n")],
        ),
        example(
            "files",
            &["--local".to_owned(), format!("context={}", context.display())],
            &[
                ("app/VERSION", "1.2.3\n"),
                ("app/bin/version", "1.2.3\n"),
                ("app/docs/README.md", "README.md"),
            ],
        ),
        example(
            "layers",
            &[],
            &[("here", "here\n"), ("opt/data", "data\n"), ("opt/tool", "tool\n")],
        ),
        example("compiler", &[], &[("one", "one\n"), ("two", "two\n")]),
    ])
}

#[test]
fn the_programs_of_the_llb_crate_build() -> Result<()> {
    let engine = Engine::shared()?;
    let place = tempfile::tempdir()?;
    let examples = examples(place.path())?;
    let names: BTreeSet<String> = examples
        .iter()
        .map(|example| format!("{}.rs", example.name))
        .collect();
    let mut there = BTreeSet::new();
    for entry in fs::read_dir(project().join(CRATE).join("examples"))? {
        there.insert(entry?.file_name().to_string_lossy().into_owned());
    }
    assert_eq!(names, there);
    for example in examples {
        let definition = definition_of(example.name)?;
        let out = place.path().join(example.name);
        build(engine, &example, definition, &out).with_context(|| format!("the example {}", example.name))?;
        let wanted = example
            .files
            .iter()
            .map(|&(path, text)| (path.to_owned(), text.to_owned()));
        assert_eq!(files(&out, "")?, wanted.collect(), "{}", example.name);
    }
    Ok(())
}

/// What the program prints.
fn definition_of(name: &str) -> Result<Vec<u8>> {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--manifest-path"])
        .arg(project().join(CRATE).join("Cargo.toml"))
        .args(["--example", name])
        .stdin(Stdio::null())
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the example {name} failed:\n{said}");
    Ok(output.stdout)
}

/// Pipes a definition to `buildctl build`, whose result goes to `out`.
fn build(engine: &Engine, example: &Example, definition: Vec<u8>, out: &Path) -> Result<()> {
    let input = out.with_extension("llb");
    fs::write(&input, definition)?;
    let mut command = engine.buildctl();
    command
        .args(["build", "--progress=plain"])
        .args(&example.arguments);
    command.arg(format!("--output=type=local,dest={}", out.display()));
    let output = command.stdin(fs::File::open(input)?).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the build failed:\n{said}");
    Ok(())
}

/// All files below a folder with their text, by path.
fn files(folder: &Path, below: &str) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            found.extend(files(&entry.path(), &format!("{path}/"))?);
        } else {
            found.insert(path, fs::read_to_string(entry.path())?);
        }
    }
    Ok(found)
}
