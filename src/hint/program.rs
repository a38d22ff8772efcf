//! Programs by their first bytes: what they are for, and what runs them.

use llb_graph::Platform;

/// How much of a file is read to see what it is.
pub(super) const HEAD_BYTES: i64 = 256;

/// What a file is that is to be run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Program {
    /// A program for a processor, by OCI's name.
    Binary(&'static str),
    /// A script and the program that its first line names; whether a carriage return is part of that.
    Script { interpreter: String, has_return: bool },
    /// Something else.
    Other,
}

/// Processors by their number in ELF's header, for 64 bits and for 32.
const PROCESSORS: [(u16, &str, &str); 8] = [
    (0x03, "386", "386"),
    (0x08, "mips64le", "mipsle"),
    (0x15, "ppc64le", "ppc64le"),
    (0x16, "s390x", "s390x"),
    (0x28, "arm", "arm"),
    (0x3e, "amd64", "amd64"),
    (0xb7, "arm64", "arm64"),
    (0xf3, "riscv64", "riscv64"),
];

impl Program {
    /// Reads the first bytes of a file.
    pub(super) fn of(head: &[u8]) -> Self {
        if let Some(rest) = head.strip_prefix(b"#!") {
            let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let text = String::from_utf8_lossy(line);
            let interpreter = text.split_whitespace().next().unwrap_or_default().to_owned();
            // Only where nothing else is on the line it is part of the program's name.
            let has_return = text.ends_with('\r') && rest.contains(&b'\n');
            return Self::Script {
                interpreter,
                has_return,
            };
        }
        let is_elf = head.starts_with(b"\x7fELF");
        let wide = head.get(4) == Some(&2);
        let number = match (head.get(5), head.get(18..20)) {
            (Some(1), Some(&[low, high])) if is_elf => u16::from_le_bytes([low, high]),
            (Some(2), Some(&[high, low])) if is_elf => u16::from_le_bytes([low, high]),
            _ => return Self::Other,
        };
        let known = PROCESSORS.iter().find(|(known, ..)| *known == number);
        known.map_or(Self::Other, |(_, of_64, of_32)| {
            Self::Binary(if wide { of_64 } else { of_32 })
        })
    }

    /// The platform that a program is for, where no builder of these platforms runs it by itself.
    pub(super) fn foreign_to(&self, builder: &[Platform]) -> Option<String> {
        let Self::Binary(architecture) = self else {
            return None;
        };
        let runs = |platform: &Platform| {
            let known = platform.architecture.as_str();
            // Processors of 64 bits run the programs of their family's 32.
            known == *architecture || matches!((known, *architecture), ("amd64", "386") | ("arm64", "arm"))
        };
        (!builder.iter().any(runs)).then(|| format!("linux/{architecture}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elf(class: u8, order: u8, machine: [u8; 2]) -> Vec<u8> {
        let mut head = b"\x7fELF".to_vec();
        head.extend([class, order]);
        head.resize(18, 0);
        head.extend(machine);
        head
    }

    #[test]
    fn programs_by_their_first_bytes() {
        let script = |interpreter: &str, has_return| Program::Script {
            interpreter: interpreter.to_owned(),
            has_return,
        };
        for (head, expected) in [
            (b"#!/bin/sh\necho\n".to_vec(), script("/bin/sh", false)),
            (b"#!/bin/sh\r\necho\r\n".to_vec(), script("/bin/sh", true)),
            (b"#! /usr/bin/env bash\n".to_vec(), script("/usr/bin/env", false)),
            (elf(2, 1, [0xb7, 0]), Program::Binary("arm64")),
            (elf(2, 2, [0, 0x16]), Program::Binary("s390x")),
            (elf(2, 1, [0xff, 0xff]), Program::Other),
            (b"\x7fELF".to_vec(), Program::Other),
            (Vec::new(), Program::Other),
        ] {
            assert_eq!(Program::of(&head), expected, "{head:?}");
        }
    }

    #[test]
    fn programs_of_other_processors_are_foreign() {
        let builder = [Platform::new("linux", "amd64")];
        let foreign = |architecture| Program::Binary(architecture).foreign_to(&builder);
        assert_eq!(foreign("arm64").as_deref(), Some("linux/arm64"));
        assert_eq!(foreign("amd64"), None);
        assert_eq!(foreign("386"), None);
        assert_eq!(Program::Other.foreign_to(&builder), None);
    }
}
