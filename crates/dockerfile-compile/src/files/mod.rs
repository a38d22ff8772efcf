//! The other files that a Dockerfile of the dialect takes in: which they are, and all of them as one parsed file.
//!
//! Their bytes stand one behind the other in one text, the Dockerfile first, so that a span or a line says by itself
//! which file it is of. `INCLUDE` is gone from what comes out; a word that names a stage of another file is a
//! [`Link`](dockerfile_syntax::Link).

mod faults;
mod names;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use dockerfile_syntax::budget::FILE_BYTES;
use dockerfile_syntax::{Dockerfile, FilePart, Parsed, dialect, parse};
use llb_graph::{Bytes, Definition, Reference, collect};

use crate::options::{SourceFile, SourcePart};

/// The most files that a build takes in.
pub const MOST_FILES: usize = 1000;
/// The most that all of them together may have, in bytes.
pub const MOST_BYTES: usize = FILE_BYTES;
/// How far from the Dockerfile a file may be, counted in files that name each other.
pub const MOST_DEPTH: usize = 64;

/// Where a file is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileOrigin {
    /// In the source that the Dockerfile itself is from.
    Dockerfile,
    /// In the named context of that name.
    Context(String),
    /// In a git repository, as its URL with the commit says.
    Git(String),
}

/// Asks for a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileRequest {
    /// Where it is.
    pub origin: FileOrigin,
    /// Its path there, without `.` and `..`.
    pub path: String,
}

/// What became of a [`FileRequest`].
#[derive(Clone, Debug)]
pub enum FileAnswer {
    /// It is there.
    Found {
        /// Its bytes.
        data: Bytes,
        /// Graph of the source that it was read from.
        definition: Option<Definition>,
    },
    /// It can't be read; says why.
    Failed(String),
}

/// A Dockerfile, and the files that it takes in as far as they are known.
///
/// ```
/// use dockerfile_compile::{FileAnswer, Files, SourceFile};
///
/// let main = b"# plimsoll=1\nINCLUDE base.Dockerfile\nFROM base\n".as_slice();
/// let mut files = Files::new(SourceFile::new("Dockerfile", main));
/// let lacking = files.lacking();
/// assert_eq!(lacking.iter().next().map(|request| request.path.as_str()), Some("base.Dockerfile"));
/// files.add(lacking.into_iter().map(|request| {
///     let data = b"FROM alpine AS base\n".as_slice().into();
///     (request, FileAnswer::Found { data, definition: None })
/// }));
/// assert!(files.lacking().is_empty());
/// let parsed = files.parse();
/// assert_eq!(parsed.dockerfile.stages.len(), 2);
/// assert_eq!(files.source().position(parsed.dockerfile.stages[0].from.base.span.start).0, "base.Dockerfile");
/// ```
#[derive(Clone, Debug)]
pub struct Files {
    main: Arc<SourceFile>,
    /// Only a file of the dialect takes in others.
    is_dialect: bool,
    /// Everything as one text.
    source: Arc<SourceFile>,
    known: BTreeMap<FileRequest, Known>,
}

/// What is known of a file.
#[derive(Clone, Debug)]
enum Known {
    /// Its place in the text.
    Part {
        bytes: Range<usize>,
        lines_before: usize,
    },
    /// Why it can't be read.
    Failed(String),
}

impl Files {
    /// A Dockerfile of which nothing else is known yet.
    #[must_use]
    pub fn new(main: impl Into<Arc<SourceFile>>) -> Self {
        let main = main.into();
        Self {
            is_dialect: dialect::find(&main.data).0.is_on,
            source: Arc::clone(&main),
            known: BTreeMap::new(),
            main,
        }
    }

    /// The files to look for next. Where there are none, all that can be known is known.
    #[must_use]
    pub fn lacking(&self) -> BTreeSet<FileRequest> {
        match self.is_dialect {
            true => walk::Walk::new(self).looking().run().lacks,
            false => BTreeSet::new(),
        }
    }

    /// Takes in files, or the news that they can't be had.
    pub fn add(&mut self, answers: impl IntoIterator<Item = (FileRequest, FileAnswer)>) {
        let source = Arc::make_mut(&mut self.source);
        let mut text = Vec::from(source.data.clone());
        if source.parts.is_empty() {
            source.parts.push(SourcePart {
                filename: source.filename.clone(),
                bytes: 0..text.len(),
                lines_before: 0,
                definition: source.definition.clone(),
            });
        }
        let mut lines_before = text.iter().filter(|byte| **byte == b'\n').count();
        for (request, answer) in answers {
            let known = match answer {
                FileAnswer::Failed(why) => Known::Failed(why),
                FileAnswer::Found { .. } if self.known.len() >= MOST_FILES => {
                    Known::Failed(format!("it is one of more than {MOST_FILES} files; name fewer"))
                }
                FileAnswer::Found { data, .. } if text.len() + data.len() > MOST_BYTES => {
                    Known::Failed(format!(
                        "all files together have more than {} MiB; name fewer or smaller ones",
                        MOST_BYTES >> 20
                    ))
                }
                FileAnswer::Found { data, definition } => {
                    if !text.ends_with(b"\n") {
                        text.push(b'\n');
                        lines_before += 1;
                    }
                    let bytes = text.len()..text.len() + data.len();
                    text.extend_from_slice(&data);
                    source.parts.push(SourcePart {
                        filename: names::shown(&request),
                        bytes: bytes.clone(),
                        lines_before,
                        definition,
                    });
                    let known = Known::Part { bytes, lines_before };
                    lines_before += data.iter().filter(|byte| **byte == b'\n').count();
                    known
                }
            };
            self.known.insert(request, known);
        }
        source.data = text.into();
    }

    /// The images that are bases whatever the files that lack have in them, by their full names: what stands behind FROM
    /// has no variables, and is no name of a stage.
    #[must_use]
    pub fn certain_bases(&self, file: &Dockerfile<'_>) -> BTreeSet<String> {
        let words = file.stages.iter().map(|stage| stage.from.base.as_str());
        let words = words.filter(|word| word.contains([':', '/', '@']) && !word.contains(['$', '#']));
        let images = words.filter_map(|word| Reference::parse_normalized(word).ok());
        collect::set(images.map(|image| image.or_latest().to_string()))
    }

    /// Calls files by other names.
    pub fn rename(&mut self, name: impl Fn(&str) -> String) {
        let source = Arc::make_mut(&mut self.source);
        source.filename = name(&source.filename);
        for part in &mut source.parts {
            part.filename = name(&part.filename);
        }
    }

    /// The bytes of all files, which the places in what was parsed are places of.
    #[must_use]
    pub fn source(&self) -> &Arc<SourceFile> {
        &self.source
    }

    /// All files as one. A file that lacks is an error at the word that names it.
    #[must_use]
    pub fn parse(&self) -> Parsed<'_> {
        match self.is_dialect {
            true => walk::Walk::new(self).run().into_parsed(),
            false => parse(&self.main.data),
        }
    }

    /// The Dockerfile itself among the parts of the text.
    fn main_part(&self) -> FilePart {
        FilePart {
            bytes: 0..self.main.data.len(),
            lines_before: 0,
            is_fragment: false,
        }
    }
}
