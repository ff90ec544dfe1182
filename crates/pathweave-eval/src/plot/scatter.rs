//! Points with the lines that stand for them, in panels of equal axes: what each module of a small
//! network took, before and after.

use super::axes::{self, Area, no_data, title};
use super::legend;
use super::marker::marker;
use super::palette::{Look, look};
use super::scale::{self, Scale, drawable};
use super::svg::{Anchor, Canvas, Element, number};
use super::text;
use super::unit::Unit;

const MARGIN: f64 = 20.0;
const PANEL_HEIGHT: f64 = 220.0;
const UNIT: Unit = Unit::Number { digits: 2 };

/// Points of one kind and their line.
#[derive(Clone, Debug, PartialEq)]
pub struct Cloud {
    /// Name in the legend; clouds of one name look alike in every panel.
    pub label: String,
    /// Points; one that is not finite is left out.
    pub points: Vec<(f64, f64)>,
    /// Corners of the line, joined in order; one that is not finite breaks it.
    pub line: Vec<(f64, f64)>,
}

/// One pair of axes.
#[derive(Clone, Debug, PartialEq)]
pub struct ScatterPanel {
    /// Heading of the panel; may be empty.
    pub title: String,
    /// The clouds, drawn in order.
    pub clouds: Vec<Cloud>,
}

/// Points and lines in panels that share their axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    /// Heading and accessible name.
    pub title: String,
    /// Name of the horizontal axes.
    pub x_label: String,
    /// Name of the vertical axes.
    pub y_label: String,
    /// Panels from left to right, at most two a row.
    pub panels: Vec<ScatterPanel>,
}

impl Scatter {
    /// The picture as an SVG document.
    pub fn to_svg(&self) -> String {
        let columns = self.panels.len().min(2);
        let width = if columns < 2 { 760.0 } else { 980.0 };
        let clouds = || self.panels.iter().flat_map(|panel| &panel.clouds);
        let places = || clouds().flat_map(|c| c.points.iter().chain(&c.line)).filter(|p| placed(p));
        let extent = |of: fn(&(f64, f64)) -> f64| scale::extent(places().map(of));
        let (Some(xs), Some(ys)) = (extent(|p| p.0), extent(|p| p.1)) else {
            return no_data(&self.title, width);
        };
        let mut entries: Vec<(String, Look)> = Vec::new();
        for cloud in clouds() {
            if !entries.iter().any(|(label, _)| *label == cloud.label) {
                entries.push((cloud.label.clone(), look(entries.len())));
            }
        }
        let mut canvas = Canvas::new();
        let top = title(&mut canvas, &self.title, (MARGIN, 16.0), width - 2.0 * MARGIN);
        let w = (width - 2.0 * MARGIN) / columns as f64;
        let heading = if self.panels.iter().all(|p| p.title.is_empty()) { 0.0 } else { 24.0 };
        let h = heading + 28.0 + PANEL_HEIGHT + 52.0;
        for (index, panel) in self.panels.iter().enumerate() {
            let x = MARGIN + (index % columns) as f64 * w;
            let y = top + (index / columns) as f64 * h;
            let room = text::fit(&panel.title, 13.0 * 1.06, w - 20.0);
            canvas.text("pw-ink pw-strong", (x, y + 10.0), 13.0, Anchor::Start, &room);
            let area = Area { x, y: y + heading + 28.0, w: w - 16.0, h: PANEL_HEIGHT };
            self.panel(&mut canvas, panel, area, (xs, ys), &entries);
        }
        let bottom = top + self.panels.len().div_ceil(columns) as f64 * h;
        let used =
            legend::draw(&mut canvas, (MARGIN, bottom), width - 2.0 * MARGIN, &entries, true);
        canvas.finish(width, bottom + used + 16.0, &self.title, &self.description())
    }

    fn panel(
        &self,
        canvas: &mut Canvas,
        panel: &ScatterPanel,
        area: Area,
        (xs, ys): ((f64, f64), (f64, f64)),
        entries: &[(String, Look)],
    ) {
        let y = Scale::nice(ys, 5, area.y + area.h, area.y);
        let room = axes::y_room(&y, UNIT);
        let area = Area { x: area.x + room, w: area.w - room, ..area };
        // Markers at both ends stay inside the frame.
        let x = Scale::tight(xs, 6, area.x + 6.0, area.x + area.w - 6.0);
        let ticks: Vec<_> = x.ticks.iter().map(|&t| (t, x.label(t, UNIT))).collect();
        axes::draw(canvas, area, (&x, &y), &ticks, UNIT, (&self.x_label, &self.y_label));
        let drawn = || {
            panel.clouds.iter().filter_map(|cloud| {
                let (_, look) = entries.iter().find(|(label, _)| *label == cloud.label)?;
                Some((cloud, look))
            })
        };
        for (cloud, look) in drawn() {
            for &(px, py) in cloud.points.iter().filter(|point| placed(point)) {
                let sign = marker(look.shape, x.at(px), y.at(py), 3.0);
                canvas.push(sign.attr("fill", look.colour).attr("fill-opacity", "0.65"));
            }
        }
        // Lines last: they are what a module is.
        for (cloud, look) in drawn() {
            for run in cloud.line.split(|corner| !placed(corner)).filter(|run| run.len() > 1) {
                let corners: Vec<_> = run
                    .iter()
                    .map(|&(px, py)| format!("{},{}", number(x.at(px)), number(y.at(py))))
                    .collect();
                canvas.push(
                    Element::new("polyline")
                        .attr("points", &corners.join(" "))
                        .attr("fill", "none")
                        .attr("stroke", look.colour)
                        .attr("stroke-width", "2.5")
                        .attr("stroke-linejoin", "round")
                        .attr("stroke-dasharray", look.dash)
                        .tooltip(&cloud.label),
                );
            }
        }
    }

    fn description(&self) -> String {
        let cloud = |cloud: &Cloud| format!("{}: {} points", cloud.label, cloud.points.len());
        let panel = |panel: &ScatterPanel| {
            let clouds: Vec<_> = panel.clouds.iter().map(cloud).collect();
            let gap = if panel.title.is_empty() { "" } else { ": " };
            format!("{}{gap}{}", panel.title, clouds.join("; "))
        };
        self.panels.iter().map(panel).collect::<Vec<_>>().join(". ")
    }
}

fn placed(&(x, y): &(f64, f64)) -> bool {
    drawable(x) && drawable(y)
}
