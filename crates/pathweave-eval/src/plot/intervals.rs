//! Points with their intervals, a row a group, panels side by side: how rliable shows aggregates.

use super::axes::{TICK, no_data, title};
use super::palette::look;
use super::scale::{Scale, drawable, extent};
use super::svg::{Anchor, Canvas, Element};
use super::text;
use super::unit::Unit;

const WIDTH: f64 = 820.0;
const MARGIN: f64 = 20.0;
const SIZE: f64 = 12.5;
const NAME_LIMIT: f64 = 230.0;
const GAP: f64 = 28.0;
const ROW: f64 = 26.0;

/// A value and the ends of its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// The value. One that is not finite is not drawn.
    pub value: f64,
    /// Least and greatest end, where there is an interval.
    pub interval: Option<(f64, f64)>,
}

/// One statistic of every row.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalPanel {
    /// Heading of the panel.
    pub title: String,
    /// How values are written.
    pub unit: Unit,
    /// Where nothing is gained or lost: drawn as a dashed line.
    pub reference: Option<f64>,
    /// A mark for each label; none where there is no value.
    pub marks: Vec<Option<Mark>>,
}

/// Intervals of one or several statistics.
#[derive(Clone, Debug, PartialEq)]
pub struct Intervals {
    /// Heading and accessible name.
    pub title: String,
    /// Names of the rows; rows have their colours by their order.
    pub labels: Vec<String>,
    /// Panels from left to right, three at most have room.
    pub panels: Vec<IntervalPanel>,
}

impl Intervals {
    /// The picture as an SVG document.
    pub fn to_svg(&self) -> String {
        let marks = || self.panels.iter().flat_map(|panel| panel.marks.iter().flatten());
        if !marks().any(|mark| drawable(mark.value)) {
            return no_data(&self.title, WIDTH);
        }
        let names = self.labels.iter().map(|label| text::width(label, SIZE)).fold(0.0, f64::max);
        let left = MARGIN + names.min(NAME_LIMIT) + 14.0;
        let columns = self.panels.len() as f64;
        let width = (WIDTH - MARGIN - 16.0 - left - GAP * (columns - 1.0)) / columns;
        let mut canvas = Canvas::new();
        let top = title(&mut canvas, &self.title, (MARGIN, 16.0), WIDTH - 2.0 * MARGIN) + 26.0;
        let bottom = top + ROW * self.labels.len() as f64;
        for (row, label) in self.labels.iter().enumerate() {
            let at = (left - 12.0, top + ROW * (row as f64 + 0.5));
            let label = text::fit(label, SIZE, NAME_LIMIT);
            canvas.text("pw-ink", at, SIZE, Anchor::End, &label);
        }
        let mut free = 0.0;
        for (column, panel) in self.panels.iter().enumerate() {
            let x = left + column as f64 * (width + GAP);
            let heading = text::fit(&panel.title, SIZE * 1.06, width);
            canvas.text("pw-ink pw-strong", (x, top - 14.0), SIZE, Anchor::Start, &heading);
            free = self.panel(&mut canvas, panel, (x, x + width), (top, bottom), free);
        }
        canvas.finish(WIDTH, bottom + 38.0, &self.title, &self.description())
    }

    /// Draws a panel; `free` is where the labels of the one before end.
    fn panel(
        &self,
        canvas: &mut Canvas,
        panel: &IntervalPanel,
        (from, to): (f64, f64),
        (top, bottom): (f64, f64),
        mut free: f64,
    ) -> f64 {
        let ends = |mark: &Mark| mark.interval.map_or([mark.value; 2], |(low, high)| [low, high]);
        let marks = panel.marks.iter().flatten();
        let values = marks.flat_map(|mark| [mark.value].into_iter().chain(ends(mark)));
        let Some(range) = extent(values.chain(panel.reference)) else {
            let middle = ((from + to) / 2.0, (top + bottom) / 2.0);
            canvas.text("pw-muted", middle, SIZE, Anchor::Middle, "no data");
            return free;
        };
        let scale = Scale::nice(range, 3, from, to);
        for &tick in &scale.ticks {
            let at = scale.at(tick);
            canvas.line("pw-grid", (at, top), (at, bottom + 4.0));
            let label = scale.label(tick, panel.unit);
            let half = text::width(&label, TICK) / 2.0;
            if at - half >= free && at + half <= WIDTH {
                canvas.text("pw-muted", (at, bottom + 14.0), TICK, Anchor::Middle, &label);
                free = at + half + 6.0;
            }
        }
        canvas.line("pw-axis", (from, bottom), (to, bottom));
        if let Some(reference) = panel.reference {
            let at = scale.at(reference);
            canvas.push(
                Element::new("line")
                    .class("pw-axis")
                    .num("x1", at)
                    .num("y1", top)
                    .num("x2", at)
                    .num("y2", bottom)
                    .attr("stroke-dasharray", "4 3"),
            );
        }
        for (row, (mark, label)) in panel.marks.iter().zip(&self.labels).enumerate() {
            let Some(mark) = mark.filter(|mark| drawable(mark.value)) else { continue };
            let (y, colour) = (top + ROW * (row as f64 + 0.5), look(row).colour);
            if let Some((low, high)) = mark.interval.filter(|(l, h)| drawable(*l) && drawable(*h)) {
                canvas.push(
                    Element::new("rect")
                        .num("x", scale.at(low))
                        .num("y", y - 8.0)
                        .num("width", (scale.at(high) - scale.at(low)).max(0.0))
                        .num("height", 16.0)
                        .attr("fill", colour)
                        .attr("fill-opacity", "0.6")
                        .tooltip(&format!("{label}: {}", written(panel.unit, &mark))),
                );
            }
            let at = scale.at(mark.value);
            canvas.push(
                Element::new("line")
                    .class("pw-whisker")
                    .num("x1", at)
                    .num("y1", y - 9.0)
                    .num("x2", at)
                    .num("y2", y + 9.0)
                    .attr("stroke-width", "2"),
            );
        }
        free
    }

    fn description(&self) -> String {
        let panel = |panel: &IntervalPanel| {
            let marks = self.labels.iter().zip(&panel.marks);
            let marks = marks.map(|(label, mark)| match mark {
                Some(mark) => format!("{label} {}", written(panel.unit, mark)),
                None => format!("{label} no data"),
            });
            format!("{}: {}", panel.title, marks.collect::<Vec<_>>().join("; "))
        };
        self.panels.iter().map(panel).collect::<Vec<_>>().join(". ")
    }
}

/// A value with its interval in brackets.
fn written(unit: Unit, mark: &Mark) -> String {
    let value = unit.value(mark.value);
    match mark.interval {
        Some((low, high)) => format!("{value} [{}, {}]", unit.value(low), unit.value(high)),
        None => value,
    }
}
