//! Counts choices, window by window.

use serde::{Deserialize, Serialize};

use super::{Action, Alarm, AlarmSpec, Cause};

/// Least number of decisions in a window, for each choice of the depth.
pub const DECISIONS_PER_CHOICE: u64 = 100;

/// A module that was told is back in use with this part of an even share of the decisions: one stray
/// row a window would make its alarm ring again and again.
pub(super) const BACK_IN_USE: f64 = 0.1;

/// Watches the choices of a training run.
#[derive(Clone, Debug, PartialEq)]
pub struct Detector {
    spec: AlarmSpec,
    /// Modules at each depth \[T\]
    modules: Vec<usize>,
    /// Choices at each depth: modules, skip, end \[T\]
    choices: Vec<usize>,
    state: DetectorState,
}

/// What a detector remembers between two steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DetectorState {
    depths: Vec<DepthState>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct DepthState {
    /// Of the window that is open
    steps: u64,
    counts: Vec<u64>,
    /// Highest entropy of a window so far
    peak: f64,
    /// Modules told to be unused
    unused: Vec<bool>,
    /// Whether the largest share was told
    share: bool,
}

impl Detector {
    /// For `modules[t]` modules at depth t, and `extra` actions beside them.
    pub fn new(spec: AlarmSpec, modules: Vec<usize>, extra: usize) -> Self {
        let choices: Vec<usize> = modules.iter().map(|modules| modules + extra).collect();
        let fresh = |(&modules, &choices): (&usize, &usize)| DepthState {
            counts: vec![0; choices],
            unused: vec![false; modules],
            ..DepthState::default()
        };
        let depths = modules.iter().zip(&choices).map(fresh).collect();
        Self { spec, modules, choices, state: DetectorState { depths } }
    }

    /// Choices at each depth: modules, skip, end \[T\]
    pub fn choices(&self) -> &[usize] {
        &self.choices
    }

    /// What it remembers.
    pub fn state(&self) -> &DetectorState {
        &self.state
    }

    /// Goes on from what a detector for the same depths remembered. Another one's memory, and the
    /// empty one, are as none.
    pub fn restore(&mut self, state: &DetectorState) {
        let fits = state.depths.len() == self.choices.len()
            && state.depths.iter().zip(&self.choices).all(|(d, &c)| d.counts.len() == c);
        if fits {
            self.state = state.clone();
        }
    }

    /// One training step: how often each choice was made at each depth \[T\]\[A\]; depths that no row
    /// reached may be missing. `step` is the number of steps made. Gives the alarms that ring.
    pub fn see(&mut self, step: u64, counts: &[Vec<u64>]) -> Vec<Alarm> {
        let mut alarms = Vec::new();
        for depth in 0..self.choices.len() {
            let choices = self.choices[depth];
            if choices < 2 {
                continue;
            }
            let state = &mut self.state.depths[depth];
            state.steps += 1;
            let seen = counts.get(depth).into_iter().flatten();
            state.counts.iter_mut().zip(seen).for_each(|(sum, count)| *sum += count);
            let decisions: u64 = state.counts.iter().sum();
            let least = DECISIONS_PER_CHOICE * choices as u64;
            if state.steps < u64::from(self.spec.window) || decisions < least {
                continue;
            }
            let steps = state.steps;
            let causes = state.close(&self.spec, self.modules[depth], decisions);
            alarms.extend(causes.into_iter().map(|(cause, action)| Alarm {
                step,
                depth: depth as u32,
                steps,
                cause,
                action,
            }));
        }
        alarms
    }
}

impl DepthState {
    /// Asks the three questions and opens the next window.
    fn close(&mut self, spec: &AlarmSpec, modules: usize, decisions: u64) -> Vec<(Cause, Action)> {
        let shares: Vec<f64> =
            self.counts.iter().map(|&count| count as f64 / decisions as f64).collect();
        let mut causes = Vec::new();
        let mut ring = |cause: Cause, action| {
            if action != Action::Off {
                causes.push((cause, action));
            }
        };

        let idle: Vec<bool> = self.counts[..modules].iter().map(|&count| count == 0).collect();
        let new = idle.iter().zip(&self.unused).enumerate();
        let told: Vec<u32> = new
            .filter(|(_, (idle, told))| **idle && !**told)
            .map(|(module, _)| module as u32)
            .collect();
        let least = BACK_IN_USE / shares.len() as f64;
        for ((told, idle), share) in self.unused.iter_mut().zip(idle).zip(&shares) {
            *told = idle || *told && *share < least;
        }
        if !told.is_empty() {
            ring(Cause::Unused { modules: told }, spec.unused.action);
        }

        let (choice, share) = shares.iter().enumerate().fold((0, 0.0), |best, (choice, &share)| {
            if share > best.1 { (choice, share) } else { best }
        });
        let above = share > spec.share.above;
        if above && !self.share {
            let (module, choice) = (choice < modules, choice as u32);
            ring(Cause::Share { choice, module, share }, spec.share.action);
        }
        self.share = above;

        // libm's logarithm, not the system's: the same bits on every machine.
        let used = shares.iter().filter(|share| **share > 0.0);
        let entropy: f64 = used.map(|share| -share * libm::log(*share)).sum();
        if entropy > self.peak {
            self.peak = entropy;
        } else if self.peak - entropy > spec.entropy.drop * libm::log(shares.len() as f64) {
            ring(Cause::Entropy { from: self.peak, to: entropy }, spec.entropy.action);
            self.peak = entropy;
        }

        self.steps = 0;
        self.counts.fill(0);
        causes
    }
}
