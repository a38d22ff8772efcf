//! Text whose lines are indented below others, as a tree.
//!
//! JSON fits in too: a line a field, its value as it stands in the JSON. Lists of lists or objects have a `-` an item, and
//! what belongs to the item stands below it.

/// A line, and those indented below it. The line of an item is `-`; in text its first line follows on the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) line: String,
    pub(super) under: Vec<Node>,
}

impl Node {
    pub(super) fn leaf(line: impl Into<String>) -> Self {
        Self::new(line, Vec::new())
    }

    pub(super) fn new(line: impl Into<String>, under: Vec<Node>) -> Self {
        let line = line.into();
        Self { line, under }
    }

    pub(super) fn item(under: Vec<Node>) -> Self {
        Self::new("-", under)
    }

    /// The name of the field that the line is.
    pub(super) fn key(&self) -> &str {
        self.split().0
    }

    /// The name, and the value where it stands on the same line.
    fn split(&self) -> (&str, Option<&str>) {
        let name = string_end(&self.line).unwrap_or_default();
        let colon = self.line.get(name..).and_then(|rest| rest.find(": "));
        match colon.and_then(|at| self.line.split_at_checked(name + at)) {
            Some((key, value)) => (key, value.get(2..)),
            None => (self.line.trim_end_matches(':'), None),
        }
    }

    /// Whether fields or items belong below.
    pub(super) fn is_parent(&self) -> bool {
        self.line.ends_with(':')
    }
}

/// The tree of a text.
pub(super) fn parse(text: &str) -> Vec<Node> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut rest = line.trim_start_matches(' ');
        let mut indent = line.len() - rest.len();
        while let Some(inner) = rest.strip_prefix("- ") {
            lines.push((indent, "-"));
            indent += 2;
            rest = inner;
        }
        lines.push((indent, rest));
    }
    nodes(&mut lines.into_iter().peekable(), 0)
}

fn nodes<'a>(
    lines: &mut std::iter::Peekable<impl Iterator<Item = (usize, &'a str)>>,
    indent: usize,
) -> Vec<Node> {
    let mut out = Vec::new();
    while let Some((own, line)) = lines.next_if(|(own, _)| *own >= indent) {
        out.push(Node::new(line, nodes(lines, own + 1)));
    }
    out
}

/// The text of a tree.
pub(super) fn format(nodes: &[Node]) -> String {
    let mut out = String::new();
    push(&mut out, nodes, 0);
    out
}

fn push(out: &mut String, nodes: &[Node], depth: usize) {
    for node in nodes {
        let start = out.len() + 2 * depth;
        if node.line == "-" && !node.under.is_empty() {
            push(out, &node.under, depth + 1);
            // Where the indent of the first line begins.
            out.replace_range(start..=start, "-");
        } else {
            out.push_str(&"  ".repeat(depth));
            out.push_str(&node.line);
            out.push('\n');
            push(out, &node.under, depth + 1);
        }
    }
}

/// The fields of a JSON object, or the items of a list. None where the text is no such thing.
pub(super) fn of_json(json: &str) -> Option<Vec<Node>> {
    let parts = parts(json)?;
    if json.starts_with('[') {
        return parts.into_iter().map(item_of_json).collect();
    }
    parts.into_iter().map(field_of_json).collect()
}

fn item_of_json(json: &str) -> Option<Node> {
    match is_tree(json) {
        true => Some(Node::item(of_json(json)?)),
        false => Some(Node::item(vec![Node::leaf(json)])),
    }
}

fn field_of_json(part: &str) -> Option<Node> {
    let end = string_end(part)?;
    let (name, value) = (part.get(1..end - 1)?, part.get(end..)?.strip_prefix(':')?);
    let is_word = |name: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
        !name.is_empty() && name != "-" && name.chars().all(plain)
    };
    let name = if is_word(name) { name } else { part.get(..end)? };
    match is_tree(value) {
        true => Some(Node::new(format!("{name}:"), of_json(value)?)),
        false => Some(Node::leaf(format!("{name}: {value}"))),
    }
}

/// Whether a value has lines of its own: objects, and lists that hold lists or objects.
fn is_tree(json: &str) -> bool {
    let Some(parts) = parts(json).filter(|parts| !parts.is_empty()) else {
        return false;
    };
    json.starts_with('{') || parts.iter().any(|part| part.starts_with(['{', '[']))
}

/// What an object or a list holds, cut at its commas.
fn parts(json: &str) -> Option<Vec<&str>> {
    let inner = json.strip_prefix(['{', '['])?.strip_suffix(['}', ']'])?;
    if inner.is_empty() {
        return Some(Vec::new());
    }
    let (mut out, mut depth, mut at, mut start) = (Vec::new(), 0_usize, 0, 0);
    while let Some(byte) = inner.as_bytes().get(at) {
        match byte {
            b'"' => {
                at += string_end(inner.get(at..)?)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => {
                out.push(inner.get(start..at)?);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    out.push(inner.get(start..)?);
    Some(out)
}

/// Where the string that a text begins with ends.
fn string_end(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate();
    bytes.next().filter(|(_, byte)| *byte == b'"')?;
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The JSON of a tree, without blanks.
pub(super) fn to_json(nodes: &[Node]) -> String {
    let is_list = nodes.first().is_some_and(|node| node.line == "-");
    let parts: Vec<String> = nodes.iter().map(part_to_json).collect();
    let parts = parts.join(",");
    if is_list {
        format!("[{parts}]")
    } else {
        format!("{{{parts}}}")
    }
}

fn part_to_json(node: &Node) -> String {
    if node.line == "-" {
        return match node.under.as_slice() {
            [scalar] if scalar.split().1.is_none() && !scalar.is_parent() => scalar.line.clone(),
            fields => to_json(fields),
        };
    }
    let (key, value) = node.split();
    let key = match key.starts_with('"') {
        true => key.to_owned(),
        false => format!("\"{key}\""),
    };
    match value {
        Some(value) => format!("{key}:{value}"),
        None => format!("{key}:{}", to_json(&node.under)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back() {
        let text = "a: 1\nb:\n  - c: \"x\"\n    d:\n      - e\n  - {}\nf\n";
        let tree = parse(text);
        assert_eq!(tree.len(), 3);
        assert_eq!(tree[1].under[0].under[1].line, "d:");
        assert_eq!(format(&tree), text);
    }

    #[test]
    fn json_comes_back() {
        let json =
            r#"{"a":{"b":[{"c":"x, \"y\": {","d":null},{},[1,2]]},"e":[],"f":{},"g: h":[true,"]"],"":-1e3}"#;
        let tree = of_json(json).unwrap_or_default();
        assert_eq!(
            format(&tree),
            concat!(
                "a:\n  b:\n    - c: \"x, \\\"y\\\": {\"\n      d: null\n    - {}\n    - [1,2]\n",
                "e: []\nf: {}\n\"g: h\": [true,\"]\"]\n\"\": -1e3\n"
            )
        );
        assert_eq!(to_json(&tree), json);
        assert_eq!(of_json("1"), None);
    }
}
