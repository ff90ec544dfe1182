//! The routed LSTM in ordinary tensor operations: the path of backends without the kernel, and the
//! kernel's oracle.

use burn::tensor::{Int, Tensor, TensorData};

use crate::kernel::grouped_linear::plain::grouped_linear;
use crate::kernel::lstm::plain::run;

/// Same contract as [`super::routed_lstm`], with each sentence's path up to its end. Every depth
/// multiplies the rows of every gate.
pub fn routed_lstm(
    gates: Tensor<2>,
    weight: Tensor<3>,
    bias: Tensor<2>,
    paths: &[Vec<u32>],
    starts: &[u32],
) -> Tensor<2> {
    let (device, [blocks, width, _]) = (gates.device(), weight.dims());
    let depths = paths.iter().map(Vec::len).max().unwrap_or(0);
    run(gates, starts, width, |h, running| {
        let rows = 4 * running.len();
        let mut u = h.unsqueeze_dim::<3>(1).repeat_dim(1, 4).reshape([rows, width]);
        for depth in 0..depths {
            let action = |&s: &usize| {
                let module = paths[s].get(depth).map_or(blocks as i32, |&a| 4 * a as i32);
                [0, 1, 2, 3].map(|gate| module + gate)
            };
            let actions: Vec<i32> = running.iter().flat_map(action).collect();
            let actions = Tensor::<1, Int>::from_data(TensorData::new(actions, [rows]), &device);
            u = grouped_linear(u, weight.clone(), bias.clone(), &actions, false);
        }
        u.reshape([rows / 4, 4 * width])
    })
}
