//! Horizontal bars in groups, so that names of any length stand beside their bar.

use super::axes::{Area, TICK, no_data, title};
use super::marker::{diamond, whisker};
use super::palette::look;
use super::scale::{Scale, drawable, extent};
use super::svg::{Anchor, Canvas, Element};
use super::text;
use super::unit::Unit;

const WIDTH: f64 = 820.0;
const MARGIN: f64 = 20.0;
const SIZE: f64 = 12.5;
const NAME_LIMIT: f64 = 230.0;

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Name beside the bar; bars of one name have one colour in every group.
    pub label: String,
    /// Length. A value that is not finite is shown as missing.
    pub value: f64,
    /// Half width of the 95 % interval, where there is one.
    pub error: Option<f64>,
    /// Value that the reproduced document states, drawn as a diamond.
    pub paper: Option<f64>,
}

/// Bars under one heading.
#[derive(Clone, Debug, PartialEq)]
pub struct BarGroup {
    /// Heading; none is drawn where it is empty.
    pub label: String,
    /// Bars from top to bottom.
    pub bars: Vec<Bar>,
}

/// A bar chart. The axis always includes zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// Heading and accessible name.
    pub title: String,
    /// Name of the value axis.
    pub value_label: String,
    /// How values are written.
    pub unit: Unit,
    /// Groups from top to bottom.
    pub groups: Vec<BarGroup>,
}

impl Bars {
    /// The picture as an SVG document.
    pub fn to_svg(&self) -> String {
        let bars = || self.groups.iter().flat_map(|g| &g.bars);
        let Some(range) = self.range().filter(|_| bars().any(|b| drawable(b.value))) else {
            return no_data(&self.title, WIDTH);
        };
        let values = Column::new("", bars().map(|b| self.written(b)));
        let papers = bars().any(|b| b.paper.is_some()).then(|| {
            Column::new("paper", bars().filter_map(|b| b.paper.map(|p| self.unit.value(p))))
        });
        let names = bars().map(|b| text::width(&b.label, SIZE)).fold(0.0, f64::max);
        let left = MARGIN + names.min(NAME_LIMIT) + 10.0;
        let right = WIDTH - MARGIN - values.width - papers.as_ref().map_or(0.0, |p| p.width + 14.0);

        let mut canvas = Canvas::new();
        let top = title(&mut canvas, &self.title, (MARGIN, 16.0), WIDTH - 2.0 * MARGIN) + 12.0;
        let rows = self.layout(top);
        let bottom = rows.last().map_or(top, |row| row.bottom);
        let scale = Scale::nice(range, 5, left, right - 16.0);
        let area = Area { x: left, y: top, w: right - 16.0 - left, h: bottom - top };
        self.axis(&mut canvas, area, &scale);
        if let Some(papers) = &papers {
            let at = (WIDTH - MARGIN, top - 8.0);
            canvas.text("pw-muted", at, TICK, Anchor::End, papers.heading);
        }
        for row in &rows {
            self.row(&mut canvas, row, &scale, right + values.width);
        }
        let end = self.key(&mut canvas, (left, bottom + 48.0));
        canvas.finish(WIDTH, end + 14.0, &self.title, &self.description())
    }

    /// What the axis covers. An interval does not open it below zero, nor that of shares above
    /// one, where no value lies there.
    fn range(&self) -> Option<(f64, f64)> {
        let bars = || self.groups.iter().flat_map(|g| &g.bars);
        let values = bars().flat_map(|b| [b.value, b.paper.unwrap_or(0.0), 0.0]);
        let (least, most) = extent(values)?;
        let ends = bars().flat_map(|b| b.error.map_or([0.0; 2], |e| [b.value - e, b.value + e]));
        let (low, high) = extent(ends)?;
        let shares = matches!(self.unit, Unit::Percent { .. }) && most <= 1.0;
        let low = if least < 0.0 { low.min(least) } else { 0.0 };
        Some((low, if shares { high.min(1.0) } else { high }.max(most)))
    }

    fn written(&self, bar: &Bar) -> String {
        if drawable(bar.value) {
            self.unit.with_error(bar.value, bar.error)
        } else {
            "no data".to_owned()
        }
    }

    /// Places of headings and bars, and the colour of every bar.
    fn layout(&self, top: f64) -> Vec<Placed<'_>> {
        let mut seen: Vec<&str> = Vec::new();
        let mut rows = Vec::new();
        let mut y = top;
        for (index, group) in self.groups.iter().enumerate() {
            y += if index > 0 { 10.0 } else { 4.0 };
            if !group.label.is_empty() {
                rows.push(Placed {
                    what: Kind::Heading(&group.label),
                    middle: y + 12.0,
                    bottom: y + 26.0,
                });
                y += 26.0;
            }
            for bar in &group.bars {
                let colour = seen.iter().position(|s| *s == bar.label).unwrap_or_else(|| {
                    seen.push(&bar.label);
                    seen.len() - 1
                });
                let name = text::wrap(&bar.label, SIZE, NAME_LIMIT, 2);
                let height = if name.len() > 1 { 36.0 } else { 27.0 };
                let what = Kind::Bar { bar, name, colour: look(colour).colour };
                rows.push(Placed { what, middle: y + height / 2.0, bottom: y + height });
                y += height;
            }
        }
        rows
    }

    fn axis(&self, canvas: &mut Canvas, area: Area, scale: &Scale) {
        let bottom = area.y + area.h;
        for &tick in &scale.ticks {
            let at = scale.at(tick);
            canvas.line("pw-grid", (at, area.y), (at, bottom + 4.0));
            let label = scale.label(tick, self.unit);
            canvas.text("pw-muted", (at, bottom + 14.0), TICK, Anchor::Middle, &label);
        }
        canvas.line("pw-axis", (scale.at(0.0), area.y), (scale.at(0.0), bottom + 4.0));
        let label = text::fit(&self.value_label, 12.0, WIDTH - 2.0 * MARGIN);
        let half = text::width(&label, 12.0) / 2.0;
        let middle = (area.x + area.w / 2.0).clamp(MARGIN + half, WIDTH - MARGIN - half);
        canvas.text("pw-ink", (middle, bottom + 32.0), 12.0, Anchor::Middle, &label);
    }

    fn row(&self, canvas: &mut Canvas, row: &Placed<'_>, scale: &Scale, value_end: f64) {
        let y = row.middle;
        let (bar, name, colour) = match &row.what {
            Kind::Heading(label) => {
                let label = text::fit(label, 13.0 * 1.06, WIDTH - 2.0 * MARGIN);
                canvas.text("pw-ink pw-strong", (MARGIN, y), 13.0, Anchor::Start, &label);
                return;
            }
            Kind::Bar { bar, name, colour } => (bar, name, colour),
        };
        let left = scale.at(scale.ticks[0]) - 10.0;
        for (index, line) in name.iter().enumerate() {
            let shift = (index as f64 - (name.len() - 1) as f64 / 2.0) * 15.0;
            canvas.text("pw-ink", (left, y + shift), SIZE, Anchor::End, line);
        }
        let written = self.written(bar);
        if drawable(bar.value) {
            let (from, to) = (scale.at(bar.value.min(0.0)), scale.at(bar.value.max(0.0)));
            let element = Element::new("rect").num("x", from).num("y", y - 8.0);
            canvas.push(
                element
                    .num("width", to - from)
                    .num("height", 16.0)
                    .attr("fill", colour)
                    .tooltip(&format!("{}: {written}", bar.label)),
            );
            if let Some(error) = bar.error.filter(|e| drawable(*e)) {
                // An interval may reach beyond the axis, where names and values stand.
                let ends = (scale.at(scale.ticks[0]), scale.at(scale.ticks[scale.ticks.len() - 1]));
                let inside = |value| scale.at(value).clamp(ends.0, ends.1);
                whisker(canvas, inside(bar.value - error), inside(bar.value + error), y);
            }
        }
        canvas.text("pw-ink", (value_end, y), SIZE, Anchor::End, &written);
        if let Some(paper) = bar.paper.filter(|p| drawable(*p)) {
            canvas.push(
                diamond(scale.at(paper), y).tooltip(&format!("paper: {}", self.unit.value(paper))),
            );
            let at = (WIDTH - MARGIN, y);
            canvas.text("pw-muted", at, SIZE, Anchor::End, &self.unit.value(paper));
        }
    }

    /// Explains whiskers and diamonds where there are any; returns the y below.
    fn key(&self, canvas: &mut Canvas, (left, y): (f64, f64)) -> f64 {
        let bars = || self.groups.iter().flat_map(|g| &g.bars);
        let mut x = left;
        if bars().any(|b| b.error.is_some()) {
            whisker(canvas, x, x + 22.0, y + 8.0);
            canvas.text("pw-muted", (x + 30.0, y + 8.0), 11.5, Anchor::Start, "95 % interval");
            x += 140.0;
        }
        if bars().any(|b| b.paper.is_some()) {
            canvas.push(diamond(x + 6.0, y + 8.0));
            canvas.text("pw-muted", (x + 18.0, y + 8.0), 11.5, Anchor::Start, "value in the paper");
            x += 1.0;
        }
        if x > left { y + 18.0 } else { y }
    }

    fn description(&self) -> String {
        let all = self.groups.iter().flat_map(|g| g.bars.iter().map(move |b| (g, b)));
        let sentences: Vec<_> = all
            .map(|(group, bar)| {
                let paper = bar.paper.map(|p| format!(" (paper {})", self.unit.value(p)));
                let gap = if group.label.is_empty() { "" } else { ", " };
                let (heading, name) = (&group.label, &bar.label);
                format!("{heading}{gap}{name}: {}{}", self.written(bar), paper.unwrap_or_default())
            })
            .collect();
        sentences.join("; ")
    }
}

/// What stands in a row, and where.
struct Placed<'a> {
    what: Kind<'a>,
    middle: f64,
    bottom: f64,
}

enum Kind<'a> {
    Heading(&'a str),
    Bar { bar: &'a Bar, name: Vec<String>, colour: &'static str },
}

/// A column of right-aligned text.
struct Column {
    heading: &'static str,
    width: f64,
}

impl Column {
    fn new(heading: &'static str, texts: impl Iterator<Item = String>) -> Self {
        let widest = texts.map(|t| text::width(&t, SIZE)).fold(0.0, f64::max);
        Self { heading, width: widest.max(text::width(heading, TICK)) }
    }
}
