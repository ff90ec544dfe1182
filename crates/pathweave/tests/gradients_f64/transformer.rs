//! Attention, and blocks of a transformer.

use std::sync::Arc;

use pathweave::bank::{BlockBank, RowActions, Sequences};
use pathweave::init::Init;
use pathweave::kernel::causal_attention::{causal_attention, plain};
use pathweave_data::Streams;

use super::differences::{check, device, draws, leaf, weighed};

#[test]
fn causal_attention_by_queries_keys_and_values() {
    for starts in [&[0u32, 2, 5, 5, 6][..], &[0, 4], &[0, 1, 2]] {
        let (words, starts) = (starts[starts.len() - 1] as usize, Arc::from(starts));
        check(&leaf("qkv", [words, 12]), |x| weighed(causal_attention(x.val(), &starts, 2)));
        check(&leaf("qkv", [words, 12]), |x| weighed(plain::causal_attention(x.val(), &starts, 2)));
    }
}

#[test]
fn a_bank_of_blocks_by_its_parameters_and_input() {
    let (streams, device) = (Streams::new(2), device());
    let bank = BlockBank::new(2, [4, 3], 2, &Init::new(&streams, &device));
    let words = Sequences::new(vec![0, 3, 4, 6]);
    let action = RowActions::of(&words, &[1, 0, 1], &device);
    check(&bank, |bank| weighed(bank.apply(draws("x", [6, 4]), &words, &action)));
    check(&leaf("x", [6, 4]), |x| weighed(bank.apply(x.val(), &words, &action)));
}
