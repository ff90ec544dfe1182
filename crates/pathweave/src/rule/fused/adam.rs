//! Adam on one flat buffer.

use crate::kernel::functions::{Pass, widest};

/// β₁
const FIRST: f64 = 0.9;

/// β₂
const SECOND: f64 = 0.999;

/// ε
const EPSILON: f32 = 1e-8;

/// Numbers that are summed side by side, whatever the machine's vectors hold.
const CHUNK: usize = 16;

/// Running means of the gradient, and of its square.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moments {
    /// m. \[P\]
    pub first: Vec<f32>,
    /// v. \[P\]
    pub second: Vec<f32>,
}

impl Moments {
    /// Of so many parameters, before the first update.
    pub fn new(parameters: usize) -> Self {
        Self { first: vec![0.0; parameters], second: vec![0.0; parameters] }
    }
}

/// One update of Adam (D. Kingma, J. Ba, 2015) as PyTorch computes it:
/// m = β₁m + (1 − β₁)g, v = β₂v + (1 − β₂)g²,
/// p −= rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε), with g = `scale` · `gradient`, β₁ = 0.9,
/// β₂ = 0.999, ε = 1e-8, and t = `count`, 1 at the first update. \[P\], \[P\]
///
/// # Deviations
/// - A moment smaller than the least normal number becomes 0: the gradient of an idle unit is 0,
///   and processors are slow on what would be left of its moments.
///
/// # Panics
/// Where the lengths differ.
pub fn adam(
    parameters: &mut [f32],
    gradient: &[f32],
    moments: &mut Moments,
    rate: f64,
    scale: f32,
    count: u64,
) {
    let Moments { first, second } = moments;
    let lengths = [gradient.len(), first.len(), second.len()];
    assert_eq!(lengths, [parameters.len(); 3], "numbers of gradient and moments");
    let count = i32::try_from(count).unwrap_or(i32::MAX);
    let step = (rate / (1.0 - FIRST.powi(count))) as f32;
    let correction = (1.0 / (1.0 - SECOND.powi(count)).sqrt()) as f32;
    widest(Step { parameters, gradient, first, second, step, correction, scale });
}

struct Step<'a> {
    parameters: &'a mut [f32],
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
    step: f32,
    correction: f32,
    scale: f32,
}

/// Zero in the place of a number that is not normal.
#[inline(always)]
fn flush(value: f32) -> f32 {
    if value.abs() < f32::MIN_POSITIVE { 0.0 } else { value }
}

impl Pass for Step<'_> {
    type Output = ();

    /// Without fused multiplications: the same bits on every machine.
    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let (b1, b2) = (FIRST as f32, SECOND as f32);
        let (c1, c2) = ((1.0 - FIRST) as f32, (1.0 - SECOND) as f32);
        let len = self.parameters.len();
        let (gradient, first) = (&self.gradient[..len], &mut self.first[..len]);
        let second = &mut self.second[..len];
        for i in 0..len {
            let g = gradient[i] * self.scale;
            let m = flush(b1 * first[i] + c1 * g);
            let v = flush(b2 * second[i] + c2 * (g * g));
            first[i] = m;
            second[i] = v;
            self.parameters[i] -= self.step * (m / (v.sqrt() * self.correction + EPSILON));
        }
    }
}

/// Factor that brings the global norm of a gradient to `bound` where it is above it, as
/// `torch.nn.utils.clip_grad_norm_`: min(1, bound / (‖g‖ + 1e-6)); 1 where `bound` is 0. `None`
/// where the gradient is not finite.
pub fn clip_factor(gradient: &[f32], bound: f64) -> Option<f32> {
    if bound == 0.0 {
        return widest(Finite(gradient)).then_some(1.0);
    }
    let norm = widest(Squares(gradient)).sqrt();
    norm.is_finite().then(|| (bound / (norm + 1e-6)).min(1.0) as f32)
}

struct Finite<'a>(&'a [f32]);

impl Pass for Finite<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> bool {
        // 0 · ∞ and 0 · NaN are NaN.
        let mut sums = [0.0; CHUNK];
        let (chunks, rest) = self.0.as_chunks::<CHUNK>();
        for chunk in chunks {
            for (sum, value) in sums.iter_mut().zip(chunk) {
                *sum += 0.0 * value;
            }
        }
        sums.iter().chain(rest).all(|value| value.is_finite())
    }
}

struct Squares<'a>(&'a [f32]);

impl Pass for Squares<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> f64 {
        let mut sums = [0.0; CHUNK];
        let (chunks, rest) = self.0.as_chunks::<CHUNK>();
        for chunk in chunks {
            for (sum, value) in sums.iter_mut().zip(chunk) {
                *sum += f64::from(*value) * f64::from(*value);
            }
        }
        let rest = rest.iter().map(|value| f64::from(*value) * f64::from(*value));
        sums.iter().copied().chain(rest).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * 37 + seed * 11) % 101) as f32 / 50.0 - 1.0).collect()
    }

    #[test]
    fn updates_follow_the_formula_in_double_precision() {
        let count = 53;
        let mut parameters = numbers(count, 1);
        let mut moments = Moments::new(count);
        let mut exact: Vec<[f64; 3]> =
            parameters.iter().map(|value| [f64::from(*value), 0.0, 0.0]).collect();
        for t in 1..=20u64 {
            let gradient = numbers(count, t as usize + 5);
            adam(&mut parameters, &gradient, &mut moments, 0.01, 0.5, t);
            for ([p, m, v], g) in exact.iter_mut().zip(&gradient) {
                let g = f64::from(*g) * 0.5;
                *m = 0.9 * *m + 0.1 * g;
                *v = 0.999 * *v + 0.001 * g * g;
                let root = v.sqrt() / (1.0 - 0.999f64.powi(t as i32)).sqrt();
                *p -= 0.01 / (1.0 - 0.9f64.powi(t as i32)) * *m / (root + 1e-8);
            }
        }
        for ((p, m), (v, exact)) in
            parameters.iter().zip(&moments.first).zip(moments.second.iter().zip(&exact))
        {
            let found = [p, m, v].map(|value| f64::from(*value));
            for (found, exact) in found.iter().zip(exact) {
                assert!((found - exact).abs() < 2e-6 * (1.0 + exact.abs()), "{found} {exact}");
            }
        }
    }

    #[test]
    fn idle_moments_end_at_zero() {
        let (mut parameters, mut moments) = (vec![1.0; 3], Moments::new(3));
        adam(&mut parameters, &[1e-3, -1e-3, 0.0], &mut moments, 0.1, 1.0, 1);
        for count in 2..2000 {
            adam(&mut parameters, &[0.0; 3], &mut moments, 0.1, 1.0, count);
        }
        assert_eq!(moments.first, [0.0; 3]);
        assert_eq!(parameters[2], 1.0);
    }

    #[test]
    fn factors_bound_the_norm_and_see_what_is_not_finite() {
        let gradient = numbers(100, 3);
        let norm = gradient.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
        assert_eq!(clip_factor(&gradient, 0.0), Some(1.0));
        assert_eq!(clip_factor(&gradient, 2.0 * norm), Some(1.0));
        let factor = f64::from(clip_factor(&gradient, 1.0).expect("finite"));
        assert!((factor - 1.0 / (norm + 1e-6)).abs() < 1e-7);
        assert_eq!(clip_factor(&[], 1.0), Some(1.0));
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for place in [0, 50, 99] {
                let mut gradient = gradient.clone();
                gradient[place] = bad;
                assert_eq!(clip_factor(&gradient, 0.0), None);
                assert_eq!(clip_factor(&gradient, 1.0), None);
            }
        }
    }
}
