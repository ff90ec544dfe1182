//! One line a model over a setting, with error bars: cost against the number of modules.

use super::axes::{self, Area, extents, looks, no_data, runs, title};
use super::legend;
use super::line::Line;
use super::marker::marker;
use super::scale::Scale;
use super::svg::{Canvas, Element, number};
use super::unit::Unit;

const WIDTH: f64 = 760.0;
const MARGIN: f64 = 20.0;
const HEIGHT: f64 = 280.0;
/// Pixels between two lines at one x, so that both error bars are seen, and at most over all.
const DODGE: (f64, f64) = (4.0, 32.0);

/// Lines over a setting with few values, such as the number of modules. Ticks stand at the
/// values that occur; the vertical axis includes zero.
#[derive(Clone, Debug, PartialEq)]
pub struct LinesByX {
    /// Heading and accessible name.
    pub title: String,
    /// Name of the horizontal axis.
    pub x_label: String,
    /// Name of the vertical axis.
    pub y_label: String,
    /// How values of the vertical axis are written.
    pub unit: Unit,
    /// The lines, drawn in order.
    pub lines: Vec<Line>,
}

impl LinesByX {
    /// The picture as an SVG document.
    pub fn to_svg(&self) -> String {
        let Some((xs, (low, high))) = extents(&self.lines, self.unit) else {
            return no_data(&self.title, WIDTH);
        };
        let entries = looks(&self.lines);
        let mut canvas = Canvas::new();
        let room = WIDTH - 2.0 * MARGIN;
        let top = title(&mut canvas, &self.title, (MARGIN, 16.0), room) + 28.0;
        let y = Scale::nice((low.min(0.0), high.max(0.0)), 5, top + HEIGHT, top);
        let left = MARGIN + axes::y_room(&y, self.unit);
        let area = Area { x: left, y: top, w: WIDTH - MARGIN - left, h: HEIGHT };
        // Markers and error bars at both ends stay inside the frame.
        let gaps = (self.lines.len() - 1) as f64;
        let dodge = DODGE.0.min(DODGE.1 / gaps.max(1.0));
        let inset = 14.0 + dodge * gaps / 2.0;
        let x = Scale::tight(xs, 6, area.x + inset, area.x + area.w - inset);
        let names = (self.x_label.as_str(), self.y_label.as_str());
        axes::draw(&mut canvas, area, (&x, &y), &self.ticks(), self.unit, names);
        for (index, line) in self.lines.iter().enumerate() {
            let Some((_, look)) = entries.iter().find(|(label, _)| *label == line.label) else {
                continue;
            };
            let shift = (index as f64 - gaps / 2.0) * dodge;
            for run in runs(&line.points) {
                let at: Vec<_> = run.iter().map(|p| (x.at(p.x) + shift, y.at(p.y))).collect();
                let corners: Vec<_> =
                    at.iter().map(|(x, y)| format!("{},{}", number(*x), number(*y))).collect();
                canvas.push(
                    Element::new("polyline")
                        .attr("points", &corners.join(" "))
                        .attr("fill", "none")
                        .attr("stroke", look.colour)
                        .attr("stroke-width", "2")
                        .attr("stroke-dasharray", look.dash),
                );
                for (point, &(px, py)) in run.iter().zip(&at) {
                    let ends = axes::interval(point, &y, area);
                    error_bar(&mut canvas, px, ends, look.colour);
                    let value = self.unit.with_error(point.y, point.error);
                    let tip = format!("{}, {}: {value}", line.label, point.x);
                    canvas.push(
                        marker(look.shape, px, py, 4.5).attr("fill", look.colour).tooltip(&tip),
                    );
                }
            }
        }
        let bottom = top + HEIGHT + 50.0;
        let used = legend::draw(&mut canvas, (MARGIN, bottom), room, &entries, true);
        canvas.finish(WIDTH, bottom + used + 16.0, &self.title, &self.description())
    }

    /// The values of x that occur, ascending.
    fn ticks(&self) -> Vec<(f64, String)> {
        let mut values: Vec<f64> =
            self.lines.iter().flat_map(|l| runs(&l.points)).flatten().map(|p| p.x).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let short = |v: f64| {
            if v.abs() < 1e7 { v.to_string() } else { format!("{v:e}") }
        };
        values.into_iter().map(|v| (v, short(v))).collect()
    }

    fn description(&self) -> String {
        let lines: Vec<_> = self
            .lines
            .iter()
            .map(|line| {
                let points: Vec<_> = runs(&line.points)
                    .flatten()
                    .map(|p| format!("{} at {}", self.unit.with_error(p.y, p.error), p.x))
                    .collect();
                format!("{}: {}", line.label, points.join(", "))
            })
            .collect();
        lines.join("; ")
    }
}

fn error_bar(canvas: &mut Canvas, x: f64, (low, high): (f64, f64), colour: &str) {
    if low == high {
        return;
    }
    let d = format!(
        "M{x} {low}V{high}M{a} {low}H{b}M{a} {high}H{b}",
        x = number(x),
        low = number(low),
        high = number(high),
        a = number(x - 4.0),
        b = number(x + 4.0),
    );
    canvas.push(
        Element::new("path")
            .attr("d", &d)
            .attr("fill", "none")
            .attr("stroke", colour)
            .attr("stroke-width", "1.5"),
    );
}
