//! Words through a routed layer: many rows to a decision, equal rows once (T 5.3.1.3).

use burn::tensor::Tensor;

use super::{Level, RoutedLayer};
use crate::decision::DecisionAlgorithm;
use crate::kernel::segment_sum::segment_sum;
use crate::noise::Noise;
use crate::trajectory::{Drive, Rows, Step, Trajectory, upload};

/// Words of a batch and the decisions that they belong to.
#[derive(Clone, Debug, Default)]
pub struct Occurrences {
    /// Which of the distinct rows each word is. \[N\]
    pub row_of: Vec<u32>,
    /// Which decision each word follows, ascending. \[N\]
    pub unit_of: Vec<u32>,
    /// The words of decision r are `starts[r]..starts[r + 1]`. \[R + 1\]
    pub starts: Vec<u32>,
}

impl<D: DecisionAlgorithm> RoutedLayer<D> {
    /// Composes a function for each decision and applies it to the decision's words (T algorithm 3.1,
    /// equation 5.2), a word of one vector and one composition being computed once.
    ///
    /// `x` [U, D] distinct vectors, `agents` and `rows` of the R decisions → (distinct results
    /// [V, D], which of them each word is \[N\], the decisions). An approximated sub-router sees the
    /// mean of its words.
    ///
    /// # Deviations
    /// - T 5.3.1.3 does not say what an approximated router sees of a text: it is the mean of the
    ///   decision's words as the modules before left them, zeros where there is no word.
    pub fn forward_words(
        &self,
        agents: Vec<u32>,
        mut x: Tensor<2>,
        words: &Occurrences,
        rows: &Rows,
        (drive, noise): (Drive<'_>, &Noise),
    ) -> (Tensor<2>, Vec<u32>, Trajectory) {
        let mut trajectory = Trajectory { agents, ..Trajectory::default() };
        let agents = upload(&trajectory.agents, &x.device());
        let mut row_of = words.row_of.clone();
        let mut alive = vec![true; rows.len()];
        for depth in 0..self.depths {
            if !alive.contains(&true) && !alive.is_empty() {
                break;
            }
            let seen = match &self.router.sight.state {
                Some(_) => mean(x.clone(), &row_of, &words.starts),
                None => x.clone(),
            };
            let step = self.decide(depth, (&agents, rows), &seen, &mut alive, (drive, noise));
            (x, row_of) = self.compose_words(x, row_of, words, &step);
            trajectory.steps.push(step);
        }
        (x, row_of, trajectory)
    }

    /// One depth: each distinct (row, action) once; where the decision is trained through the block's
    /// output, each word by itself.
    fn compose_words(
        &self,
        x: Tensor<2>,
        row_of: Vec<u32>,
        words: &Occurrences,
        step: &Step,
    ) -> (Tensor<2>, Vec<u32>) {
        let (bank, device) = (self.bank(step.depth), x.device());
        let Some(gate) = &step.choice.gate else {
            let modules = bank.modules() as u32;
            let of = |&unit: &u32| match step.alive[unit as usize] {
                true => step.actions[unit as usize].min(modules),
                false => modules,
            };
            let actions: Vec<u32> = words.unit_of.iter().map(of).collect();
            let (level, row_of) = Level::of(x.dims()[0], &row_of, &actions);
            let actions = upload(&level.actions, &device);
            return (bank.apply(level.rows(x), &actions), row_of.to_vec());
        };
        let units = upload(&words.unit_of, &device);
        let action = step.choice.action.clone().select(0, units.clone());
        let gate = gate.select(units);
        let alive: Vec<bool> =
            words.unit_of.iter().map(|&unit| step.alive[unit as usize]).collect();
        let x = x.select(0, upload(&row_of, &device));
        let each_its_own = (0..row_of.len() as u32).collect();
        (self.compose(step.depth, x, (&action, Some(&gate)), &alive), each_its_own)
    }
}

/// Mean of each segment's rows; zeros where it has none. [U, D] → [R, D]
pub(crate) fn mean(x: Tensor<2>, row_of: &[u32], starts: &[u32]) -> Tensor<2> {
    let scale: Vec<f32> =
        starts.windows(2).map(|ends| 1.0 / (ends[1] - ends[0]).max(1) as f32).collect();
    let count = scale.len();
    let scale = burn::tensor::TensorData::new(scale, [count, 1]);
    let scale = Tensor::<2>::from_data(scale, &x.device());
    segment_sum(x, &row_of.into(), &starts.into()) * scale
}
