//! Random streams: frozen values, distributions, bounds.

use pathweave_data::Streams;
use proptest::prelude::*;

#[test]
fn the_numbers_never_change() {
    let mut stream = Streams::new(42).stream("init", 7);
    let whole: Vec<u64> = (0..2).map(|_| stream.next_u64()).collect();
    let uniform: Vec<u32> = (0..2).map(|_| stream.uniform().to_bits()).collect();
    let mut normal = [0.0; 3];
    stream.fill_normal(&mut normal);
    let normal = normal.map(f32::to_bits);
    let below: Vec<usize> = (0..4).map(|_| stream.below(1000)).collect();
    let mut order = [0, 1, 2, 3, 4, 5];
    stream.shuffle(&mut order);
    let found = format!("{whole:x?} {uniform:x?} {normal:x?} {below:?} {order:?}");
    // Computed by a separate program from the definitions of SHA-256 and ChaCha.
    let expected = "[b0014042ca0229ad, da4fbdb2397f9391] [3e186d90, 3ef0bd92] \
                    [bfa502a8, bee1588b, bf14622a] [241, 866, 229, 693] [0, 1, 2, 4, 3, 5]";
    assert_eq!(found, expected);
}

#[test]
fn every_argument_names_another_stream() {
    let first = |seed, name, step| Streams::new(seed).stream(name, step).next_u64();
    let all = [first(0, "a", 0), first(1, "a", 0), first(0, "b", 0), first(0, "a", 1)];
    for (at, one) in all.iter().enumerate() {
        assert!(!all[..at].contains(one));
    }
    assert_ne!(first(0, "", 0), first(0, "a", 0));
    assert_eq!(first(3, "a", 9), first(3, "a", 9));
    assert_eq!(Streams::new(5).seed(), 5);
}

#[test]
fn normal_draws_have_normal_moments_and_tails() {
    let mut draws = vec![0.0; 200_000];
    Streams::new(1).stream("normal", 0).fill_normal(&mut draws);
    let mean = |power: i32| {
        draws.iter().map(|&x| f64::from(x).powi(power)).sum::<f64>() / draws.len() as f64
    };
    // Five standard errors of each moment of N(0, 1): √(1, 2, 15, 96) / √200,000.
    for (power, expected, deviation) in
        [(1, 0.0, 1.0f64), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)]
    {
        let bound = 5.0 * (deviation / draws.len() as f64).sqrt();
        assert!((mean(power) - expected).abs() < bound, "moment {power}: {}", mean(power));
    }
    let beyond = draws.iter().filter(|x| x.abs() > 1.959_964).count() as f64 / 200_000.0;
    assert!((beyond - 0.05).abs() < 0.003, "{beyond}");
}

#[test]
fn uniform_draws_fill_the_unit_interval() {
    let mut draws = vec![0.0; 100_000];
    Streams::new(1).stream("uniform", 0).fill_uniform(&mut draws);
    assert!(draws.iter().all(|x| (0.0..1.0).contains(x)));
    let mut tenths = [0u32; 10];
    draws.iter().for_each(|x| tenths[(x * 10.0) as usize] += 1);
    // Chi-squared with 9 degrees of freedom is below 33.7 in all but 1 of 10,000 cases.
    let chi: f64 = tenths.iter().map(|&n| (f64::from(n) - 1e4).powi(2) / 1e4).sum();
    assert!(chi < 33.7, "{chi}");
}

#[test]
fn all_orders_are_equally_likely() {
    let mut stream = Streams::new(1).stream("orders", 0);
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..24_000 {
        let mut items = [0, 1, 2, 3];
        stream.shuffle(&mut items);
        *counts.entry(items).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 24);
    // Chi-squared with 23 degrees of freedom is below 55 in all but 2 of 10,000 cases.
    let chi: f64 = counts.values().map(|&n| (f64::from(n) - 1e3).powi(2) / 1e3).sum();
    assert!(chi < 55.0, "{chi}");
}

#[test]
fn empty_and_single_are_left_alone() {
    let mut stream = Streams::new(0).stream("edge", 0);
    stream.fill_normal(&mut []);
    stream.fill_uniform(&mut []);
    stream.shuffle::<u8>(&mut []);
    let mut one = [9];
    stream.shuffle(&mut one);
    assert_eq!((one, stream.below(1)), ([9], 0));
}

proptest! {
    #[test]
    fn below_is_below(seed: u64, n in 1usize..=usize::MAX) {
        let mut stream = Streams::new(seed).stream("below", 0);
        prop_assert!((0..20).all(|_| stream.below(n) < n));
    }

    #[test]
    fn a_shuffle_keeps_every_item(seed: u64, len in 0usize..200) {
        let mut items: Vec<usize> = (0..len).collect();
        Streams::new(seed).stream("shuffle", 0).shuffle(&mut items);
        items.sort_unstable();
        prop_assert_eq!(items, (0..len).collect::<Vec<_>>());
    }

    #[test]
    fn normal_draws_do_not_depend_on_the_length_asked_for(seed: u64, len in 0usize..50) {
        let draw = |len| {
            let mut out = vec![0.0; len];
            Streams::new(seed).stream("prefix", 0).fill_normal(&mut out);
            out
        };
        prop_assert_eq!(&draw(60)[..len], &draw(len)[..]);
    }
}
