//! The graph as text: Mermaid and DOT, and the edges that any picture has.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use dockerfile_syntax::sort;
use llb_graph::collect;

use super::bounds::one_line;
use super::{Explanation, Origin, Step};
use crate::view::View;
use crate::view::json::pretty;

/// With more steps than this each stage is one node.
const MOST_STEPS: usize = 150;
/// More stages than this are not drawn; Mermaid itself takes 500 arrows.
const MOST_STAGES: usize = 200;
/// Words of an instruction that are looked at.
const MOST_WORDS: usize = 100;
/// Characters of an instruction.
const CHARACTERS: usize = 48;

/// An arrow of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// What is read.
    pub from: Origin,
    /// The step that reads it, or a stage without steps that stands on it.
    pub to: Origin,
    /// Files are read, by `COPY` or a mount; otherwise it is what the step works on.
    pub reads: bool,
    /// What `to` is part of counts only if `from` succeeds; nothing is read.
    pub requires: bool,
    /// Both ends are on the longest chain.
    pub longest: bool,
    /// It is not built.
    pub pruned: bool,
}

impl Explanation {
    /// All arrows, each once.
    #[must_use]
    pub fn edges(&self) -> Vec<Edge> {
        let mut last: BTreeMap<usize, usize> = BTreeMap::new();
        let mut edges = BTreeSet::new();
        let steps = self.steps.iter().zip(0..);
        let ends = collect::map(steps.map(|(step, at)| (step.stage, at)));
        let end = |origin: Origin| match origin {
            Origin::Stage(stage) => ends.get(&stage).copied().map_or(origin, Origin::Step),
            origin => origin,
        };
        for (at, stage) in self.stages.iter().enumerate() {
            if let Some(base) = stage.base.filter(|_| !ends.contains_key(&at)) {
                edges.insert(self.edge(end(base), Origin::Stage(at), false));
            }
            edges.extend(stage.required_by.iter().map(|by| Edge {
                requires: true,
                longest: false,
                ..self.edge(end(Origin::Stage(at)), end(Origin::Stage(*by)), false)
            }));
        }
        for (at, step) in self.steps.iter().enumerate() {
            let to = Origin::Step(at);
            let is_read = |input: &Origin| step.reads.iter().any(|read| read.from == *input);
            let base = self.stages.get(step.stage).and_then(|stage| stage.base);
            match last.insert(step.stage, at) {
                Some(before) => drop(edges.insert(self.edge(Origin::Step(before), to, false))),
                None => edges.extend(base.map(|base| self.edge(end(base), to, false))),
            }
            let inputs = step.inputs.iter().filter(|input| is_read(input));
            let pruned = step.reads.iter().map(|read| &read.from).filter(|_| step.pruned);
            edges.extend(inputs.chain(pruned).map(|from| self.edge(end(*from), to, true)));
        }
        edges.into_iter().filter(|edge| edge.from != edge.to).collect()
    }

    fn edge(&self, from: Origin, to: Origin, reads: bool) -> Edge {
        let step = |origin: Origin| match origin {
            Origin::Step(at) => self.steps.get(at),
            _ => None,
        };
        let wave = |origin: Origin| step(origin).filter(|step| step.longest).map(|step| step.wave);
        let longest = matches!((wave(from), wave(to)), (Some(from), Some(to)) if to == from + 1);
        let pruned = match (step(to), to) {
            (Some(step), _) => step.pruned,
            (None, Origin::Stage(at)) => self.stages.get(at).is_some_and(|stage| !stage.pruned.is_empty()),
            _ => false,
        };
        Edge {
            from,
            to,
            reads,
            requires: false,
            longest,
            pruned,
        }
    }

    /// The same with one node a stage, and no more stages than are drawn; says how many are not.
    fn coarse(&self) -> (Vec<Edge>, BTreeSet<usize>, usize) {
        let mut order: Vec<usize> = (0..self.stages.len()).collect();
        sort::sort_by_key(&mut order, |at| {
            (*at != self.target, !self.stages[*at].pruned.is_empty(), *at)
        });
        order.truncate(MOST_STAGES);
        let left_out = self.stages.len() - order.len();
        let shown = collect::set(order);
        let coarse = |origin: Origin| self.stage_of(origin).map_or(origin, Origin::Stage);
        let is_shown = |origin: &Origin| match origin {
            Origin::Stage(at) => shown.contains(at),
            _ => true,
        };
        let mut edges: BTreeMap<(Origin, Origin), Edge> = BTreeMap::new();
        for edge in self.edges() {
            let edge = Edge {
                from: coarse(edge.from),
                to: coarse(edge.to),
                ..edge
            };
            if edge.from != edge.to && is_shown(&edge.from) && is_shown(&edge.to) {
                let known = edges.entry((edge.from, edge.to)).or_insert(edge);
                known.longest |= edge.longest;
                known.reads &= edge.reads;
                known.requires &= edge.requires;
            }
        }
        (edges.into_values().collect(), shown, left_out)
    }

    /// What is drawn: whether steps are, the arrows, the stages, and how many of those are left out.
    fn drawn(&self) -> (bool, Vec<Edge>, BTreeSet<usize>, usize) {
        if self.steps.len() <= MOST_STEPS && self.stages.len() <= MOST_STAGES {
            return (true, self.edges(), (0..self.stages.len()).collect(), 0);
        }
        let (edges, shown, left_out) = self.coarse();
        (false, edges, shown, left_out)
    }

    /// As a flow chart of Mermaid, which GitHub and many editors draw.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let (with_steps, edges, stages, left_out) = self.drawn();
        let mut out = String::from("flowchart LR\n");
        for at in &stages {
            let stage = &self.stages[*at];
            let title = mermaid_text(&self.title(*at));
            let class = if stage.pruned.is_empty() { "" } else { ":::pruned" };
            let steps = self
                .steps
                .iter()
                .enumerate()
                .filter(|(_, step)| with_steps && step.stage == *at);
            let mut steps = steps.peekable();
            if steps.peek().is_none() {
                let _ = writeln!(out, "  s{at}[\"{title}\"]{class}");
                continue;
            }
            let _ = writeln!(out, "  subgraph s{at}[\"{title}\"]");
            for (step, shown) in steps {
                let class = if shown.pruned { ":::pruned" } else { "" };
                let lines = label(shown).map(|line| mermaid_text(&line));
                let _ = writeln!(
                    out,
                    "    t{step}[\"{}\"]{class}",
                    lines.join("<br>").trim_end_matches("<br>")
                );
            }
            out.push_str("  end\n");
            if !stage.pruned.is_empty() {
                let _ = writeln!(out, "  class s{at} pruned");
            }
        }
        for source in used(&edges) {
            let name = one_line(&self.name_of(Origin::Source(source)), CHARACTERS);
            let class = if self.sources[source].pruned {
                ":::pruned"
            } else {
                ""
            };
            let _ = writeln!(out, "  o{source}([\"{}\"]){class}", mermaid_text(&name));
        }
        for edge in &edges {
            let arrow = match (edge.longest, edge.reads) {
                _ if edge.requires => "-. requires .->",
                (true, _) => "==>",
                (false, true) => "-.->",
                (false, false) => "-->",
            };
            let _ = writeln!(out, "  {} {arrow} {}", id(edge.from), id(edge.to));
        }
        if left_out > 0 {
            let _ = writeln!(out, "  more[\"… and {left_out} more stages\"]:::pruned");
        }
        out.push_str("  classDef pruned opacity:0.45,stroke-dasharray:4 3\n");
        out
    }

    /// As a graph of Graphviz.
    #[must_use]
    pub fn dot(&self) -> String {
        let (with_steps, edges, stages, left_out) = self.drawn();
        let mut out = String::from(
            "digraph build {\n  rankdir=LR\n  node [shape=box style=rounded fontname=\"sans-serif\" fontsize=11]\n",
        );
        const PALE: &str = " color=gray70 fontcolor=gray60 style=\"rounded,dashed\"";
        for at in &stages {
            let stage = &self.stages[*at];
            let title = dot_text(&self.title(*at));
            let pale = if stage.pruned.is_empty() { "" } else { PALE };
            let steps = self
                .steps
                .iter()
                .enumerate()
                .filter(|(_, step)| with_steps && step.stage == *at);
            let mut steps = steps.peekable();
            if steps.peek().is_none() {
                let _ = writeln!(out, "  s{at} [label=\"{title}\"{pale}]");
                continue;
            }
            let _ = writeln!(
                out,
                "  subgraph cluster{at} {{\n    label=\"{title}\"{}",
                pale.replace("\" ", "\"; ")
            );
            for (step, shown) in steps {
                let pale = if shown.pruned { PALE } else { "" };
                let lines = label(shown).map(|line| dot_text(&line));
                let _ = writeln!(
                    out,
                    "    t{step} [label=\"{}\"{pale}]",
                    lines.join("\\n").trim_end_matches("\\n")
                );
            }
            out.push_str("  }\n");
        }
        for source in used(&edges) {
            let name = dot_text(&one_line(&self.name_of(Origin::Source(source)), CHARACTERS));
            let pale = if self.sources[source].pruned {
                " color=gray70 fontcolor=gray60"
            } else {
                ""
            };
            let _ = writeln!(out, "  o{source} [shape=ellipse label=\"{name}\"{pale}]");
        }
        for edge in &edges {
            let mut how = Vec::new();
            how.extend(edge.longest.then_some("penwidth=2.5"));
            how.extend(edge.reads.then_some("style=dashed"));
            how.extend(edge.requires.then_some("style=dotted label=requires"));
            how.extend(edge.pruned.then_some("color=gray70"));
            let _ = writeln!(out, "  {} -> {} [{}]", id(edge.from), id(edge.to), how.join(" "));
        }
        if left_out > 0 {
            let _ = writeln!(
                out,
                "  more [label=\"… and {left_out} more stages\" shape=plaintext]"
            );
        }
        out.push_str("}\n");
        out
    }

    /// The model as JSON, and the graph as Mermaid.
    #[must_use]
    pub fn graph_view(&self) -> View {
        View {
            json: pretty(&self.bounded()),
            text: self.mermaid().into_bytes(),
        }
    }

    /// Name and base of a stage.
    fn title(&self, at: usize) -> String {
        let stage = &self.stages[at];
        let target = if at == self.target { " (target)" } else { "" };
        one_line(&format!("{}{target} · {}", stage.name, stage.from), CHARACTERS)
    }
}

/// What a step is called, and what it borrows.
fn label(step: &Step) -> [String; 2] {
    let name = one_line(&step.label(), CHARACTERS);
    [
        format!("{} {name}", step.line),
        one_line(&step.marks(), CHARACTERS),
    ]
}

impl Step {
    /// Its text without mounts, which [`Step::marks`] tells in fewer words.
    #[must_use]
    pub fn label(&self) -> String {
        let words = self.text.split_whitespace().take(MOST_WORDS);
        let words: Vec<&str> = words.filter(|word| !word.starts_with("--mount=")).collect();
        words.join(" ")
    }

    /// What it borrows from outside of the build, in a line; empty where that is nothing.
    #[must_use]
    pub fn marks(&self) -> String {
        let cache = self.caches.iter().map(|cache| format!("cache {}", cache.target));
        let secret = self.secrets.iter().map(|secret| format!("secret {}", secret.id));
        let ssh = self.ssh.iter().map(|ssh| format!("ssh {}", ssh.id));
        cache.chain(secret).chain(ssh).collect::<Vec<_>>().join(" · ")
    }
}

/// The sources that arrows begin at.
fn used(edges: &[Edge]) -> BTreeSet<usize> {
    let sources = edges.iter().filter_map(|edge| match edge.from {
        Origin::Source(at) => Some(at),
        _ => None,
    });
    collect::set(sources)
}

fn id(origin: Origin) -> String {
    match origin {
        Origin::Stage(at) => format!("s{at}"),
        Origin::Step(at) => format!("t{at}"),
        Origin::Source(at) => format!("o{at}"),
    }
}

/// Mermaid reads HTML and Markdown, and `#…;` is a character by its name or number.
fn mermaid_text(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '#' | '"' | '<' | '>' | '&' | '`' | '*' | '_' | '\\' | '[' | ']' | '~' | '|' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

fn dot_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
