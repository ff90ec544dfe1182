//! Random numbers for the metrics: equal ones each time, on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// One named sequence (ChaCha with 8 rounds); the same one each time.
#[derive(Debug, Clone)]
pub(crate) struct Draws {
    generator: ChaCha8Rng,
}

impl Draws {
    /// The sequence of a use; `name` has at most 24 bytes.
    pub(crate) fn new(name: &str, number: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&number.to_le_bytes());
        key[8..].iter_mut().zip(name.bytes()).for_each(|(slot, byte)| *slot = byte);
        Self { generator: ChaCha8Rng::from_seed(key) }
    }

    /// Uniform in (0, 1): the middle of one of 2^53 equal parts, never 0 or 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.generator.next_u64() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    /// Uniform over the distributions of `n` outcomes: Dirichlet(1, …, 1), by exponential draws.
    pub(crate) fn simplex(&mut self, n: usize) -> Vec<f64> {
        let mut p: Vec<f64> = (0..n).map(|_| -libm::log(self.uniform())).collect();
        let total: f64 = p.iter().sum();
        p.iter_mut().for_each(|value| *value /= total);
        p
    }
}
