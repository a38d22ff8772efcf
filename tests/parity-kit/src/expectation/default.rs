//! The values that a case does not say, because they are the usual ones: `tests/corpus/default.txt`.
//!
//! [`short`] leaves out what is usual, [`long`] puts it back. A field that should be there and is not is shown, as
//! `name: absent`. Whoever prints something in short makes sure that it comes back whole, so two different values can't look
//! the same, whatever the table says.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::tree::{self, Node};

/// What `<name>` stands for in the table.
pub(super) type Facts = BTreeMap<&'static str, String>;

const TABLE: &str = include_str!("../../../corpus/default.txt");

/// Stands for further items in a list of the table.
const FURTHER: &str = "*";

/// Stands for a thing of which all is usual.
const USUAL: &str = "usual";

/// The usual fields of a kind of thing, all its fields in their order. Empty where the table has no such kind.
pub(super) fn usual(kind: &str) -> &'static [Node] {
    static KINDS: LazyLock<Vec<Node>> = LazyLock::new(|| {
        let (_, table) = TABLE.split_once("\n--\n").unwrap_or_default();
        tree::parse(table)
    });
    let found = KINDS.iter().find(|node| node.line == kind);
    found.map(|node| node.under.as_slice()).unwrap_or_default()
}

/// The fields that are not the usual ones.
pub(super) fn short(fields: &[Node], usual: &[Node], facts: &Facts) -> Vec<Node> {
    let mut out = Vec::new();
    for field in fields {
        match find(usual, field.key()) {
            Some(spec) if value(spec, facts).as_ref() == Some(field) => {}
            Some(spec) => out.push(short_field(field, spec, facts)),
            None => out.push(field.clone()),
        }
    }
    for spec in usual {
        if value(spec, facts).is_some() && find(fields, spec.key()).is_none() {
            out.push(absent(spec.key()));
        }
    }
    out
}

fn short_field(field: &Node, spec: &Node, facts: &Facts) -> Node {
    let under = if !field.is_parent() || spec.under.is_empty() {
        return field.clone();
    } else if let Some(list) = List::of(spec) {
        list.short(&field.under, facts)
    } else {
        short(&field.under, &spec.under, facts)
    };
    Node::new(&field.line, under)
}

/// All fields, of those that are not the usual ones.
pub(super) fn long(fields: &[Node], usual: &[Node], facts: &Facts) -> Vec<Node> {
    let mut out = Vec::new();
    for field in fields {
        match find(usual, field.key()) {
            Some(spec) if *field == absent(spec.key()) => {}
            Some(spec) => out.push(long_field(field, spec, facts)),
            None => out.push(field.clone()),
        }
    }
    for (place, spec) in usual.iter().enumerate() {
        let Some(field) = value(spec, facts).filter(|_| find(fields, spec.key()).is_none()) else {
            continue;
        };
        let later = usual.get(place..).unwrap_or_default();
        let before = out.iter().position(|other| find(later, other.key()).is_some());
        out.insert(before.unwrap_or(out.len()), field);
    }
    out
}

fn long_field(field: &Node, spec: &Node, facts: &Facts) -> Node {
    let under = if !field.is_parent() || spec.under.is_empty() {
        return field.clone();
    } else if let Some(list) = List::of(spec) {
        list.long(&field.under, facts)
    } else {
        long(&field.under, &spec.under, facts)
    };
    Node::new(&field.line, under)
}

fn find<'a>(fields: &'a [Node], key: &str) -> Option<&'a Node> {
    fields.iter().find(|field| field.key() == key)
}

pub(super) fn absent(key: &str) -> Node {
    Node::leaf(format!("{key}: absent"))
}

/// The usual value of a field; none where it has none, or depends on what is not known.
fn value(spec: &Node, facts: &Facts) -> Option<Node> {
    if spec.line == spec.key() {
        return None;
    }
    let line = filled(&spec.line, facts)?;
    let under = match List::of(spec) {
        Some(list) => list.first.to_vec(),
        None => spec.under.iter().filter_map(|spec| value(spec, facts)).collect(),
    };
    Some(Node::new(line, under))
}

/// A line of the table with facts for names in angle brackets.
fn filled(mut line: &str, facts: &Facts) -> Option<String> {
    let mut out = String::new();
    while let Some((before, rest)) = line.split_once('<') {
        let (name, after) = rest.split_once('>')?;
        out.push_str(before);
        out.push_str(facts.get(name)?);
        line = after;
    }
    Some(out + line)
}

/// Says that a list begins without the usual items.
fn no_first() -> Node {
    Node::item(vec![Node::leaf("absent")])
}

/// What the table says of a list: the items that it begins with, and the fields of any further item.
struct List<'a> {
    first: &'a [Node],
    further: &'a [Node],
}

impl<'a> List<'a> {
    fn of(spec: &'a Node) -> Option<Self> {
        let (last, first) = spec.under.split_last().filter(|(last, _)| last.line == "-")?;
        let (_, further) = last
            .under
            .split_first()
            .filter(|(star, _)| star.line == FURTHER)?;
        Some(Self { first, further })
    }

    fn short(&self, items: &[Node], facts: &Facts) -> Vec<Node> {
        let (mut out, rest) = match items.strip_prefix(self.first) {
            Some(rest) => (Vec::new(), rest),
            None => (vec![no_first()], items),
        };
        out.extend(rest.iter().map(|item| {
            let fields = short(&item.under, self.further, facts);
            Node::item(if fields.is_empty() {
                vec![Node::leaf(USUAL)]
            } else {
                fields
            })
        }));
        out
    }

    fn long(&self, items: &[Node], facts: &Facts) -> Vec<Node> {
        let (mut out, rest) = match items.split_first() {
            Some((mark, rest)) if *mark == no_first() => (Vec::new(), rest),
            _ => (self.first.to_vec(), items),
        };
        out.extend(rest.iter().map(|item| match item.under.as_slice() {
            [usual] if usual.line == USUAL => Node::item(long(&[], self.further, facts)),
            fields => Node::item(long(fields, self.further, facts)),
        }));
        out
    }
}
