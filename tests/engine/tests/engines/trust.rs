//! What must be true on every engine before one trusts a frontend with it: errors arrive whole, and the words of ours
//! that stand on an engine's words are still about them.

use anyhow::ensure;

use crate::probe::{Ask, Probe, quick};

/// The rows of the table that are about errors.
pub const PROBES: [Probe; 4] = [
    quick("a file of nothing but errors", |ask| {
        let lines = format!("\"integrity\": \"{}\",\n", "x".repeat(900)).repeat(300);
        let said = ask.failure(&format!("FROM scratch\n{lines}"), &[])?;
        ensure!(ours(ask, &said, "300 errors"), "the error is lost:\n{said}");
        ensure!(ours(ask, &said, "and 280 more"), "the error is cut:\n{said}");
        Ok(())
    }),
    quick("an error above a long file", |ask| {
        let lines = format!("RUN echo {}\n", "y".repeat(900)).repeat(2_000);
        let said = ask.failure(&format!("FORM busybox\n{lines}"), &[])?;
        ensure!(said.contains("FORM"), "the error is lost:\n{said}");
        Ok(())
    }),
    quick("advice: a secret that is not passed", |ask| {
        let file = "FROM alpine\nRUN --mount=type=secret,id=api.key,required=true cat /run/secrets/api.key\n";
        let said = ask.failure(file, &[])?;
        ensure!(
            ours(ask, &said, "--secret id=api.key,src=FILE"),
            "no advice:\n{said}"
        );
        let other = format!(
            "--secret=id=other,src={}",
            ask.friends.place.path().join("key").display()
        );
        let said = ask.failure(file, &[&other])?;
        ensure!(
            ours(ask, &said, "--secret id=api.key,src=FILE"),
            "no advice:\n{said}"
        );
        Ok(())
    }),
    quick("advice: an ssh agent that is not passed", |ask| {
        let file = "FROM alpine\nRUN --mount=type=ssh,required=true true\n";
        let said = ask.failure(file, &[])?;
        ensure!(ours(ask, &said, "`--ssh default`"), "no advice:\n{said}");
        let other = format!("--ssh=other={}", ask.friends.ssh.agent().display());
        let said = ask.failure(file, &[&other])?;
        ensure!(ours(ask, &said, "`--ssh default`"), "no advice:\n{said}");
        let file = "FROM alpine\nRUN --mount=type=ssh,id=github,required=true true\n";
        let said = ask.failure(file, &[&other])?;
        ensure!(ours(ask, &said, "`--ssh github`"), "no advice:\n{said}");
        Ok(())
    }),
];

/// Whether words of ours are shown. The reference has others.
fn ours(ask: &Ask<'_>, said: &str, words: &str) -> bool {
    said.contains(words) || ask.is_reference()
}
