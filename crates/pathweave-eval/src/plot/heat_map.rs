//! Shares of modules by context, one panel a depth: the compact form of a routing map.

use super::axes::{no_data, title};
use super::scale::drawable;
use super::svg::{Anchor, Canvas, Element};
use super::text;

const MARGIN: f64 = 20.0;
const WIDEST: f64 = 1000.0;
const CELL: f64 = 24.0;
const SIZE: f64 = 11.5;
const NAME_LIMIT: f64 = 190.0;
const COLOUR: &str = "#0072b2";
/// Columns of a panel up to which cells bear numbers, and empty ones a tooltip: beyond, they would
/// be most of the file and nobody reads a thousand numbers off a picture. The description has them.
const LEGIBLE: usize = 16;

/// The shares at one depth.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatPanel {
    /// Heading of the panel.
    pub label: String,
    /// Name of each column, short: a module's number.
    pub columns: Vec<String>,
    /// `[contexts][columns]`, in `0..=1`. A missing or not finite share leaves its cell empty.
    pub shares: Vec<Vec<f64>>,
}

/// Contexts by modules, coloured and labelled by share in percent.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// Heading and accessible name.
    pub title: String,
    /// Name of each row.
    pub contexts: Vec<String>,
    /// Panels, from left to right as far as they fit, then below.
    pub panels: Vec<HeatPanel>,
}

impl HeatMap {
    /// The picture as an SVG document.
    pub fn to_svg(&self) -> String {
        let shares = || self.panels.iter().flat_map(|p| p.shares.iter().flatten());
        if self.contexts.is_empty() || !shares().any(|s| drawable(*s)) {
            return no_data(&self.title, 640.0);
        }
        let names: Vec<_> = self.contexts.iter().map(|c| text::fit(c, SIZE, NAME_LIMIT)).collect();
        let longest = names.iter().map(|n| text::width(n, SIZE)).fold(0.0, f64::max);
        let left = MARGIN + longest + 10.0;
        let places = self.layout(left);
        let right = places.iter().map(|p| p.x + p.width).fold(left + 220.0, f64::max);
        let width = right + MARGIN;
        let mut canvas = Canvas::new();
        let top = title(&mut canvas, &self.title, (MARGIN, 16.0), width - 2.0 * MARGIN);
        let height = 48.0 + CELL * self.contexts.len() as f64 + 22.0;
        for (panel, place) in self.panels.iter().zip(&places) {
            let y = top + place.line as f64 * height;
            if place.x == left {
                for (row, name) in names.iter().enumerate() {
                    let at = (left - 8.0, y + 48.0 + (row as f64 + 0.5) * CELL);
                    canvas.text("pw-ink", at, SIZE, Anchor::End, name);
                }
            }
            self.panel(&mut canvas, panel, place, y);
        }
        let lines = places.last().map_or(1, |p| p.line + 1);
        let end = top + lines as f64 * height;
        key(&mut canvas, (left, end));
        canvas.finish(width, end + 34.0, &self.title, &self.description())
    }

    fn layout(&self, left: f64) -> Vec<Place> {
        let (mut x, mut line) = (left, 0);
        let mut places: Vec<Place> = Vec::new();
        for panel in &self.panels {
            let longest = panel.columns.iter().map(|c| text::width(c, SIZE)).fold(0.0, f64::max);
            let cell = longest.clamp(24.0, 60.0) + 4.0;
            let columns = panel.shares.iter().map(Vec::len).chain([panel.columns.len()]).max();
            let heading = text::width(&panel.label, SIZE * 1.06).min(WIDEST - left);
            let width = (columns.unwrap_or(0) as f64 * cell).max(heading);
            if x > left && x + width > WIDEST {
                (x, line) = (left, line + 1);
            }
            places.push(Place { x, line, cell, width });
            x += width + 26.0;
        }
        places
    }

    fn panel(&self, canvas: &mut Canvas, panel: &HeatPanel, place: &Place, y: f64) {
        let heading = text::fit(&panel.label, SIZE * 1.06, place.width);
        canvas.text("pw-ink pw-strong", (place.x, y + 16.0), SIZE, Anchor::Start, &heading);
        for (index, column) in panel.columns.iter().enumerate() {
            let at = (place.x + (index as f64 + 0.5) * place.cell, y + 38.0);
            let column = text::fit(column, SIZE, place.cell - 2.0);
            canvas.text("pw-muted", at, SIZE, Anchor::Middle, &column);
        }
        let crowded = panel.shares.iter().any(|shares| shares.len() > LEGIBLE);
        for (row, (context, shares)) in self.contexts.iter().zip(&panel.shares).enumerate() {
            let y = y + 48.0 + row as f64 * CELL;
            if crowded {
                let mut x = place.x;
                for run in shares.chunk_by(|a, b| drawable(*a) == drawable(*b)) {
                    let width = run.len() as f64 * place.cell;
                    if drawable(run[0]) {
                        ground(canvas, (x, y), (width, CELL));
                    }
                    x += width;
                }
            }
            for (index, &share) in shares.iter().enumerate().filter(|(_, s)| drawable(**s)) {
                let x = place.x + index as f64 * place.cell;
                let percent = percent(share);
                let column = panel.columns.get(index).map_or("", String::as_str);
                let told = format!("{context}, {}, module {column}: {percent}%", panel.label);
                if crowded {
                    if percent != "0" {
                        let coloured = coloured((x, y), (place.cell, CELL), share);
                        canvas.push(coloured.tooltip(&told));
                    }
                    continue;
                }
                cell(canvas, (x, y), (place.cell, CELL), share);
                canvas.push(
                    Element::new("rect")
                        .attr("fill-opacity", "0")
                        .num("x", x)
                        .num("y", y)
                        .num("width", place.cell)
                        .num("height", CELL)
                        .tooltip(&told),
                );
                if percent != "0" {
                    let class = if share >= 0.8 { "pw-on" } else { "pw-ink" };
                    let at = (x + place.cell / 2.0, y + CELL / 2.0);
                    canvas.text(class, at, 10.5, Anchor::Middle, &percent);
                }
            }
        }
    }

    fn description(&self) -> String {
        let rows: Vec<_> = self
            .panels
            .iter()
            .flat_map(|panel| self.contexts.iter().zip(&panel.shares).map(move |row| (panel, row)))
            .map(|(panel, (context, shares))| {
                let cells: Vec<_> =
                    shares
                        .iter()
                        .map(|s| {
                            if drawable(*s) {
                                format!("{:.0}", 100.0 * s)
                            } else {
                                "–".to_owned()
                            }
                        })
                        .collect();
                format!("{}, {context}: {}", panel.label, cells.join(" "))
            })
            .collect();
        format!("Shares in percent. {}", rows.join("; "))
    }
}

/// Where a panel stands.
struct Place {
    x: f64,
    line: usize,
    cell: f64,
    width: f64,
}

/// A share in whole percent.
fn percent(share: f64) -> String {
    format!("{:.0}", 100.0 * share.clamp(0.0, 1.0))
}

/// One cell: the colour's opacity is the share, over a neutral ground.
fn cell(canvas: &mut Canvas, at: (f64, f64), size: (f64, f64), share: f64) {
    ground(canvas, at, size);
    if share > 0.0 {
        canvas.push(coloured(at, size, share));
    }
}

fn ground(canvas: &mut Canvas, at: (f64, f64), size: (f64, f64)) {
    canvas.push(inside(Element::new("rect").class("pw-cell"), at, size));
}

fn coloured(at: (f64, f64), size: (f64, f64), share: f64) -> Element {
    let rect = Element::new("rect").attr("fill", COLOUR).num("fill-opacity", share.min(1.0));
    inside(rect, at, size)
}

/// A rectangle one unit inside of its cell.
fn inside(rect: Element, (x, y): (f64, f64), (w, h): (f64, f64)) -> Element {
    rect.num("x", x + 1.0).num("y", y + 1.0).num("width", w - 2.0).num("height", h - 2.0)
}

fn key(canvas: &mut Canvas, (x, y): (f64, f64)) {
    canvas.text("pw-muted", (x, y + 12.0), SIZE, Anchor::Start, "0%");
    for step in 0..=10_u32 {
        let at = (x + 26.0 + f64::from(step) * 14.0, y + 4.0);
        cell(canvas, at, (16.0, 16.0), f64::from(step) / 10.0);
    }
    canvas.text("pw-muted", (x + 190.0, y + 12.0), SIZE, Anchor::Start, "100%");
}
