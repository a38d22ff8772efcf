//! A lock as text.

use std::fmt::Write as _;

use super::Lock;

/// The most that is shown of a line of the Dockerfile.
const LINE_CHARS: usize = 160;

impl Lock {
    /// The file, for the Dockerfile called `dockerfile`. [`Lock::parse`] reads the same from it, but for comments.
    #[must_use]
    pub fn print(&self, dockerfile: &str) -> String {
        let mut text = format!(
            "# What {} is built from. `plimsoll lock --check` says what has moved since, `plimsoll lock --update` moves it.\nplimsoll-lock 1\n",
            comment(dockerfile)
        );
        text.push_str("platforms");
        for platform in &self.platforms {
            let _ = write!(text, " {platform}");
        }
        text.push('\n');
        for entry in &self.entries {
            text.push('\n');
            for line in &entry.lines {
                let _ = writeln!(text, "# {}", comment(line));
            }
            let (kind, name) = (entry.kind.as_str(), &entry.name);
            match &entry.pin {
                Ok(pin) => {
                    let _ = write!(text, "{kind} {name} {pin}");
                }
                Err(why) => {
                    let _ = write!(text, "# not locked: {kind} {name}: {}", comment(why));
                }
            }
            for platform in &entry.platforms {
                let _ = write!(text, " {platform}");
            }
            text.push('\n');
        }
        text
    }
}

/// A text on one line, and not too long.
fn comment(text: &str) -> String {
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    let mut shown: String = text.trim().chars().take(LINE_CHARS).map(blank).collect();
    if text.trim().chars().nth(LINE_CHARS).is_some() {
        shown.push('…');
    }
    shown
}
