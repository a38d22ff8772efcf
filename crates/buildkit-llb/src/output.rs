//! What operations take and give, by the numbers that a graph gave them.

/// A vertex of one [`Graph`](crate::Graph); an id of one graph means nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VertexId(pub(crate) u32);

/// What a vertex gives: most have one output, an exec one for each mount it may
/// write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Output {
    /// Which vertex.
    pub vertex: VertexId,
    /// Which of its outputs, from zero.
    pub index: u32,
}

/// A file system at some point of the build; `None` is the empty one (scratch).
pub type FileSystem = Option<Output>;

impl VertexId {
    /// One output of the vertex.
    pub fn output(self, index: u32) -> Output {
        Output { vertex: self, index }
    }

    /// The first output, which is the only one of all operations but a command and a passthrough. Of a command it is the
    /// mount whose destination sorts first, mostly but not always its root: [`ExecOp::root_output`](crate::ExecOp::root_output)
    /// knows the number.
    pub fn first_output(self) -> Output {
        self.output(0)
    }

    /// Its place in the graph, from zero: vertices are numbered as they are added.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}
