//! Where the columns, boxes and ribbons of a path diagram stand.

use super::text;
use crate::flow::PathFlow;

pub(crate) const MARGIN: f64 = 20.0;
pub(crate) const SIZE: f64 = 12.0;
/// Width of a box.
pub(crate) const BOX: f64 = 80.0;
/// Width of a context's bar and the gap before it.
pub(crate) const BAR: f64 = 14.0;
/// Longest drawn width of a context's name.
const NAME_LIMIT: f64 = 180.0;
/// Height of all samples.
const TALL: f64 = 380.0;
/// Least height of a box, which holds a line of text.
const LOW: f64 = 18.0;
const GAP: f64 = 8.0;

/// A box, or a context, with the ribbons that end in its middle.
pub(crate) struct Slot {
    /// Below the top of the columns.
    pub(crate) middle: f64,
    pub(crate) height: f64,
    /// Height of its ribbons together.
    pub(crate) share_height: f64,
}

/// One ribbon on its way.
pub(crate) struct Way {
    /// Its place in the flow.
    pub(crate) ribbon: usize,
    /// Middle of its left end.
    pub(crate) from: (f64, f64),
    /// Middle of its right end.
    pub(crate) to: (f64, f64),
    pub(crate) width: f64,
}

/// The places of everything.
pub(crate) struct Layout {
    left: f64,
    pitch: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) contexts: Vec<Slot>,
    pub(crate) depths: Vec<Vec<Slot>>,
}

impl Layout {
    pub(crate) fn new(flow: &PathFlow) -> Self {
        let names = flow.contexts.iter().map(|context| text::width(&context.name, SIZE));
        let longest = names.fold(text::width("context", SIZE), f64::max).min(NAME_LIMIT);
        let left = MARGIN + longest + text::width("00", SIZE) + 8.0;
        let pitch = if flow.depths.len() <= 4 { 214.0 } else { 170.0 };
        let shares = |depth: usize| flow.depths[depth].stations.iter().map(|s| s.share).collect();
        let of_contexts: Vec<f64> = flow.contexts.iter().map(|context| context.share).collect();
        let of_depths: Vec<Vec<f64>> = (0..flow.depths.len()).map(shares).collect();
        let columns = || of_depths.iter().chain([&of_contexts]);
        let height = columns().map(|shares| column_height(shares)).fold(0.0, f64::max);
        let last = flow.depths.len() as f64;
        Self {
            left,
            pitch,
            width: left + BAR + last * pitch + MARGIN,
            height,
            contexts: slots(&of_contexts, height),
            depths: of_depths.iter().map(|shares| slots(shares, height)).collect(),
        }
    }

    /// The right end of the contexts' text.
    pub(crate) fn contexts_end(&self) -> f64 {
        self.left
    }

    /// The left edge of a depth's boxes.
    pub(crate) fn column(&self, depth: usize) -> f64 {
        self.left + BAR + (depth as f64 + 1.0) * self.pitch - BOX
    }

    /// Every ribbon, the widest first, so that none hides a narrower one. On both sides ribbons stand
    /// in the order of their other ends, and then of their contexts, so that few cross.
    pub(crate) fn ways(&self, flow: &PathFlow, top: f64) -> Vec<Way> {
        let mut ends = vec![[0.0; 2]; flow.ribbons.len()];
        for side in [0, 1] {
            let mut order: Vec<usize> = (0..flow.ribbons.len()).collect();
            order.sort_by_key(|&at| {
                let ribbon = &flow.ribbons[at];
                let (own, other) = match side {
                    0 => (ribbon.from, ribbon.to),
                    _ => (ribbon.to, ribbon.from),
                };
                (ribbon.depth, own, other, ribbon.context)
            });
            let mut last = None;
            let mut y = 0.0;
            for at in order {
                let ribbon = &flow.ribbons[at];
                let own = if side == 0 { ribbon.from } else { ribbon.to };
                if last != Some((ribbon.depth, own)) {
                    last = Some((ribbon.depth, own));
                    let slot = match (side, ribbon.depth) {
                        (0, 0) => &self.contexts[own],
                        (0, depth) => &self.depths[depth - 1][own],
                        (_, depth) => &self.depths[depth][own],
                    };
                    y = top + slot.middle - slot.share_height / 2.0;
                }
                let width = ribbon.share * TALL;
                ends[at][side] = y + width / 2.0;
                y += width;
            }
        }
        let way = |(at, ends): (usize, &[f64; 2])| {
            let ribbon = &flow.ribbons[at];
            let start = match ribbon.depth {
                0 => self.left + BAR,
                depth => self.column(depth - 1) + BOX,
            };
            Way {
                ribbon: at,
                from: (start, ends[0]),
                to: (self.column(ribbon.depth), ends[1]),
                width: ribbon.share * TALL,
            }
        };
        let mut ways: Vec<Way> = ends.iter().enumerate().map(way).collect();
        ways.sort_by(|a, b| b.width.total_cmp(&a.width));
        ways
    }
}

fn slot_height(share: f64) -> f64 {
    (share * TALL).max(LOW)
}

fn column_height(shares: &[f64]) -> f64 {
    let boxes: f64 = shares.iter().map(|&share| slot_height(share)).sum();
    boxes + GAP * shares.len().saturating_sub(1) as f64
}

/// The slots of a column, in the middle of the height of all.
fn slots(shares: &[f64], height: f64) -> Vec<Slot> {
    let mut y = (height - column_height(shares)) / 2.0;
    let slot = |&share: &f64| {
        let height = slot_height(share);
        let slot = Slot { middle: y + height / 2.0, height, share_height: share * TALL };
        y += height + GAP;
        slot
    };
    shares.iter().map(slot).collect()
}
