//! A legend that flows in columns below a picture.

use super::marker::marker;
use super::palette::Look;
use super::svg::{Anchor, Canvas, Element};
use super::text;

const SIZE: f64 = 12.0;
const ROW: f64 = 20.0;
const SWATCH: f64 = 30.0;
const GAP: f64 = 22.0;

/// Draws one entry a series and returns the height used. Entries run down as many columns as
/// fit; a label is cut where it would not fit the whole width.
pub(crate) fn draw(
    canvas: &mut Canvas,
    (x, y): (f64, f64),
    room: f64,
    entries: &[(String, Look)],
    markers: bool,
) -> f64 {
    let shown: Vec<_> =
        entries.iter().map(|(label, _)| text::fit(label, SIZE, room - SWATCH - GAP)).collect();
    let widths: Vec<_> = shown.iter().map(|l| SWATCH + text::width(l, SIZE) + GAP).collect();
    let widest = |column: &[f64]| column.iter().copied().fold(0.0, f64::max);
    // The fewest rows whose columns fit side by side; one column always does.
    let fits = |rows: &usize| widths.chunks(*rows).map(widest).sum::<f64>() <= room + GAP;
    let rows = (1..=entries.len()).find(fits).unwrap_or(entries.len());
    let mut left = x;
    for (column, widths) in widths.chunks(rows.max(1)).enumerate() {
        for row in 0..widths.len() {
            let index = column * rows + row;
            let look = entries[index].1;
            let middle = y + row as f64 * ROW + ROW / 2.0;
            canvas.push(
                Element::new("line")
                    .num("x1", left)
                    .num("y1", middle)
                    .num("x2", left + 24.0)
                    .num("y2", middle)
                    .attr("stroke", look.colour)
                    .attr("stroke-width", "2.5")
                    .attr("stroke-dasharray", look.dash),
            );
            if markers {
                let sign = marker(look.shape, left + 12.0, middle, 4.0);
                canvas.push(sign.attr("fill", look.colour));
            }
            canvas.text("pw-ink", (left + SWATCH, middle), SIZE, Anchor::Start, &shown[index]);
        }
        left += widest(widths);
    }
    rows as f64 * ROW
}
