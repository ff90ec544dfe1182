//! Pictures as SVG text: bars, intervals, training curves, lines over a setting (on logarithmic
//! axes too), pies, points, routing maps, path diagrams, heat maps.
//!
//! A picture is a plain struct with a `to_svg` method. Equal input gives equal bytes. Values
//! that are not finite are left out and named as missing; a picture without any value says
//! "no data". Text is escaped and never interpreted. Colours are chosen to be told apart by
//! readers with any colour vision, on light and on dark pages.

mod axes;
mod bars;
mod curves;
mod dots;
mod heat_map;
mod intervals;
mod legend;
mod line;
mod lines_by_x;
mod log_lines;
mod marker;
mod of_log;
mod palette;
mod path_diagram;
mod path_layout;
mod pies;
mod routing_grid;
mod routing_map;
mod scale;
mod scatter;
mod svg;
mod text;
mod unit;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use bars::{Bar, BarGroup, Bars};
pub use curves::{CurvePlot, Panel};
pub use dots::{DotPanel, DotRow, Dots};
pub use heat_map::{HeatMap, HeatPanel};
pub use intervals::{IntervalPanel, Intervals, Mark};
pub use line::{Line, Point};
pub use lines_by_x::LinesByX;
pub use log_lines::LogLines;
pub use path_diagram::PathDiagram;
pub use pies::{Pie, Pies, Slice};
pub use routing_map::{Path, RoutingMap, Row, Stop};
pub use scatter::{Cloud, Scatter, ScatterPanel};
pub use unit::Unit;

pub(crate) use svg::escape;

/// A picture that says in words why there is none, such as that a file is too large.
pub fn notice(title: &str, words: &str) -> String {
    axes::words(title, words, 640.0)
}
