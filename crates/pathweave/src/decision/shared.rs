//! Small pieces that several algorithms use.

use burn::tensor::{Int, Tensor};

use crate::trajectory::{Choice, Heads, Seen, Site, upload};

/// Name of the random streams of a site: equal depths of a step draw equal numbers.
pub fn stream(site: &Site) -> String {
    format!("route/{}", site.depth)
}

/// The entry of each row's action, with gradient. [R, A], \[R\] → \[R\]
pub fn pick(values: Tensor<2>, action: &Tensor<1, Int>) -> Tensor<1> {
    values.gather(1, action.clone().unsqueeze_dim(1)).squeeze_dim(1)
}

/// r + γ v(s'), constant; r alone where the row has ended or nothing follows. \[R\]
pub fn bootstrapped(seen: &Seen, next: Option<Tensor<1>>) -> Tensor<1> {
    match next {
        None => seen.reward.clone(),
        Some(next) => {
            let goes_on = -seen.terminal.clone() + 1.0;
            seen.reward.clone() + goes_on * next.detach() * seen.discount
        }
    }
}

/// The action head of an algorithm that computes nothing. [R, A]
pub(super) fn no_heads(site: &Site, actions: usize) -> Heads {
    let action = Tensor::zeros([site.rows.len(), actions], &site.agents.device());
    Heads { action, critic: None }
}

/// A choice that is made on the host.
pub(super) fn given(site: &Site, actions: impl Iterator<Item = u32>) -> Choice {
    let actions: Vec<u32> = actions.collect();
    Choice::certain(upload(&actions, &site.agents.device()))
}

/// A number in 0..modules from each row's sample and the depth.
pub(super) fn hashes<'a>(site: &'a Site, modules: usize) -> impl Iterator<Item = u32> + 'a {
    hashed_modules(&site.rows.samples, site.depth, modules)
}

/// As [`hashes`], of samples at a depth.
pub(crate) fn hashed_modules(
    samples: &[u64],
    depth: usize,
    modules: usize,
) -> impl Iterator<Item = u32> + '_ {
    let depth = depth as u64;
    samples.iter().map(move |&sample| {
        // SplitMix64's finaliser: neighbouring samples land far apart.
        let mut z = sample.wrapping_add((depth + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % modules as u64) as u32
    })
}
