//! The frame of a plot with two numeric axes, and what its pictures share.

use super::line::{Line, Point};
use super::palette::{Look, look};
use super::scale::{Scale, drawable};
use super::svg::{Anchor, Canvas};
use super::unit::Unit;
use super::{scale, text};

pub(crate) const TICK: f64 = 11.0;
const LABEL: f64 = 12.0;

/// A rectangle in pixels.
#[derive(Clone, Copy)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) w: f64,
    pub(crate) h: f64,
}

/// Draws grid, ticks and axis names; `x_ticks` are drawn where their labels leave room.
pub(crate) fn draw(
    canvas: &mut Canvas,
    area: Area,
    (x, y): (&Scale, &Scale),
    x_ticks: &[(f64, String)],
    unit: Unit,
    (x_label, y_label): (&str, &str),
) {
    let bottom = area.y + area.h;
    for &tick in &y.ticks {
        let at = y.at(tick);
        canvas.line("pw-grid", (area.x, at), (area.x + area.w, at));
        canvas.text("pw-muted", (area.x - 7.0, at), TICK, Anchor::End, &y.label(tick, unit));
    }
    let mut free = f64::NEG_INFINITY;
    for (tick, label) in x_ticks {
        let at = x.at(*tick);
        canvas.line("pw-axis", (at, bottom), (at, bottom + 4.0));
        let half = text::width(label, TICK) / 2.0;
        if at - half >= free {
            canvas.text("pw-muted", (at, bottom + 13.0), TICK, Anchor::Middle, label);
            free = at + half + 6.0;
        }
    }
    canvas.line("pw-axis", (area.x, bottom), (area.x + area.w, bottom));
    let middle = area.x + area.w / 2.0;
    let x_label = text::fit(x_label, LABEL, area.w);
    canvas.text("pw-ink", (middle, bottom + 31.0), LABEL, Anchor::Middle, &x_label);
    let y_label = text::fit(y_label, LABEL, area.w);
    canvas.text("pw-ink", (area.x, area.y - 13.0), LABEL, Anchor::Start, &y_label);
}

/// Room left of the axis for the labels of `y`.
pub(crate) fn y_room(y: &Scale, unit: Unit) -> f64 {
    y.ticks.iter().map(|&t| text::width(&y.label(t, unit), TICK)).fold(0.0, f64::max) + 10.0
}

/// Labels in the order of their first appearance, each with its look.
pub(crate) fn looks<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Vec<(String, Look)> {
    let mut entries: Vec<(String, Look)> = Vec::new();
    for line in lines {
        if !entries.iter().any(|(label, _)| *label == line.label) {
            entries.push((line.label.clone(), look(entries.len())));
        }
    }
    entries
}

/// The points that can be drawn, in runs between those that cannot.
pub(crate) fn runs(points: &[Point]) -> impl Iterator<Item = &[Point]> {
    points.split(|p| !drawable(p.x) || !drawable(p.y)).filter(|run| !run.is_empty())
}

/// Half width of a point's interval, zero where there is none.
pub(crate) fn half(point: &Point) -> f64 {
    point.error.filter(|e| drawable(*e)).map_or(0.0, f64::abs)
}

/// Ranges of x and y of what can be drawn, intervals included. An interval does not open the
/// axis below zero, nor that of shares above one, where no mean lies there.
pub(crate) fn extents(lines: &[Line], unit: Unit) -> Option<((f64, f64), (f64, f64))> {
    let points = || lines.iter().flat_map(|l| runs(&l.points)).flatten();
    let x = scale::extent(points().map(|p| p.x))?;
    let (least, most) = scale::extent(points().map(|p| p.y))?;
    let (mut low, mut high) = scale::extent(points().flat_map(|p| [p.y - half(p), p.y + half(p)]))?;
    if least >= 0.0 {
        low = low.max(0.0);
    }
    if matches!(unit, Unit::Percent { .. }) && most <= 1.0 {
        high = high.min(1.0);
    }
    Some((x, (low, high)))
}

/// The lower and upper end of a point's interval in pixels, cut off at the frame.
pub(crate) fn interval(point: &Point, y: &Scale, area: Area) -> (f64, f64) {
    let inside = |v: f64| y.at(v).clamp(area.y, area.y + area.h);
    (inside(point.y - half(point)), inside(point.y + half(point)))
}

/// Draws the title, on as many lines as it needs, and returns the y below it.
pub(crate) fn title(canvas: &mut Canvas, title: &str, (left, top): (f64, f64), room: f64) -> f64 {
    const SIZE: f64 = 16.0;
    let lines = text::wrap(title, SIZE * 1.06, room, 3);
    for (index, line) in lines.iter().enumerate() {
        let y = top + 10.0 + index as f64 * 22.0;
        canvas.text("pw-ink pw-strong", (left, y), SIZE, Anchor::Start, line);
    }
    top + if lines.is_empty() { 0.0 } else { lines.len() as f64 * 22.0 + 10.0 }
}

/// A whole picture that only says that there is nothing to show.
pub(crate) fn no_data(heading: &str, width: f64) -> String {
    words(heading, "no data", width)
}

/// A whole picture with nothing but words.
pub(crate) fn words(heading: &str, said: &str, width: f64) -> String {
    let mut canvas = Canvas::new();
    let mut y = title(&mut canvas, heading, (20.0, 16.0), width - 40.0) + 30.0;
    for line in text::wrap(said, 14.0, width - 40.0, 4) {
        canvas.text("pw-muted", (width / 2.0, y), 14.0, Anchor::Middle, &line);
        y += 20.0;
    }
    canvas.finish(width, y + 20.0, heading, said)
}
