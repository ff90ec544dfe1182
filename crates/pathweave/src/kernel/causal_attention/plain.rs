//! Causal attention in plain tensors.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData, activation};

use crate::kernel::segment_sum::gather_rows;

/// Words of a block per real word at most: what padding may cost.
const WASTE: f64 = 1.2;

/// See [`super::causal_attention`]. Sequences of about equal length are laid out as one block.
pub fn causal_attention(qkv: Tensor<2>, starts: &Arc<[u32]>, heads: usize) -> Tensor<2> {
    let ([words, triple], device) = (qkv.dims(), qkv.device());
    let width = triple / 3;
    if words == 0 {
        return Tensor::zeros([0, width], &device);
    }
    let each = width / heads;
    let mut back = vec![0; words];
    let mut parts = Vec::new();
    let mut place = 0;
    for (sequences, longest) in blocks(starts) {
        let mut index = Vec::with_capacity(sequences.len() * longest);
        for &sequence in &sequences {
            let (first, end) = (starts[sequence], starts[sequence + 1]);
            for at in (first..).take(longest) {
                // What stands in for padding is never attended to, since it comes last.
                index.push(if at < end { at } else { first });
                if at < end {
                    back[at as usize] = place;
                }
                place += 1;
            }
        }
        let rows = gather_rows(qkv.clone(), &index.into());
        let part = |which: usize| {
            let part = rows.clone().narrow(1, which * width, width);
            part.reshape([sequences.len(), longest, heads, each]).swap_dims(1, 2)
        };
        let scores = part(0).matmul(part(1).swap_dims(2, 3)) / (each as f64).sqrt();
        let weights = activation::softmax(scores + later(longest, &device).unsqueeze::<4>(), 3);
        let mixed = weights.matmul(part(2)).swap_dims(1, 2);
        parts.push(mixed.reshape([sequences.len() * longest, width]));
    }
    gather_rows(Tensor::cat(parts, 0), &back.into())
}

/// −∞ where the column's word comes after the row's, else 0. [L, L]
fn later(longest: usize, device: &Device) -> Tensor<2> {
    let at = |place: usize| place % longest > place / longest;
    let values: Vec<f32> =
        (0..longest * longest).map(|p| if at(p) { f32::NEG_INFINITY } else { 0.0 }).collect();
    Tensor::from_data(TensorData::new(values, [longest, longest]), device)
}

/// Sequences that have words, longest first, in blocks with the length of the longest.
fn blocks(starts: &[u32]) -> Vec<(Vec<usize>, usize)> {
    let length = |sequence: usize| (starts[sequence + 1] - starts[sequence]) as usize;
    let mut order: Vec<usize> =
        (0..starts.len() - 1).filter(|&sequence| length(sequence) > 0).collect();
    order.sort_by_key(|&sequence| (std::cmp::Reverse(length(sequence)), sequence));
    let mut blocks: Vec<(Vec<usize>, usize)> = Vec::new();
    let mut real = 0;
    for sequence in order {
        if let Some((sequences, longest)) = blocks.last_mut() {
            let block = (sequences.len() + 1) * *longest;
            if block as f64 <= WASTE * (real + length(sequence)) as f64 {
                sequences.push(sequence);
                real += length(sequence);
                continue;
            }
        }
        real = length(sequence);
        blocks.push((vec![sequence], real));
    }
    blocks
}
