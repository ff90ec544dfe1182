//! Transformers as language models: which word comes next.

use burn::tensor::{Tensor, activation};
use pathweave_data::Stream;

use super::{Joined, Transformer};
use crate::kernel::segment_sum::gather_rows;
use crate::trajectory::upload;

/// Most words among which the next one is to be told.
const CANDIDATES: usize = 4096;

/// Cross entropy of each word given those before it in its sentence, natural logarithm. The logit of
/// a word is the product of its vector and the state before it (Radford et al. 2018, equation 2).
/// `next` \[N\] as [`Joined::to_be_continued`] gives it → \[N\]
///
/// # Deviations
/// - With more than 4,096 words in the vocabulary, each batch's words are told from as many of the
///   other words, drawn anew each time, as make it 4,096; Radford et al. 2018 have the full softmax
///   over parts of words.
pub fn language_loss(
    model: &Transformer,
    joined: &Joined,
    next: &[u32],
    draw: &mut Stream,
) -> Tensor<1> {
    let h = model.states(joined);
    let device = h.device();
    let (words, tokens) = (model.words(), model.tokens.val());
    let (vectors, targets) = if words <= CANDIDATES {
        (tokens.narrow(0, 0, words), next.to_vec())
    } else {
        let (chosen, targets) = candidates(words, next, draw);
        (gather_rows(tokens, &chosen.into()), targets)
    };
    let logits = activation::log_softmax(h.matmul(vectors.transpose()), 1);
    -logits.gather(1, upload(&targets, &device).unsqueeze_dim(1)).squeeze_dim::<1>(1)
}

/// The words of a batch and drawn others; the place of each next word among them.
fn candidates(words: usize, next: &[u32], draw: &mut Stream) -> (Vec<u32>, Vec<u32>) {
    const NONE: u32 = u32::MAX;
    let mut place = vec![NONE; words];
    let mut chosen = Vec::with_capacity(CANDIDATES);
    let targets = next
        .iter()
        .map(|&word| {
            let slot = &mut place[word as usize];
            if *slot == NONE {
                *slot = chosen.len() as u32;
                chosen.push(word);
            }
            *slot
        })
        .collect();
    while chosen.len() < CANDIDATES {
        let word = draw.below(words);
        if place[word] == NONE {
            place[word] = chosen.len() as u32;
            chosen.push(word as u32);
        }
    }
    (chosen, targets)
}
