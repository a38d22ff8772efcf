//! Measures the compile core: from the text of a Dockerfile to the bytes of its definition, answers from memory.
//!
//! `compile DOCKERFILE SECONDS` compiles for so many seconds, at least twice, or once for 0 seconds, and prints one line of JSON,
//! `{"refused":…}` where the file is refused; `benches/reference` prints the same of the reference's own library. Beside that,
//! `floor_nanoseconds` is what no compiler gets below: SHA-256 of the operations that came out, and one copy of the message.

use std::env;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dockerfile_compile::{
    Answer, Answers, BuildOptions, Compiled, IgnoreAnswer, ImageAnswer, Need, SourceFile, Step, compile,
};
use llb_graph::{Bytes, Marshalled, Platform};
use serde_json::json;
use sha2::{Digest, Sha256};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// With a layer: a base that has none is left out of the graph.
const IMAGE_CONFIG: &str = r#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["/bin/sh"]},"rootfs":{"type":"layers","diff_ids":["sha256:0000000000000000000000000000000000000000000000000000000000000000"]},"history":[{"created_by":"base"}]}"#;

/// musl's allocator hands memory back to the kernel at every turn; this one keeps some.
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Of `docker.io/library/alpine:latest`, as if it were an image's.
const IMAGE_DIGEST: &str = "sha256:c9ef5b1f0b442255774ae31a839ff48ce1206a606a97052db8b4a13ae153fb7c";

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().ok_or("the Dockerfile to compile is missing")?;
    let limit: f64 = arguments.next().ok_or("the seconds are missing")?.parse()?;
    let data = Bytes::from(fs::read(file)?);
    let mut times = Vec::new();
    let mut spent = 0.0;
    let mut last = None;
    let least = if limit > 0.0 { 2 } else { 1 };
    while spent < limit || times.len() < least {
        let start = Instant::now();
        let compiled = match once(&data)? {
            Ok(compiled) => compiled,
            Err(refused) => return Ok(writeln!(io::stdout(), "{}", json!({ "refused": refused }))?),
        };
        let took = start.elapsed();
        spent += took.as_secs_f64();
        times.push(took.as_nanos());
        last = Some(compiled.definition);
    }
    let definition = last.ok_or("nothing was compiled")?;
    let peak = peak()?;
    let report = json!({
        "nanoseconds": times.iter().map(|time| u64::try_from(*time)).collect::<std::result::Result<Vec<_>, _>>()?,
        "peak_kib": peak,
        "floor_nanoseconds": u64::try_from(floor(&definition).as_nanos())?,
        "bytes": definition.parts().map(Bytes::len).sum::<usize>(),
        "operations": definition.count(),
        "digest": definition.head().map(|digest| digest.to_string()),
    });
    writeln!(io::stdout(), "{report}")?;
    Ok(())
}

/// One whole compilation, as the frontend does it: parse, then compile as often as there are rounds of questions. A file
/// that is refused gives the first error.
fn once(data: &Bytes) -> Result<std::result::Result<Box<Compiled>, String>> {
    let parsed = dockerfile_syntax::parse(data);
    // What could be read would compile without the rest.
    if let Some(error) = parsed.errors.first() {
        return Ok(Err(error.to_string()));
    }
    let options = options(data);
    let mut answers = Answers::new();
    loop {
        let step = compile(&parsed.dockerfile, &options, &answers).value;
        match step {
            Err(errors) => return Ok(Err(errors.first.to_string())),
            Ok(Step::Done(compiled)) => return Ok(Ok(compiled)),
            Ok(Step::Needs(needs)) => {
                for need in needs {
                    let answer = answer(&need)?;
                    answers.insert(need, answer);
                }
            }
        }
    }
}

/// Hashes what must be hashed and copies what must be written, once.
fn floor(definition: &Marshalled) -> Duration {
    let start = Instant::now();
    for op in definition.ops() {
        black_box(Sha256::digest(op));
    }
    let parts: Vec<&[u8]> = definition.parts().map(|part| &part[..]).collect();
    black_box(parts.concat());
    start.elapsed()
}

fn answer(need: &Need) -> Result<Answer> {
    match need {
        Need::Image(request) => Ok(Answer::Image(Arc::new(ImageAnswer::Found {
            reference: request.reference.clone(),
            digest: IMAGE_DIGEST.to_owned(),
            config: IMAGE_CONFIG.as_bytes().to_vec(),
        }))),
        Need::ContextIgnore => Ok(Answer::Ignore(Arc::new(IgnoreAnswer {
            filename: ".dockerignore".to_owned(),
            data: Vec::new(),
        }))),
        other => Err(format!("the benchmark's Dockerfile asks for more than images: {other:?}").into()),
    }
}

fn options(data: &Bytes) -> BuildOptions {
    let platform = Platform::new("linux", "amd64");
    BuildOptions {
        target_platform: Some(platform.clone()),
        build_platforms: vec![platform],
        unique_id: "unique".to_owned(),
        ..BuildOptions::new(SourceFile::new("Dockerfile", data.clone()))
    }
}

/// The largest resident size of this process so far, in KiB.
fn peak() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("/proc/self/status has no VmHWM")?.parse()?)
}
