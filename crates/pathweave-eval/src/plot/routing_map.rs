//! Which module each task takes at each depth: T figure 5.6.

use super::axes::{no_data, title};
use super::palette::{Look, look};
use super::routing_grid::{Grid, MARGIN, SIZE, TASK_LIMIT};
use super::svg::{Anchor, Canvas, Element, number};
use super::text;

const BOX_HEIGHT: f64 = 26.0;

/// Where a task's path goes at one depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Module of this index, from zero.
    Module(usize),
    /// No module; the activation passes on unchanged.
    Skip,
    /// The path ends here; what follows is not drawn.
    End,
}

/// One depth's row of modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Name beside the row.
    pub label: String,
    /// Number of modules. A row is drawn longer where a path names a module beyond it.
    pub modules: usize,
}

/// One task's path.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// Name of the task.
    pub task: String,
    /// One stop a depth, with the share of the task's samples that take it (1 where every
    /// sample does); thinner lines are smaller shares.
    pub stops: Vec<(Stop, f64)>,
}

/// The routing map: tasks at the top, a row of numbered modules a depth, a line a task.
///
/// Modules are numbered from zero in each row; those that no task takes are pale.
///
/// # Deviations
///
/// T figure 5.6 numbers modules through all rows (10 to 39); here the row's name and the index
/// in it name a module, as in a routing log.
#[derive(Clone, Debug, PartialEq)]
pub struct RoutingMap {
    /// Heading and accessible name.
    pub title: String,
    /// Depths from top to bottom.
    pub rows: Vec<Row>,
    /// Tasks from left to right.
    pub paths: Vec<Path>,
}

impl RoutingMap {
    /// The picture as an SVG document.
    pub fn to_svg(&self) -> String {
        let grid = Grid::new(self);
        if self.rows.is_empty() || self.paths.is_empty() {
            return no_data(&self.title, 640.0);
        }
        let mut canvas = Canvas::new();
        let top = title(&mut canvas, &self.title, (MARGIN, 16.0), grid.width - 2.0 * MARGIN) + 8.0;
        let first = top + grid.names + grid.gap - 18.0;
        let starts = self.tasks(&mut canvas, &grid, top);
        self.lines(&mut canvas, &grid, &starts, first);
        for (task, (x, y)) in starts.into_iter().enumerate() {
            let dot = Element::new("circle").num("cx", x).num("cy", y).num("r", 4.0);
            canvas.push(dot.attr("fill", look(task).colour));
        }
        for depth in 0..self.rows.len() {
            self.boxes(&mut canvas, &grid, depth, first);
        }
        let bottom = first + (self.rows.len() - 1) as f64 * (BOX_HEIGHT + grid.gap) + BOX_HEIGHT;
        let ends = self.paths.iter().any(|p| p.stops.iter().any(|(s, _)| *s == Stop::End));
        let end = bottom + if ends { 44.0 } else { 20.0 };
        canvas.finish(grid.width, end, &self.title, &self.description())
    }

    /// Draws the tasks' names and the start of every line; returns those places.
    fn tasks(&self, canvas: &mut Canvas, grid: &Grid, top: f64) -> Vec<(f64, f64)> {
        let y = top + grid.names;
        let place = |(index, path): (usize, &Path)| {
            let x = grid.left + (index as f64 + 0.5) * grid.room / self.paths.len() as f64;
            let name = text::fit(&path.task, SIZE, TASK_LIMIT);
            if grid.slanted {
                canvas.push(
                    Element::new("text")
                        .class("pw-ink")
                        .attr(
                            "transform",
                            &format!(
                                "translate({} {}) rotate(-40)",
                                number(x + 3.0),
                                number(y - 9.0)
                            ),
                        )
                        .num("font-size", SIZE)
                        .text(&name),
                );
            } else {
                canvas.text("pw-ink", (x, y - 14.0), SIZE, Anchor::Middle, &name);
            }
            (x, y)
        };
        self.paths.iter().enumerate().map(place).collect()
    }

    fn lines(&self, canvas: &mut Canvas, grid: &Grid, starts: &[(f64, f64)], first: f64) {
        // Where each living path is now; a path that has ended is `None`.
        let mut at: Vec<Option<(f64, f64)>> = starts.iter().copied().map(Some).collect();
        for depth in 0..self.rows.len() {
            let top = first + depth as f64 * (BOX_HEIGHT + grid.gap);
            let ports = self.ports(grid, depth, &at);
            for (task, path) in self.paths.iter().enumerate() {
                let Some(from) = at[task] else { continue };
                let Some(&(stop, share)) = path.stops.get(depth) else {
                    at[task] = None;
                    continue;
                };
                let look = look(task);
                let tip =
                    format!("{}: {}, {}", path.task, self.rows[depth].label, name(stop, share));
                let Some(x) = ports[task] else {
                    end(canvas, from, look, &tip);
                    at[task] = None;
                    continue;
                };
                let d = format!(
                    "M{x0} {y0}C{x0} {m} {x1} {m} {x1} {y1}",
                    x0 = number(from.0),
                    y0 = number(from.1),
                    x1 = number(x),
                    y1 = number(top),
                    m = number((from.1 + top) / 2.0),
                );
                stroke(canvas, &d, look, share, &tip);
                if stop == Stop::Skip {
                    // Nothing is computed here: the line passes through.
                    let through =
                        format!("M{x} {top}v{BOX_HEIGHT}", x = number(x), top = number(top));
                    stroke(canvas, &through, look, share, &tip);
                }
                at[task] = Some((x, top + BOX_HEIGHT));
            }
        }
    }

    /// The x at which each path enters its box at `depth`, spread so that lines which share a
    /// box stay apart, in the order in which they come in.
    fn ports(&self, grid: &Grid, depth: usize, at: &[Option<(f64, f64)>]) -> Vec<Option<f64>> {
        let mut ports = vec![None; self.paths.len()];
        for column in 0..grid.columns[depth] {
            let mut here: Vec<usize> = (0..self.paths.len())
                .filter(|&t| {
                    at[t].is_some() && grid.column(depth, self.stop(t, depth)) == Some(column)
                })
                .collect();
            let x_of = |t: usize| at[t].map_or(0.0, |(x, _)| x);
            here.sort_by(|&a, &b| x_of(a).total_cmp(&x_of(b)).then(a.cmp(&b)));
            let gap = ((grid.box_width(depth) - 8.0) / here.len().saturating_sub(1).max(1) as f64)
                .min(6.0);
            for (rank, &task) in here.iter().enumerate() {
                let shift = (rank as f64 - (here.len() - 1) as f64 / 2.0) * gap;
                ports[task] = Some(grid.center(depth, column) + shift);
            }
        }
        ports
    }

    fn boxes(&self, canvas: &mut Canvas, grid: &Grid, depth: usize, first: f64) {
        let y = first + depth as f64 * (BOX_HEIGHT + grid.gap);
        let row = text::wrap(&self.rows[depth].label, SIZE, grid.left - MARGIN - 8.0, 2);
        for (index, line) in row.iter().enumerate() {
            let shift = (index as f64 - (row.len() - 1) as f64 / 2.0) * 15.0;
            let at = (MARGIN, y + BOX_HEIGHT / 2.0 + shift);
            canvas.text("pw-muted", at, SIZE, Anchor::Start, line);
        }
        for column in 0..grid.columns[depth] {
            let taken = |t: usize| grid.column(depth, self.stop(t, depth)) == Some(column);
            let users = (0..self.paths.len()).filter(|&t| taken(t)).count();
            let (x, w) = (grid.center(depth, column), grid.box_width(depth));
            if Some(column) == grid.skip(depth) {
                let at = (x + w.min(50.0) / 2.0 + 5.0, y + BOX_HEIGHT / 2.0);
                canvas.text("pw-muted", at, SIZE, Anchor::Start, "skip");
                continue;
            }
            canvas.push(
                Element::new("rect")
                    .class(if users > 0 { "pw-box" } else { "pw-idle" })
                    .num("x", x - w / 2.0)
                    .num("y", y)
                    .num("width", w)
                    .num("height", BOX_HEIGHT)
                    .num("rx", 4.0)
                    .tooltip(&format!(
                        "{}, module {column}: {users} tasks",
                        self.rows[depth].label
                    )),
            );
            let class = if users > 0 { "pw-ink" } else { "pw-muted" };
            let at = (x, y + BOX_HEIGHT / 2.0);
            canvas.text(class, at, SIZE, Anchor::Middle, &column.to_string());
        }
    }

    /// Where a task goes at `depth`; `None` once its path has ended.
    pub(crate) fn stop(&self, task: usize, depth: usize) -> Option<Stop> {
        let stops = &self.paths[task].stops;
        let ended = stops.iter().take(depth).any(|(s, _)| *s == Stop::End);
        stops.get(depth).filter(|_| !ended).map(|(stop, _)| *stop)
    }

    fn description(&self) -> String {
        let paths: Vec<_> = self
            .paths
            .iter()
            .map(|path| {
                let stops: Vec<_> = path.stops.iter().map(|&(s, share)| name(s, share)).collect();
                format!("{}: {}", path.task, stops.join(", "))
            })
            .collect();
        paths.join("; ")
    }
}

fn name(stop: Stop, share: f64) -> String {
    let what = match stop {
        Stop::Module(m) => format!("module {m}"),
        Stop::Skip => "skip".to_owned(),
        Stop::End => "end".to_owned(),
    };
    if share.is_finite() && share < 1.0 { format!("{what} ({:.0}%)", 100.0 * share) } else { what }
}

/// A line with a rim in the colour of the page, so that crossings can be followed.
fn stroke(canvas: &mut Canvas, d: &str, look: Look, share: f64, tip: &str) {
    let width = if share.is_finite() { 1.0 + 1.6 * share.clamp(0.0, 1.0) } else { 1.0 };
    let line = || Element::new("path").attr("d", d).attr("fill", "none");
    canvas.push(line().class("pw-halo").num("stroke-width", width + 2.0));
    canvas.push(
        line()
            .attr("stroke", look.colour)
            .num("stroke-width", width)
            .attr("stroke-dasharray", look.dash)
            .tooltip(tip),
    );
}

/// A short stub with a bar across: the path ends.
fn end(canvas: &mut Canvas, (x, y): (f64, f64), look: Look, tip: &str) {
    let d = format!("M{} {}v16m-5 0h10", number(x), number(y));
    let stub = Element::new("path").attr("d", &d).attr("fill", "none");
    canvas.push(stub.attr("stroke", look.colour).attr("stroke-width", "2.4").tooltip(tip));
}
