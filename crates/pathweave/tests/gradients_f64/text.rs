//! Kernels for texts.

use std::sync::Arc;

use pathweave::kernel::lstm::lstm;
use pathweave::kernel::segment_sum::segment_sum;

use super::differences::{check, leaf, weighed};

#[test]
fn segment_sum_by_rows() {
    let (index, starts) = (Arc::from([2, 0, 2, 1, 2]), Arc::from([0, 3, 3, 4, 5]));
    check(&leaf("x", [4, 3]), |x| weighed(segment_sum(x.val(), &index, &starts)));
}

#[test]
fn lstm_by_gates_weights_and_bias() {
    for starts in [&[0, 2, 5, 5, 6][..], &[0, 0, 1], &[0, 4]] {
        let (words, starts) = (starts[starts.len() - 1] as usize, Arc::from(starts));
        let leaves = (leaf("x", [words, 12]), (leaf("u", [3, 12]), leaf("b", [12])));
        check(&leaves, |(x, (u, b))| weighed(lstm(x.val(), u.val(), b.val(), &starts)));
    }
}
