//! Normal numbers by the ziggurat method (Marsaglia and Tsang 2000): 256 layers of equal area, one
//! 32 bit number for 99 of 100 draws.
//!
//! Layer, sign and place within the layer come from different bits of the number, which keeps the
//! draws free of the correlation that Leong and others (2005) found in the original. Tables and rare
//! cases use the `libm` crate and IEEE's exact operations alone, so that every machine draws the
//! same numbers.

use std::sync::LazyLock;

/// Layers; the lowest one holds the tail.
const LAYERS: usize = 256;
/// Where the tail begins.
const TAIL: f64 = 3.654_152_885_361_009;
/// Area of each layer under exp(−x²/2), x ≥ 0.
const AREA: f64 = 0.004_928_673_233_992_336;
/// Places within a layer.
const PLACES: u32 = 1 << 23;

/// A layer as the frequent case needs it.
#[derive(Clone, Copy)]
struct Layer {
    /// Places below lie under the curve whatever the height
    inside: u32,
    /// Its width divided by the number of places
    step: f32,
}

struct Tables {
    layers: [Layer; LAYERS],
    /// exp(−x²/2) at the right edge of each layer, from bottom to top, and at 0
    heights: [f64; LAYERS + 1],
}

static TABLES: LazyLock<Box<Tables>> = LazyLock::new(|| {
    let density = |x: f64| libm::exp(-0.5 * x * x);
    let mut edges = [0.0; LAYERS + 1];
    edges[0] = AREA / density(TAIL);
    edges[1] = TAIL;
    for layer in 2..LAYERS {
        let below = edges[layer - 1];
        edges[layer] = (-2.0 * libm::log(AREA / below + density(below))).sqrt();
    }
    let places = f64::from(PLACES);
    let layer = |at: usize| Layer {
        inside: (edges[at + 1] / edges[at] * places) as u32,
        step: (edges[at] / places) as f32,
    };
    Box::new(Tables {
        layers: std::array::from_fn(layer),
        heights: std::array::from_fn(|at| density(edges[at])),
    })
});

/// Fills `out`; `next` gives uniform 32 bit numbers.
pub(crate) fn fill(out: &mut [f32], mut next: impl FnMut() -> u32) {
    let tables: &Tables = &TABLES;
    for value in out {
        *value = loop {
            let bits = next();
            let (at, place) = ((bits & 0xff) as usize, bits >> 9);
            let layer = tables.layers[at];
            // The middle of the place: exact in 24 bits, and never zero.
            let size = (place as f32 + 0.5) * layer.step;
            if let Some(size) =
                if place < layer.inside { Some(size) } else { tables.edge(at, size, &mut next) }
            {
                break f32::from_bits(size.to_bits() | (bits & 0x100) << 23);
            }
        };
    }
}

impl Tables {
    /// A draw from the tail, or `size` if a random height within its layer lies under the curve.
    #[cold]
    fn edge(&self, at: usize, size: f32, next: &mut impl FnMut() -> u32) -> Option<f32> {
        // In (0, 1).
        let mut uniform = || (f64::from(next()) + 0.5) / 4_294_967_296.0;
        if at == 0 {
            loop {
                let beyond = -libm::log(uniform()) / TAIL;
                if -2.0 * libm::log(uniform()) > beyond * beyond {
                    return Some((TAIL + beyond) as f32);
                }
            }
        }
        let height = self.heights[at] + uniform() * (self.heights[at + 1] - self.heights[at]);
        let size64 = f64::from(size);
        (height < libm::exp(-0.5 * size64 * size64)).then_some(size)
    }
}
