//! The picture as SVG, for light and dark pages.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use dockerfile_compile::view::Explanation;
use dockerfile_compile::view::explain::{Edge, Origin};

use super::boxes::{
    CHIP_GAP, CHIP_ROW, Chip, ChipKind, GUTTER, HEADER, LETTER, PADDING, ROW, SMALL_LETTER, StageBox,
    width_of,
};
use super::layout::{Layout, Point, place};

/// Around the whole picture.
const MARGIN: f64 = 18.0;
/// The line that says what the signs mean.
const LEGEND: f64 = 34.0;
/// Stages that are drawn at most, and steps: in larger pictures nobody finds anything.
const MOST_STAGES: usize = 200;
/// A picture is no narrower than its legend.
const LEGEND_WIDTH: f64 = 520.0;

const STYLE: &str = "\
text{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace;fill:#1f2933}
.page{fill:#ffffff}.box{fill:#f6f8fa;stroke:#8a99a8}.long{stroke:#0b6bcb;stroke-width:2}
.head{font-size:12.5px;font-weight:700}.line{fill:#7b8794;text-anchor:end}.row{fill:#e3f0fd}
.chip{font-size:9.5px}.chip rect{stroke-width:1}.i rect{fill:#ece9f7;stroke:#b5abdc}.i text{fill:#43358a}
.c rect{fill:#e4f3e8;stroke:#9fcfac}.c text{fill:#1d5c31}.m rect{fill:#fdf0d9;stroke:#e0bd7c}.m text{fill:#75500b}
.s rect{fill:#fde6e6;stroke:#e3a5a5}.s text{fill:#8f1f1f}.t rect{fill:#0b6bcb;stroke:#0b6bcb}.t text{fill:#ffffff}
.edge{fill:none;stroke:#8a99a8;stroke-width:1.4}.reads{stroke-dasharray:5 3}.thick{stroke:#0b6bcb;stroke-width:2.6}
.tip{fill:#8a99a8}.thicktip{fill:#0b6bcb}.pale{opacity:.42}.note{fill:#616e7c}
@media (prefers-color-scheme:dark){text{fill:#e4e7eb}.page{fill:#0f1720}.box{fill:#18222d;stroke:#5c6b7a}
.long{stroke:#59a8f5}.line{fill:#8a97a5}.row{fill:#1b3550}.i rect{fill:#2a2450;stroke:#5b4fa0}.i text{fill:#cfc7f5}
.c rect{fill:#14351f;stroke:#2f6b41}.c text{fill:#a9e0b8}.m rect{fill:#3d2d0c;stroke:#7d6126}.m text{fill:#f2d49b}
.s rect{fill:#421a1a;stroke:#853b3b}.s text{fill:#f5b5b5}.t rect{fill:#2b7fd6;stroke:#2b7fd6}.t text{fill:#ffffff}
.edge{stroke:#6b7a89}.thick{stroke:#59a8f5}.tip{fill:#6b7a89}.thicktip{fill:#59a8f5}.note{fill:#9aa5b1}}
";

/// Draws what a build does.
pub(super) fn draw(model: &Explanation) -> String {
    let mut order: Vec<usize> = (0..model.stages.len()).collect();
    order.sort_by_key(|at| (*at != model.target, !model.stages[*at].pruned.is_empty(), *at));
    order.truncate(MOST_STAGES);
    order.sort_unstable();
    let left_out = model.stages.len() - order.len();
    let mut steps: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, step) in model.steps.iter().enumerate() {
        steps.entry(step.stage).or_default().push(at);
    }
    let none = Vec::new();
    let mut boxes: Vec<StageBox> = order
        .iter()
        .map(|stage| StageBox::new(model, *stage, steps.get(stage).unwrap_or(&none)))
        .collect();
    let places: BTreeMap<usize, usize> = order.iter().copied().zip(0..).collect();
    let arrows = arrows(model, &places);
    let links: BTreeSet<(usize, usize)> = arrows.iter().map(|arrow| (arrow.from, arrow.to)).collect();
    let sizes: Vec<(f64, f64)> = boxes.iter().map(|shown| (shown.width, shown.height)).collect();
    let layout = place(&sizes, &links.into_iter().collect::<Vec<_>>());
    for (shown, width) in boxes.iter_mut().zip(&layout.widths) {
        shown.width = *width;
    }
    let mut out = Picture { text: String::new() };
    out.begin(model, &layout);
    for arrow in &arrows {
        out.arrow(arrow, &boxes, &layout);
    }
    for (shown, corner) in boxes.iter().zip(&layout.boxes) {
        out.stage(shown, *corner);
    }
    out.legend(&layout, left_out);
    out.text.push_str("</g>\n</svg>\n");
    out.text
}

/// An arrow from one box to another.
struct Arrow {
    from: usize,
    to: usize,
    /// The step that reads, where it is not the stage as a whole.
    step: Option<usize>,
    edge: Edge,
}

/// The arrows between boxes; thick ones last, so that they are on top.
fn arrows(model: &Explanation, places: &BTreeMap<usize, usize>) -> Vec<Arrow> {
    let mut arrows = Vec::new();
    for edge in model.edges() {
        let stages = (model.stage_of(edge.from), model.stage_of(edge.to));
        let (Some(from), Some(to)) = stages else { continue };
        let (Some(&from), Some(&to)) = (places.get(&from), places.get(&to)) else {
            continue;
        };
        // A stage can read none but those above it.
        if from < to {
            let step = match edge.to {
                Origin::Step(at) if edge.reads => Some(at),
                _ => None,
            };
            arrows.push(Arrow { from, to, step, edge });
        }
    }
    arrows.sort_by_key(|arrow| arrow.edge.longest);
    arrows
}

struct Picture {
    text: String,
}

impl Picture {
    fn add(&mut self, line: std::fmt::Arguments<'_>) {
        // A text takes all that is written to it.
        let _ = self.text.write_fmt(line);
        self.text.push('\n');
    }

    fn begin(&mut self, model: &Explanation, layout: &Layout) {
        let width = layout.width.max(LEGEND_WIDTH) + 2.0 * MARGIN;
        let height = layout.height + 2.0 * MARGIN + LEGEND;
        let target = model.stages.get(model.target).map_or("", |stage| &stage.name);
        self.add(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">"
        ));
        self.add(format_args!("<title>The build of {}</title>", escape(target)));
        self.add(format_args!("<style>\n{STYLE}</style>"));
        self.add(format_args!(
            "<rect class=\"page\" width=\"100%\" height=\"100%\"/>"
        ));
        self.add(format_args!("<g transform=\"translate({MARGIN} {MARGIN})\">"));
    }

    fn arrow(&mut self, arrow: &Arrow, boxes: &[StageBox], layout: &Layout) {
        const TIP: f64 = 7.0;
        let (from, to) = (&boxes[arrow.from], &boxes[arrow.to]);
        let start = layout.boxes[arrow.from];
        let end = layout.boxes[arrow.to];
        let exit = match arrow.edge.from {
            Origin::Step(step) => from.anchor(step),
            _ => from.exit(),
        };
        let entry = arrow.step.map_or(HEADER / 2.0, |step| to.anchor(step));
        let mut points = vec![Point {
            x: start.x + from.width,
            y: start.y + exit,
        }];
        points.extend(layout.ways.get(&(arrow.from, arrow.to)).into_iter().flatten());
        points.push(Point {
            x: end.x - TIP,
            y: end.y + entry,
        });
        let mut path = String::new();
        for (at, pair) in points.chunks(2).enumerate() {
            let [one, other] = pair else { continue };
            // Between columns the way is a curve, through a column a line.
            let middle = (one.x + other.x) / 2.0;
            let link = if at == 0 { "M" } else { "L" };
            let _ = write!(
                path,
                "{link}{:.1} {:.1}C{middle:.1} {:.1} {middle:.1} {:.1} {:.1} {:.1}",
                one.x, one.y, one.y, other.y, other.x, other.y
            );
        }
        let edge = &arrow.edge;
        let pale = if edge.pruned { " pale" } else { "" };
        let reads = if edge.reads { " reads" } else { "" };
        let dots = if edge.requires {
            " stroke-dasharray=\"1.5 3\""
        } else {
            ""
        };
        let (thick, tip) = if edge.longest {
            (" thick", "thicktip")
        } else {
            ("", "tip")
        };
        let (x, y) = (end.x, end.y + entry);
        self.add(format_args!(
            "<path class=\"edge{reads}{thick}{pale}\"{dots} d=\"{path}\"/>"
        ));
        self.add(format_args!(
            "<path class=\"{tip}{pale}\" d=\"M{x:.1} {y:.1}l-8 -4.5v9z\"/>"
        ));
    }

    fn stage(&mut self, shown: &StageBox, corner: Point) {
        let pale = if shown.is_pruned { " class=\"pale\"" } else { "" };
        let long = if shown.is_longest { " long" } else { "" };
        let (width, height) = (shown.width, shown.height);
        self.add(format_args!(
            "<g transform=\"translate({:.1} {:.1})\"{pale}>",
            corner.x, corner.y
        ));
        self.add(format_args!(
            "<rect class=\"box{long}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"7\"/>"
        ));
        self.words((PADDING, HEADER - 10.0), " class=\"head\"", &shown.name);
        if shown.is_target {
            let target = Chip {
                kind: ChipKind::Image,
                text: "target".to_owned(),
            };
            let x = PADDING + width_of(&shown.name, LETTER * 1.15) + 8.0;
            self.chip(&target, "t", (x, HEADER - 21.0));
        }
        if let Some(base) = &shown.base {
            self.chip(base, class(base.kind), (PADDING, HEADER - 2.0));
        }
        for row in &shown.rows {
            if row.is_longest && !shown.is_pruned {
                let height = ROW + CHIP_ROW * row.chips.len() as f64;
                self.add(format_args!(
                    "<rect class=\"row\" x=\"2\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\"/>",
                    row.y - ROW / 2.0,
                    width - 4.0
                ));
            }
            self.words((GUTTER - 9.0, row.y + 4.0), " class=\"line\"", &row.line);
            self.words((GUTTER, row.y + 4.0), "", &row.text);
            for (line, chips) in row.chips.iter().enumerate() {
                let mut x = GUTTER;
                for chip in chips {
                    let y = row.y + ROW / 2.0 + CHIP_ROW * line as f64 - 1.0;
                    self.chip(chip, class(chip.kind), (x, y));
                    x += chip.width() + CHIP_GAP;
                }
            }
        }
        self.text.push_str("</g>\n");
    }

    fn chip(&mut self, chip: &Chip, class: &str, (x, y): (f64, f64)) {
        let width = chip.width();
        self.add(format_args!(
            "<g class=\"chip {class}\"><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"15\" rx=\"7\"/><text class=\"chip\" x=\"{:.1}\" y=\"{:.1}\">{}</text></g>",
            x + (width - width_of(&chip.text, SMALL_LETTER)) / 2.0,
            y + 10.8,
            escape(&chip.text)
        ));
    }

    fn words(&mut self, (x, y): (f64, f64), class: &str, text: &str) {
        self.add(format_args!(
            "<text{class} x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
            escape(text)
        ));
    }

    fn legend(&mut self, layout: &Layout, left_out: usize) {
        let y = layout.height + LEGEND / 2.0 + 8.0;
        let mut x = 0.0;
        for (class, text) in [
            ("edge thick", "the longest chain"),
            ("edge", "stands on"),
            ("edge reads", "reads files"),
        ] {
            self.add(format_args!(
                "<path class=\"{class}\" d=\"M{x:.1} {:.1}h26\"/>",
                y - 4.0
            ));
            self.words((x + 32.0, y), " class=\"note\"", text);
            x += 32.0 + width_of(text, LETTER) + 22.0;
        }
        let pale = match left_out {
            0 => "pale: not built".to_owned(),
            more => format!("pale: not built; {more} more stages are not drawn"),
        };
        self.words((x, y), " class=\"note\"", &pale);
    }
}

fn class(kind: ChipKind) -> &'static str {
    match kind {
        ChipKind::Image => "i",
        ChipKind::Context => "c",
        ChipKind::Cache => "m",
        ChipKind::Secret => "s",
    }
}

/// Text of an XML document.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // XML has no such characters.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
