//! Linear scales with ticks at 1, 2 or 5 times a power of ten, and logarithmic ones.

use super::Unit;

/// Whether a value can be placed: finite, and small enough that a range of such values is too.
pub(crate) fn drawable(value: f64) -> bool {
    value.abs() < 1e300
}

/// The smallest and largest drawable value, if there is one.
pub(crate) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|v| drawable(*v)).fold(None, |range, v| {
        Some(range.map_or((v, v), |(low, high): (f64, f64)| (low.min(v), high.max(v))))
    })
}

/// A map from values to pixels, linear or logarithmic, with its ticks.
pub(crate) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    pub(crate) ticks: Vec<f64>,
    step: f64,
    log: bool,
}

impl Scale {
    /// Covers `low..=high`, widened to whole tick steps, with about `wanted` ticks.
    pub(crate) fn nice((low, high): (f64, f64), wanted: usize, from: f64, to: f64) -> Self {
        let (low, high) = spread(low, high);
        let step = nice_step((high - low) / wanted.max(1) as f64);
        // A tolerance keeps rounding noise in a quotient such as 0.3 / 0.1 from adding a step.
        let first = (low / step + 1e-9).floor();
        let last = (high / step - 1e-9).ceil().max(first + 1.0);
        let count = (last - first) as usize;
        let ticks = (0..=count).map(|i| (first + i as f64) * step).collect();
        Self { low: first * step, high: last * step, from, to, ticks, step, log: false }
    }

    /// Covers `low..=high` exactly; ticks are the whole steps inside.
    pub(crate) fn tight((low, high): (f64, f64), wanted: usize, from: f64, to: f64) -> Self {
        let (low, high) = spread(low, high);
        let mut scale = Self::nice((low, high), wanted, from, to);
        let slack = scale.step * 1e-9;
        scale.ticks.retain(|t| (low - slack..=high + slack).contains(t));
        Self { low, high, ..scale }
    }

    /// Powers of ten around `low..=high`, which are above zero.
    pub(crate) fn decades((low, high): (f64, f64), from: f64, to: f64) -> Self {
        let first = decompose(low).1;
        let last = (first + 1..).find(|&power| ten_to(power) >= high).unwrap_or(first + 1);
        let ticks = (first..=last).map(ten_to).collect();
        let (low, high) = (f64::from(first), f64::from(last));
        Self { low, high, from, to, ticks, step: 1.0, log: true }
    }

    /// Covers `low..=high`, which are above zero, exactly and logarithmically.
    pub(crate) fn tight_log((low, high): (f64, f64), from: f64, to: f64) -> Self {
        let (low, high) = spread(low.log10(), high.log10());
        Self { low, high, from, to, ticks: Vec::new(), step: 1.0, log: true }
    }

    pub(crate) fn at(&self, value: f64) -> f64 {
        let value = if self.log { value.log10() } else { value };
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// The label of a tick, with as many digits as the step needs.
    pub(crate) fn label(&self, tick: f64, unit: Unit) -> String {
        if self.log {
            return if (1e-3..1e5).contains(&tick) {
                tick.to_string()
            } else {
                format!("{tick:e}")
            };
        }
        unit.tick(tick, self.step)
    }
}

/// A range of one value, or of values too near to each other, is opened around it.
fn spread(low: f64, high: f64) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    if high - low > size * 1e-9 && (high - low).is_normal() {
        (low, high)
    } else if size > 1e-300 {
        (low - 0.5 * size, high + 0.5 * size)
    } else {
        (low - 0.5, high + 0.5)
    }
}

/// Decimal exponent and leading digits of a positive value, exact on every machine because no
/// logarithm is taken.
fn decompose(value: f64) -> (f64, i32) {
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or(("1", "0"));
    (mantissa.parse().unwrap_or(1.0), exponent.parse().unwrap_or(0))
}

fn nice_step(raw: f64) -> f64 {
    let (mantissa, exponent) = decompose(raw);
    let (digit, exponent) = match mantissa {
        m if m <= 1.0 => (1, exponent),
        m if m <= 2.0 => (2, exponent),
        m if m <= 5.0 => (5, exponent),
        _ => (1, exponent + 1),
    };
    format!("{digit}e{exponent}").parse().unwrap_or(raw)
}

fn ten_to(power: i32) -> f64 {
    format!("1e{power}").parse().unwrap_or(f64::INFINITY)
}

/// Decimals that a multiple of `step` needs.
pub(crate) fn decimals(step: f64) -> usize {
    let (_, exponent) = decompose(step);
    usize::try_from(-exponent).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticks_are_round_numbers() {
        let scale = Scale::nice((0.0, 0.83), 5, 0.0, 100.0);
        let labels: Vec<_> =
            scale.ticks.iter().map(|&t| scale.label(t, Unit::Number { digits: 3 })).collect();
        assert_eq!(labels, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(scale.at(0.5), 50.0);
        let scale = Scale::nice((0.0, 0.3), 3, 0.0, 1.0);
        assert_eq!(scale.ticks.len(), 4);
    }

    #[test]
    fn decades_enclose_their_values() {
        let scale = Scale::decades((0.02, 7.0), 100.0, 0.0);
        assert_eq!(scale.ticks, [0.01, 0.1, 1.0, 10.0]);
        assert!((scale.at(1.0) - 100.0 / 3.0).abs() < 1e-9);
        assert_eq!(scale.label(0.1, Unit::Number { digits: 0 }), "0.1");
        assert_eq!(scale.label(1e-5, Unit::Number { digits: 0 }), "1e-5");
        assert_eq!(Scale::decades((1.0, 1.0), 0.0, 1.0).ticks, [1.0, 10.0]);
    }

    #[test]
    fn one_value_still_gives_a_scale() {
        for value in [0.0, 5.0, -3.0, 1e-12, 1e15, 1e299] {
            let scale = Scale::nice((value, value), 5, 0.0, 100.0);
            assert!(scale.at(value).is_finite());
            assert!(scale.ticks.len() >= 2, "{value}: {:?}", scale.ticks);
        }
    }

    proptest! {
        #[test]
        fn a_nice_scale_covers_its_values(a in -1e6..1e6_f64, width in 1e-6..1e6_f64) {
            let scale = Scale::nice((a, a + width), 5, 0.0, 100.0);
            prop_assert!((2..=12).contains(&scale.ticks.len()), "{:?}", scale.ticks);
            for value in [a, a + width] {
                prop_assert!((-0.01..=100.01).contains(&scale.at(value)));
            }
        }
    }
}
