//! How values are written on axes and beside bars.

use super::scale::decimals;

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// As they are, with this many decimals beside bars.
    Number {
        /// Decimals beside bars; axis ticks have as many as their step needs.
        digits: usize,
    },
    /// Shares in `0..=1`, written times 100 with a percent sign.
    Percent {
        /// Decimals beside bars.
        digits: usize,
    },
}

impl Unit {
    /// A single value, or an en dash where it is not finite.
    pub(crate) fn value(self, value: f64) -> String {
        match self {
            _ if !value.is_finite() => "–".to_owned(),
            Self::Number { .. } if value.abs() >= 1e9 => signed(&format!("{value:.2e}")),
            Self::Number { digits } => signed(&format!("{value:.digits$}")),
            Self::Percent { digits } => signed(&format!("{:.digits$}%", 100.0 * value)),
        }
    }

    /// A mean with the half width of its interval.
    pub(crate) fn with_error(self, value: f64, error: Option<f64>) -> String {
        match error.filter(|e| e.is_finite()) {
            Some(error) if value.is_finite() => {
                let mean = self.value(value);
                format!("{} ± {}", mean.trim_end_matches('%'), self.value(error))
            }
            _ => self.value(value),
        }
    }

    /// The label of an axis tick, with as many digits as `step` needs.
    pub(crate) fn tick(self, tick: f64, step: f64) -> String {
        let (value, step, sign) = match self {
            Self::Number { .. } => (tick, step, ""),
            Self::Percent { .. } => (100.0 * tick, 100.0 * step, "%"),
        };
        let exponent = !(1e-6..1e7).contains(&step);
        let text = if value == 0.0 {
            "0".to_owned()
        } else if exponent {
            // The product of a tick's index and its step carries rounding noise.
            let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
            format!("{rounded:e}")
        } else {
            // 100 * 0.01 may fall just below 1; a nudge keeps the count of decimals right.
            format!("{value:.digits$}", digits = decimals(step * (1.0 + 1e-12)))
        };
        format!("{}{sign}", signed(&text))
    }
}

/// A typographic minus, and none before a number whose shown digits are all zero.
fn signed(text: &str) -> String {
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().any(|c| matches!(c, '1'..='9')) => format!("−{rest}"),
        Some(rest) => rest.to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_intervals_read_well() {
        let percent = Unit::Percent { digits: 1 };
        assert_eq!(percent.with_error(0.6012, Some(0.0123)), "60.1 ± 1.2%");
        assert_eq!(percent.value(f64::NAN), "–");
        assert_eq!(percent.with_error(0.5, None), "50.0%");
        assert_eq!(Unit::Number { digits: 2 }.value(-0.001), "0.00");
        assert_eq!(Unit::Number { digits: 2 }.value(-1.0), "−1.00");
    }

    #[test]
    fn ticks_have_the_digits_of_their_step() {
        let percent = Unit::Percent { digits: 1 };
        assert_eq!(percent.tick(0.57, 0.01), "57%");
        assert_eq!(percent.tick(0.575, 0.005), "57.5%");
        let plain = Unit::Number { digits: 2 };
        assert_eq!(plain.tick(0.1 * 3.0, 0.1), "0.3");
        assert_eq!(plain.tick(20000.0, 5000.0), "20000");
        assert_eq!(plain.tick(0.0, 0.5), "0");
        assert_eq!(plain.tick(2e9, 1e9), "2e9");
    }
}
