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

/// Above this variance a binomial draw is a rounded normal one.
const NORMAL_ABOVE: f64 = 200.0;

impl Draws {
    /// Uniform in `0..n`; the bias is below n / 2^53.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((self.uniform() * n as f64) as usize).min(n - 1)
    }

    /// Uniform in `0..n` by 32 bits, at half the cost of [`Draws::below`]; the bias is below n / 2³².
    pub(crate) fn index(&mut self, n: usize) -> usize {
        ((u64::from(self.generator.next_u32()) * n as u64) >> 32) as usize
    }

    /// How `n` independent choices fall on outcomes with shares `p`, which sum to one.
    pub(crate) fn multinomial(&mut self, n: u64, p: &[f64]) -> Vec<u64> {
        let (mut left, mut share_left) = (n, 1.0);
        let mut counts: Vec<u64> = Vec::with_capacity(p.len());
        for (outcome, &share) in p.iter().enumerate() {
            let certain = share >= share_left || p[outcome + 1..].iter().all(|&later| later == 0.0);
            let count =
                if certain { left } else { self.binomial(left, (share / share_left).min(1.0)) };
            counts.push(count);
            left -= count;
            share_left -= share;
        }
        counts
    }

    /// Successes among `n` of probability `p`: by inversion, and where the variance is above
    /// [`NORMAL_ABOVE`] by a rounded normal draw, whose skewness is off by less than 0.08.
    fn binomial(&mut self, n: u64, p: f64) -> u64 {
        if p > 0.5 {
            return n - self.binomial(n, 1.0 - p);
        }
        if n == 0 || p <= 0.0 {
            return 0;
        }
        let variance = n as f64 * p * (1.0 - p);
        if variance > NORMAL_ABOVE {
            let draw = (n as f64 * p + variance.sqrt() * self.normal()).round();
            return draw.clamp(0.0, n as f64) as u64;
        }
        let odds = p / (1.0 - p);
        let mut probability = libm::exp(n as f64 * libm::log1p(-p));
        let (mut left, mut count) = (self.uniform(), 0);
        while left > probability && count < n {
            left -= probability;
            probability *= odds * (n - count) as f64 / (count + 1) as f64;
            count += 1;
        }
        count
    }

    /// A draw of the standard normal distribution (Marsaglia's polar method).
    fn normal(&mut self) -> f64 {
        loop {
            let (u, v) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = u * u + v * v;
            if square < 1.0 && square > 0.0 {
                return u * (-2.0 * libm::log(square) / square).sqrt();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_the_means_and_variances_of_a_multinomial() {
        let p = [0.1, 0.0, 0.6, 0.3];
        for n in [0, 1, 7, 300, 100_000] {
            let mut draws = Draws::new("test", n);
            let (mut sum, mut squares) = ([0.0; 4], [0.0; 4]);
            for _ in 0..2000 {
                let counts = draws.multinomial(n, &p);
                assert_eq!(counts.iter().sum::<u64>(), n);
                for (outcome, &count) in counts.iter().enumerate() {
                    sum[outcome] += count as f64 / 2000.0;
                    squares[outcome] += (count as f64 - n as f64 * p[outcome]).powi(2) / 2000.0;
                }
            }
            for (outcome, &p) in p.iter().enumerate() {
                let (mean, variance) = (n as f64 * p, n as f64 * p * (1.0 - p));
                assert!((sum[outcome] - mean).abs() <= 5.0 * (variance / 2000.0).sqrt());
                assert!((squares[outcome] - variance).abs() <= 0.3 * variance);
            }
        }
    }
}
