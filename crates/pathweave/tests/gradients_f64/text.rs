//! Kernels for texts.

use std::sync::Arc;

use pathweave::kernel::gates::gate_bank;
use pathweave::kernel::lstm::lstm;
use pathweave::kernel::routed_lstm::routed_lstm;
use pathweave::kernel::segment_sum::segment_sum;

use super::differences::{check, leaf, weighed, whole};

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

#[test]
fn routed_lstm_by_gates_weights_and_biases() {
    // Multiplied out; by rows, for words are few; passing, and no module at all.
    let cases: [(&[u32], &[u32]); 3] = [
        (&[0, 2, 5, 5, 6], &[0, 1, 0, 1, 1, 1, 1, 0]),
        (&[0, 1, 2], &[0, 1, 1, 0]),
        (&[0, 2, 4, 6], &[2, 0, 1, 2, 0, 0]),
    ];
    for (starts, paths) in cases {
        let (words, width) = (starts[starts.len() - 1] as usize, 3);
        let (starts, paths) = (Arc::from(starts), Arc::from(paths));
        let bank = (leaf("w", [8, width, width]), leaf("b", [8, width]));
        check(&(leaf("x", [words, 4 * width]), bank), |(x, (w, b))| {
            weighed(routed_lstm(x.val(), w.val(), b.val(), &paths, &starts))
        });
    }
}

#[test]
fn gate_bank_by_rows_weights_and_biases() {
    let actions = whole(&[1, 0, 2, 1]);
    for columns in [2, 8] {
        let leaves = (leaf("x", [4, columns]), (leaf("w", [8, 2, 2]), leaf("b", [8, 2])));
        check(&leaves, |(x, (w, b))| weighed(gate_bank(x.val(), w.val(), b.val(), &actions)));
    }
}
