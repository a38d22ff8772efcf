//! A build's own progress record, as `--progress=rawjson` writes it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Everything that a build said about itself.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// The vertices in the order in which they were first named.
    pub vertices: Vec<Vertex>,
    /// Warnings, such as those of lint rules.
    pub warnings: Vec<Warning>,
}

/// One step of a build.
#[derive(Debug, Clone, Default)]
pub struct Vertex {
    /// Digest of the operation.
    pub digest: String,
    /// Its title, such as `[build 2/5] RUN make`.
    pub name: String,
    /// When it started, in nanoseconds since 1970; none when it never did.
    pub started: Option<u128>,
    /// When it ended, in nanoseconds since 1970.
    pub completed: Option<u128>,
    /// Whether its result came from the cache.
    pub cached: bool,
    /// Why it failed; empty when it did not.
    pub error: String,
    /// Digests of the vertices that it builds on.
    pub inputs: Vec<String>,
    /// What it printed, both streams.
    pub output: String,
}

/// A warning of the frontend.
#[derive(Debug, Clone, Default)]
pub struct Warning {
    /// One line.
    pub short: String,
    /// Further lines.
    pub detail: Vec<String>,
    /// Where to read about it.
    pub url: String,
    /// Its place: first line of the first range, from 1; none when it has no place.
    pub line: Option<u32>,
}

impl Vertex {
    /// Whether it ran at the same time as another one.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (Some(a), Some(b)) = (self.started, other.started) else {
            return false;
        };
        let (Some(a_end), Some(b_end)) = (self.completed, other.completed) else {
            return false;
        };
        a < b_end && b < a_end
    }

    /// How long it ran, in seconds; none when it did not run to its end.
    pub fn seconds(&self) -> Option<f64> {
        let nanoseconds = self.completed?.saturating_sub(self.started?);
        Some(std::time::Duration::from_nanos(u64::try_from(nanoseconds).ok()?).as_secs_f64())
    }
}

impl Record {
    /// The first vertex whose name has `text` in it.
    pub fn find(&self, text: &str) -> Option<&Vertex> {
        self.vertices.iter().find(|vertex| vertex.name.contains(text))
    }

    /// The names of the vertices that were started, in their order.
    pub fn started(&self) -> Vec<&str> {
        let started = self.vertices.iter().filter(|vertex| vertex.started.is_some());
        started.map(|vertex| vertex.name.as_str()).collect()
    }

    /// What all vertices printed.
    pub fn output(&self) -> String {
        self.vertices
            .iter()
            .map(|vertex| vertex.output.as_str())
            .collect()
    }

    /// Reads lines of progress and gives, beside the record, the lines that are none.
    pub fn parse(text: &str) -> (Self, String) {
        let mut record = Self::default();
        let mut places = BTreeMap::new();
        let mut rest = String::new();
        for line in text.lines() {
            match serde_json::from_str::<Status>(line) {
                Ok(status) => record.add(status, &mut places),
                Err(_) => rest.extend([line, "\n"]),
            }
        }
        (record, rest)
    }

    fn add(&mut self, status: Status, places: &mut BTreeMap<String, usize>) {
        for raw in status.vertexes.unwrap_or_default() {
            let vertex = self.vertex(raw.digest, places);
            vertex.name = raw.name;
            vertex.cached |= raw.cached;
            vertex.inputs = raw.inputs.unwrap_or_default();
            vertex.started = raw.started.as_deref().and_then(nanoseconds).or(vertex.started);
            vertex.completed = raw
                .completed
                .as_deref()
                .and_then(nanoseconds)
                .or(vertex.completed);
            if !raw.error.is_empty() {
                vertex.error = raw.error;
            }
        }
        for log in status.logs.unwrap_or_default() {
            let text = String::from_utf8_lossy(&base64(&log.data)).into_owned();
            self.vertex(log.vertex, places).output += &text;
        }
        for raw in status.warnings.unwrap_or_default() {
            let detail = raw.detail.unwrap_or_default();
            self.warnings.push(Warning {
                short: String::from_utf8_lossy(&base64(&raw.short)).into_owned(),
                detail: detail
                    .iter()
                    .map(|line| String::from_utf8_lossy(&base64(line)).into_owned())
                    .collect(),
                url: raw.url,
                line: raw
                    .range
                    .unwrap_or_default()
                    .first()
                    .map(|range| range.start.line),
            });
        }
    }

    fn vertex(&mut self, digest: String, places: &mut BTreeMap<String, usize>) -> &mut Vertex {
        let next = self.vertices.len();
        let place = *places.entry(digest.clone()).or_insert(next);
        if place == next {
            self.vertices.push(Vertex {
                digest,
                ..Vertex::default()
            });
        }
        &mut self.vertices[place]
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Status {
    vertexes: Option<Vec<RawVertex>>,
    #[serde(rename = "statuses")]
    _statuses: Option<serde_json::Value>,
    logs: Option<Vec<RawLog>>,
    warnings: Option<Vec<RawWarning>>,
}

#[derive(Deserialize)]
struct RawVertex {
    digest: String,
    #[serde(default)]
    name: String,
    started: Option<String>,
    completed: Option<String>,
    #[serde(default)]
    cached: bool,
    #[serde(default)]
    error: String,
    inputs: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct RawLog {
    vertex: String,
    #[serde(default)]
    data: String,
}

#[derive(Deserialize)]
struct RawWarning {
    #[serde(default)]
    short: String,
    detail: Option<Vec<String>>,
    #[serde(default)]
    url: String,
    range: Option<Vec<RawRange>>,
}

#[derive(Deserialize)]
struct RawRange {
    #[serde(default)]
    start: RawPosition,
}

#[derive(Deserialize, Default)]
struct RawPosition {
    #[serde(default)]
    line: u32,
}

/// A time such as `2026-01-31T12:00:00.123456789Z` or `…+02:00` as nanoseconds since 1970.
fn nanoseconds(text: &str) -> Option<u128> {
    let (date, time) = text.split_once('T')?;
    let mut numbers = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let zone = time.find(['Z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let seconds = clock
        .split(':')
        .try_fold(0, |total, part| Some(total * 60 + part.parse::<i64>().ok()?))?;
    let offset = match zone.strip_prefix(['+', '-']) {
        None => 0,
        Some(shift) => {
            let (hours, minutes) = shift.split_once(':')?;
            let size = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
            if zone.starts_with('-') { -size } else { size }
        }
    };
    // Days since 1970, counting years from March so that the leap day comes last.
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468;
    let total = u128::try_from(days * 86_400 + seconds - offset).ok()?;
    Some(total * 1_000_000_000 + format!("{fraction:0<9}").get(..9)?.parse::<u128>().ok()?)
}

/// Decodes standard base64; stops at the first character that is none.
fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for character in text.bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap_or_default());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_counted_from_1970() {
        assert_eq!(nanoseconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(
            nanoseconds("2000-02-29T12:00:00.5Z"),
            Some(951_825_600_500_000_000)
        );
        assert_eq!(
            nanoseconds("2000-02-29T14:00:00.5+02:00"),
            Some(951_825_600_500_000_000)
        );
        assert_eq!(nanoseconds("yesterday"), None);
    }

    #[test]
    fn logs_are_decoded() {
        assert_eq!(base64("aGVsbG8="), b"hello");
        assert_eq!(base64("aGVsbG8h"), b"hello!");
        assert_eq!(base64(""), b"");
    }

    #[test]
    fn a_record_is_put_together_from_lines() {
        let text = concat!(
            r#"{"vertexes":[{"digest":"sha256:a","name":"one"},{"digest":"sha256:b","name":"two"}]}"#,
            "\n",
            r#"{"vertexes":[{"digest":"sha256:a","name":"one","started":"1970-01-01T00:00:01Z"}]}"#,
            "\n",
            r#"{"vertexes":[{"digest":"sha256:a","name":"one","started":"1970-01-01T00:00:01Z","completed":"1970-01-01T00:00:03Z"}],"logs":[{"vertex":"sha256:a","stream":1,"data":"aGk="}]}"#,
            "\n",
            "error: failed\n",
        );
        let (record, rest) = Record::parse(text);
        assert_eq!(rest, "error: failed\n");
        assert_eq!(record.started(), ["one"]);
        assert_eq!(record.find("one").and_then(Vertex::seconds), Some(2.0));
        assert_eq!(record.output(), "hi");
        assert!(record.find("two").is_some_and(|two| two.started.is_none()));
    }
}
