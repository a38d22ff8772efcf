//! A definition as JSON: what a frontend answers to the subrequest
//! `frontend.convertllb`, byte for byte as the reference's Go encoders write it.

use std::fmt::Write;

use crate::tree::{self, Fields, Node};
use crate::{DecodeError, Definition, OpMetadata, proto};

/// `{"def": {digest: op}, "metadata": {digest: …}, "source": …}`, indented by two
/// spaces, without a line end after it.
///
/// Ops and source are protobuf's JSON (bytes as base64, 64-bit numbers as
/// strings, enumerations by name, zeros left out); the metadata has the names of
/// the Go structs and plain numbers.
///
/// An op that can't be decoded is the error.
pub fn convert_llb(definition: &Definition) -> Result<String, DecodeError> {
    let def: Vec<(String, Node)> = definition
        .ops()?
        .iter()
        .map(|(digest, op)| (digest.clone(), Node::Map(tree::op(op))))
        .collect();
    let Fields(mut def) = Fields::sorted(def);
    // One op can be listed twice only in a definition that others made.
    def.dedup_by(|a, b| a.0 == b.0);
    let metadata = definition
        .metadata
        .iter()
        .map(|(digest, metadata)| (digest.clone(), Node::Map(plain_metadata(metadata))))
        .collect();
    let source = definition.source.as_ref().map(proto::Source::from);
    let source = source.as_ref().map(tree::source).unwrap_or_default();
    let whole = Fields::default()
        .with("def", Node::Map(Fields(def)))
        .with("metadata", Node::Map(Fields(metadata)))
        .with("source", Node::Map(source));
    let mut out = String::new();
    push_map(&mut out, &whole, 0);
    Ok(out)
}

/// Metadata with the names that the reference's Go struct has in JSON.
fn plain_metadata(metadata: &OpMetadata) -> Fields {
    // Numbers of any size are plain here.
    let number = |fields: Fields, name: &str, value: i64| fields.short(name, value);
    let mut fields = Fields::default().flag("ignore_cache", metadata.ignore_cache);
    if !metadata.description.is_empty() {
        let texts = metadata.description.iter();
        let texts = texts.map(|(key, value)| (key.to_string(), Node::Text(value.clone())));
        fields = fields.with("description", Node::Map(Fields(texts.collect())));
    }
    if let Some(export) = metadata.export_cache {
        let value = Fields::default().flag("Value", export);
        fields = fields.with("export_cache", Node::Map(value));
    }
    if !metadata.caps.is_empty() {
        let caps = metadata.caps.iter();
        let caps = caps.map(|cap| (cap.clone(), Node::Flag(true)));
        fields = fields.with("caps", Node::Map(Fields(caps.collect())));
    }
    if let Some(group) = &metadata.progress_group {
        let group = Fields::default()
            .text("id", &group.id)
            .text("name", &group.name)
            .flag("weak", group.weak);
        fields = fields.with("progress_group", Node::Map(group));
    }
    if let Some(limits) = &metadata.linux_resources {
        let mut inner = number(Fields::default(), "memory", limits.memory);
        inner = number(inner, "memorySwap", limits.memory_swap);
        inner = unsigned(inner, "cpuShares", limits.cpu_shares);
        inner = unsigned(inner, "cpuPeriod", limits.cpu_period);
        inner = number(inner, "cpuQuota", limits.cpu_quota)
            .text("cpusetCpus", &limits.cpuset_cpus)
            .text("cpusetMems", &limits.cpuset_mems);
        fields = fields.with("linux_resources", Node::Map(inner));
    }
    fields
}

fn unsigned(fields: Fields, name: &str, value: u64) -> Fields {
    match value {
        0 => fields,
        value => fields.with(name, Node::Short(i128::from(value))),
    }
}

/// A JSON array of strings, as Go's encoder writes it.
pub fn string_array(strings: &[String]) -> String {
    let mut out = String::from("[");
    for (index, string) in strings.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_string(&mut out, string);
    }
    out.push(']');
    out
}

/// A JSON string, with the escapes of Go's encoder: what is special in HTML or
/// JavaScript is escaped too.
pub(crate) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // A string takes all that is written to it.
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

fn push_node(out: &mut String, node: &Node, depth: usize) {
    match node {
        Node::Flag(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Short(value) => {
            let _ = write!(out, "{value}");
        }
        Node::Long(value) | Node::Text(value) => push_string(out, value),
        Node::Bytes(value) => push_string(out, &base64(value)),
        Node::List(values) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                push_separator(out, index, depth + 1);
                push_node(out, value, depth + 1);
            }
            if !values.is_empty() {
                push_line(out, depth);
            }
            out.push(']');
        }
        Node::Map(fields) => push_map(out, fields, depth),
    }
}

fn push_map(out: &mut String, fields: &Fields, depth: usize) {
    out.push('{');
    for (index, (name, value)) in fields.0.iter().enumerate() {
        push_separator(out, index, depth + 1);
        push_string(out, name);
        out.push_str(": ");
        push_node(out, value, depth + 1);
    }
    if !fields.0.is_empty() {
        push_line(out, depth);
    }
    out.push('}');
}

fn push_separator(out: &mut String, index: usize, depth: usize) {
    if index > 0 {
        out.push(',');
    }
    push_line(out, depth);
}

fn push_line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// Base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            if digit <= chunk.len() {
                let index = (bits >> (18 - 6 * digit)) & 63;
                out.push(char::from(DIGITS[index as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{base64, string_array};

    #[test]
    fn base64_has_padding() {
        for (bytes, want) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), want);
        }
        assert_eq!(base64(&[0xff, 0xfe, 0xfd]), "//79");
    }

    #[test]
    fn strings_are_escaped_as_go_does() {
        let strings = ["a", "<&>\"\\\n\r\t\u{8}\u{c}\u{1}\u{7f}\u{2028}é"].map(String::from);
        assert_eq!(
            string_array(&strings),
            "[\"a\",\"\\u003c\\u0026\\u003e\\\"\\\\\\n\\r\\t\\b\\f\\u0001\u{7f}\\u2028é\"]"
        );
    }
}
