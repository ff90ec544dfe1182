//! The instructions chosen do not show in the results.

use proptest::prelude::*;

use super::super::{Saved, Scratch};
use super::case::{Answer, block, close, evaluate, layouts, numbers, shape, train};
use crate::kernel::lanes::Level;

fn parts(a: &Answer<f32>) -> [&Vec<f32>; 8] {
    [&a.y, &a.mean, &a.var, &a.dx, &a.weight, &a.bias, &a.gamma, &a.beta]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn fused_levels_give_the_same_bytes_and_the_others_nearly(
        n in 1_usize..5, c in 1_usize..20, h in 2_usize..8, w in 2_usize..8,
        filters in 1_usize..70, seed in any::<u64>(), ends in layouts(),
    ) {
        let block = block([n, c, h, w], filters, seed);
        let shape = shape(&block, ends);
        let mut next = numbers(seed ^ 2);
        let dy: Vec<f64> = (0..shape.output_len()).map(|_| next()).collect();
        let var = vec![0.5; filters];
        let all: Vec<_> = Level::available()
            .into_iter()
            .map(|level| {
                let (mut saved, mut scratch) = (Saved::default(), Scratch::default());
                let a = train::<f32>(&block, &shape, &dy, level, &mut saved, &mut scratch);
                let y = evaluate::<f32>(&block, &shape, &block.bias, &var, level);
                (level, a, y)
            })
            .collect();
        let bits = |v: &[f32]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        for pair in all.windows(2) {
            let [(_, a, ya), (level, b, yb)] = pair else { unreachable!() };
            if *level == Level::Portable {
                // Only what no tie or shut unit can change by a jump.
                let wide = |v: &[f32]| v.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
                close("mean", &b.mean, &wide(&a.mean), 1e-5);
                close("var", &b.var, &wide(&a.var), 1e-5);
                close("y", &b.y, &wide(&a.y), 1e-3);
                close("evaluation", yb, &wide(ya), 1e-4);
            } else {
                prop_assert_eq!(bits(ya), bits(yb));
                for (a, b) in parts(a).into_iter().zip(parts(b)) {
                    prop_assert_eq!(bits(a), bits(b));
                }
            }
        }
    }
}
