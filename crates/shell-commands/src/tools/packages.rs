//! Names of packages, and what stands beside them.

use super::Use;
use super::model::Versions;
use crate::flags::flag_value;
use crate::word::Word;

/// A package that a command names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package<'c, 'a> {
    /// Where it stands.
    pub word: &'c Word<'a>,
    /// What it is.
    pub kind: PackageKind,
    /// The name, without the version; up to the first expansion.
    pub name: &'c str,
    /// The sign in front of the version.
    pub sign: &'static str,
    /// The version, up to the first expansion, so that it is empty where a variable has it.
    pub version: Option<&'c str>,
}

/// What names a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageKind {
    /// Its name.
    Name,
    /// A group of packages: `@development`.
    Group,
    /// A folder or an archive.
    Path,
    /// An address to fetch it from.
    Url,
    /// A file that lists packages.
    List,
    /// A variable or a substitution, so there is no telling.
    Expanded,
}

/// Endings of archives of packages.
const ARCHIVES: [&str; 10] = [
    ".deb", ".rpm", ".apk", ".whl", ".gem", ".tgz", ".tar.gz", ".tar.zst", ".zip", ".nupkg",
];

pub(super) fn packages<'c, 'a>(
    found: &Use<'c, 'a>,
    words: impl Iterator<Item = &'c Word<'a>>,
) -> Vec<Package<'c, 'a>> {
    let tool = found.tool;
    let all_have = flag_value(found.operands, tool.version_flags).filter(|_| !tool.version_flags.is_empty());
    let mut packages: Vec<Package<'c, 'a>> = words
        .map(|word| {
            let mut package = package(word, tool.versions);
            if package.version.is_none() && package.kind == PackageKind::Name {
                package.version = all_have;
            }
            package
        })
        .collect();
    packages.extend(lists(found));
    packages.sort_by_key(|package| package.word.span.start);
    packages
}

/// The files that list packages.
fn lists<'c, 'a>(found: &Use<'c, 'a>) -> impl Iterator<Item = Package<'c, 'a>> {
    let flags = found.tool.lists;
    let mut is_next = false;
    let flagged = found.operands.iter().take_while(|word| word.prefix() != "--");
    flagged.filter_map(move |word| {
        let text = word.prefix();
        let name = if std::mem::take(&mut is_next) {
            text
        } else {
            is_next = flags.contains(&text);
            let flag = flags.iter().find(|flag| text.starts_with(**flag))?;
            let rest = text.strip_prefix(flag)?;
            let is_short = flag.len() == 2;
            rest.strip_prefix('=')
                .or(Some(rest).filter(|rest| is_short && !rest.is_empty()))?
        };
        Some(Package {
            word,
            kind: PackageKind::List,
            name,
            sign: "",
            version: None,
        })
    })
}

fn package<'c, 'a>(word: &'c Word<'a>, versions: Versions) -> Package<'c, 'a> {
    let text = word.prefix();
    let kind = kind(word, versions);
    let (name, sign, version) = match (kind, versions) {
        (PackageKind::Name, Versions::Signs(signs)) => split(text, signs),
        (PackageKind::Name, Versions::Dash) => split_dash(text),
        _ => (text, "", None),
    };
    Package {
        word,
        kind,
        name,
        sign,
        version,
    }
}

fn kind(word: &Word<'_>, versions: Versions) -> PackageKind {
    let text = word.prefix();
    if text.is_empty() && word.has_expansion() {
        return PackageKind::Expanded;
    }
    if text.contains("://") || text.starts_with("git@") {
        return PackageKind::Url;
    }
    let is_path = text.starts_with(['/', '~']) || matches!(text, "." | "..");
    let is_path = is_path || text.starts_with("./") || text.starts_with("../");
    if is_path || ARCHIVES.iter().any(|ending| text.ends_with(ending)) {
        return PackageKind::Path;
    }
    if versions == Versions::Dash && text.starts_with('@') {
        return PackageKind::Group;
    }
    PackageKind::Name
}

/// At the first sign that is not the first character, and the longest there.
fn split<'t>(text: &'t str, signs: &[&'static str]) -> (&'t str, &'static str, Option<&'t str>) {
    for (at, _) in text.char_indices().skip(1) {
        let rest = text.get(at..).unwrap_or_default();
        if let Some(sign) = signs.iter().find(|sign| rest.starts_with(**sign)) {
            let name = text.get(..at).unwrap_or_default();
            let version = rest.strip_prefix(sign).unwrap_or_default();
            return (name.trim_end(), sign, Some(version.trim_start()));
        }
    }
    (text, "", None)
}

/// At the first dash that a digit follows.
fn split_dash(text: &str) -> (&str, &'static str, Option<&str>) {
    let is_before_digit = |at: &usize| text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
    let dash = text.match_indices('-').map(|(at, _)| at).find(is_before_digit);
    match dash.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))) {
        Some((name, version)) => (name, "-", Some(version)),
        None => (text, "", None),
    }
}
