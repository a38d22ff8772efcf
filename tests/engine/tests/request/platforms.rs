//! Several platforms in one build, and one that is asked for as if it were several.

use anyhow::{Context, Result, ensure};
use plimsoll_engine::{Build, OciImage, Output, layer};
use serde_json::Value;

use crate::common::{example, run};
use crate::fixture::{both, engine, project};

const TWO: &str = "linux/amd64,linux/arm64";

/// The machine field of an ELF file's header.
fn processor(program: &[u8]) -> Result<&'static str> {
    ensure!(program.starts_with(b"\x7fELF"), "no ELF file");
    match program.get(18..20) {
        Some([62, 0]) => Ok("amd64"),
        Some([183, 0]) => Ok("arm64"),
        other => anyhow::bail!("made for a processor with number {other:?}"),
    }
}

#[test]
fn the_example_has_a_program_for_each_processor() -> Result<()> {
    let engine = engine()?;
    let place = tempfile::tempdir()?;
    let tar = place.path().join("image.tar");
    let built = example(engine, "multi-platform")
        .opt("platform", TWO)
        .oci(&tar)
        .run_ok(engine)?;
    for architecture in ["amd64", "arm64"] {
        let image = OciImage::open_for(&tar, architecture)?;
        assert_eq!(image.config["architecture"], architecture);
        assert_eq!(image.files()?, ["harbour"]);
        image.unpack(&place.path().join(architecture))?;
        let program = std::fs::read(place.path().join(architecture).join("harbour"))?;
        assert_eq!(processor(&program)?, architecture);
        if architecture == layer::architecture() {
            let said = run(&image, &[])?.stdout;
            assert_eq!(said, format!("moored on linux/{architecture}\n"));
        }
    }
    // One compiler for both, and it ran twice, on this machine's processor.
    let own = layer::architecture();
    let compilers: Vec<&str> = built
        .record
        .vertices
        .iter()
        .map(|vertex| vertex.name.as_str())
        .filter(|name| name.contains("RUN --mount"))
        .collect();
    for other in ["amd64", "arm64"] {
        let stage = match other == own {
            true => format!("[linux/{own} build"),
            false => format!("[linux/{own}->{other} build"),
        };
        ensure!(
            compilers.iter().any(|name| name.starts_with(&stage)),
            "no {stage} in {compilers:?}"
        );
    }
    let files = std::fs::read_dir(crate::common::folder("multi-platform"))?.count();
    assert!(files >= 4);
    Ok(())
}

/// Pushes an image for two platforms that differ in one file.
fn push_base(name: &str) -> Result<()> {
    let folder = project(&[
        (
            "Dockerfile",
            "FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /which\nENV BASE=$TARGETARCH\n",
        ),
        ("amd64", "amd64\n"),
        ("arm64", "arm64\n"),
    ])?;
    let push = Build::new(folder.path())
        .reference()
        .opt("platform", TWO)
        .output(Output::Push(name.to_owned()));
    push.run_ok(engine()?)?;
    Ok(())
}

#[test]
fn from_takes_the_image_of_its_platform() -> Result<()> {
    let engine = engine()?;
    push_base("docker.io/test/base:platforms")?;
    let folder = project(&[(
        "Dockerfile",
        "FROM --platform=$BUILDPLATFORM test/base:platforms AS build\nARG BUILDARCH\nARG TARGETPLATFORM\nENV SEEN=$BUILDARCH-$TARGETPLATFORM\n\
         FROM --platform=linux/arm64 test/base:platforms AS arm\n\
         FROM test/base:platforms\nARG TARGETVARIANT\nARG TARGETOS\nCOPY --from=build /which /build\nCOPY --from=arm /which /arm\n\
         ENV OS=$TARGETOS\n",
    )])?;
    let outcome = both(
        folder.path(),
        |build| build.opt("platform", TWO),
        |build| {
            let place = tempfile::tempdir()?;
            let tar = place.path().join("image.tar");
            build.oci(&tar).run_ok(engine)?;
            let mut found = Vec::new();
            for architecture in ["amd64", "arm64"] {
                let image = OciImage::open_for(&tar, architecture)?;
                let root = place.path().join(architecture);
                image.unpack(&root)?;
                for file in ["which", "build", "arm"] {
                    found.push(std::fs::read_to_string(root.join(file))?.trim().to_owned());
                }
                found.push(image.list("Env").join(" "));
            }
            Ok(found)
        },
    )?;
    let own = layer::architecture();
    let expected = ["amd64", "arm64"].map(|target| {
        let env = format!(
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin BASE={target} OS=linux"
        );
        [target.to_owned(), own.to_owned(), "arm64".to_owned(), env]
    });
    assert_eq!(outcome, expected.concat());
    Ok(())
}

/// The platforms that the result's index names, with the attestations left out.
fn platforms(tar: &std::path::Path, architecture: &str) -> Result<Vec<String>> {
    let image = OciImage::open_for(tar, architecture)?;
    let mut names = Vec::new();
    for root in &image.roots {
        let text: Value = serde_json::from_slice(&std::fs::read(image.blob(&root.digest)?)?)?;
        let Some(manifests) = text["manifests"].as_array() else {
            names.push("no index".to_owned());
            continue;
        };
        for manifest in manifests {
            let platform = &manifest["platform"];
            let variant = platform["variant"].as_str().unwrap_or_default();
            let name = format!(
                "{}/{}/{variant}",
                platform["os"].as_str().context("no os")?,
                platform["architecture"].as_str().context("no architecture")?
            );
            names.push(name.trim_end_matches('/').to_owned());
        }
    }
    Ok(names)
}

#[test]
fn results_are_keyed_as_the_client_asks() -> Result<()> {
    let engine = engine()?;
    let folder = project(&[(
        "Dockerfile",
        "FROM scratch\nARG TARGETPLATFORM\nLABEL for=$TARGETPLATFORM\nCOPY Dockerfile /\n",
    )])?;
    let cases = [
        (&[("platform", "linux/arm64")][..], "arm64", &["no index"][..]),
        (
            &[("platform", "linux/arm64"), ("multi-platform", "true")],
            "arm64",
            &["linux/arm64"],
        ),
        (
            &[
                ("platform", "linux/arm64"),
                ("build-arg:BUILDKIT_MULTI_PLATFORM", "1"),
            ],
            "arm64",
            &["linux/arm64"],
        ),
        (&[("multi-platform", "true")], layer::architecture(), &["own"]),
        (
            &[("platform", "linux/arm/v7,linux/arm/v6,linux/arm64/v8,linux/386")],
            "arm64",
            &["linux/arm/v7", "linux/arm/v6", "linux/arm64", "linux/386"],
        ),
    ];
    for (options, architecture, expected) in cases {
        let seen = both(
            folder.path(),
            |build| {
                options
                    .iter()
                    .fold(build, |build, (key, value)| build.opt(key, value))
            },
            |build| {
                let place = tempfile::tempdir()?;
                let tar = place.path().join("image.tar");
                build.oci(&tar).run_ok(engine)?;
                let image = OciImage::open_for(&tar, architecture)?;
                Ok((
                    platforms(&tar, architecture)?,
                    image.config["config"]["Labels"].clone(),
                ))
            },
        )
        .with_context(|| format!("{options:?}"))?;
        let own = format!("linux/{}", layer::architecture());
        let expected: Vec<&str> = expected
            .iter()
            .map(|&name| if name == "own" { own.as_str() } else { name })
            .collect();
        assert_eq!(seen.0, expected, "{options:?}");
    }
    Ok(())
}

#[test]
fn two_platforms_are_no_single_result() -> Result<()> {
    let folder = project(&[("Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")])?;
    // This daemon reads the options before it starts a frontend's image, so the words are its own.
    crate::fixture::failures(folder.path(), |build| {
        build.opt("platform", TWO).opt("multi-platform", "false")
    })?;
    Ok(())
}
