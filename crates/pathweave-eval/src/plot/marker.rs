//! Small signs: marker shapes as a second sign beside colour, error bars, the paper's mark.

use super::svg::{Canvas, Element, number};

/// Marker number `shape` around (`x`, `y`), about `2 r` wide.
pub(crate) fn marker(shape: usize, x: f64, y: f64, r: f64) -> Element {
    let polygon = |corners: &[(f64, f64)]| {
        let points: Vec<_> = corners
            .iter()
            .map(|(dx, dy)| format!("{},{}", number(x + dx * r), number(y + dy * r)))
            .collect();
        Element::new("polygon").attr("points", &points.join(" "))
    };
    match shape % 5 {
        0 => Element::new("circle").num("cx", x).num("cy", y).num("r", r),
        1 => polygon(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        2 => polygon(&[(0.0, -1.15), (1.1, 0.85), (-1.1, 0.85)]),
        3 => polygon(&[(0.0, -1.25), (1.1, 0.0), (0.0, 1.25), (-1.1, 0.0)]),
        _ => polygon(&[(-1.1, -0.85), (1.1, -0.85), (0.0, 1.15)]),
    }
}

/// A horizontal error bar from `from` to `to`.
pub(crate) fn whisker(canvas: &mut Canvas, from: f64, to: f64, y: f64) {
    canvas.line("pw-whisker", (from, y), (to, y));
    for end in [from, to] {
        canvas.line("pw-whisker", (end, y - 4.0), (end, y + 4.0));
    }
}

/// The mark of a value that a document states.
pub(crate) fn diamond(x: f64, y: f64) -> Element {
    marker(3, x, y, 5.0).class("pw-mark").attr("stroke-width", "1.5")
}
