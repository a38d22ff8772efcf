//! What is in the box of a stage, and how large that is. Letters are all of one width, so that texts fit.

use dockerfile_compile::view::Explanation;
use dockerfile_compile::view::explain::{LOCAL, MAIN, Origin, Step, one_line};

/// The width of a letter, and a little more: of the usual fonts none is wider.
pub(super) const LETTER: f64 = 6.7;
/// The width of a letter on a chip.
pub(super) const SMALL_LETTER: f64 = 5.8;
/// From one line of text to the next.
pub(super) const ROW: f64 = 19.0;
/// From one line of chips to the next.
pub(super) const CHIP_ROW: f64 = 18.0;
/// What a chip has beside its text.
pub(super) const CHIP_PADDING: f64 = 12.0;
/// Between two chips.
pub(super) const CHIP_GAP: f64 = 5.0;
/// Where the text of a step begins: right of its line number.
pub(super) const GUTTER: f64 = 40.0;
/// The line with the name of the stage.
pub(super) const HEADER: f64 = 30.0;
/// Around everything in a box.
pub(super) const PADDING: f64 = 9.0;
/// Letters of a step.
const LETTERS: usize = 46;
/// Letters of a chip.
const CHIP_LETTERS: usize = 34;
/// Steps of a stage that are shown; of more, the first and the last.
const MOST_ROWS: usize = 16;
/// The narrowest box.
const LEAST_WIDTH: f64 = 150.0;

/// A stage as it is drawn.
pub(super) struct StageBox {
    pub(super) name: String,
    pub(super) is_target: bool,
    pub(super) is_pruned: bool,
    pub(super) is_longest: bool,
    /// What it stands on, where that is no stage that is drawn.
    pub(super) base: Option<Chip>,
    pub(super) rows: Vec<Row>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A step, or a word about those that are not shown.
pub(super) struct Row {
    /// The steps that it stands for.
    pub(super) steps: std::ops::Range<usize>,
    pub(super) line: String,
    pub(super) text: String,
    pub(super) chips: Vec<Vec<Chip>>,
    pub(super) is_longest: bool,
    /// The middle of its text, from the top of the box.
    pub(super) y: f64,
}

/// Something small with a colour of its own.
#[derive(Clone)]
pub(super) struct Chip {
    pub(super) kind: ChipKind,
    pub(super) text: String,
}

/// What a chip is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ChipKind {
    Image,
    Context,
    Cache,
    Secret,
}

impl Chip {
    fn new(kind: ChipKind, text: &str) -> Self {
        Self {
            kind,
            text: one_line(text, CHIP_LETTERS),
        }
    }

    /// How wide it is.
    pub(super) fn width(&self) -> f64 {
        width_of(&self.text, SMALL_LETTER) + CHIP_PADDING
    }
}

impl StageBox {
    /// The box of a stage, whose steps are those at `steps`.
    pub(super) fn new(model: &Explanation, stage: usize, steps: &[usize]) -> Self {
        let shown = &model.stages[stage];
        let base = match shown.base {
            Some(Origin::Source(_)) => shown.base.map(|base| chip_of(model, base)),
            None => Some(Chip::new(ChipKind::Image, &shown.from)),
            _ => None,
        };
        let mut made = Self {
            name: one_line(&shown.name, LETTERS - 12),
            is_target: stage == model.target,
            is_pruned: !shown.pruned.is_empty(),
            is_longest: steps.iter().any(|at| model.steps[*at].longest),
            base,
            rows: Vec::new(),
            width: 0.0,
            height: 0.0,
        };
        let hidden = match steps.len() > MOST_ROWS {
            true => MOST_ROWS / 2..steps.len() - MOST_ROWS / 2 + 1,
            false => 0..0,
        };
        for (place, at) in steps.iter().enumerate() {
            if place == hidden.start && !hidden.is_empty() {
                let all = hidden.clone().map(|place| steps[place]);
                made.rows.push(Row {
                    steps: *at..steps[hidden.end - 1] + 1,
                    line: "⋮".to_owned(),
                    text: format!("{} more steps", hidden.len()),
                    chips: Vec::new(),
                    is_longest: all.into_iter().any(|at| model.steps[at].longest),
                    y: 0.0,
                });
            }
            if !hidden.contains(&place) {
                made.rows.push(Row::new(model, *at));
            }
        }
        made.measure();
        made
    }

    fn measure(&mut self) {
        let mark = if self.is_target { 8 } else { 0 };
        let mut width = width_of(&self.name, LETTER * 1.15) + mark as f64 * LETTER;
        if let Some(base) = &self.base {
            width = width.max(base.width());
        }
        for row in &self.rows {
            width = width.max(GUTTER - PADDING + width_of(&row.text, LETTER));
            // A chip alone in its line may be wider than all text.
            for chip in row.chips.iter().flatten() {
                width = width.max(GUTTER - PADDING + chip.width());
            }
        }
        self.width = width.max(LEAST_WIDTH) + 2.0 * PADDING;
        let room = self.width - GUTTER - PADDING;
        let mut y = HEADER + if self.base.is_some() { CHIP_ROW + 2.0 } else { 0.0 };
        for row in &mut self.rows {
            row.y = y + ROW / 2.0;
            row.chips = wrapped(row.chips.drain(..).flatten(), room);
            y += ROW + CHIP_ROW * row.chips.len() as f64;
        }
        self.height = y + if self.rows.is_empty() { 4.0 } else { PADDING };
    }

    /// The middle of the line that is about a step, from the top.
    pub(super) fn anchor(&self, step: usize) -> f64 {
        let row = self.rows.iter().find(|row| row.steps.contains(&step));
        row.map_or(HEADER / 2.0, |row| row.y)
    }

    /// Where its result comes out, from the top.
    pub(super) fn exit(&self) -> f64 {
        self.rows.last().map_or(HEADER / 2.0, |row| row.y)
    }
}

impl Row {
    fn new(model: &Explanation, at: usize) -> Self {
        let step = &model.steps[at];
        Self {
            steps: at..at + 1,
            line: step.line.to_string(),
            text: one_line(&step.label(), LETTERS),
            chips: vec![chips(model, step)],
            is_longest: step.longest,
            y: 0.0,
        }
    }
}

/// What a step reads from outside and borrows.
fn chips(model: &Explanation, step: &Step) -> Vec<Chip> {
    let mut chips: Vec<Chip> = Vec::new();
    for read in &step.reads {
        if matches!(read.from, Origin::Source(_)) {
            let chip = chip_of(model, read.from);
            if !chips.iter().any(|known| known.text == chip.text) {
                chips.push(chip);
            }
        }
    }
    let cache = step
        .caches
        .iter()
        .map(|cache| (ChipKind::Cache, format!("cache {}", cache.target)));
    let secret = step
        .secrets
        .iter()
        .map(|secret| (ChipKind::Secret, format!("secret {}", secret.id)));
    let ssh = step
        .ssh
        .iter()
        .map(|ssh| (ChipKind::Secret, format!("ssh {}", ssh.id)));
    chips.extend(
        cache
            .chain(secret)
            .chain(ssh)
            .map(|(kind, text)| Chip::new(kind, &text)),
    );
    chips
}

fn chip_of(model: &Explanation, origin: Origin) -> Chip {
    let source = match origin {
        Origin::Source(at) => model.sources.get(at),
        _ => None,
    };
    match source {
        Some(source) if source.kind == LOCAL && source.name == MAIN => {
            Chip::new(ChipKind::Context, "context")
        }
        Some(source) if source.kind == LOCAL => {
            Chip::new(ChipKind::Context, &format!("context {}", source.name))
        }
        _ => Chip::new(ChipKind::Image, &model.name_of(origin)),
    }
}

/// Chips in lines that are no wider than `room`.
fn wrapped(chips: impl Iterator<Item = Chip>, room: f64) -> Vec<Vec<Chip>> {
    let mut lines: Vec<Vec<Chip>> = Vec::new();
    let mut left = 0.0;
    for chip in chips {
        let width = chip.width() + CHIP_GAP;
        match lines.last_mut().filter(|_| width - CHIP_GAP <= left) {
            Some(line) => line.push(chip),
            None => {
                lines.push(vec![chip]);
                left = room;
            }
        }
        left -= width;
    }
    lines
}

/// Signs of East Asia are twice as wide.
pub(super) fn width_of(text: &str, letter: f64) -> f64 {
    let letters: usize = text
        .chars()
        .map(|c| {
            if u32::from(c) >= 0x1100 && !matches!(c, '\u{2000}'..='\u{2bff}') {
                2
            } else {
                1
            }
        })
        .sum();
    letters as f64 * letter
}
