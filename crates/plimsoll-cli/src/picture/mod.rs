//! `graph`: a build as a picture.

mod boxes;
mod layout;
mod svg;

use std::fs;

use crate::Verdict;
use crate::arguments::{GraphArguments, GraphFormat};
use crate::files;
use crate::options::Wanted;
use crate::output::{Failure, Output};
use crate::questions::explain;

/// Draws what a build of one file does.
///
/// # Errors
/// Fails where the command line is malformed, the file can't be read, or the picture can't be written.
pub(crate) fn run(arguments: &GraphArguments, output: &Output) -> Result<Verdict, Failure> {
    let input = files::one(&arguments.file.path)?;
    let wanted = Wanted::parse(&arguments.build)?;
    let explanation = match explain((&input, &wanted), &arguments.images, output)? {
        Ok(explanation) => explanation,
        Err(refused) => return Ok(refused),
    };
    let drawn = match format(arguments) {
        GraphFormat::Svg => svg::draw(&explanation),
        GraphFormat::Mermaid => explanation.mermaid(),
        GraphFormat::Dot => explanation.dot(),
        GraphFormat::Json => {
            let json = explanation.graph_view().json;
            format!("{}\n", String::from_utf8_lossy(&json))
        }
    };
    match &arguments.output {
        None => output.write(drawn.as_bytes())?,
        Some(path) => fs::write(path, drawn)
            .map_err(|error| Failure::new(format!("can't write {}: {error}", path.display())))?,
    }
    Ok(Verdict::Clean)
}

/// The format that is asked for, or that the name of the file tells.
fn format(arguments: &GraphArguments) -> GraphFormat {
    let ending = arguments.output.as_deref().and_then(|path| path.extension());
    let ending = ending.map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let told = match ending.as_deref() {
        Some("svg") => GraphFormat::Svg,
        Some("dot" | "gv") => GraphFormat::Dot,
        Some("json") => GraphFormat::Json,
        _ => GraphFormat::Mermaid,
    };
    arguments.format.unwrap_or(told)
}
