//! Exponentials and what is made of them, over whole slices.
//!
//! Polynomials in plain loops, compiled once for each of the machine's kinds of vectors. A value
//! depends on its own argument alone, never on its place in the slice.

/// A loop over slices that is compiled once for each kind of vector.
pub(crate) trait Pass {
    /// What it gives back.
    type Output;

    /// Runs it; implementations are `#[inline(always)]`, or the machine's wide instructions would
    /// not reach them. `FUSED`: multiplication and addition are one instruction.
    fn run<const FUSED: bool>(self) -> Self::Output;
}

/// Runs a pass with the widest instructions of the machine.
pub(crate) fn widest<P: Pass>(pass: P) -> P::Output {
    #[cfg(target_arch = "x86_64")]
    {
        let fused = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        if fused && is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl") {
            // SAFETY: the instructions were just found.
            return unsafe { with_avx512(pass) };
        }
        if fused {
            // SAFETY: as above.
            return unsafe { with_avx2(pass) };
        }
    }
    pass.run::<{ cfg!(any(target_feature = "fma", target_arch = "aarch64")) }>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx2,fma")]
fn with_avx512<P: Pass>(pass: P) -> P::Output {
    pass.run::<true>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn with_avx2<P: Pass>(pass: P) -> P::Output {
    pass.run::<true>()
}

/// `a · b + c`, rounded once where `FUSED`; elsewhere the rounding is a call into the C library.
#[inline(always)]
pub(crate) fn mul_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// 1.5 · 2²³: adding it rounds to a whole number, which then lies in the lowest bits.
const ROUND: f32 = 12_582_912.0;

/// Below, e^x is no normal number; it is rounded to 0.
const LEAST: f32 = -87.336_54;

/// Above, e^x is infinite.
const MOST: f32 = 88.722_83;

/// e^x: 2ⁿ · e^r with |r| ≤ ½ ln 2, e^r by a polynomial (Cephes `expf`).
#[inline(always)]
pub(crate) fn exp_of<const FUSED: bool>(x: f32) -> f32 {
    let rounded = mul_add::<FUSED>(x, std::f32::consts::LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = mul_add::<FUSED>(n, -0.693_359_4, x);
    let r = mul_add::<FUSED>(n, 2.121_944_4e-4, r);
    let mut p = 1.987_569_1e-4;
    for coefficient in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_66, 0.5] {
        p = mul_add::<FUSED>(p, r, coefficient);
    }
    let p = mul_add::<FUSED>(p, r * r, r) + 1.0;
    let value = f32::from_bits(p.to_bits().wrapping_add(rounded.to_bits() << 23));
    let value = if x < LEAST { 0.0 } else { value };
    // NaN is not at most anything, and stays.
    if x <= MOST { value } else { x + f32::INFINITY }
}

/// 1 / (1 + e^−x)
#[inline(always)]
pub(crate) fn sigmoid_of<const FUSED: bool>(x: f32) -> f32 {
    1.0 / (1.0 + exp_of::<FUSED>(-x))
}

/// tanh x: a polynomial near 0, where the quotient would cancel (Cephes `tanhf`).
#[inline(always)]
pub(crate) fn tanh_of<const FUSED: bool>(x: f32) -> f32 {
    let magnitude = x.abs();
    let far = 1.0 - 2.0 / (1.0 + exp_of::<FUSED>(magnitude + magnitude));
    let z = x * x;
    let mut p = -5.704_988_7e-3;
    for coefficient in [2.063_909e-2, -5.373_971_6e-2, 0.133_314_42, -0.333_332_8] {
        p = mul_add::<FUSED>(p, z, coefficient);
    }
    let near = mul_add::<FUSED>(p * z, x, x);
    if magnitude < 0.625 { near } else { far.copysign(x) }
}

/// Applies one of the functions to each number.
macro_rules! each {
    ($(#[$about:meta])* $name:ident, $of:ident) => {
        $(#[$about])*
        pub fn $name(values: &mut [f32]) {
            struct Each<'a>(&'a mut [f32]);
            impl Pass for Each<'_> {
                type Output = ();

                #[inline(always)]
                fn run<const FUSED: bool>(self) {
                    self.0.iter_mut().for_each(|value| *value = $of::<FUSED>(*value));
                }
            }
            widest(Each(values));
        }
    };
}

each! {
    /// e^x, in place. Results that are no normal numbers are 0.
    exp, exp_of
}
each! {
    /// 1 / (1 + e^−x), in place.
    sigmoid, sigmoid_of
}
each! {
    /// tanh x, in place.
    tanh, tanh_of
}

/// Each row becomes e^x / Σ e^x, in place. [rows, columns]
pub fn softmax(values: &mut [f32], columns: usize) {
    for row in values.chunks_exact_mut(columns.max(1)) {
        let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        row.iter_mut().for_each(|value| *value -= most);
    }
    exp(values);
    for row in values.chunks_exact_mut(columns.max(1)) {
        let scale = 1.0 / row.iter().sum::<f32>();
        row.iter_mut().for_each(|value| *value *= scale);
    }
}

/// From the gradient of a softmax's results to that of its arguments, in place:
/// ∂x = p · (∂p − Σ p ∂p). [rows, columns], [rows, columns]
pub fn softmax_backward(results: &[f32], gradient: &mut [f32], columns: usize) {
    let rows = results.chunks_exact(columns.max(1));
    for (results, gradient) in rows.zip(gradient.chunks_exact_mut(columns.max(1))) {
        let mean = results.iter().zip(&*gradient).map(|(p, g)| p * g).sum::<f32>();
        for (gradient, p) in gradient.iter_mut().zip(results) {
            *gradient = p * (*gradient - mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest relative error of a function over evenly spaced arguments.
    fn worst(range: [f32; 2], function: impl Fn(&mut [f32]), oracle: impl Fn(f64) -> f64) -> f64 {
        let count = 1_000_003;
        let step = (range[1] - range[0]) / count as f32;
        let arguments: Vec<f32> = (0..count).map(|i| range[0] + i as f32 * step).collect();
        let mut values = arguments.clone();
        function(&mut values);
        let pairs = arguments.iter().zip(&values);
        pairs.fold(0.0, |worst, (&x, &value)| {
            let exact = oracle(f64::from(x));
            let error = (f64::from(value) - exact).abs();
            f64::max(worst, if exact == 0.0 { error } else { error / exact.abs() })
        })
    }

    fn portable<F: Fn(f32) -> f32>(function: F) -> impl Fn(&mut [f32]) {
        move |values| values.iter_mut().for_each(|value| *value = function(*value))
    }

    #[test]
    fn accuracy_holds_over_the_range() {
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        for range in [[-87.3, 88.7], [-1.0, 1.0]] {
            assert!(worst(range, exp, f64::exp) < 2e-7);
            assert!(worst(range, portable(exp_of::<false>), f64::exp) < 2e-7);
            assert!(worst(range, sigmoid, logistic) < 2e-7);
            assert!(worst(range, portable(sigmoid_of::<false>), logistic) < 2e-7);
            assert!(worst(range, tanh, f64::tanh) < 2e-7);
            assert!(worst(range, portable(tanh_of::<false>), f64::tanh) < 2e-7);
        }
        assert!(worst([-1e-3, 1e-3], tanh, f64::tanh) < 2e-7);
    }

    #[test]
    fn extremes_and_places_do_not_matter() {
        let mut values = [f32::NEG_INFINITY, -1e9, -88.0, 0.0, 89.0, f32::INFINITY, f32::NAN];
        let (mut s, mut t) = (values, values);
        exp(&mut values);
        assert_eq!(values[..6], [0.0, 0.0, 0.0, 1.0, f32::INFINITY, f32::INFINITY]);
        sigmoid(&mut s);
        assert_eq!((s[0], s[1], s[3]), (0.0, 0.0, 0.5));
        assert!((0.0..1e-37).contains(&s[2]));
        assert_eq!(s[4..6], [1.0, 1.0]);
        tanh(&mut t);
        assert_eq!(t[..6], [-1.0, -1.0, -1.0, 0.0, 1.0, 1.0]);
        assert!(values[6].is_nan() && s[6].is_nan() && t[6].is_nan());

        let arguments: Vec<f32> = (0..53).map(|i| (i as f32 * 0.37).sin() * 4.0).collect();
        for function in [exp as fn(&mut [f32]), sigmoid, tanh] {
            let mut whole = arguments.clone();
            function(&mut whole);
            for (x, value) in arguments.iter().zip(whole) {
                let mut one = [*x];
                function(&mut one);
                assert_eq!(one[0].to_bits(), value.to_bits());
            }
        }
    }

    #[test]
    fn softmax_and_its_gradient_follow_the_definition() {
        for columns in [1, 2, 5, 17] {
            let arguments: Vec<f32> =
                (0..3 * columns).map(|i| (i as f32 * 1.7).cos() * 9.0).collect();
            let weights: Vec<f32> = (0..3 * columns).map(|i| (i as f32 * 0.9).sin()).collect();
            let (mut p, mut gradient) = (arguments.clone(), weights.clone());
            softmax(&mut p, columns);
            softmax_backward(&p, &mut gradient, columns);
            for row in 0..3 {
                let at = row * columns..(row + 1) * columns;
                let e: Vec<f64> =
                    arguments[at.clone()].iter().map(|&x| f64::from(x).exp()).collect();
                let sum: f64 = e.iter().sum();
                let w = &weights[at.clone()];
                let mean: f64 = e.iter().zip(w).map(|(e, &w)| e / sum * f64::from(w)).sum();
                for (i, (e, &w)) in e.iter().zip(w).enumerate() {
                    let exact = e / sum;
                    assert!((f64::from(p[at.start + i]) / exact - 1.0).abs() < 2e-6);
                    let slope = exact * (f64::from(w) - mean);
                    assert!((f64::from(gradient[at.start + i]) - slope).abs() < 1e-6);
                }
            }
        }
    }
}
