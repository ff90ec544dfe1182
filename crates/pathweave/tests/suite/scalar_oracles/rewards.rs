//! Returns, collaboration reward and exploration schedules.

use burn::tensor::Tensor;
use pathweave::explore::Exploration;
use pathweave::reward::{CollaborationOver, FinalReward, RewardSpec, Rewards, returns};
use pathweave::trajectory::{Choice, Heads, Step, Trajectory};
use proptest::prelude::*;

use crate::support::{Draw, assert_close, cpu, whole};

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}

/// Decisions on the host: `actions[t][row]`; a row lives for `lengths[row]` depths.
fn decided(agents: &[u32], actions: &[Vec<u32>], lengths: &[usize]) -> Trajectory {
    let (device, rows) = (cpu(), agents.len());
    let step = |(depth, actions): (usize, &Vec<u32>)| Step {
        depth,
        agents: whole(agents, &device),
        heads: Heads { action: Tensor::zeros([rows, 1], &device), critic: None },
        state: None,
        choice: Choice::certain(whole(actions, &device)),
        actions: actions.clone(),
        alive: lengths.iter().map(|&length| depth < length).collect(),
    };
    let steps = actions.iter().enumerate().map(step).collect();
    Trajectory { agents: agents.to_vec(), steps, ..Trajectory::default() }
}

/// Everything decided so far, as (sub-router, agent, action), oldest first.
type History = Vec<(usize, u32, u32)>;

/// C(a): share of a among the last w decisions of a sub-router.
fn share(history: &History, window: usize, whose: (usize, Option<u32>), action: u32) -> f64 {
    let of = |&&(place, agent, _): &&(usize, u32, u32)| {
        place == whose.0 && whose.1.is_none_or(|wanted| wanted == agent)
    };
    let recent: Vec<u32> = history.iter().rev().filter(of).take(window).map(|d| d.2).collect();
    recent.iter().filter(|&&a| a == action).count() as f64 / recent.len().max(1) as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// G_t = Σ_{j≥t} γ^{j−t} r_j with r_f on the last step (T 3.1.1).
    #[test]
    fn returns_are_discounted_sums(
        lengths in prop::collection::vec(1u32..5, 0..6), discount in 0.0f32..=1.0, seed: u64,
    ) {
        let mut draw = Draw::new(seed);
        let depths = lengths.iter().max().copied().unwrap_or(0);
        let alive = |depth: u32, row: usize| depth < lengths[row];
        let rewards: Vec<Vec<f32>> = (0..depths)
            .map(|depth| {
                let drawn = draw.signed(lengths.len());
                let one = |(row, r): (usize, f64)| if alive(depth, row) { r as f32 } else { 0.0 };
                drawn.into_iter().enumerate().map(one).collect()
            })
            .collect();
        let last: Vec<f32> = draw.signed(lengths.len()).iter().map(|&r| r as f32).collect();
        let got = returns(rewards.clone(), &lengths, &last, discount);
        prop_assert_eq!(got.len(), depths as usize);
        for (row, &length) in lengths.iter().enumerate() {
            for t in 0..depths {
                let power = |j: u32| f64::from(discount).powi((j - t) as i32);
                let sum: f64 =
                    (t..length).map(|j| power(j) * f64::from(rewards[j as usize][row])).sum();
                let ends = if t < length { power(length - 1) * f64::from(last[row]) } else { 0.0 };
                let step = &got[t as usize];
                assert_close(&wide(&[step.returns[row]]), &[sum + ends], 1e-5);
                prop_assert_eq!(step.terminal[row], t + 1 == length);
                let extra = if t + 1 == length { last[row] } else { 0.0 };
                prop_assert_eq!(step.reward[row], rewards[t as usize][row] + extra);
            }
        }
    }

    /// R(a) = ρ/t · C(a) − cost(a) + table(depth, a), C over the batches before (T 3.1.2.2).
    #[test]
    fn collaboration_cost_and_table(
        row_count in 1usize..6, depths in 1usize..4, window in 1usize..7, rho in -1.0f32..=1.0,
        anneal in 0u32..4, single: bool, together: bool, seed: u64,
    ) {
        let mut draw = Draw::new(seed);
        let spec = RewardSpec {
            last: FinalReward::NegativeLoss,
            collaboration: rho,
            collaboration_anneal_epochs: anneal,
            window,
            collaboration_over: [CollaborationOver::SubRouter, CollaborationOver::AllAgents]
                [usize::from(together)],
            cost: vec![0.5, 0.25],
            table: vec![vec![0.0, 1.0], vec![2.0]],
            discount: 0.5,
        };
        let (costs, table) = ([0.5, 0.25, 0.25], [[0.0, 1.0, 0.0], [2.0, 0.0, 0.0]]);
        let mut rewards = Rewards::new(spec);
        let mut history = History::new();
        for epoch in [0.0, 0.7, 1.9] {
            let left = match anneal {
                0 => 1.0,
                epochs => (1.0 - epoch / f64::from(epochs)).max(0.0),
            };
            let agents = draw.below(2, row_count);
            let actions: Vec<Vec<u32>> = (0..depths).map(|_| draw.below(3, row_count)).collect();
            let lengths: Vec<usize> =
                draw.below(depths, row_count).iter().map(|&n| n as usize + 1).collect();
            let losses: Vec<f32> = draw.signed(row_count).iter().map(|&l| l as f32).collect();
            let place = |depth: usize| if single { 0 } else { depth };
            let decided = decided(&agents, &actions, &lengths);
            let got = rewards.score(epoch, &decided, place, (&losses, &vec![false; row_count]));
            rewards.remember(&decided, place);
            for (depth, step) in got.iter().enumerate() {
                for row in 0..row_count {
                    let a = actions[depth][row];
                    let whose = (place(depth), (!together).then_some(agents[row]));
                    let c = share(&history, window, whose, a);
                    let mut wanted = left * f64::from(rho) / lengths[row] as f64 * c
                        - costs[a as usize] + table[depth.min(1)][a as usize];
                    if depth + 1 == lengths[row] {
                        wanted -= f64::from(losses[row]);
                    }
                    let wanted = if depth < lengths[row] { wanted } else { 0.0 };
                    assert_close(&wide(&[step.reward[row]]), &[wanted], 1e-5);
                }
            }
            for (depth, actions) in actions.iter().enumerate() {
                for row in (0..row_count).filter(|&row| depth < lengths[row]) {
                    history.push((place(depth), agents[row], actions[row]));
                }
            }
        }
    }

    /// The closed forms of the schedules.
    #[test]
    fn schedules(
        start in 0.0f32..=1.0, end in 0.0f32..=1.0, every in 1u32..7, factor in 1.0f32..5.0,
        decay in 0.1f32..=1.0, epoch in 0.0f64..40.0,
    ) {
        let (s, e, n) = (f64::from(start), f64::from(end), f64::from(every));
        let cases = [
            (Exploration::Constant { rate: start }, s),
            (
                Exploration::Step { start, factor, every, floor: end },
                (s / f64::from(factor).powf((epoch / n).floor())).max(e),
            ),
            (
                Exploration::Linear { start, end, epochs: every },
                if epoch < n { s + (e - s) * epoch / n } else { e },
            ),
            (
                Exploration::Exponential { start, decay, floor: end },
                (s * f64::from(decay).powf(epoch)).max(e),
            ),
        ];
        for (schedule, wanted) in cases {
            prop_assert!(schedule.faults().is_empty());
            assert_close(&wide(&[schedule.rate(epoch)]), &[wanted], 1e-5);
        }
    }
}

#[test]
fn final_rewards() {
    assert_eq!(FinalReward::Correct.of(0.7, true), 1.0);
    assert_eq!(FinalReward::Correct.of(0.7, false), -1.0);
    assert_eq!(FinalReward::NegativeLoss.of(0.7, true), -0.7);
    assert_eq!(FinalReward::NegativeLoss.of(0.7, false), -0.7);
}
