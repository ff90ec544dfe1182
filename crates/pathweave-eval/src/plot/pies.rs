//! Pies: how a whole is shared out, side by side.

use std::f64::consts::TAU;

use super::axes::{no_data, title};
use super::legend;
use super::palette::{Look, look};
use super::scale::drawable;
use super::svg::{Anchor, Canvas, Element, number};
use super::text;

const WIDTH: f64 = 760.0;
const MARGIN: f64 = 20.0;
const RADIUS: f64 = 92.0;
const CELL: f64 = 270.0;
const SIZE: f64 = 12.0;
/// Below this share a slice has no label beside it: two of them would touch.
const LEAST_LABEL: f64 = 0.06;

/// A part of a pie.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// Name in the legend; slices of one name look alike in every pie.
    pub label: String,
    /// Its part, in any unit. One that is not finite or not above zero is left out.
    pub value: f64,
}

/// A whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Pie {
    /// Heading of the pie; may be empty.
    pub title: String,
    /// Its parts, clockwise from the top.
    pub slices: Vec<Slice>,
}

/// Pies under one legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Pies {
    /// Heading and accessible name.
    pub title: String,
    /// Pies from left to right, two a row.
    pub pies: Vec<Pie>,
}

impl Pies {
    /// The picture as an SVG document.
    pub fn to_svg(&self) -> String {
        if self.pies.iter().all(|pie| pie.shares().is_empty()) {
            return no_data(&self.title, WIDTH);
        }
        let mut entries: Vec<(String, Look)> = Vec::new();
        for slice in self.pies.iter().flat_map(|pie| &pie.slices) {
            if !entries.iter().any(|(label, _)| *label == slice.label) {
                entries.push((slice.label.clone(), look(entries.len())));
            }
        }
        let mut canvas = Canvas::new();
        let room = WIDTH - 2.0 * MARGIN;
        let top = title(&mut canvas, &self.title, (MARGIN, 16.0), room);
        let columns = self.pies.len().min(2);
        let width = room / columns as f64;
        for (index, pie) in self.pies.iter().enumerate() {
            let left = MARGIN + (index % columns) as f64 * width;
            let y = top + (index / columns) as f64 * CELL;
            let heading = text::fit(&pie.title, 13.0 * 1.06, width - 20.0);
            let middle = left + width / 2.0;
            canvas.text("pw-ink pw-strong", (middle, y + 10.0), 13.0, Anchor::Middle, &heading);
            pie.draw(&mut canvas, (middle, y + 44.0 + RADIUS), &entries);
        }
        let bottom = top + self.pies.len().div_ceil(columns) as f64 * CELL;
        let used = legend::draw(&mut canvas, (MARGIN, bottom), room, &entries, false);
        canvas.finish(WIDTH, bottom + used + 16.0, &self.title, &self.description())
    }

    fn description(&self) -> String {
        let pie = |pie: &Pie| {
            let parts = pie.shares();
            let part =
                |(slice, share): &(&Slice, f64)| format!("{} {}", slice.label, percent(*share));
            let parts: Vec<String> = parts.iter().map(part).collect();
            let parts = if parts.is_empty() { "no data".to_owned() } else { parts.join(", ") };
            format!("{}: {parts}", pie.title)
        };
        self.pies.iter().map(pie).collect::<Vec<_>>().join(". ")
    }
}

impl Pie {
    /// The slices that can be drawn, as shares of their sum.
    fn shares(&self) -> Vec<(&Slice, f64)> {
        let sound = || self.slices.iter().filter(|s| drawable(s.value) && s.value > 0.0);
        let sum: f64 = sound().map(|slice| slice.value).sum();
        sound().map(|slice| (slice, slice.value / sum)).collect()
    }

    fn draw(&self, canvas: &mut Canvas, (x, y): (f64, f64), entries: &[(String, Look)]) {
        let shares = self.shares();
        if shares.is_empty() {
            canvas.text("pw-muted", (x, y), 14.0, Anchor::Middle, "no data");
        }
        let mut begin = 0.0;
        for (slice, share) in shares {
            let end = begin + share;
            let colour = entries.iter().find(|(label, _)| *label == slice.label);
            let colour = colour.map_or("none", |(_, look)| look.colour);
            let element = if share > 1.0 - 1e-9 {
                Element::new("circle").num("cx", x).num("cy", y).num("r", RADIUS)
            } else {
                Element::new("path").attr("d", &wedge((x, y), begin, end))
            };
            canvas.push(
                element
                    .class("pw-halo")
                    .attr("style", &format!("fill:{colour}"))
                    .attr("stroke-width", "1.5")
                    .tooltip(&format!("{}: {}", slice.label, percent(share))),
            );
            if share >= LEAST_LABEL {
                let (dx, dy) = direction((begin + end) / 2.0);
                let at = (x + (RADIUS + 18.0) * dx, y + (RADIUS + 14.0) * dy);
                canvas.text("pw-ink", at, SIZE, Anchor::Middle, &percent(share));
            }
            begin = end;
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.0}%", 100.0 * share)
}

/// The unit vector at a share of the turn, clockwise from the top.
fn direction(turn: f64) -> (f64, f64) {
    let (sin, cos) = (TAU * turn).sin_cos();
    (sin, -cos)
}

fn wedge((x, y): (f64, f64), begin: f64, end: f64) -> String {
    let at = |turn: f64| {
        let (dx, dy) = direction(turn);
        format!("{} {}", number(x + RADIUS * dx), number(y + RADIUS * dy))
    };
    let large = u8::from(end - begin > 0.5);
    let (x, y, r) = (number(x), number(y), number(RADIUS));
    format!("M{x} {y}L{}A{r} {r} 0 {large} 1 {}Z", at(begin), at(end))
}
