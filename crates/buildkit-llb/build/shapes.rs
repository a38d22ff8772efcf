//! Writes the shapes of messages as a table, for `llb_graph::weight` to go by. The build scripts share it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};

/// A vector, a string or a map.
const POINTER_BYTES: usize = 24;
/// Bytes that share the memory that they were received in.
const SHARED_BYTES: usize = 32;
/// A number, with what says whether it is there; also what a message inside of another one needs for that.
const NUMBER_BYTES: usize = 8;
/// Nodes of maps are not always full.
const MAP_FACTOR: usize = 3;

/// What is made of a set of files.
pub struct Shapes<'a> {
    messages: BTreeMap<String, (&'a DescriptorProto, bool)>,
    order: Vec<String>,
    /// A message that stays bytes where another one holds it.
    raw: Option<&'static str>,
}

impl<'a> Shapes<'a> {
    /// All messages of `files`. In the packages that `shares` names, bytes are not copied; the message `raw`, such as
    /// `.pb.Definition`, stays bytes where another one holds it.
    pub fn new(
        files: &'a FileDescriptorSet,
        shares: impl Fn(&str) -> bool,
        raw: Option<&'static str>,
    ) -> Self {
        let mut messages = BTreeMap::new();
        for file in &files.file {
            let prefix = format!(".{}", file.package());
            let shares = shares(file.package());
            let mut pending: Vec<_> = file
                .message_type
                .iter()
                .map(|message| (prefix.clone(), message))
                .collect();
            while let Some((prefix, message)) = pending.pop() {
                let name = format!("{prefix}.{}", message.name());
                pending.extend(message.nested_type.iter().map(|nested| (name.clone(), nested)));
                messages.insert(name, (message, shares));
            }
        }
        let order = Vec::new();
        Self { messages, order, raw }
    }

    /// Whether what a field holds is decoded, too.
    fn is_decoded(&self, field: &FieldDescriptorProto) -> bool {
        field.r#type() == Type::Message && self.raw != Some(field.type_name())
    }

    /// The number of a message, such as `.pb.Op`. It is in the table from then on, with all that it can hold.
    pub fn number(&mut self, name: &str) -> Result<usize, String> {
        if let Some(known) = self.order.iter().position(|known| known == name) {
            return Ok(known);
        }
        let (message, _) = self.message(name)?;
        self.order.push(name.to_owned());
        let number = self.order.len() - 1;
        for field in &message.field {
            if self.is_decoded(field) {
                self.number(field.type_name())?;
            }
        }
        Ok(number)
    }

    /// The table, as the item `SHAPES`.
    pub fn table(&self) -> Result<String, String> {
        let mut parts = String::new();
        let mut first = String::new();
        let mut count = 0;
        for name in &self.order {
            let _ = write!(first, "{count}, ");
            let (message, shares) = self.message(name)?;
            for field in &message.field {
                let each = self.each(field, shares)?;
                let each = u16::try_from(each).map_err(|_| format!("{name} has elements of {each} bytes"))?;
                let content = match field.r#type() {
                    Type::Message if self.is_decoded(field) => {
                        let known = self.order.iter().position(|known| known == field.type_name());
                        format!(
                            "Content::Message({})",
                            known.ok_or("a message is not in the table")?
                        )
                    }
                    Type::Bytes if shares => "Content::Shared".to_owned(),
                    Type::String | Type::Bytes | Type::Message => "Content::Copied".to_owned(),
                    Type::Group => return Err(format!("{name} has a group")),
                    _ => "Content::Number".to_owned(),
                };
                let _ = writeln!(
                    parts,
                    "Part {{ number: {}, each: {each}, content: {content} }},",
                    field.number()
                );
                count += 1;
            }
        }
        Ok(format!(
            "/// What the messages of the protocol look like.\npub static SHAPES: Shapes = Shapes {{ first: &[{first}{count}], parts: &[{parts}] }};\n"
        ))
    }

    fn message(&self, name: &str) -> Result<(&'a DescriptorProto, bool), String> {
        self.messages
            .get(name)
            .copied()
            .ok_or_else(|| format!("there is no message {name}"))
    }

    /// What one element of a list or a map takes in it; 0 for what is in no list.
    fn each(&self, field: &FieldDescriptorProto, shares: bool) -> Result<usize, String> {
        if field.label() != Label::Repeated {
            return Ok(0);
        }
        Ok(match field.r#type() {
            Type::Message => {
                let (message, _) = self.message(field.type_name())?;
                let is_map = message
                    .options
                    .as_ref()
                    .is_some_and(|options| options.map_entry());
                self.size(field.type_name())? * if is_map { MAP_FACTOR } else { 1 }
            }
            Type::String => POINTER_BYTES,
            Type::Bytes if shares => SHARED_BYTES,
            Type::Bytes => POINTER_BYTES,
            _ => NUMBER_BYTES,
        })
    }

    /// No less than what Rust takes for a message.
    fn size(&self, name: &str) -> Result<usize, String> {
        let (message, shares) = self.message(name)?;
        let mut size = 0;
        let mut choices: BTreeMap<i32, usize> = BTreeMap::new();
        for field in &message.field {
            let own = match field.r#type() {
                _ if field.label() == Label::Repeated => POINTER_BYTES,
                Type::Message => self.size(field.type_name())? + NUMBER_BYTES,
                Type::String => POINTER_BYTES,
                Type::Bytes if shares => SHARED_BYTES,
                Type::Bytes => POINTER_BYTES,
                _ => NUMBER_BYTES,
            };
            match field.oneof_index {
                Some(choice) => {
                    let largest = choices.entry(choice).or_default();
                    *largest = (*largest).max(own + NUMBER_BYTES);
                }
                None => size += own,
            }
        }
        Ok(size + choices.values().sum::<usize>())
    }
}
