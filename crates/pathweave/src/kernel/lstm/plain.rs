//! The LSTM in ordinary tensor operations: the path of backends without the kernel, and the
//! kernel's oracle.

use burn::tensor::{Device, Int, Tensor, TensorData, activation};

/// Same contract as [`super::lstm`].
pub fn lstm(gates: Tensor<2>, recurrent: Tensor<2>, bias: Tensor<1>, starts: &[u32]) -> Tensor<2> {
    let width = recurrent.dims()[0];
    run(gates, starts, width, |h, _| h.matmul(recurrent.clone()) + bias.clone().unsqueeze_dim(0))
}

/// Runs the cells: `drive` gives the state's part of the gates of the sentences that it is told,
/// [n, H] → [n, 4H].
pub fn run(
    gates: Tensor<2>,
    starts: &[u32],
    width: usize,
    drive: impl Fn(Tensor<2>, &[usize]) -> Tensor<2>,
) -> Tensor<2> {
    let (device, sentences) = (gates.device(), starts.len() - 1);
    let length = |s: usize| (starts[s + 1] - starts[s]) as usize;
    let mut running: Vec<usize> = (0..sentences).collect();
    running.sort_by_key(|&s| std::cmp::Reverse(length(s)));
    let order = running.clone();
    // Sentences end in the reverse of this order, the empty ones first.
    running.retain(|&s| length(s) > 0);
    let empty = sentences - running.len();
    let mut ended = vec![Tensor::zeros([empty, width], &device)];
    let mut h = Tensor::<2>::zeros([running.len(), width], &device);
    let mut c = h.clone();
    for step in 0.. {
        if running.is_empty() {
            break;
        }
        let words = running.iter().map(|&s| starts[s] as usize + step);
        let z = gates.clone().select(0, whole(words, &device)) + drive(h, &running);
        let gate = |k: usize| z.clone().narrow(1, k * width, width);
        let kept = activation::sigmoid(gate(1)) * c;
        c = kept + activation::sigmoid(gate(0)) * gate(2).tanh();
        h = activation::sigmoid(gate(3)) * c.clone().tanh();
        let before = running.len();
        running.retain(|&s| length(s) > step + 1);
        let rest = running.len();
        if rest < before {
            ended.push(h.clone().narrow(0, rest, before - rest));
        }
        if rest > 0 {
            (h, c) = (h.narrow(0, 0, rest), c.narrow(0, 0, rest));
        } else {
            break;
        }
    }
    ended.reverse();
    ended.retain(|part| part.dims()[0] > 0);
    if ended.is_empty() {
        return Tensor::zeros([0, width], &device);
    }
    let mut place = vec![0; sentences];
    order.iter().enumerate().for_each(|(at, &s)| place[s] = at);
    Tensor::cat(ended, 0).select(0, whole(place.into_iter(), &device))
}

fn whole(values: impl Iterator<Item = usize>, device: &Device) -> Tensor<1, Int> {
    let values: Vec<i32> = values.map(|value| value as i32).collect();
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}
