//! Findings of the linter to the client.

use dockerfile_compile::{SourceFile, Warning};

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
    let line = warning.lines.first().map_or(0, |lines| lines.start);
    let message = safe_text(&warning.message);
    let mut short = format!("{}: {}", warning.rule, shortened(&message, SHORT_BYTES));
    if line > 0 {
        short.push_str(&format!(" (line {line})"));
    }
    let place = Place::whole(&warning.lines);
    pb::WarnRequest {
        digest: vertex.to_owned(),
        level: 1,
        short: short.into(),
        detail: vec![warning.description.into()],
        url: warning.url.clone(),
        info: Some(place.wire_info(source, count)),
        ranges: place.wire_ranges(),
    }
}
