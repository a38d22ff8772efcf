//! The content of a section in short, and whole again.

use serde_json::Value;

use super::default::{self, Facts};
use super::tree::{self, Node};
use crate::bytes::dockerfile_of;

/// What a case leaves out depends on.
pub(super) fn facts(request: &Value, section: &str) -> Facts {
    let platform = section.split_once(' ').map_or("linux/amd64", |(_, name)| name);
    let mut parts = platform.split('/');
    let mut part = || parts.next().unwrap_or_default().to_owned();
    let mut facts = Facts::new();
    facts.insert("os", part());
    facts.insert("architecture", part());
    facts.insert("platform", platform.to_owned());
    facts.insert("size", dockerfile_of(request).len().to_string());
    facts
}

/// The short form of what a section of a kind holds. None where it would not come back whole.
pub(super) fn short(kind: &str, content: &str, facts: &Facts) -> Option<String> {
    let short = match kind {
        "llb" | "required" | "attestation" => short_graph(&tree::parse(content), facts),
        "image" => default::short(&tree::of_json(content)?, default::usual(kind), facts),
        "metadata" => default::short(&tree::parse(content), default::usual(kind), facts),
        _ => return Some(content.to_owned()),
    };
    let short = tree::format(&short);
    (long(kind, &short, facts) == content).then_some(short)
}

/// What a short form stands for.
pub(super) fn long(kind: &str, short: &str, facts: &Facts) -> String {
    let nodes = tree::parse(short);
    match kind {
        "llb" | "required" | "attestation" => tree::format(&long_graph(&nodes, facts)),
        "image" => tree::to_json(&default::long(&nodes, default::usual(kind), facts)),
        "metadata" => tree::format(&default::long(&nodes, default::usual(kind), facts)),
        _ => short.to_owned(),
    }
}

/// A graph without what is usual for its operations, and without the usual end.
fn short_graph(nodes: &[Node], facts: &Facts) -> Vec<Node> {
    let short = |op: Op, fields: &[Node]| default::short(fields, op.usual(fields), &op.facts(facts));
    let mut out = each_op(nodes, short);
    let ops = out.iter().filter_map(Op::of).count();
    if let Some(others) = ops.checked_sub(1) {
        for end in ends(others, facts) {
            end.leave_out(&mut out);
        }
    }
    out
}

fn long_graph(nodes: &[Node], facts: &Facts) -> Vec<Node> {
    let others = nodes.iter().filter_map(Op::of).filter(|op| op.kind != "result");
    let mut out = nodes.to_vec();
    let others = others.count();
    if others > 0 {
        for end in ends(others, facts) {
            end.put_back(&mut out);
        }
    }
    let long = |op: Op, fields: &[Node]| default::long(fields, op.usual(fields), &op.facts(facts));
    each_op(&out, long)
}

/// A graph with other fields in its operations.
fn each_op(nodes: &[Node], fields: impl Fn(Op, &[Node]) -> Vec<Node>) -> Vec<Node> {
    let one = |node: &Node| match Op::of(node) {
        Some(op) => Node::new(&node.line, fields(op, &node.under)),
        None => node.clone(),
    };
    nodes.iter().map(one).collect()
}

/// The first line of an operation: its number, its kind, and its name if it has one.
struct Op<'a> {
    number: usize,
    kind: &'a str,
    name: Option<&'a str>,
}

impl<'a> Op<'a> {
    fn of(node: &'a Node) -> Option<Self> {
        let (number, rest) = node.line.split_once(' ')?;
        let (kind, name) = match rest.split_once(" \"") {
            Some((kind, name)) => (kind, Some(name.strip_suffix('"')?)),
            None => (rest, None),
        };
        let number = number.parse().ok()?;
        Some(Self { number, kind, name })
    }

    /// The usual fields, of sources by the scheme of the identifier.
    fn usual(&self, fields: &[Node]) -> &'static [Node] {
        let identifier = fields
            .iter()
            .find_map(|field| field.line.strip_prefix("identifier: \""));
        let scheme = identifier.map_or("docker-image", |text| {
            text.split("://").next().unwrap_or_default()
        });
        match self.kind {
            "source" => default::usual(&format!("source {scheme}")),
            kind => default::usual(kind),
        }
    }

    /// What the name tells, too: the instruction, of FROM the image, and its name as people write it.
    fn facts(&self, facts: &Facts) -> Facts {
        let mut facts = facts.clone();
        if let Some(before) = self.number.checked_sub(1) {
            facts.insert("before", before.to_string());
        }
        let (_, instruction) = self
            .name
            .and_then(|name| name.split_once("] "))
            .unwrap_or_default();
        if let Some(image) = instruction.strip_prefix("FROM ") {
            let familiar = image
                .trim_start_matches("docker.io/")
                .trim_start_matches("library/");
            let familiar = familiar.split('@').next().unwrap_or_default();
            facts.insert("familiar", familiar.trim_end_matches(":latest").to_owned());
            facts.insert("image", image.to_owned());
        }
        if !instruction.is_empty() {
            facts.insert("instruction", instruction.to_owned());
        }
        facts
    }
}

/// What a graph usually ends with.
struct End {
    key: &'static str,
    usual: Node,
    is_such: fn(&Node) -> bool,
}

/// The ends of a graph with so many operations before the last, which is the result.
fn ends(others: usize, facts: &Facts) -> [End; 2] {
    let size = facts.get("size").map_or("", String::as_str);
    let file = format!("file Dockerfile {size} bytes, Dockerfile, read with 2 ops");
    [
        End {
            key: "result",
            usual: Node::leaf(format!("{others} result")),
            is_such: |node| Op::of(node).is_some_and(|op| op.kind == "result"),
        },
        End {
            key: "file",
            usual: Node::leaf(file),
            is_such: |node| node.line.starts_with("file "),
        },
    ]
}

impl End {
    fn leave_out(&self, nodes: &mut Vec<Node>) {
        let such = nodes.iter().filter(|node| (self.is_such)(node)).count();
        match such {
            0 => nodes.push(default::absent(self.key)),
            1 => nodes.retain(|node| *node != self.usual),
            _ => {}
        }
    }

    /// The end of the operations comes before other lines that end a graph.
    fn put_back(&self, nodes: &mut Vec<Node>) {
        let absent = default::absent(self.key);
        if nodes.contains(&absent) {
            nodes.retain(|node| *node != absent);
        } else if !nodes.iter().any(self.is_such) {
            let file = nodes.iter().position(|node| node.line.starts_with("file"));
            nodes.insert(file.unwrap_or(nodes.len()), self.usual.clone());
        }
    }
}
