//! The log on standard error, which BuildKit shows in its own. Off unless asked for.

use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::time::Instant;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::display::safe_text;

/// Starts the log at a level: `error`, `warn`, `info`, `debug` or `trace`. An unknown word means `info`.
///
/// Only this program's own events are written: those of the libraries would show what goes over the wire.
pub fn start(level: &str) {
    let level = match level.to_ascii_lowercase().as_str() {
        "" | "0" | "off" | "false" => return,
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "debug" => LevelFilter::DEBUG,
        "trace" => LevelFilter::TRACE,
        _ => LevelFilter::INFO,
    };
    // Another log that is there already stays.
    let _ = tracing::subscriber::set_global_default(StderrLog {
        level,
        start: Instant::now(),
    });
}

/// Writes one line an event.
struct StderrLog {
    level: LevelFilter,
    start: Instant,
}

impl Subscriber for StderrLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level && metadata.is_event() && metadata.target().starts_with("plimsoll")
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!(
            "plimsoll {:>8.3?} {}",
            self.start.elapsed(),
            event.metadata().level()
        ));
        event.record(&mut line);
        // Without standard error there is nobody to tell.
        let _ = io::stderr().write_all(format!("{}\n", safe_text(&line.0)).as_bytes());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The fields of an event, one after the other.
struct Line(String);

impl Visit for Line {
    /// No event has one, and writing decimals is ten kilobytes of code.
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.record_i64(field, value as i64);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string can't fail.
        let _ = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Asks a log what it would write, and writes nothing.
    struct Asked(StderrLog, Arc<Mutex<Vec<(String, bool)>>>);

    impl Subscriber for Asked {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            let answer = (metadata.target().to_owned(), self.0.enabled(metadata));
            self.1.lock().unwrap().push(answer);
            false
        }

        fn new_span(&self, attributes: &Attributes<'_>) -> Id {
            self.0.new_span(attributes)
        }

        fn event(&self, _: &Event<'_>) {}
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn only_own_events_are_written() {
        let answers = Arc::default();
        let log = StderrLog {
            level: LevelFilter::INFO,
            start: Instant::now(),
        };
        tracing::subscriber::with_default(Asked(log, Arc::clone(&answers)), || {
            tracing::info!(target: "plimsoll_frontend::resolve", "an event");
            tracing::debug!(target: "plimsoll_frontend::detail", "an event");
            tracing::info!(target: "h2::client", "an event");
            let _ = tracing::info_span!(target: "plimsoll_frontend::span", "no event");
        });
        let answers = answers.lock().unwrap().clone();
        let written = |name: &str| answers.iter().any(|(target, written)| target == name && *written);
        assert!(written("plimsoll_frontend::resolve"), "{answers:?}");
        assert!(!written("plimsoll_frontend::detail"), "{answers:?}");
        assert!(!written("h2::client"), "{answers:?}");
        assert!(!written("plimsoll_frontend::span"), "{answers:?}");
    }
}
