//! Platforms, and how people write them: as containerd does.

use std::error::Error;
use std::fmt;

use crate::collect;
use crate::proto;
use crate::wire::{elements, message, text};

/// What an image or a container is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// Such as `linux`.
    pub os: String,
    /// Such as `amd64`.
    pub architecture: String,
    /// Such as `v7`; often empty.
    pub variant: String,
    /// Such as `10.0.17763.1879`; of Windows.
    pub os_version: String,
    /// Such as `win32k`; of Windows.
    pub os_features: Vec<String>,
}

impl Platform {
    /// A platform by operating system and architecture.
    pub fn new(os: impl Into<String>, architecture: impl Into<String>) -> Self {
        Self {
            os: os.into(),
            architecture: architecture.into(),
            ..Self::default()
        }
    }

    /// The platform that this program is compiled for, on Linux: what a daemon on the same machine has.
    ///
    /// Known when the program is compiled, so equal on every machine that it runs on.
    pub fn of_this_program() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "x86" => "386",
            other => other,
        };
        Self::new("linux", architecture)
    }

    /// Sets the variant.
    #[must_use]
    pub fn with_variant(mut self, variant: impl Into<String>) -> Self {
        self.variant = variant.into();
        self
    }

    /// Reads `os`, `arch`, `os/arch` or `os/arch/variant`, where `os` may be
    /// `os(version+feature+feature)`. What a single word leaves open is `host`'s.
    pub fn parse(text: &str, host: &Platform) -> Result<Self, PlatformError> {
        let error = |reason| PlatformError {
            text: text.to_owned(),
            reason,
        };
        if text.contains('*') {
            return Err(error(Reason::Wildcard));
        }
        let parts: Vec<&str> = text.splitn(4, '/').collect();
        let mut platform = parse_os(parts[0], host).map_err(error)?;
        if let Some(part) = parts[1..].iter().find(|part| !is_component(part)) {
            return Err(error(Reason::Component((*part).to_owned())));
        }
        match parts.as_slice() {
            [_] if KNOWN_OS.contains(&platform.os.as_str()) => {
                platform.architecture.clone_from(&host.architecture);
                if host.architecture == "arm" && host.variant != "v7" {
                    platform.variant.clone_from(&host.variant);
                }
            }
            [only] => {
                platform.set_arch(only, "");
                platform.drop_v7();
                if !KNOWN_ARCH.contains(&platform.architecture.as_str()) {
                    return Err(error(Reason::Unknown));
                }
                platform.os.clone_from(&host.os);
            }
            [_, arch] => {
                platform.set_arch(arch, "");
                platform.drop_v7();
            }
            [_, arch, variant] => {
                platform.set_arch(arch, variant);
                if platform.architecture == "arm64" && platform.variant.is_empty() {
                    "v8".clone_into(&mut platform.variant);
                }
            }
            _ => return Err(error(Reason::TooManyParts)),
        }
        Ok(platform)
    }

    /// The one way to write the same platform: lower case, usual names, features
    /// sorted, and a variant only where it says something. An empty operating
    /// system becomes `linux`, where frontends run.
    #[must_use]
    pub fn normalize(&self) -> Self {
        let (architecture, variant) = normalize_arch(&self.architecture, &self.variant);
        let os_features = collect::set(self.os_features.iter().cloned());
        Self {
            os: match self.os.as_str() {
                "" => "linux".to_owned(),
                os => normalize_os(os),
            },
            architecture,
            variant,
            os_version: self.os_version.clone(),
            os_features: os_features.into_iter().collect(),
        }
    }

    /// The field with the platform of an op.
    pub(crate) fn field(&self) -> Vec<u8> {
        let mut out = Vec::new();
        message(&mut out, 10, |out| {
            text(out, 1, &self.architecture);
            text(out, 2, &self.os);
            text(out, 3, &self.variant);
            text(out, 4, &self.os_version);
            elements(out, 5, &self.os_features);
        });
        out
    }

    /// `os/arch[/variant]`, or `unknown` without an operating system.
    pub fn format(&self) -> String {
        if self.os.is_empty() {
            return "unknown".to_owned();
        }
        crate::path::join(&[&self.os, &self.architecture, &self.variant])
    }

    /// As [`format`](Self::format), with version and features in parentheses after
    /// the operating system.
    pub fn format_all(&self) -> String {
        if self.os.is_empty() {
            return "unknown".to_owned();
        }
        let features = collect::set(self.os_features.iter().map(String::as_str));
        let features = features.into_iter().filter(|feature| !feature.is_empty());
        let features: Vec<String> = features.map(encode_option).collect();
        let mut os = self.os.clone();
        if !self.os_version.is_empty() || !features.is_empty() {
            os.push('(');
            os.push_str(&encode_option(&self.os_version));
            if !features.is_empty() {
                os.push('+');
                os.push_str(&features.join("+"));
            }
            os.push(')');
        }
        crate::path::join(&[&os, &self.architecture, &self.variant])
    }

    fn set_arch(&mut self, architecture: &str, variant: &str) {
        (self.architecture, self.variant) = normalize_arch(architecture, variant);
    }

    /// `arm` alone means v7, and stays `arm` when it is written again.
    fn drop_v7(&mut self) {
        if self.architecture == "arm" && self.variant == "v7" {
            self.variant.clear();
        }
    }
}

impl From<&Platform> for proto::Platform {
    fn from(platform: &Platform) -> Self {
        Self {
            architecture: platform.architecture.clone(),
            os: platform.os.clone(),
            variant: platform.variant.clone(),
            os_version: platform.os_version.clone(),
            os_features: platform.os_features.clone(),
        }
    }
}

impl From<proto::Platform> for Platform {
    fn from(platform: proto::Platform) -> Self {
        Self {
            os: platform.os,
            architecture: platform.architecture,
            variant: platform.variant,
            os_version: platform.os_version,
            os_features: platform.os_features,
        }
    }
}

/// A text that is no platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformError {
    text: String,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Wildcard,
    Os(String),
    Component(String),
    EmptyFeature,
    Escape(String),
    Unknown,
    TooManyParts,
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid platform {:?}: ", self.text)?;
        match &self.reason {
            Reason::Wildcard => f.write_str("a platform can't have wildcards"),
            Reason::Os(part) => write!(
                f,
                "{part:?} is no operating system, such as linux or windows(10.0.17763)"
            ),
            Reason::Component(part) => write!(
                f,
                "{part:?} may only have letters, digits, '_', '.' and '-', and not be empty"
            ),
            Reason::EmptyFeature => f.write_str("it has an empty OS feature between '+'"),
            Reason::Escape(part) => write!(f, "{part:?} has a '%' without two hex digits"),
            Reason::Unknown => f.write_str(
                "it is no known operating system or architecture; write os/arch, such as linux/amd64",
            ),
            Reason::TooManyParts => f.write_str("it has more parts than os/arch/variant"),
        }
    }
}

impl Error for PlatformError {}

/// What Go's compiler and others call operating systems.
const KNOWN_OS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];

/// What Go's compiler and others call architectures.
const KNOWN_ARCH: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "ppc64",
    "ppc64le",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_component(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| is_word(byte) || byte == b'.')
}

/// `name` or `name(version+feature+feature)`.
fn parse_os(part: &str, host: &Platform) -> Result<Platform, Reason> {
    let bad = || Reason::Os(part.to_owned());
    let (name, options) = match part.split_once('(') {
        None => (part, ""),
        Some((name, rest)) => (name, rest.strip_suffix(')').ok_or_else(bad)?),
    };
    let is_option = |byte: u8| is_word(byte) || matches!(byte, b'.' | b'%' | b'+');
    if name.is_empty() || !name.bytes().all(is_word) || !options.bytes().all(is_option) {
        return Err(bad());
    }
    let (version, features) = match options.split_once('+') {
        None => (options, None),
        Some((version, features)) => (version, Some(features)),
    };
    let mut os_features = Vec::new();
    for feature in features.into_iter().flat_map(|features| features.split('+')) {
        match feature {
            "" => return Err(Reason::EmptyFeature),
            _ => os_features.push(decode_option(feature)?),
        }
    }
    Ok(Platform {
        os: normalize_os(name),
        os_version: decode_option(version)?,
        os_features,
        architecture: host.architecture.clone(),
        variant: String::new(),
    })
}

fn normalize_os(os: &str) -> String {
    match os.to_lowercase().as_str() {
        "macos" => "darwin".to_owned(),
        other => other.to_owned(),
    }
}

fn normalize_arch(architecture: &str, variant: &str) -> (String, String) {
    let (architecture, variant) = (architecture.to_lowercase(), variant.to_lowercase());
    let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
        ("x86_64" | "x86-64", variant) => ("amd64", variant),
        ("aarch64" | "arm64", "8" | "v8" | "v8.0") => ("arm64", ""),
        ("aarch64" | "arm64", "9" | "9.0" | "v9.0") => ("arm64", "v9"),
        ("aarch64", variant) => ("arm64", variant),
        ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
        ("armel", _) | ("arm", "6") => ("arm", "v6"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "8") => ("arm", "v8"),
        (architecture, variant) => (architecture, variant),
    };
    (architecture.to_owned(), variant.to_owned())
}

fn encode_option(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '%' => out.push_str("%25"),
            '+' => out.push_str("%2B"),
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            '/' => out.push_str("%2F"),
            other => out.push(other),
        }
    }
    out
}

fn decode_option(text: &str) -> Result<String, Reason> {
    let bad = || Reason::Escape(text.to_owned());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escaped)) = rest.split_once('%') {
        bytes.extend_from_slice(plain.as_bytes());
        let digits = escaped.get(..2).ok_or_else(bad)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(bad());
        }
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| bad())?);
        rest = &escaped[2..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).map_err(|_| bad())
}
