//! Curves of means with a 95 % band, in one or several panels under one legend.

use super::axes::{self, Area, extents, half, looks, no_data, runs, title};
use super::legend;
use super::line::{Line, Point};
use super::palette::Look;
use super::scale::Scale;
use super::svg::{Anchor, Canvas, Element, number};
use super::text;
use super::unit::Unit;

const MARGIN: f64 = 20.0;
/// More points than this on one line cannot be told apart at the width of a panel.
const MOST_POINTS: usize = 600;

/// One pair of axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Heading of the panel; may be empty.
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

/// Curves in panels. A line of more than 600 points is thinned evenly, its last point kept.
#[derive(Clone, Debug, PartialEq)]
pub struct CurvePlot {
    /// Heading and accessible name.
    pub title: String,
    /// Panels from left to right, at most two a row.
    pub panels: Vec<Panel>,
}

impl CurvePlot {
    /// The picture as an SVG document.
    pub fn to_svg(&self) -> String {
        let width = if self.panels.len() < 2 { 760.0 } else { 980.0 };
        self.drawn(width, 220.0)
    }

    /// The picture as an SVG document for a narrow column: 560 pixels wide, with lower panels.
    pub fn to_compact_svg(&self) -> String {
        self.drawn(560.0, if self.panels.len() < 2 { 190.0 } else { 140.0 })
    }

    fn drawn(&self, width: f64, panel_height: f64) -> String {
        let columns = self.panels.len().min(2);
        if self.panels.iter().all(|p| extents(&p.lines, p.unit).is_none()) {
            return no_data(&self.title, width);
        }
        let entries = looks(self.panels.iter().flat_map(|p| &p.lines));
        let mut canvas = Canvas::new();
        let top = title(&mut canvas, &self.title, (MARGIN, 16.0), width - 2.0 * MARGIN);
        let w = (width - 2.0 * MARGIN) / columns as f64;
        let heading = if self.panels.iter().all(|p| p.title.is_empty()) { 0.0 } else { 24.0 };
        let h = heading + 28.0 + panel_height + 52.0;
        for (index, panel) in self.panels.iter().enumerate() {
            let x = MARGIN + (index % columns) as f64 * w;
            let y = top + (index / columns) as f64 * h;
            let room = text::fit(&panel.title, 13.0 * 1.06, w - 20.0);
            canvas.text("pw-ink pw-strong", (x, y + 10.0), 13.0, Anchor::Start, &room);
            let area = Area { x, y: y + heading + 28.0, w: w - 16.0, h: panel_height };
            panel.draw(&mut canvas, area, &entries);
        }
        let bottom = top + self.panels.len().div_ceil(columns) as f64 * h;
        let used =
            legend::draw(&mut canvas, (MARGIN, bottom), width - 2.0 * MARGIN, &entries, false);
        canvas.finish(width, bottom + used + 16.0, &self.title, &self.description())
    }

    fn description(&self) -> String {
        let last = |panel: &Panel, line: &Line| {
            let shown = runs(&line.points).last().and_then(|run| run.last()).map_or_else(
                || "no data".to_owned(),
                |p| format!("{} at {}", panel.unit.with_error(p.y, p.error), p.x),
            );
            format!("{}: {shown}", line.label)
        };
        let panels: Vec<_> = self
            .panels
            .iter()
            .map(|panel| {
                let lines: Vec<_> = panel.lines.iter().map(|l| last(panel, l)).collect();
                let gap = if panel.title.is_empty() { "" } else { " " };
                format!("{}{gap}{}; {}", panel.title, panel.y_label, lines.join("; "))
            })
            .collect();
        panels.join(". ")
    }
}

impl Panel {
    fn draw(&self, canvas: &mut Canvas, area: Area, entries: &[(String, Look)]) {
        let Some((xs, ys)) = extents(&self.lines, self.unit) else {
            let middle = (area.x + area.w / 2.0, area.y + area.h / 2.0);
            canvas.text("pw-muted", middle, 14.0, Anchor::Middle, "no data");
            return;
        };
        let y = Scale::nice(ys, 5, area.y + area.h, area.y);
        let room = axes::y_room(&y, self.unit);
        let area = Area { x: area.x + room, w: area.w - room, ..area };
        let x = Scale::tight(xs, if area.w < 300.0 { 4 } else { 6 }, area.x, area.x + area.w);
        let unit = Unit::Number { digits: 0 };
        let ticks: Vec<_> = x.ticks.iter().map(|&t| (t, x.label(t, unit))).collect();
        axes::draw(canvas, area, (&x, &y), &ticks, self.unit, (&self.x_label, &self.y_label));
        let drawn: Vec<_> = self
            .lines
            .iter()
            .filter_map(|line| {
                let (_, look) = entries.iter().find(|(label, _)| *label == line.label)?;
                Some((line, look, thin(&line.points)))
            })
            .collect();
        // Bands first, so that none hides another's mean.
        for (_, look, points) in &drawn {
            for run in runs(points).filter(|run| run.iter().any(|p| half(p) > 0.0)) {
                let upper = run.iter().map(|p| (x.at(p.x), axes::interval(p, &y, area).1));
                let lower = run.iter().rev().map(|p| (x.at(p.x), axes::interval(p, &y, area).0));
                canvas.push(
                    Element::new("path")
                        .attr("d", &format!("{}Z", path(upper.chain(lower))))
                        .attr("fill", look.colour)
                        .attr("fill-opacity", "0.2"),
                );
            }
        }
        for (line, look, points) in &drawn {
            for run in runs(points) {
                let d = path(run.iter().map(|p| (x.at(p.x), y.at(p.y))));
                let element = if run.len() == 1 {
                    let (cx, cy) = (x.at(run[0].x), y.at(run[0].y));
                    Element::new("circle")
                        .num("cx", cx)
                        .num("cy", cy)
                        .num("r", 3.0)
                        .attr("fill", look.colour)
                } else {
                    Element::new("path")
                        .attr("d", &d)
                        .attr("fill", "none")
                        .attr("stroke", look.colour)
                };
                canvas.push(
                    element
                        .attr("stroke-width", "2")
                        .attr("stroke-linejoin", "round")
                        .attr("stroke-dasharray", look.dash)
                        .tooltip(&line.label),
                );
            }
        }
    }
}

/// At most [`MOST_POINTS`] and one of the points, evenly picked.
fn thin(points: &[Point]) -> Vec<Point> {
    let stride = points.len().div_ceil(MOST_POINTS).max(1);
    let mut kept: Vec<_> = points.iter().step_by(stride).copied().collect();
    if stride > 1 && points.len() % stride != 1 {
        kept.extend(points.last());
    }
    kept
}

fn path(points: impl Iterator<Item = (f64, f64)>) -> String {
    let corners: Vec<_> = points.map(|(x, y)| format!("{} {}", number(x), number(y))).collect();
    format!("M{}", corners.join("L"))
}
