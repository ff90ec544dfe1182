//! Returns of trajectories.

/// Rewards and returns of one depth.
#[derive(Clone, Debug, PartialEq)]
pub struct Returns {
    /// r_t, r_f added to a row's last decision. \[R\]
    pub reward: Vec<f32>,
    /// G_t = Σ_{j≥t} γ^{j−t} r_j. \[R\]
    pub returns: Vec<f32>,
    /// Whether this was the row's last decision. \[R\]
    pub terminal: Vec<bool>,
}

/// Returns of every depth, from the last to the first (T 3.1.1, 5.1).
///
/// `rewards[t][row]` are per-action rewards, `lengths[row]` the number of decisions a row made,
/// `last[row]` its final reward. Entries after a row's last decision are 0.
pub fn returns(
    rewards: Vec<Vec<f32>>,
    lengths: &[u32],
    last: &[f32],
    discount: f32,
) -> Vec<Returns> {
    let mut following = vec![0.0f32; lengths.len()];
    let mut steps: Vec<Returns> = Vec::with_capacity(rewards.len());
    for (depth, mut reward) in rewards.into_iter().enumerate().rev() {
        let terminal: Vec<bool> =
            lengths.iter().map(|&length| length as usize == depth + 1).collect();
        for (row, reward) in reward.iter_mut().enumerate() {
            if terminal[row] {
                *reward += last[row];
            }
            if depth < lengths[row] as usize {
                following[row] = *reward + discount * following[row];
            }
        }
        steps.push(Returns { reward, returns: following.clone(), terminal });
    }
    // A row that ended before a depth has no return there.
    steps.reverse();
    for (depth, step) in steps.iter_mut().enumerate() {
        for (value, &length) in step.returns.iter_mut().zip(lengths) {
            if depth >= length as usize {
                *value = 0.0;
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_reward_lands_on_each_rows_last_decision() {
        let rewards = vec![vec![0.1, 0.2], vec![0.3, 0.0], vec![0.5, 0.0]];
        let got = returns(rewards, &[3, 1], &[1.0, -1.0], 0.5);
        assert_eq!(got[2].reward, [1.5, 0.0]);
        assert_eq!(got[2].returns, [1.5, 0.0]);
        assert_eq!(got[1].returns, [0.3 + 0.5 * 1.5, 0.0]);
        assert_eq!(got[0].returns, [0.1 + 0.5 * (0.3 + 0.5 * 1.5), 0.2 - 1.0]);
        assert_eq!(got[0].terminal, [false, true]);
        assert_eq!(got[2].terminal, [true, false]);
    }

    #[test]
    fn no_rows_no_steps() {
        assert!(returns(Vec::new(), &[], &[], 1.0).is_empty());
    }
}
