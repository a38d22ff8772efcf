//! What a client may pass to a build: arguments, secrets, ssh agents.

use serde::Serialize;

use super::gather::{OutlineArg, OutlineMount, gather};
use super::json::pretty;
use super::wire::{Location, sources};
use super::{View, table};
use crate::go::json::is_default;
use crate::lower::{Lowering, WantedKind};
use crate::options::SourceFile;

/// What a client may pass to a build of one target; everything in file order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Name of the target; empty where it has none.
    pub name: String,
    /// What a comment above the target says about it.
    pub description: String,
    /// Arguments that the target, or a stage it needs, uses.
    pub args: Vec<OutlineArg>,
    /// Secrets that its commands use.
    pub secrets: Vec<OutlineMount>,
    /// Ssh agents that its commands use.
    pub ssh: Vec<OutlineMount>,
}

impl Outline {
    /// Reads the outline off a build.
    pub(crate) fn of(lowering: &Lowering<'_, '_>) -> Self {
        let target = lowering.plan.stage(lowering.plan.target);
        let gathered = gather(lowering);
        Self {
            name: target.name().unwrap_or_default().to_owned(),
            description: target
                .from
                .map(|from| from.doc_comment.to_string())
                .unwrap_or_default(),
            args: gathered.args(),
            secrets: gathered.mounts(WantedKind::Secret),
            ssh: gathered.mounts(WantedKind::Ssh),
        }
    }

    /// Shows the outline of the file `source`.
    #[must_use]
    pub fn view(&self, source: &SourceFile) -> View {
        let json = Json {
            name: &self.name,
            description: &self.description,
            args: self.args.iter().map(|arg| ArgJson::of(arg, source)).collect(),
            secrets: MountJson::all(&self.secrets, source),
            ssh: MountJson::all(&self.ssh, source),
            sources: sources(source),
        };
        View {
            json: pretty(&json),
            text: self.text().into_bytes(),
        }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        if !self.name.is_empty() || !self.description.is_empty() {
            let name = if self.name.is_empty() {
                "(default)"
            } else {
                &self.name
            };
            let mut block = format!("TARGET:\t{name}\n");
            if !self.description.is_empty() {
                block.push_str(&format!("DESCRIPTION:\t{}\n", self.description));
            }
            out.push_str(&table::align(&block, 1));
            out.push('\n');
        }
        let mut block = |title: &str, rows: Vec<String>| {
            if !rows.is_empty() {
                out.push_str(&table::align(&format!("{title}\n{}", rows.concat()), 3));
                out.push('\n');
            }
        };
        let args = self.args.iter();
        let args = args.map(|arg| format!("{}\t{}\t{}\n", arg.name, arg.value, arg.description));
        block("BUILD ARG\tVALUE\tDESCRIPTION", args.collect());
        let row = |mount: &OutlineMount| {
            let required = if mount.required { "true" } else { "" };
            format!("{}\t{required}\n", mount.id)
        };
        block("SECRET\tREQUIRED", self.secrets.iter().map(row).collect());
        block("SSH\tREQUIRED", self.ssh.iter().map(row).collect());
        out
    }
}

#[derive(Serialize)]
struct Json<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    args: Vec<ArgJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    secrets: Vec<MountJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ssh: Vec<MountJson<'a>>,
    sources: Vec<String>,
}

#[derive(Serialize)]
struct ArgJson<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    value: &'a str,
    location: Location,
}

impl<'a> ArgJson<'a> {
    fn of(arg: &'a OutlineArg, source: &SourceFile) -> Self {
        Self {
            name: &arg.name,
            description: &arg.description,
            value: &arg.value,
            location: Location::of(&[arg.lines], source),
        }
    }
}

#[derive(Serialize)]
struct MountJson<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "is_default")]
    required: bool,
    location: Location,
}

impl<'a> MountJson<'a> {
    fn all(mounts: &'a [OutlineMount], source: &SourceFile) -> Vec<Self> {
        mounts.iter().map(|mount| Self::of(mount, source)).collect()
    }

    fn of(mount: &'a OutlineMount, source: &SourceFile) -> Self {
        Self {
            name: &mount.id,
            required: mount.required,
            location: Location::of(&[mount.lines], source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Step, testing};

    fn outline(dockerfile: &str) -> Outline {
        match testing::run_with(dockerfile, "", |options| options.is_question = true).value {
            Ok(Step::Done(compiled)) => compiled.outline.unwrap(),
            other => panic!("{dockerfile}: {other:?}"),
        }
    }

    fn args(outline: &Outline) -> Vec<(&str, &str, usize)> {
        let args = outline.args.iter();
        args.map(|arg| (arg.name.as_str(), arg.value.as_str(), arg.lines.start))
            .collect()
    }

    #[test]
    fn both_forms() {
        let file = "# foo is a stage\nFROM scratch AS foo\n# A the arg\nARG A=1\nFROM foo\n\
                    RUN --mount=type=secret,id=s,required --mount=type=ssh true\n";
        let view = outline(file).view(&SourceFile::new("Dockerfile", b"x".as_slice()));
        assert_eq!(
            String::from_utf8(view.text).unwrap(),
            "BUILD ARG   VALUE   DESCRIPTION\nA           1       the arg\n\nSECRET   REQUIRED\ns        true\n\n\
             SSH       REQUIRED\ndefault   \n\n"
        );
        let json: serde_json::Value = serde_json::from_slice(&view.json).unwrap();
        let line = |line: u8| serde_json::json!({ "ranges": [{ "start": { "line": line }, "end": { "line": line } }] });
        let wanted = serde_json::json!({
            "args": [{ "name": "A", "description": "the arg", "value": "1", "location": line(4) }],
            "secrets": [{ "name": "s", "required": true, "location": line(6) }],
            "ssh": [{ "name": "default", "location": line(6) }],
            "sources": ["eA=="],
        });
        assert_eq!(json, wanted);
    }

    #[test]
    fn a_named_target() {
        let view = outline("# last is it\nFROM scratch AS last\n")
            .view(&SourceFile::new("Dockerfile", b"".as_slice()));
        let text = String::from_utf8(view.text).unwrap();
        assert_eq!(text, "TARGET:      last\nDESCRIPTION: is it\n\n");
    }

    #[test]
    fn global_arguments_count_where_they_are_used() {
        let file = "ARG A=a\nARG B=${A}b\nARG C\nARG D=d\nFROM $B\nARG C\nARG D\n";
        let outline = outline(file);
        assert_eq!(
            args(&outline),
            [("A", "a", 1), ("B", "ab", 2), ("D", "d", 4), ("C", "", 6)]
        );
    }

    #[test]
    fn only_what_the_target_needs() {
        let file = "FROM x AS a\nARG A=1\nFROM x AS b\nARG B=1\nFROM x AS c\nARG C=1 D=2\nARG A=3\nCOPY --from=a / /\n";
        assert_eq!(
            args(&outline(file)),
            [("C", "1", 6), ("D", "2", 6), ("A", "3", 7)]
        );
    }

    #[test]
    fn the_first_use_of_a_secret() {
        let file = "FROM x\nRUN --mount=type=secret,id=s a\nRUN --mount=type=secret,id=s,required,env=S b\n";
        let secrets = outline(file).secrets;
        assert_eq!(secrets.len(), 1);
        assert_eq!((secrets[0].lines.start, secrets[0].required), (2, false));
    }
}
