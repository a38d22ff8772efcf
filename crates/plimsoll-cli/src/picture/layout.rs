//! Where boxes and arrows go. What is read is left of what reads it.

use std::collections::BTreeMap;

use rust_sugiyama::configure::Config;
use rust_sugiyama::from_vertices_and_edges;

/// Between two columns.
const COLUMN_GAP: f64 = 56.0;
/// Between two boxes of a column.
const BOX_GAP: f64 = 22.0;
/// What many arrows between two columns take at most.
const MOST_TURNS: f64 = 90.0;
/// What an arrow takes that passes through a column.
const LANE: f64 = 14.0;

/// A place in the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Boxes by their places among those given, and the ways of arrows.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Layout {
    /// The upper left corners.
    pub(super) boxes: Vec<Point>,
    /// The widths of the boxes: those of one column are equally wide, so that no arrow runs over another box.
    pub(super) widths: Vec<f64>,
    /// By the two ends of an arrow, the points that it passes between them, two a column.
    pub(super) ways: BTreeMap<(usize, usize), Vec<Point>>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// By the two ends of an arrow, the vertices that it passes.
type Ways = BTreeMap<(usize, usize), Vec<usize>>;

/// A box, or a place where an arrow passes a column.
struct Vertex {
    column: usize,
    width: f64,
    height: f64,
}

/// Places boxes of such sizes, widths and heights; of each pair in `edges` the first is read by the second, and comes
/// before it.
pub(super) fn place(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Layout {
    let columns = columns(sizes.len(), edges);
    let mut vertices: Vec<Vertex> = sizes
        .iter()
        .zip(&columns)
        .map(|(&(width, height), &column)| Vertex {
            column,
            width,
            height,
        })
        .collect();
    let mut ways: Ways = BTreeMap::new();
    let mut links = Vec::new();
    for &(from, to) in edges {
        if ways.contains_key(&(from, to)) {
            continue;
        }
        let mut way = Vec::new();
        let mut before = from;
        for column in columns[from] + 1..columns[to] {
            way.push(vertices.len());
            links.push((before, vertices.len()));
            before = vertices.len();
            vertices.push(Vertex {
                column,
                width: 0.0,
                height: LANE,
            });
        }
        links.push((before, to));
        ways.insert((from, to), way);
    }
    let centers = spread(&vertices, &links);
    finish(&vertices, &centers, (sizes.len(), ways, &links))
}

/// The column of each box: as far left as what it reads allows, but what reads nothing stands right before the first
/// that reads it.
fn columns(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut sorted = edges.to_vec();
    sorted.sort_unstable_by_key(|&(_, to)| to);
    let mut columns = vec![0; count];
    for &(from, to) in &sorted {
        columns[to] = columns[to].max(columns[from] + 1);
    }
    for at in 0..count {
        let reads = edges.iter().any(|&(_, to)| to == at);
        let readers = edges.iter().filter(|&&(from, _)| from == at);
        if let Some(first) = readers.map(|&(_, to)| columns[to]).min().filter(|_| !reads) {
            columns[at] = first - 1;
        }
    }
    columns
}

/// The middle of each vertex within its column.
fn spread(vertices: &[Vertex], links: &[(usize, usize)]) -> Vec<f64> {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    // The library draws from top to bottom.
    let sizes: Vec<(u32, (f64, f64))> = vertices
        .iter()
        .enumerate()
        .map(|(at, vertex)| (number(at), (vertex.height, 1.0)))
        .collect();
    let links: Vec<(u32, u32)> = links
        .iter()
        .map(|&(from, to)| (number(from), number(to)))
        .collect();
    let config = Config {
        vertex_spacing: BOX_GAP,
        dummy_vertices: false,
        ..Config::default()
    };
    let mut centers = vec![0.0; vertices.len()];
    let mut top = 0.0;
    let mut parts: Vec<Vec<(usize, f64)>> = from_vertices_and_edges(&sizes, &links, &config)
        .into_iter()
        .map(|(part, ..)| {
            let mut part: Vec<(usize, f64)> = part.into_iter().map(|(at, (x, _))| (at, x)).collect();
            part.sort_unstable_by_key(|(at, _)| *at);
            part
        })
        .collect();
    // The part with the last stage, which mostly is the target, is the largest; lone stages come below.
    parts.sort_by_key(|part| (std::cmp::Reverse(part.len()), part.first().map(|(at, _)| *at)));
    for part in parts {
        let half = |at: usize| vertices[at].height / 2.0;
        let upper = part
            .iter()
            .map(|&(at, x)| x - half(at))
            .fold(f64::INFINITY, f64::min);
        let lower = part
            .iter()
            .map(|&(at, x)| x + half(at))
            .fold(f64::NEG_INFINITY, f64::max);
        for &(at, x) in &part {
            centers[at] = top + x - upper;
        }
        top += lower - upper + BOX_GAP;
    }
    centers
}

fn finish(
    vertices: &[Vertex],
    centers: &[f64],
    (count, ways, links): (usize, Ways, &[(usize, usize)]),
) -> Layout {
    let last = vertices
        .iter()
        .map(|vertex| vertex.column)
        .max()
        .unwrap_or_default();
    let mut lefts = Vec::new();
    let mut tops = vec![0.0; vertices.len()];
    let (mut x, mut bottom) = (0.0, 0.0_f64);
    let mut widths = Vec::new();
    for column in 0..=last {
        let mut inside: Vec<usize> = (0..vertices.len())
            .filter(|at| vertices[*at].column == column)
            .collect();
        inside.sort_by(|a, b| centers[*a].total_cmp(&centers[*b]).then(a.cmp(b)));
        let width = inside.iter().map(|at| vertices[*at].width).fold(0.0, f64::max);
        let mut free = f64::NEG_INFINITY;
        for at in inside {
            // The library keeps boxes apart by their sizes; this makes sure of it.
            tops[at] = free.max(centers[at] - vertices[at].height / 2.0);
            let gap = if vertices[at].width > 0.0 { BOX_GAP } else { 2.0 };
            free = tops[at] + vertices[at].height + gap;
            bottom = bottom.max(tops[at] + vertices[at].height);
        }
        lefts.push(x);
        widths.push(width);
        // Many arrows take more room to turn.
        let passing = links
            .iter()
            .filter(|&&(from, _)| vertices[from].column == column)
            .count();
        x += width + COLUMN_GAP + (passing as f64).min(MOST_TURNS);
    }
    let upper = tops.iter().copied().fold(f64::INFINITY, f64::min).min(bottom);
    let point = |at: usize| Point {
        x: lefts[vertices[at].column],
        y: tops[at] - upper,
    };
    let passing = |at: usize| {
        let column = vertices[at].column;
        let y = tops[at] - upper + LANE / 2.0;
        [lefts[column], lefts[column] + widths[column]].map(|x| Point { x, y })
    };
    Layout {
        boxes: (0..count).map(point).collect(),
        widths: (0..count).map(|at| widths[vertices[at].column]).collect(),
        ways: ways
            .into_iter()
            .map(|(ends, way)| (ends, way.into_iter().flat_map(passing).collect()))
            .collect(),
        width: lefts
            .last()
            .zip(widths.last())
            .map_or(0.0, |(left, width)| left + width),
        height: bottom - upper,
    }
}
