//! `frontend.subrequests.describe`: which questions there are.
//!
//! As with the reference, only those are listed that a person would ask; lint and convertllb are for tools.

use serde::Serialize;

use super::{context, explain, graph, lock, metadata_only, outline, targets};
use crate::gateway::pb;
use crate::report::go_json_pretty;

/// The name on the wire.
pub(super) const NAME: &str = "frontend.subrequests.describe";
const VERSION: &str = "1.0.0";
/// What the text form leaves out of names.
const PREFIX: &str = "frontend.";
/// The one kind of question there is.
const TYPE: &str = "rpc";

/// A question, as tools list it. Lists that are absent are null in JSON.
#[derive(Serialize)]
struct Description {
    name: &'static str,
    version: &'static str,
    r#type: &'static str,
    description: &'static str,
    opts: Option<&'static [Named]>,
    inputs: Option<&'static [Named]>,
    metadata: Option<&'static [Named]>,
    refs: Option<&'static [Named]>,
}

/// Something with a name, and perhaps words about it.
#[derive(Serialize)]
struct Named {
    name: &'static str,
    description: &'static str,
}

/// What the answer to every question consists of.
const RESULT: &[Named] = &[
    Named {
        name: "result.json",
        description: "",
    },
    Named {
        name: "result.txt",
        description: "",
    },
];

/// The one option that a question about a target has.
const TARGET: &[Named] = &[Named {
    name: "target",
    description: "Stage to build; the last one if it is left out",
}];

/// A question about the build of a target.
const fn of_target(name: &'static str, version: &'static str, description: &'static str) -> Description {
    Description {
        name,
        version,
        r#type: TYPE,
        description,
        opts: Some(TARGET),
        inputs: None,
        metadata: Some(RESULT),
        refs: None,
    }
}

const LISTED: [Description; 7] = [
    of_target(
        outline::NAME,
        outline::VERSION,
        "Tell the arguments, secrets and ssh agents that a build of the target takes",
    ),
    Description {
        name: targets::NAME,
        version: targets::VERSION,
        r#type: TYPE,
        description: "List the stages that can be built",
        opts: Some(&[]),
        inputs: None,
        metadata: Some(RESULT),
        refs: None,
    },
    of_target(
        context::NAME,
        context::VERSION,
        "Tell what a build of the target reads of the context, and how large that is",
    ),
    of_target(
        explain::NAME,
        explain::VERSION,
        "Tell what a build of the target does, and what each step depends on",
    ),
    of_target(
        graph::NAME,
        graph::VERSION,
        "Draw the stages and steps of a build of the target, as Mermaid",
    ),
    Description {
        name: lock::NAME,
        version: lock::VERSION,
        r#type: TYPE,
        description: "Write a lock file: what the sources of all stages are now",
        opts: Some(&[]),
        inputs: None,
        metadata: Some(RESULT),
        refs: None,
    },
    Description {
        name: NAME,
        version: VERSION,
        r#type: TYPE,
        description: "List the questions that are answered",
        opts: None,
        inputs: None,
        metadata: Some(RESULT),
        refs: None,
    },
];

/// Lists the questions, for programs and for people.
pub(super) fn answer() -> pb::Result {
    metadata_only([
        ("result.json", go_json_pretty(&LISTED)),
        ("result.txt", table().into_bytes()),
        ("version", VERSION.as_bytes().to_vec()),
    ])
}

/// Columns with one space between them; the last one is not padded.
fn table() -> String {
    let rows = LISTED.iter().map(|listed| {
        let name = listed.name.strip_prefix(PREFIX).unwrap_or(listed.name);
        [name, listed.version, listed.description]
    });
    let rows: Vec<[&str; 3]> = std::iter::once(["NAME", "VERSION", "DESCRIPTION"])
        .chain(rows)
        .collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or_default()
    };
    let (names, versions) = (width(0), width(1));
    rows.iter()
        .map(|[name, version, description]| format!("{name:names$} {version:versions$} {description}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text() {
        assert_eq!(
            table(),
            "NAME                 VERSION DESCRIPTION\n\
             outline              1.0.0   Tell the arguments, secrets and ssh agents that a build of the target takes\n\
             targets              1.0.0   List the stages that can be built\n\
             context              1.0.0   Tell what a build of the target reads of the context, and how large that is\n\
             explain              1.0.0   Tell what a build of the target does, and what each step depends on\n\
             graph                1.0.0   Draw the stages and steps of a build of the target, as Mermaid\n\
             lock                 1.0.0   Write a lock file: what the sources of all stages are now\n\
             subrequests.describe 1.0.0   List the questions that are answered\n"
        );
    }
}
