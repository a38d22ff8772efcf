//! Platforms held against what containerd's parser says.
//!
//! `tests/data/platforms.txt` has a line for each text: the text, and either
//! `error` or the parsed fields, the short and the long form, and both of the
//! normalized platform.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use llb_graph::Platform;

/// The next text in quotes (as JSON writes it, which the table doesn't stretch).
fn quoted(line: &mut &str) -> String {
    let rest = line.trim_start().strip_prefix('"').unwrap();
    let (text, rest) = rest.split_once('"').unwrap();
    *line = rest;
    text.to_owned()
}

fn host() -> Platform {
    Platform::new("linux", "amd64")
}

#[test]
fn platforms_are_containerds() {
    for line in include_str!("data/platforms.txt").lines() {
        let mut rest = line;
        let text = quoted(&mut rest);
        let parsed = Platform::parse(&text, &host());
        if rest == " error" {
            let error = parsed.unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("invalid platform {text:?}: ")),
                "{error}"
            );
            continue;
        }
        let parsed = parsed.unwrap();
        let normal = parsed.normalize();
        let got = format!(
            "{:?} {:?} {:?} {:?} {:?} | {} {} | {} {}",
            parsed.os,
            parsed.architecture,
            parsed.variant,
            parsed.os_version,
            parsed.os_features.join(","),
            parsed.format(),
            parsed.format_all(),
            normal.format(),
            normal.format_all(),
        );
        assert_eq!(got, rest.trim_start(), "{text:?}");
    }
}

/// What a word leaves open comes from the host, and arm's variant with it.
#[test]
fn words_are_filled_up_from_the_host() {
    let arm = host().with_variant("v6");
    let arm = Platform {
        architecture: "arm".to_owned(),
        ..arm
    };
    assert_eq!(Platform::parse("linux", &arm).unwrap().format(), "linux/arm/v6");
    assert_eq!(Platform::parse("arm64", &arm).unwrap().format(), "linux/arm64");
    let v7 = arm.with_variant("v7");
    assert_eq!(Platform::parse("windows", &v7).unwrap().format(), "windows/arm");
    assert_eq!(Platform::default().format(), "unknown");
    assert_eq!(Platform::default().format_all(), "unknown");
}

#[test]
fn errors_say_what_to_write() {
    let error = |text: &str| Platform::parse(text, &host()).unwrap_err().to_string();
    assert!(error("amd46").contains("write os/arch, such as linux/amd64"));
    assert!(error("linux/amd64/v2/x").contains("more parts than os/arch/variant"));
    assert!(error("linux/a b").contains("\"a b\" may only have letters"));
    assert!(error("windows(%zz)/amd64").contains("'%' without two hex digits"));
}
