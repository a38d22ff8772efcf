//! Findings of the linter to the client.

use buildkit_llb::proto;
use dockerfile_compile::{SourceFile, Warning};

use crate::gateway::{Bridge, Session, pb};

/// Sends warnings about `source`, to be shown at the vertex `vertex`.
///
/// A warning that can't be sent is no reason to fail a build; the log says so.
pub async fn send_warnings<B: Bridge>(
    session: &Session<'_, B>,
    source: &SourceFile,
    vertex: &str,
    warnings: &[Warning],
) {
    let info = source_info(source);
    for warning in warnings {
        let request = wire_warning(warning, vertex, &info);
        if let Err(error) = session.bridge().warn(request).await {
            tracing::warn!(%error, rule = warning.rule, "a warning could not be sent");
        }
    }
}

fn wire_warning(warning: &Warning, vertex: &str, info: &proto::SourceInfo) -> pb::WarnRequest {
    let line = warning.lines.first().map_or(0, |lines| lines.start);
    let mut short = format!("{}: {}", warning.rule, warning.message);
    if line > 0 {
        short.push_str(&format!(" (line {line})"));
    }
    pb::WarnRequest {
        digest: vertex.to_owned(),
        level: 1,
        short: short.into(),
        detail: vec![warning.description.into()],
        url: warning.url.clone(),
        info: Some(info.clone()),
        ranges: warning
            .lines
            .iter()
            .flat_map(|lines| (lines.start..=lines.end).map(wire_range))
            .collect(),
    }
}

fn wire_range(line: usize) -> proto::Range {
    let position = proto::Position {
        line: i32::try_from(line).unwrap_or(i32::MAX),
        character: 0,
    };
    proto::Range {
        start: Some(position),
        end: Some(position),
    }
}

fn source_info(source: &SourceFile) -> proto::SourceInfo {
    proto::SourceInfo {
        filename: source.filename.clone(),
        data: source.data.clone(),
        definition: source.definition.as_ref().map(proto::Definition::from),
        language: source.language.clone(),
    }
}
