//! Findings as commands of GitHub Actions, which shows them on the lines of a pull request.

use super::Checked;
use crate::check::Level;

/// A command a finding.
pub(crate) fn github(checked: &[Checked]) -> Vec<u8> {
    let mut out = String::new();
    for checked in checked {
        for finding in &checked.findings {
            let mut properties = vec![("file", checked.name_of(finding).to_owned())];
            if let Some(place) = finding.place {
                properties.push(("line", place.start.line.to_string()));
                properties.push(("endLine", place.lines.end.max(place.start.line).to_string()));
                properties.push(("col", place.start.column.to_string()));
            }
            properties.push((
                "title",
                finding.rule.as_deref().unwrap_or("Dockerfile").to_owned(),
            ));
            let properties: Vec<String> = properties
                .iter()
                .map(|(name, value)| format!("{name}={}", escape(value, true)))
                .collect();
            let message = match finding.url.as_str() {
                "" => finding.message.clone(),
                url => format!("{}\n{url}", finding.message),
            };
            out.push_str(&format!(
                "::{} {}::{}\n",
                match finding.level {
                    Level::Advice => "notice",
                    level => level.as_str(),
                },
                properties.join(","),
                escape(&message, false)
            ));
        }
    }
    out.into_bytes()
}

/// What the runner's parser takes back; properties end at a comma or a colon.
fn escape(text: &str, is_property: bool) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    if is_property {
        text.replace(':', "%3A").replace(',', "%2C")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_ends_a_command_is_escaped() {
        assert_eq!(escape("a:b,c%\n", true), "a%3Ab%2Cc%25%0A");
        assert_eq!(escape("a:b,c%\r\n", false), "a:b,c%25%0D%0A");
    }
}
