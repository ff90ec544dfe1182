//! Sequences of words through a routed layer: a decision holds for all words of a sequence, and a
//! block sees them together (T 5.3.1.4).

use burn::tensor::Tensor;

use super::RoutedLayer;
use super::words::mean;
use crate::bank::{RestBank, RowActions, Sequences};
use crate::decision::DecisionAlgorithm;
use crate::noise::Noise;
use crate::trajectory::{Choice, Drive, Gate, Rows, Step, Trajectory, upload};

impl<D: DecisionAlgorithm> RoutedLayer<D> {
    /// Composes a function for each sequence and applies it to its words (T algorithm 3.1).
    ///
    /// `x` [N, D] the words of R sequences, `agents` and `rows` of their decisions → ([N, D], the
    /// decisions). Where `rests` are given, one a depth, they complete what the modules begin. An
    /// approximated sub-router sees the mean of the sequence's words.
    ///
    /// # Deviations
    /// - T 5.3.1.4 does not say what an approximated router of a transformer sees: it is the mean of
    ///   all rows of the pair as the blocks before left them.
    pub fn forward_sequences(
        &self,
        agents: Vec<u32>,
        (mut x, words): (Tensor<2>, &Sequences),
        rows: &Rows,
        rests: &[RestBank],
        (drive, noise): (Drive<'_>, &Noise),
    ) -> (Tensor<2>, Trajectory) {
        let mut trajectory = Trajectory { agents, ..Trajectory::default() };
        let agents = upload(&trajectory.agents, &x.device());
        let each: Vec<u32> = (0..words.of.len() as u32).collect();
        for depth in 0..self.depths {
            let decision = self.router.at(depth);
            let seen = match &self.router.sight.state {
                Some(_) => mean(x.clone(), &each, &words.starts),
                None => x.clone(),
            };
            let site = self.router.sight.site(depth, agents.clone(), rows, &seen);
            let heads = decision.heads(&site);
            let (choice, actions) = drive.choose(decision, &heads, &site, noise);
            let state = site.state;
            x = self.compose_sequences(depth, (x, words), (&choice, &actions), rests.get(depth));
            let (agents, alive) = (agents.clone(), vec![true; rows.len()]);
            trajectory.steps.push(Step { depth, agents, state, heads, choice, actions, alive });
        }
        (x, trajectory)
    }

    /// One depth; sequences whose action is no module pass it unchanged. [N, D] → [N, D]
    fn compose_sequences(
        &self,
        depth: usize,
        (x, words): (Tensor<2>, &Sequences),
        (choice, actions): (&Choice, &[u32]),
        rest: Option<&RestBank>,
    ) -> Tensor<2> {
        let (bank, device) = (self.bank(depth), x.device());
        let run = || bank.apply_sequences(x.clone(), words, actions);
        let of_words = || upload(&words.of, &device);
        let y = match &choice.gate {
            None => run(),
            Some(Gate::Chosen(gate)) => {
                run() * gate.clone().select(0, of_words()).unsqueeze_dim::<2>(1)
            }
            Some(Gate::All(gate)) => {
                let gate = gate.clone().select(0, of_words()).transpose().unsqueeze_dim::<3>(2);
                (bank.apply_all_sequences(x.clone(), words) * gate).sum_dim(0).squeeze_dim::<2>(0)
            }
        };
        let Some(rest) = rest else { return y };
        let first = RowActions::first(words.of.len(), &device);
        let modules = bank.modules() as u32;
        let y = rest.apply(x.clone(), y, &first);
        words.keep_where(x, y, |sequence| actions[sequence] >= modules)
    }
}
