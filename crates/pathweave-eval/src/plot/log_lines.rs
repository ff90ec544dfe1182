//! Lines over a setting that grows by factors, on a logarithmic axis: errors that fall over orders
//! of magnitude, and shares.

use super::axes::{self, Area, extents, looks, no_data, runs, title};
use super::curves::Panel;
use super::legend;
use super::line::{Line, Point};
use super::marker::marker;
use super::palette::Look;
use super::scale::Scale;
use super::svg::{Anchor, Canvas, Element, number};
use super::text;

const MARGIN: f64 = 20.0;
const PANEL_HEIGHT: f64 = 240.0;

/// Lines over a setting with few values, in panels, the horizontal axis logarithmic. Horizontal
/// ticks stand at the values that occur. A point that is not above zero on a logarithmic axis
/// breaks its line.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLines {
    /// Heading and accessible name.
    pub title: String,
    /// Panels from left to right, at most two a row.
    pub panels: Vec<Panel>,
    /// Whether the vertical axis is linear and includes zero; else it is logarithmic, and a panel's
    /// unit is not used.
    pub linear: bool,
}

impl LogLines {
    /// The picture as an SVG document.
    pub fn to_svg(&self) -> String {
        let columns = self.panels.len().min(2);
        let width = if columns < 2 { 760.0 } else { 980.0 };
        let panels: Vec<Panel> = self.panels.iter().map(|panel| self.drawable(panel)).collect();
        if panels.iter().all(|panel| extents(&panel.lines, panel.unit).is_none()) {
            return no_data(&self.title, width);
        }
        let entries = looks(panels.iter().flat_map(|panel| &panel.lines));
        let mut canvas = Canvas::new();
        let top = title(&mut canvas, &self.title, (MARGIN, 16.0), width - 2.0 * MARGIN);
        let w = (width - 2.0 * MARGIN) / columns as f64;
        let heading = if panels.iter().all(|panel| panel.title.is_empty()) { 0.0 } else { 24.0 };
        let h = heading + 28.0 + PANEL_HEIGHT + 52.0;
        for (index, panel) in panels.iter().enumerate() {
            let x = MARGIN + (index % columns) as f64 * w;
            let y = top + (index / columns) as f64 * h;
            let room = text::fit(&panel.title, 13.0 * 1.06, w - 20.0);
            canvas.text("pw-ink pw-strong", (x, y + 10.0), 13.0, Anchor::Start, &room);
            let area = Area { x, y: y + heading + 28.0, w: w - 16.0, h: PANEL_HEIGHT };
            draw(panel, &mut canvas, area, (&entries, self.linear));
        }
        let bottom = top + panels.len().div_ceil(columns) as f64 * h;
        let room = width - 2.0 * MARGIN;
        let used = legend::draw(&mut canvas, (MARGIN, bottom), room, &entries, true);
        canvas.finish(width, bottom + used + 16.0, &self.title, &description(&panels))
    }

    /// The panel with every point that cannot be drawn made a break.
    fn drawable(&self, panel: &Panel) -> Panel {
        let sound = |p: &Point| p.x > 0.0 && (self.linear || p.y > 0.0);
        let keep = |p: &Point| if sound(p) { *p } else { Point { y: f64::NAN, ..*p } };
        let line = |line: &Line| Line {
            label: line.label.clone(),
            points: line.points.iter().map(keep).collect(),
        };
        Panel { lines: panel.lines.iter().map(line).collect(), ..panel.clone() }
    }
}

fn points(lines: &[Line]) -> impl Iterator<Item = &Point> {
    lines.iter().flat_map(|line| runs(&line.points)).flatten()
}

fn draw(
    panel: &Panel,
    canvas: &mut Canvas,
    area: Area,
    (entries, linear): (&[(String, Look)], bool),
) {
    let Some((xs, ys)) = extents(&panel.lines, panel.unit) else {
        let middle = (area.x + area.w / 2.0, area.y + area.h / 2.0);
        canvas.text("pw-muted", middle, 14.0, Anchor::Middle, "no data");
        return;
    };
    let y = if linear {
        Scale::nice((ys.0.min(0.0), ys.1.max(0.0)), 5, area.y + area.h, area.y)
    } else {
        // By the means: an interval may reach down to zero, where no axis goes.
        let low = points(&panel.lines).map(|p| p.y).fold(f64::INFINITY, f64::min);
        let high = points(&panel.lines).map(|p| p.y + axes::half(p)).fold(low, f64::max);
        Scale::decades((low, high), area.y + area.h, area.y)
    };
    let room = axes::y_room(&y, panel.unit);
    let area = Area { x: area.x + room, w: area.w - room, ..area };
    let x = Scale::tight_log(xs, area.x + 12.0, area.x + area.w - 12.0);
    let names = (panel.x_label.as_str(), panel.y_label.as_str());
    axes::draw(canvas, area, (&x, &y), &ticks(&panel.lines), panel.unit, names);
    for line in &panel.lines {
        let Some((_, look)) = entries.iter().find(|(label, _)| *label == line.label) else {
            continue;
        };
        for run in runs(&line.points) {
            let at: Vec<_> = run.iter().map(|p| (x.at(p.x), y.at(p.y))).collect();
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
                let half = axes::half(point);
                if half > 0.0 {
                    let ends = if linear {
                        axes::interval(point, &y, area)
                    } else {
                        let below = point.y > half;
                        let low = if below { y.at(point.y - half) } else { f64::INFINITY };
                        (low.min(area.y + area.h), y.at(point.y + half))
                    };
                    canvas.line("pw-axis", (px, ends.0), (px, ends.1));
                }
                let tip = format!("{}, {}: {:.3e}", line.label, point.x, point.y);
                canvas
                    .push(marker(look.shape, px, py, 4.5).attr("fill", look.colour).tooltip(&tip));
            }
        }
    }
}

/// The values of x that occur, ascending.
fn ticks(lines: &[Line]) -> Vec<(f64, String)> {
    let mut values: Vec<f64> = points(lines).map(|p| p.x).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values.into_iter().map(|v| (v, v.to_string())).collect()
}

fn description(panels: &[Panel]) -> String {
    let line = |line: &Line| {
        let shown = runs(&line.points).flatten();
        let shown: Vec<_> = shown.map(|p| format!("{:.2e} at {}", p.y, p.x)).collect();
        let shown = if shown.is_empty() { "no data".to_owned() } else { shown.join(", ") };
        format!("{}: {shown}", line.label)
    };
    let panel = |panel: &Panel| {
        let lines: Vec<_> = panel.lines.iter().map(line).collect();
        format!("{}; {}", panel.y_label, lines.join("; "))
    };
    panels.iter().map(panel).collect::<Vec<_>>().join(". ")
}
