//! Values of single runs with their mean and its interval, a row a group, a panel a metric.

use super::axes::{Area, TICK, no_data, title};
use super::marker::{marker, whisker};
use super::palette::look;
use super::scale::{Scale, drawable, extent};
use super::svg::{Anchor, Canvas, Element};
use super::text;
use super::unit::Unit;

const MARGIN: f64 = 20.0;
const SIZE: f64 = 12.0;
const NAME_LIMIT: f64 = 220.0;
const ROW: f64 = 26.0;
const PANEL: f64 = 300.0;
const GAP: f64 = 28.0;
/// Panels side by side.
const ACROSS: usize = 3;
/// More values than this in a row cannot be told apart.
const MOST: usize = 200;

/// Groups by metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Dots {
    /// Heading and accessible name.
    pub title: String,
    /// Name of each row.
    pub rows: Vec<String>,
    /// Panels from left to right, at most three a line.
    pub panels: Vec<DotPanel>,
}

/// One metric.
#[derive(Clone, Debug, PartialEq)]
pub struct DotPanel {
    /// Name of the metric.
    pub label: String,
    /// How values are written.
    pub unit: Unit,
    /// One a row of the picture.
    pub rows: Vec<DotRow>,
}

/// One metric of one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DotRow {
    /// Of single runs; values that are not finite are not drawn.
    pub values: Vec<f64>,
    /// Their mean.
    pub mean: Option<f64>,
    /// Half the width of its 95 % interval, where there is one.
    pub error: Option<f64>,
}

impl Dots {
    /// The picture as an SVG document. An axis reaches as far as its values lie apart beyond them,
    /// and no further: a wider interval is cut off there.
    pub fn to_svg(&self) -> String {
        let any = |panel: &DotPanel| panel.range().is_some();
        if self.rows.is_empty() || !self.panels.iter().any(any) {
            return no_data(&self.title, 640.0);
        }
        let names: Vec<String> = self.rows.iter().map(|n| text::fit(n, SIZE, NAME_LIMIT)).collect();
        let longest = names.iter().map(|name| text::width(name, SIZE)).fold(0.0, f64::max);
        let left = MARGIN + longest + 16.0;
        let across = self.panels.len().min(ACROSS);
        let width = left + across as f64 * (PANEL + GAP) - GAP + 2.0 * MARGIN;
        let mut canvas = Canvas::new();
        let top = title(&mut canvas, &self.title, (MARGIN, 16.0), width - 2.0 * MARGIN);
        let high = ROW * self.rows.len() as f64;
        let line_height = 30.0 + high + 34.0;
        for (at, panel) in self.panels.iter().enumerate() {
            let (line, column) = (at / ACROSS, at % ACROSS);
            let area = Area {
                x: left + column as f64 * (PANEL + GAP),
                y: top + line as f64 * line_height + 30.0,
                w: PANEL,
                h: high,
            };
            if column == 0 {
                for (row, name) in names.iter().enumerate() {
                    let at = (left - 12.0, area.y + (row as f64 + 0.5) * ROW);
                    canvas.text("pw-ink", at, SIZE, Anchor::End, name);
                }
            }
            panel.draw(&mut canvas, area, &self.rows);
        }
        let bottom = top + self.panels.len().div_ceil(ACROSS) as f64 * line_height;
        let key = (left, bottom + 6.0);
        let dot = Element::new("circle").num("cx", key.0 + 4.0).num("cy", key.1).num("r", 2.6);
        canvas.push(dot.attr("fill", look(0).colour).attr("fill-opacity", "0.55"));
        canvas.text("pw-muted", (key.0 + 14.0, key.1), TICK, Anchor::Start, "a run");
        whisker(&mut canvas, key.0 + 64.0, key.0 + 88.0, key.1);
        canvas.push(marker(0, key.0 + 76.0, key.1, 4.5).attr("fill", look(0).colour));
        let words = "mean and 95 % interval";
        canvas.text("pw-muted", (key.0 + 96.0, key.1), TICK, Anchor::Start, words);
        canvas.finish(width, key.1 + 18.0, &self.title, &self.description())
    }

    fn description(&self) -> String {
        let panels = self.panels.iter().map(|panel| {
            let rows = self.rows.iter().zip(&panel.rows).map(|(name, row)| {
                let mean = row.mean.unwrap_or(f64::NAN);
                format!("{name}: {}", panel.unit.with_error(mean, row.error))
            });
            format!("{}; {}", panel.label, rows.collect::<Vec<_>>().join("; "))
        });
        panels.collect::<Vec<_>>().join(". ")
    }
}

impl DotPanel {
    /// What the axis covers.
    fn range(&self) -> Option<(f64, f64)> {
        let means = self.rows.iter().filter_map(|row| row.mean);
        let values = self.rows.iter().flat_map(|row| row.values.iter().copied());
        let (low, high) = extent(values.chain(means))?;
        let room = if high > low { high - low } else { 0.05 * high.abs().max(1e-3) };
        let ends = self.rows.iter().filter_map(|row| Some((row.mean?, row.error?)));
        let (from, to) = extent(ends.flat_map(|(mean, error)| [mean - error, mean + error]))
            .unwrap_or((low, high));
        let (mut from, mut to) = (from.clamp(low - room, low), to.clamp(high, high + room));
        if low >= 0.0 {
            from = from.max(0.0);
        }
        if matches!(self.unit, Unit::Percent { .. }) && high <= 1.0 {
            to = to.min(1.0);
        }
        Some((from, to))
    }

    fn draw(&self, canvas: &mut Canvas, area: Area, names: &[String]) {
        let label = text::fit(&self.label, SIZE * 1.06, area.w);
        canvas.text("pw-ink pw-strong", (area.x, area.y - 14.0), SIZE, Anchor::Start, &label);
        let bottom = area.y + area.h;
        let Some(range) = self.range() else {
            let middle = (area.x + area.w / 2.0, area.y + area.h / 2.0);
            canvas.text("pw-muted", middle, SIZE, Anchor::Middle, "no data");
            return;
        };
        let x = Scale::nice(range, 4, area.x + 8.0, area.x + area.w - 8.0);
        for &tick in &x.ticks {
            canvas.line("pw-grid", (x.at(tick), area.y), (x.at(tick), bottom + 4.0));
            let label = x.label(tick, self.unit);
            canvas.text("pw-muted", (x.at(tick), bottom + 14.0), TICK, Anchor::Middle, &label);
        }
        canvas.line("pw-axis", (area.x, bottom), (area.x + area.w, bottom));
        let inside = |value: f64| x.at(value).clamp(area.x, area.x + area.w);
        for (at, row) in self.rows.iter().take(names.len()).enumerate() {
            let y = area.y + (at as f64 + 0.5) * ROW;
            let look = look(at);
            for &value in row.values.iter().filter(|value| drawable(**value)).take(MOST) {
                let dot = Element::new("circle").num("cx", x.at(value)).num("cy", y).num("r", 2.6);
                canvas.push(dot.attr("fill", look.colour).attr("fill-opacity", "0.55"));
            }
            let Some(mean) = row.mean.filter(|mean| drawable(*mean)) else { continue };
            if let Some(error) = row.error.filter(|error| drawable(*error)) {
                whisker(canvas, inside(mean - error), inside(mean + error), y);
            }
            let tip = format!("{}: {}", names[at], self.unit.with_error(mean, row.error));
            let sign = marker(look.shape, x.at(mean), y, 4.5).attr("fill", look.colour);
            canvas.push(sign.tooltip(&tip));
        }
    }
}
