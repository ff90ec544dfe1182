//! Exploration schedules (T 7.2.1, figure 7.6).

use serde::{Deserialize, Serialize};

/// How the exploration rate ε falls over training. ε-greedy algorithms read it, ε-greedy REINFORCE
/// among them; algorithms that sample their policy ignore it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "schedule", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Exploration {
    /// ε = `rate` throughout.
    Constant {
        /// ε
        rate: f32,
    },
    /// ε starts at `start` and is divided by `factor` every `every` epochs, never below `floor`.
    /// Figure 7.6: (0.5, 4, 5, 0.01) is high, (0.25, 4, 5, 0.005) medium, (0.1, 4, 5, 0.002) low.
    Step {
        /// ε of the first epoch
        start: f32,
        /// divisor
        factor: f32,
        /// epochs between divisions
        every: u32,
        /// least ε
        floor: f32,
    },
    /// ε moves on a line from `start` to `end` over the first `epochs` epochs, then stays.
    Linear {
        /// ε at epoch 0
        start: f32,
        /// ε from epoch `epochs` on
        end: f32,
        /// length of the line in epochs
        epochs: u32,
    },
    /// ε = start · decay^epoch, never below `floor`.
    Exponential {
        /// ε at epoch 0
        start: f32,
        /// factor an epoch
        decay: f32,
        /// least ε
        floor: f32,
    },
}

impl Default for Exploration {
    fn default() -> Self {
        Self::Step { start: 0.25, factor: 4.0, every: 5, floor: 0.005 }
    }
}

impl Exploration {
    /// ε after `epoch` epochs; fractions of an epoch count where the schedule is continuous.
    pub fn rate(&self, epoch: f64) -> f32 {
        match *self {
            Self::Constant { rate } => rate,
            Self::Step { start, factor, every, floor } => {
                let drops = (epoch / f64::from(every)).floor() as i32;
                (start / factor.powi(drops)).max(floor)
            }
            Self::Linear { start, end, epochs } => {
                let share = (epoch / f64::from(epochs)).min(1.0) as f32;
                start * (1.0 - share) + end * share
            }
            Self::Exponential { start, decay, floor } => {
                (start * decay.powf(epoch as f32)).max(floor)
            }
        }
    }

    /// What is wrong with the settings: (key, found, allowed).
    pub fn faults(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut faults = Vec::new();
        let mut share = |key, value: f32| {
            if !(0.0..=1.0).contains(&value) {
                faults.push((key, value.to_string(), "a number from 0 to 1"));
            }
        };
        match *self {
            Self::Constant { rate } => share("rate", rate),
            Self::Step { start, factor, every, floor } => {
                share("start", start);
                share("floor", floor);
                if factor.is_nan() || factor < 1.0 {
                    faults.push(("factor", factor.to_string(), "a number of at least 1"));
                }
                if every == 0 {
                    faults.push(("every", "0".into(), "a whole number of at least 1"));
                }
            }
            Self::Linear { start, end, epochs } => {
                share("start", start);
                share("end", end);
                if epochs == 0 {
                    faults.push(("epochs", "0".into(), "a whole number of at least 1"));
                }
            }
            Self::Exponential { start, decay, floor } => {
                share("start", start);
                share("decay", decay);
                share("floor", floor);
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figure_7_6_high_falls_by_four_every_five_epochs() {
        let high = Exploration::Step { start: 0.5, factor: 4.0, every: 5, floor: 0.01 };
        let at = |epoch| high.rate(epoch);
        assert_eq!(
            [at(0.0), at(4.9), at(5.0), at(10.0), at(15.0)],
            [0.5, 0.5, 0.125, 0.03125, 0.01]
        );
    }

    #[test]
    fn linear_reaches_its_end_and_stays() {
        let line = Exploration::Linear { start: 1.0, end: 0.2, epochs: 4 };
        assert_eq!([line.rate(0.0), line.rate(2.0), line.rate(9.0)], [1.0, 0.6, 0.2]);
    }

    #[test]
    fn faults_are_reported_together() {
        let bad = Exploration::Step { start: 2.0, factor: 0.5, every: 0, floor: f32::NAN };
        assert_eq!(bad.faults().len(), 4);
    }
}
