//! What sources are: images, downloads, repositories, folders of the client.

use std::collections::BTreeMap;

use llb_graph::{Platform, RawDefinition, digest, proto};
use plimsoll_frontend::gateway::{Code, Stat, Status, pb};
use prost::Message as _;

use crate::case::{Case, Failed, Image};
use crate::files::clean;

/// Stops images that point at one another.
const MAX_REDIRECTS: usize = 20;

impl Failed {
    fn status(&self) -> Status {
        Status::with_code(Code(self.code), self.message.clone())
    }
}

/// The entry of a table for a place, which may be written with its fragment or without.
fn lookup<'a, T>(table: &'a BTreeMap<String, T>, places: &[&str]) -> Option<&'a T> {
    let without = |place: &&str| place.split('#').next().and_then(|base| table.get(base));
    places
        .iter()
        .find_map(|place| table.get(*place))
        .or_else(|| places.iter().find_map(without))
}

fn attr<'a>(source: &'a proto::SourceOp, name: &str) -> &'a str {
    let found = source
        .attrs
        .iter()
        .find(|entry| entry.key.as_deref() == Some(name));
    found.and_then(|entry| entry.value.as_deref()).unwrap_or_default()
}

/// Fails where a graph has a source that the case declares broken.
pub(crate) fn check(case: &Case, definition: Option<&RawDefinition>) -> Result<(), Status> {
    let Some(definition) = definition else {
        return Ok(());
    };
    let ops = definition
        .decode()
        .and_then(|definition| definition.ops())
        .map_err(|error| Status::new(error.to_string()))?;
    for (_, op) in ops {
        let Some(proto::op::Op::Source(source)) = op.op else {
            continue;
        };
        let download = lookup(&case.http, &[&source.identifier]).and_then(|download| download.error.as_ref());
        let places = [attr(&source, "git.fullurl"), source.identifier.as_str()];
        let repository = lookup(&case.git, &places).and_then(|repository| repository.error.as_ref());
        if let Some(failed) = download.or(repository) {
            return Err(failed.status());
        }
    }
    Ok(())
}

/// The files of a source.
pub(crate) fn files(case: &Case, source: &proto::SourceOp) -> BTreeMap<String, Vec<u8>> {
    let tree = |tree: &crate::Tree| {
        tree.iter()
            .map(|(path, bytes)| (clean(path), bytes.0.clone()))
            .collect()
    };
    let (scheme, rest) = source.identifier.split_once("://").unwrap_or_default();
    match scheme {
        "local" => {
            let files = case.locals.get(rest).map(tree).unwrap_or_default();
            match attr(source, "local.metadatatransfer") {
                "true" => BTreeMap::from([(".fsutil-metadata".to_owned(), names_of(&files))]),
                _ => files,
            }
        }
        "http" | "https" => {
            let name = clean(attr(source, "http.filename"));
            let download = lookup(&case.http, &[&source.identifier]);
            download
                .map(|download| BTreeMap::from([(name, download.body.0.clone())]))
                .unwrap_or_default()
        }
        "git" => {
            let places = [attr(source, "git.fullurl"), source.identifier.as_str()];
            lookup(&case.git, &places)
                .map(|repository| tree(&repository.files))
                .unwrap_or_default()
        }
        _ => BTreeMap::new(),
    }
}

/// What a daemon keeps of a folder of which it was sent the names alone: each file's attributes behind their length.
fn names_of(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut list = Vec::new();
    for path in files.keys() {
        let stat = Stat {
            path: path.clone(),
            mode: 0o644,
            ..Stat::default()
        };
        let stat = stat.encode_to_vec();
        list.extend_from_slice(&u32::try_from(stat.len()).unwrap_or_default().to_le_bytes());
        list.extend_from_slice(&stat);
    }
    list
}

/// The answer to the newer lookup.
pub(crate) fn meta(
    case: &Case,
    mut source: proto::SourceOp,
    request: &pb::ResolveSourceMetaRequest,
) -> Result<pb::ResolveSourceMetaResponse, Status> {
    let mut response = pb::ResolveSourceMetaResponse::default();
    let scheme = source.identifier.split("://").next().unwrap_or_default();
    match scheme {
        "docker-image" | "oci-layout" => {
            let (identifier, image) = find_image(case, &source.identifier, request.platform.as_ref())?;
            source.identifier = identifier;
            response.image = image;
        }
        "http" | "https" => response.http = Some(download(case, &source)?),
        "git" => {
            let object = request.git.is_some_and(|git| git.return_object);
            response.git = Some(repository(case, &source, object)?);
        }
        _ => {}
    }
    response.source = Some(source);
    Ok(response)
}

/// The answer to the older lookup.
pub(crate) fn image_config(
    case: &Case,
    request: &pb::ResolveImageConfigRequest,
) -> Result<pb::ResolveImageConfigResponse, Status> {
    let scheme = if request.resolver_type == 1 {
        "oci-layout"
    } else {
        "docker-image"
    };
    let identifier = format!("{scheme}://{}", request.r#ref);
    let (identifier, image) = find_image(case, &identifier, request.platform.as_ref())?;
    let Some(image) = image else {
        let message = format!("ref mutated by policy to non-image: {identifier}");
        return Err(Status::with_code(Code::INVALID_ARGUMENT, message));
    };
    let reference = identifier
        .split_once("://")
        .map(|(_, rest)| rest.to_owned())
        .unwrap_or_default();
    Ok(pb::ResolveImageConfigResponse {
        digest: image.digest,
        config: image.config,
        r#ref: reference,
    })
}

/// Follows redirects; no image where they lead out of the registry.
fn find_image(
    case: &Case,
    identifier: &str,
    platform: Option<&proto::Platform>,
) -> Result<(String, Option<pb::ResolveSourceImageResponse>), Status> {
    let platform = platform
        .cloned()
        .map_or_else(|| case.default_platform(), Platform::from);
    let mut identifier = identifier.to_owned();
    for _ in 0..MAX_REDIRECTS {
        let (scheme, reference) = identifier.split_once("://").unwrap_or_default();
        if !matches!(scheme, "docker-image" | "oci-layout") {
            return Ok((identifier, None));
        }
        let Some(image) = case
            .images
            .get(&identifier)
            .or_else(|| case.images.get(reference))
        else {
            if case.any_image {
                let image = any_image(reference, &platform);
                return Ok((identifier, Some(image)));
            }
            return Err(Status::with_code(
                Code::NOT_FOUND,
                format!("{reference}: not found"),
            ));
        };
        let image = for_platform(image, &platform);
        if let Some(failed) = &image.error {
            return Err(failed.status());
        }
        if image.redirect.is_empty() {
            let config = match (&image.config, image.config_base64.0.as_slice()) {
                (Some(json), []) => json.get().as_bytes().to_vec(),
                (_, bytes) => bytes.to_vec(),
            };
            let digest = if image.digest.is_empty() {
                any_digest(reference, &platform)
            } else {
                image.digest.clone()
            };
            let found = pb::ResolveSourceImageResponse {
                digest,
                config: config.into(),
            };
            return Ok((identifier, Some(found)));
        }
        identifier.clone_from(&image.redirect);
    }
    Err(Status::with_code(
        Code::INVALID_ARGUMENT,
        format!("{identifier}: too many redirects"),
    ))
}

fn for_platform<'a>(image: &'a Image, platform: &Platform) -> &'a Image {
    let keys = [platform.format_all(), platform.normalize().format_all()];
    keys.iter()
        .find_map(|key| image.platforms.get(key))
        .unwrap_or(image)
}

fn any_digest(reference: &str, platform: &Platform) -> String {
    digest(format!("{reference}|{}", platform.format_all()).as_bytes())
}

/// The image that stands for every name where the case says so.
fn any_image(reference: &str, platform: &Platform) -> pb::ResolveSourceImageResponse {
    let Platform {
        os,
        architecture,
        variant,
        ..
    } = platform;
    let variant = if variant.is_empty() {
        String::new()
    } else {
        format!(r#""variant":"{variant}","#)
    };
    let config = format!(
        r#"{{"architecture":"{architecture}",{variant}"os":"{os}","config":{{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["/bin/sh"],"WorkingDir":"/"}},"rootfs":{{"type":"layers","diff_ids":["sha256:{:064}"]}},"history":[{{"created_by":"base"}}]}}"#,
        0
    );
    pb::ResolveSourceImageResponse {
        digest: any_digest(reference, platform),
        config: config.into(),
    }
}

fn download(case: &Case, source: &proto::SourceOp) -> Result<pb::ResolveSourceHttpResponse, Status> {
    let download = lookup(&case.http, &[&source.identifier]);
    let download = download.ok_or_else(|| Status::new("invalid response status 404"))?;
    if let Some(failed) = &download.error {
        return Err(failed.status());
    }
    let seconds = download.last_modified.as_deref().and_then(parse_rfc3339);
    Ok(pb::ResolveSourceHttpResponse {
        checksum: digest(&download.body.0),
        filename: attr(source, "http.filename").to_owned(),
        last_modified: seconds.map(|seconds| prost_types::Timestamp { seconds, nanos: 0 }),
    })
}

fn repository(
    case: &Case,
    source: &proto::SourceOp,
    object: bool,
) -> Result<pb::ResolveSourceGitResponse, Status> {
    let found = lookup(&case.git, &[attr(source, "git.fullurl"), &source.identifier]);
    let found = found.ok_or_else(|| Status::new("repository does not contain ref"))?;
    if let Some(failed) = &found.error {
        return Err(failed.status());
    }
    let fragment = source
        .identifier
        .split_once('#')
        .map(|(_, fragment)| fragment)
        .unwrap_or_default();
    let date = found.committer_date;
    let commit = format!(
        "tree {:040}\nauthor A <a@example.com> {date} +0000\ncommitter C <c@example.com> {date} +0000\n\nmessage\n",
        0
    );
    Ok(pb::ResolveSourceGitResponse {
        checksum: found.commit.clone(),
        r#ref: fragment.split(':').next().unwrap_or_default().to_owned(),
        commit_checksum: found.commit.clone(),
        commit_object: if object { commit.into() } else { Default::default() },
        ..pb::ResolveSourceGitResponse::default()
    })
}

/// Seconds since 1970 of `2024-05-06T07:08:09Z`; fractions are left out, and other zones are not understood.
fn parse_rfc3339(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time
        .split('.')
        .next()?
        .split(':')
        .map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    // Years that begin in March have their leap day last.
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = days + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(parse_rfc3339("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse_rfc3339("2024-02-29T12:30:01.5Z"), Some(1_709_209_801));
    }
}
