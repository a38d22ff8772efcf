//! `lock`: what the sources of a Dockerfile are now, what they were, and what of it has moved.

mod ask;
mod changes;
mod policy;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use dockerfile_compile::lock::{Entry, FoundSource, Lock, LockInUse, SourceKind, image_name, platform_name};
use dockerfile_compile::{Answer, BuildOptions, ImageAnswer, ImageRequest, ImageStore, Reference, host};

use crate::Verdict;
use crate::arguments::LockArguments;
use crate::files::{self, Input};
use crate::images::Images;
use crate::options::Wanted;
use crate::output::{Failure, Output};
use crate::questions;
use crate::rounds::World;

pub(crate) use ask::ask;

/// What a lock has behind the name of its Dockerfile.
const SUFFIX: &str = ".lock";

/// Writes, checks or moves the lock of a file.
///
/// # Errors
/// Fails where the command line is malformed, or a file can't be read or written.
pub(crate) fn run(arguments: &LockArguments, output: &Output) -> Result<Verdict, Failure> {
    let input = files::one(&arguments.file.path)?;
    if arguments.policy {
        let (path, lock) = existing(&input)?;
        let policy = policy::print(&lock)
            .map_err(|problems| Failure::new(format!("{}: {}", path.display(), problems.join("; "))))?;
        return output.write(policy.as_bytes()).map(|()| Verdict::Clean);
    }
    let Some(sources) = &arguments.update else {
        return match arguments.check {
            true => check(arguments, &input, output),
            false => print(arguments, &input, output),
        };
    };
    update(arguments, &input, sources, output)
}

fn print(arguments: &LockArguments, input: &Input, output: &Output) -> Result<Verdict, Failure> {
    let lock = match look_up(arguments, input, None, output)? {
        Ok(lock) => lock,
        Err(refused) => return Ok(refused),
    };
    output.write(lock.print(&input.file_name()).as_bytes())?;
    Ok(tell_unlocked(&lock, output))
}

fn check(arguments: &LockArguments, input: &Input, output: &Output) -> Result<Verdict, Failure> {
    let (_, old) = existing(input)?;
    let now = match look_up(&on_platforms_of(arguments, &old), input, None, output)? {
        Ok(lock) => lock,
        Err(refused) => return Ok(refused),
    };
    let changes = changes::between(&old, &now);
    output.write(changes.concat().as_bytes())?;
    Ok(match (changes.is_empty(), tell_unlocked(&now, output)) {
        (true, verdict) => verdict,
        (false, _) => Verdict::Findings,
    })
}

fn update(
    arguments: &LockArguments,
    input: &Input,
    sources: &[String],
    output: &Output,
) -> Result<Verdict, Failure> {
    let path = lock_path(input)?;
    let old = match path.exists() {
        true => existing(input)?.1,
        false => Lock::default(),
    };
    let kept = match sources.is_empty() {
        true => None,
        false => Some(without(&old, sources)),
    };
    let arguments = match path.exists() {
        true => on_platforms_of(arguments, &old),
        false => arguments.clone(),
    };
    let now = match look_up(&arguments, input, kept, output)? {
        Ok(lock) => lock,
        Err(refused) => return Ok(refused),
    };
    check_names(&now, sources)?;
    fs::write(&path, now.print(&input.file_name()))
        .map_err(|error| Failure::new(format!("can't write {}: {error}", path.display())))?;
    output.write(changes::between(&old, &now).concat().as_bytes())?;
    Ok(tell_unlocked(&now, output))
}

/// Whether an entry is the source that the command line calls so: as its line does, or as images are called for short.
fn is_called(entry: &Entry, source: &str) -> bool {
    let is_image = || {
        let image = Reference::parse_normalized(source).map(Reference::or_latest);
        image.is_ok_and(|image| image.to_string() == entry.name)
    };
    entry.name == source || (entry.kind == SourceKind::Image && is_image())
}

/// The lock without these sources.
fn without(lock: &Lock, sources: &[String]) -> Lock {
    let mut kept = lock.clone();
    let is_kept = |entry: &Entry| !sources.iter().any(|source| is_called(entry, source));
    kept.entries.retain(is_kept);
    kept
}

/// Each source that the command line names has to be there.
fn check_names(now: &Lock, sources: &[String]) -> Result<(), Failure> {
    let is_there = |source: &&String| now.entries.iter().any(|entry| is_called(entry, source));
    match sources.iter().find(|source| !is_there(source)) {
        None => Ok(()),
        Some(source) => {
            let names: Vec<&str> = now.entries.iter().map(|entry| entry.name.as_str()).collect();
            Err(Failure::new(format!(
                "--update {source}: the Dockerfile has no such source; it has {}",
                names.join(", ")
            )))
        }
    }
}

/// The same for the platforms that a lock was written for, unless the command line names others.
fn on_platforms_of(arguments: &LockArguments, lock: &Lock) -> LockArguments {
    let mut arguments = arguments.clone();
    if arguments.build.platform.is_empty() {
        arguments.build.platform.clone_from(&lock.platforms);
    }
    arguments
}

fn lock_path(input: &Input) -> Result<PathBuf, Failure> {
    match &input.path {
        Some(path) => {
            let mut name = path.clone().into_os_string();
            name.push(SUFFIX);
            Ok(name.into())
        }
        None => Err(Failure::new(
            "a Dockerfile from standard input has no lock beside it: name the file",
        )),
    }
}

/// The lock beside a file.
fn existing(input: &Input) -> Result<(PathBuf, Lock), Failure> {
    let path = lock_path(input)?;
    let shown = path.display();
    let data = fs::read(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::new(format!(
            "there is no {shown}: write it with `plimsoll lock > {shown}`"
        )),
        _ => Failure::new(format!("can't read {shown}: {error}")),
    })?;
    let lock = Lock::parse(&data).map_err(|error| Failure::new(format!("{shown}:{error}")))?;
    Ok((path, lock))
}

/// Looks up what all stages read, on each platform; what `kept` has stays as it is there.
fn look_up(
    arguments: &LockArguments,
    input: &Input,
    kept: Option<Lock>,
    output: &Output,
) -> Result<Result<Lock, Verdict>, Failure> {
    let wanted = Wanted::parse(&arguments.build)?;
    let images = Images::new(&arguments.images, "registry")?;
    let world = World {
        input,
        wanted: &wanted,
        images: &images,
    };
    let kept = kept.map(|lock| {
        Arc::new(LockInUse {
            lock,
            filename: format!("{}{SUFFIX}", input.name),
            is_required: false,
        })
    });
    let mut found = Vec::new();
    for options in wanted.options(&input.source()) {
        let options = BuildOptions {
            target: None,
            all_stages: true,
            lists_sources: true,
            lock: kept.clone(),
            ..options
        };
        let compiled = match questions::compile(&world, &options, output)? {
            Ok((compiled, _)) => compiled,
            Err(refused) => return Ok(Err(refused)),
        };
        let platform = options.target_platform.clone().unwrap_or_else(host::platform);
        let name = platform_name(&platform);
        let mut sources = compiled.sources;
        if let Some(image) = &arguments.sbom {
            sources.extend(scanner(image, &images, &options, &name)?);
        }
        found.push((name, sources));
    }
    questions::remark(&images, output);
    Ok(Ok(Lock::of(&found)))
}

/// The image that makes the bill of materials; none where its name has a digest.
fn scanner(
    image: &str,
    images: &Images,
    options: &BuildOptions,
    platform: &str,
) -> Result<Option<FoundSource>, Failure> {
    let reference = Reference::parse_normalized(image).map(Reference::or_latest);
    let reference = reference.map_err(|error| Failure::new(format!("--sbom={image}: {error}")))?;
    let Some(name) = image_name(&reference) else {
        return Ok(None);
    };
    let kept = options.lock.as_ref();
    let kept = kept.and_then(|kept| kept.lock.pin(SourceKind::Image, &name, platform));
    let request = ImageRequest {
        reference: name.clone(),
        platform: options.build_platforms.first().cloned(),
        resolve_mode: options.image_resolve_mode,
        log_name: String::new(),
        store: ImageStore::Registry,
    };
    let look_up = || match images.look_up(&[&request], options).pop() {
        Some(Answer::Image(found)) => match &*found {
            ImageAnswer::Found { digest, .. } if !digest.is_empty() => Ok(digest.clone()),
            _ => Err("nobody told its digest".to_owned()),
        },
        Some(Answer::Failed(failure)) => Err(failure.message),
        _ => Err("nobody was asked".to_owned()),
    };
    Ok(Some(FoundSource {
        kind: SourceKind::Image,
        pin: kept.map_or_else(look_up, |pin| Ok(pin.to_owned())),
        name,
        line: "the SBOM scanner".to_owned(),
    }))
}

/// Says what could not be found out.
fn tell_unlocked(lock: &Lock, output: &Output) -> Verdict {
    let mut verdict = Verdict::Clean;
    for entry in &lock.entries {
        if let Err(why) = &entry.pin {
            output.fail(&format!(
                "{} {} is not locked: {why}",
                entry.kind.as_str(),
                entry.name
            ));
            verdict = Verdict::Findings;
        }
    }
    verdict
}
