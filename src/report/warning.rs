//! Findings of the linter to the client.

use dockerfile_compile::{SourceFile, Warning};
use dockerfile_syntax::LineRange;

use super::display::{safe_text, shortened};
use super::place::Place;
use crate::gateway::{Bridge, Session, pb};

/// How many findings are sent at most. The rest is counted.
pub const SHOWN_WARNINGS: usize = 100;
/// The longest text of a finding, in bytes.
const SHORT_BYTES: usize = 4 << 10;

/// Sends warnings about `source`, to be shown at the vertex `vertex`: the first [`SHOWN_WARNINGS`], and how many there
/// are beside them.
///
/// A warning that can't be sent is no reason to fail a build; the log says so.
pub async fn send_warnings<B: Bridge>(
    session: &Session<'_, B>,
    source: &SourceFile,
    vertex: &str,
    warnings: &[Warning],
) {
    let shown = &warnings[..warnings.len().min(SHOWN_WARNINGS)];
    let mut requests: Vec<_> = shown
        .iter()
        .map(|warning| wire_warning(warning, vertex, source, shown.len()))
        .collect();
    let more = warnings.len() - shown.len();
    if more > 0 {
        requests.push(pb::WarnRequest {
            digest: vertex.to_owned(),
            level: 1,
            short: format!("and {more} more findings; `docker build --check` lists them all").into(),
            ..pb::WarnRequest::default()
        });
    }
    for request in requests {
        if let Err(error) = session.bridge().warn(request).await {
            tracing::warn!(%error, "a warning could not be sent");
        }
    }
}

fn wire_warning(warning: &Warning, vertex: &str, source: &SourceFile, count: usize) -> pb::WarnRequest {
    let first = warning.lines.first().map(|lines| source.in_part(*lines));
    let (part, line) = first.map_or((0, 0), |(part, lines)| (part, lines.start));
    let own = warning.lines.iter().map(|lines| source.in_part(*lines));
    let own = own.filter(|(of, _)| *of == part);
    let lines: Vec<LineRange> = own.map(|(_, lines)| lines).collect();
    let file = source.part(part);
    let message = safe_text(&warning.message);
    let mut short = format!("{}: {}", warning.rule, shortened(&message, SHORT_BYTES));
    match part {
        0 if line > 0 => short.push_str(&format!(" (line {line})")),
        0 => {}
        _ => short.push_str(&format!(" ({}:{line})", safe_text(&file.filename))),
    }
    let place = Place::whole(&lines);
    pb::WarnRequest {
        digest: vertex.to_owned(),
        level: 1,
        short: short.into(),
        detail: vec![warning.description.into()],
        url: warning.url.clone(),
        info: Some(place.wire_info(&file, count)),
        ranges: place.wire_ranges(),
    }
}
