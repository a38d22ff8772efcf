//! A compiler for a language of one instruction: each line of a program is a command. Its errors show the line, since the
//! operations say where they come from. It uses the graph itself and not states.
//!
//! ```console
//! $ cargo run --example compiler | buildctl build --output type=local,dest=out
//! ```

use std::error::Error;
use std::io::{Write, stdout};

use llb_graph::{
    CopyAction, ExecOp, FileOp, Graph, ImageOptions, MarshalOptions, Range, SourceLocation, SourceMap,
    SourceOp, Vertex,
};

const PROGRAM: &str = "\
mkdir /out
echo one > /out/one
echo two > /out/two
";

fn main() -> Result<(), Box<dyn Error>> {
    let mut graph = Graph::new();
    let file = graph.add_source_map(SourceMap::new("program", PROGRAM));
    let image = graph.add(SourceOp::image("alpine", &ImageOptions::default())?)?;
    let mut root = Some(image.first_output());
    for (number, line) in (1..).zip(PROGRAM.lines()) {
        let command = ExecOp::new(root, ["/bin/sh", "-c", line]);
        let output = command.root_output();
        let vertex = Vertex::from(command)
            .with_name(format!("{number}: {line}"))
            .with_location(SourceLocation::new(file, [Range::line(number)]));
        let id = graph.add(vertex)?;
        root = output.map(|index| id.output(index));
    }
    let mut copied = CopyAction::new(root, "/out", "/");
    copied.dir_contents_only = true;
    let result = graph.add(FileOp::new(None, copied))?;

    let definition = graph.marshal(Some(result.first_output()), &MarshalOptions::default())?;
    stdout().write_all(&definition.bytes())?;
    Ok(())
}
