//! The fast normal draws: frozen values, moments, shape, tail, independence.

use std::sync::LazyLock;

use pathweave_data::Streams;
use proptest::prelude::*;

const COUNT: usize = 1_000_000;

static DRAWS: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let mut draws = vec![0.0; COUNT];
    Streams::new(1).stream("ziggurat", 0).fill_normal_ziggurat(&mut draws);
    draws
});

/// Φ(x).
fn below(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

#[test]
fn the_numbers_never_change() {
    let mut draws = [0.0; 6];
    Streams::new(42).stream("init", 7).fill_normal_ziggurat(&mut draws);
    let found = format!("{:x?}", draws.map(f32::to_bits));
    // The first four were computed by a separate program from the definition.
    assert_eq!(found, "[bf78df5c, 3fb0a461, bea36d48, bf82ad38, 3e4a5405, bedf5667]");
    // Rare cases, wedges and tails, are among the first hundred thousand.
    let sum = DRAWS[..100_000].iter().fold(0u32, |sum, x| sum.rotate_left(5) ^ x.to_bits());
    assert_eq!(format!("{sum:x}"), "38b65e09");
}

#[test]
fn moments_are_those_of_the_normal_distribution() {
    let mean =
        |power: i32| DRAWS.iter().map(|&x| f64::from(x).powi(power)).sum::<f64>() / COUNT as f64;
    // Five standard errors: the variances of x, …, x⁴, x⁶ are 1, 2, 15, 96, 10170.
    for (power, expected, variance) in
        [(1, 0.0, 1.0f64), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0), (6, 15.0, 10_170.0)]
    {
        let bound = 5.0 * (variance / COUNT as f64).sqrt();
        assert!((mean(power) - expected).abs() < bound, "moment {power}: {}", mean(power));
    }
}

/// Kolmogorov and Smirnov: √n · D exceeds 1.95 in one of 1000 cases.
#[test]
fn the_distribution_function_is_the_normal_one() {
    let mut sorted: Vec<f64> = DRAWS.iter().map(|&x| f64::from(x)).collect();
    sorted.sort_by(f64::total_cmp);
    let distance = sorted.iter().enumerate().fold(0.0f64, |most, (at, &x)| {
        let (low, high) = (at as f64 / COUNT as f64, (at + 1) as f64 / COUNT as f64);
        most.max((below(x) - low).abs()).max((below(x) - high).abs())
    });
    assert!(distance * (COUNT as f64).sqrt() < 1.95, "{distance}");
}

/// Chi-squared over 200 cells that are narrower than most layers.
#[test]
fn no_layer_is_too_heavy() {
    let cell = |x: f64| (((x + 2.5) * 40.0).floor() + 1.0).clamp(0.0, 201.0) as usize;
    let mut counts = [0u32; 202];
    DRAWS.iter().for_each(|&x| counts[cell(f64::from(x))] += 1);
    let edge = |at: usize| match at {
        0 => 0.0,
        202 => 1.0,
        _ => below((at - 1) as f64 / 40.0 - 2.5),
    };
    let term = |at: usize| {
        let expected = (edge(at + 1) - edge(at)) * COUNT as f64;
        (f64::from(counts[at]) - expected).powi(2) / expected
    };
    // 201 degrees of freedom: above 269 in one of 1000 cases.
    let chi: f64 = (0..202).map(term).sum();
    assert!(chi < 269.0, "{chi}");
}

#[test]
fn tails_have_their_weight_beyond_the_layers() {
    for (bound, sides) in
        [(3.0f32, 1.0), (3.0, -1.0), (3.654_153, 1.0), (3.654_153, -1.0), (4.0, 1.0)]
    {
        let found = DRAWS.iter().filter(|&&x| sides * x > bound).count() as f64;
        let expected = below(-f64::from(bound)) * COUNT as f64;
        assert!((found - expected).abs() < 5.0 * expected.sqrt(), "{bound}: {found} of {expected}");
    }
    assert!(DRAWS.iter().all(|x| *x != 0.0 && x.abs() < 7.0));
}

#[test]
fn neighbours_and_signs_are_uncorrelated() {
    let pairs = |gap: usize| DRAWS.iter().zip(&DRAWS[gap..]);
    for gap in [1, 2, 3, 8, 256] {
        let products = |f: fn(f64) -> f64| {
            let terms = pairs(gap).map(|(&a, &b)| f(f64::from(a)) * f(f64::from(b)));
            terms.sum::<f64>() / (COUNT - gap) as f64
        };
        let bound = 5.0 / (COUNT as f64).sqrt();
        assert!(products(|x| x).abs() < bound, "values {gap} apart");
        assert!(products(f64::signum).abs() < bound, "signs {gap} apart");
        // The variance of x² − 1 is 2, and of the product of two 4.
        assert!(products(|x| x * x - 1.0).abs() < 2.0 * bound, "sizes {gap} apart");
    }
}

proptest! {
    #[test]
    fn draws_do_not_depend_on_the_length_asked_for(seed: u64, len in 0usize..50) {
        let draw = |len| {
            let mut out = vec![0.0; len];
            Streams::new(seed).stream("prefix", 0).fill_normal_ziggurat(&mut out);
            out
        };
        prop_assert_eq!(&draw(60)[..len], &draw(len)[..]);
    }
}
