//! Definitions that others made.

use llb_graph::{Definition, Graph, MarshalOptions, Platform, json, text};

use crate::bounds;

/// A definition that was decoded encodes to one that decodes to the same; what can be imported is marshalled to a
/// definition that can be imported again and then stays as it is.
pub fn definition(data: &[u8]) {
    let Ok(definition) = Definition::decode(data) else {
        return;
    };
    let bytes = definition.encode();
    bounds::check("a definition", bytes.len(), data.len(), bounds::DEFINITION_TIMES);
    assert_eq!(
        Definition::decode(&bytes).as_ref(),
        Ok(&definition),
        "encoded and decoded"
    );
    let _ = definition.head();
    if let Ok(json) = json::convert_llb(&definition) {
        assert!(definition.ops().is_ok());
        bounds::check("a definition as JSON", json.len(), data.len(), bounds::JSON_TIMES);
    }
    let shown = text::format(&definition);
    bounds::check(
        "a definition as text",
        shown.len(),
        data.len(),
        bounds::JSON_TIMES,
    );
    let Some(once) = marshalled(&definition) else {
        return;
    };
    let size = once.encode().len();
    bounds::check(
        "a definition imported",
        size,
        data.len(),
        bounds::DEFINITION_TIMES,
    );
    let twice = marshalled(&once);
    assert_eq!(twice.as_ref(), Some(&once), "imported a second time");
}

fn marshalled(definition: &Definition) -> Option<Definition> {
    let mut graph = Graph::new();
    let Ok(output) = graph.import(definition) else {
        assert!(graph.is_empty(), "an error leaves the graph as it was");
        return None;
    };
    graph
        .marshal(output, &MarshalOptions::new(Platform::new("linux", "amd64")))
        .ok()?
        .decode()
        .ok()
}
