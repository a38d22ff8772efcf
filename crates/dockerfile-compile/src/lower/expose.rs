//! `EXPOSE`: ports that the image's program listens on.

use std::net::{IpAddr, Ipv6Addr};
use std::ops::RangeInclusive;

use dockerfile_syntax::{Word, lower};

use super::StageLowering;
use super::history::{Part, SettingKind};
use crate::error::CompileError;
use crate::facts::Fact;
use crate::plan::Command;

/// What a port takes in an image config: `"65535/tcp":{},`.
const PORT_BYTES: usize = 16;

const LAST_PORT: i64 = 65_535;

impl StageLowering<'_, '_, '_> {
    pub(super) fn lower_expose(
        &mut self,
        command: &Command<'_>,
        words: &[Word<'_>],
    ) -> Result<(), CompileError> {
        let lexer = self.all.lexer;
        let keyword = self.all.history.push("EXPOSE [");
        let mut is_first = true;
        for word in words {
            if word.starts_with('#') {
                let message = format!("EXPOSE {word}: a comment stands on a line of its own; write it above");
                return Err(CompileError::about(word, message));
            }
            let ports = lexer
                .process_words(word, &self.state.env, self.all.plan.budget)
                .map_err(|error| CompileError::about(word, error.to_string()))?;
            for port in ports {
                let (range, protocol) = self.read_port(command, (word, &port))?;
                for number in range {
                    if !std::mem::take(&mut is_first) {
                        self.all.history.push(" ");
                    }
                    let port = self.all.history.write(format_args!("{number}/{protocol}"));
                    self.set(SettingKind::Port, port, Part::default());
                }
            }
        }
        self.all.history.push("]");
        self.commit_since(keyword)
    }

    /// The ports and the protocol of `[[IP:]HOST:]PORT[-END][/PROTOCOL]`, which comes of `word`.
    pub(super) fn read_port(
        &mut self,
        command: &Command<'_>,
        (word, written): (&Word<'_>, &str),
    ) -> Result<(RangeInclusive<i64>, &'static str), CompileError> {
        let refuse = |reason: &str| {
            let message = format!(
                "EXPOSE {written}: {reason}; expected PORT, FIRST-LAST or either with /tcp, /udp or /sctp"
            );
            CompileError::about(word, message)
        };
        let (address, host, container) = split_parts(written);
        let (range, protocol) = container.split_once('/').unwrap_or((container, ""));
        if range.is_empty() {
            return Err(refuse("there is no port"));
        }
        let mut all = ["tcp", "udp", "sctp"].into_iter();
        let known = match all.find(|known| *known == lower(protocol)) {
            None if protocol.is_empty() => "tcp",
            None => return Err(refuse(&format!("`{protocol}` is no protocol"))),
            Some(known) => known,
        };
        if protocol != known && !protocol.is_empty() {
            self.note(
                command,
                Fact::ExposeProtoCasing {
                    port: written.to_owned(),
                },
            );
        }
        if !address.is_empty() || !host.is_empty() {
            self.note(
                command,
                Fact::ExposeInvalidFormat {
                    port: written.to_owned(),
                },
            );
        }
        if !address.is_empty() && !is_address(address) {
            return Err(refuse(&format!("`{address}` is no IP address")));
        }
        let (first, last) = port_range(range).ok_or_else(|| {
            refuse(&format!(
                "`{range}` is no port from 0 to {LAST_PORT} and no range of them"
            ))
        })?;
        if !host.is_empty() {
            let (host_first, host_last) =
                port_range(host).ok_or_else(|| refuse(&format!("`{host}` is no port of the host")))?;
            if last != first && last - first != host_last - host_first {
                return Err(refuse(&format!(
                    "the ranges `{range}` and `{host}` are not of the same length"
                )));
            }
        }
        let count = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
        self.all.spend(count.saturating_mul(PORT_BYTES))?;
        Ok((first..=last, known))
    }
}

/// Address, host port and container port; an address may have colons of its own.
fn split_parts(written: &str) -> (&str, &str, &str) {
    let Some((rest, container)) = written.rsplit_once(':') else {
        return ("", "", written);
    };
    match rest.rsplit_once(':') {
        None => ("", rest, container),
        Some((address, host)) => (address, host, container),
    }
}

fn is_address(text: &str) -> bool {
    match text.strip_prefix('[') {
        // Brackets are taken off as Go's net.SplitHostPort takes them; what is inside may be empty.
        Some(rest) => match rest.strip_suffix(']') {
            Some(inner) => {
                !inner.contains(['[', ']']) && (inner.is_empty() || inner.parse::<IpAddr>().is_ok())
            }
            None => false,
        },
        None => text.parse::<IpAddr>().is_ok() || text.parse::<Ipv6Addr>().is_ok(),
    }
}

fn port_range(text: &str) -> Option<(i64, i64)> {
    let port = |text: &str| {
        text.parse::<i64>()
            .ok()
            .filter(|port| (0..=LAST_PORT).contains(port))
    };
    match text.split_once('-') {
        None => port(text).map(|port| (port, port)),
        Some((first, last)) => {
            let (first, last) = (port(first)?, port(last)?);
            (first <= last).then_some((first, last))
        }
    }
}
