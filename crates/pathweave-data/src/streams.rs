//! Named random streams: every random number of a run is drawn on the host from a generator that
//! is keyed by the run's seed, the name of its use and a step number. A resumed run needs only the
//! step, and no draw depends on the device, the thread count or the order of other draws.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// The random streams of one seed.
///
/// ```
/// let streams = pathweave_data::Streams::new(7);
/// let first = streams.stream("dropout", 3).next_u64();
/// assert_eq!(first, streams.stream("dropout", 3).next_u64());
/// assert_ne!(first, streams.stream("dropout", 4).next_u64());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
}

impl Streams {
    /// All streams of `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The seed that these streams were made from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The stream for the use `name` at `step`: equal arguments give equal numbers, any other
    /// argument gives an unrelated stream.
    pub fn stream(&self, name: &str, step: u64) -> Stream {
        // The length before the name keeps ("a", ..) and ("ab", ..) from sharing a key.
        let key: [u8; 32] = Sha256::new()
            .chain_update(b"pathweave stream 1")
            .chain_update(self.seed.to_le_bytes())
            .chain_update((name.len() as u64).to_le_bytes())
            .chain_update(name.as_bytes())
            .chain_update(step.to_le_bytes())
            .finalize()
            .into();
        Stream { generator: ChaCha8Rng::from_seed(key) }
    }
}

/// One sequence of random numbers (ChaCha with 8 rounds).
#[derive(Clone, Debug)]
pub struct Stream {
    generator: ChaCha8Rng,
}

impl Stream {
    /// Uniform over all 64 bit numbers.
    pub fn next_u64(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// Uniform in [0, 1), one of 2^24 equally spaced values.
    pub fn uniform(&mut self) -> f32 {
        (self.generator.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// Fills `out` with draws of [`Stream::uniform`].
    pub fn fill_uniform(&mut self, out: &mut [f32]) {
        for value in out {
            *value = self.uniform();
        }
    }

    /// Fills `out` with draws of the standard normal distribution (Marsaglia's polar method).
    ///
    /// The logarithm is that of the `libm` crate and the root is correctly rounded, so that the
    /// numbers are equal on every machine. An odd length discards the last draw of a pair.
    pub fn fill_normal(&mut self, out: &mut [f32]) {
        for pair in out.chunks_mut(2) {
            let (first, second) = self.normal_pair();
            pair[0] = first as f32;
            if let Some(slot) = pair.get_mut(1) {
                *slot = second as f32;
            }
        }
    }

    /// Fills `out` with draws of the standard normal distribution several times faster than
    /// [`Stream::fill_normal`], and with other numbers (Marsaglia and Tsang's ziggurat, 256 layers).
    ///
    /// The numbers are equal on every machine. No draw is exactly zero.
    pub fn fill_normal_ziggurat(&mut self, out: &mut [f32]) {
        crate::ziggurat::fill(out, || self.generator.next_u32());
    }

    /// Uniform in `0..n`, without bias (Lemire's multiplication with rejection).
    ///
    /// # Panics
    /// If `n` is zero.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "below(0): no number lies below zero");
        let n = n as u64;
        let reject_under = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(n);
            if product as u64 >= reject_under {
                return (product >> 64) as usize;
            }
        }
    }

    /// Puts `items` into a uniformly random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    fn normal_pair(&mut self) -> (f64, f64) {
        loop {
            let (u, v) = (self.symmetric(), self.symmetric());
            let square = u * u + v * v;
            if square < 1.0 {
                let scale = (-2.0 * libm::log(square) / square).sqrt();
                return (u * scale, v * scale);
            }
        }
    }

    /// Uniform in (-1, 1), symmetric and never zero, so that the polar method's radius is positive.
    fn symmetric(&mut self) -> f64 {
        (f64::from(self.generator.next_u32() as i32) + 0.5) / 2_147_483_648.0
    }
}
