//! How far the estimators are from the exact gradient (T 3.2, figure 3.2).

use pathweave_data::{Stream, Streams};

use super::{Draw, EstimatorKind, Problem, Settings};

/// The setting of figure 3.2 at one number of actions.
///
/// # Deviations
/// - T 3.2 says "randomly initialized" of the policies: their logits are drawn from N(0, 1).
/// - T 3.2 takes 22 reward functions and 22 policies and does not say whether they are crossed:
///   each reward function has policies of its own here, so that rewards are independent repetitions.
/// - T 3.2 trains RELAX's network "over multiple samples first" and does not say how many: every
///   estimator sees `warm_up` draws an action before those that count. Estimators without memory
///   are not changed by it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Study {
    /// A, at least 1
    pub actions: usize,
    /// Policies for each reward function
    pub policies: usize,
    /// Draws for each policy = A times this number
    pub samples_per_action: usize,
    /// Draws before those that count = A times this number
    pub warm_up: usize,
    /// Of the estimators
    pub settings: Settings,
    /// Root of all random numbers
    pub seed: u64,
}

/// An estimator's errors, each a mean over the gradient's components.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Squared difference of one draw's estimate from the exact gradient
    pub mse: f64,
    /// Variance of one draw's estimate
    pub variance: f64,
    /// Squared difference of the mean over all draws from the exact gradient: what is left of `mse`
    /// as draws are averaged, the squared bias in the limit
    pub mse_of_mean: f64,
}

impl Study {
    /// The estimators' errors for reward function number `index`, means over its policies, in the
    /// order of [`EstimatorKind::ALL`]. Depends on nothing else than the study and `index`.
    pub fn run(&self, index: u64) -> Vec<Spread> {
        let streams = Streams::new(self.seed);
        let name = |what: &str| format!("gradients/{}/{what}", self.actions);
        let mut rewards = vec![0.0; self.actions];
        uniform(&mut streams.stream(&name("rewards"), index), &mut rewards);
        let mut total = vec![Spread::default(); EstimatorKind::ALL.len()];
        for policy in 0..self.policies as u64 {
            let number = index * self.policies as u64 + policy;
            let mut logits = vec![0.0f32; self.actions];
            streams.stream(&name("policy"), number).fill_normal(&mut logits);
            let logits: Vec<f64> = logits.into_iter().map(f64::from).collect();
            let problem = Problem::new(&logits, &rewards);
            let found = self.measure(&problem, &mut streams.stream(&name("draws"), number));
            for (total, found) in total.iter_mut().zip(found) {
                let share = 1.0 / self.policies as f64;
                total.mse += share * found.mse;
                total.variance += share * found.variance;
                total.mse_of_mean += share * found.mse_of_mean;
            }
        }
        total
    }

    /// All estimators on the same draws of one problem.
    pub fn measure(&self, problem: &Problem, stream: &mut Stream) -> Vec<Spread> {
        let actions = problem.actions();
        let mut estimators: Vec<_> = EstimatorKind::ALL
            .iter()
            .map(|(kind, _)| kind.build(actions, &self.settings))
            .collect();
        let mut errors = vec![Errors::new(actions); estimators.len()];
        let (mut draw, mut estimate) = (Draw::new(actions), vec![0.0; actions]);
        let exact = problem.gradient();
        let (before, count) = (self.warm_up * actions, self.samples_per_action * actions);
        for number in 0..before + count {
            draw.redraw(problem, stream);
            for (estimator, errors) in estimators.iter_mut().zip(&mut errors) {
                estimator.estimate(problem, &draw, &mut estimate);
                if number >= before {
                    errors.add(&estimate, &exact);
                }
            }
        }
        errors.iter().map(|errors| errors.spread(count)).collect()
    }
}

/// Sums of differences and of their squares. \[A\] each
#[derive(Clone)]
struct Errors {
    sum: Vec<f64>,
    squares: Vec<f64>,
}

impl Errors {
    fn new(actions: usize) -> Self {
        Self { sum: vec![0.0; actions], squares: vec![0.0; actions] }
    }

    fn add(&mut self, estimate: &[f64], exact: &[f64]) {
        for (at, (estimate, exact)) in estimate.iter().zip(exact).enumerate() {
            let error = estimate - exact;
            self.sum[at] += error;
            self.squares[at] += error * error;
        }
    }

    fn spread(&self, count: usize) -> Spread {
        let (n, actions) = (count as f64, self.sum.len() as f64);
        let squares = self.squares.iter().sum::<f64>() / n / actions;
        let mean = self.sum.iter().map(|sum| (sum / n).powi(2)).sum::<f64>() / actions;
        let variance = (squares - mean).max(0.0) * n / (n - 1.0).max(1.0);
        Spread { mse: squares, variance, mse_of_mean: mean }
    }
}

/// Uniform in (0, 1).
fn uniform(stream: &mut Stream, out: &mut [f64]) {
    for value in out {
        *value = f64::from(stream.uniform());
    }
}
