//! Sums of selected rows in ordinary tensor operations: the path of backends without the kernel,
//! and the kernel's oracle.

use burn::tensor::{IndexingUpdateOp, Int, Tensor, TensorData};

/// Same contract as [`super::segment_sum`]. The words' rows are laid out once.
pub fn segment_sum(x: Tensor<2>, index: &[u32], starts: &[u32]) -> Tensor<2> {
    let (device, width) = (x.device(), x.dims()[1]);
    let sentences = starts.len() - 1;
    let sums = Tensor::zeros([sentences, width], &device);
    if index.is_empty() {
        return sums;
    }
    let whole = |values: Vec<i32>| {
        let count = values.len();
        Tensor::<1, Int>::from_data(TensorData::new(values, [count]), &device)
    };
    let rows = x.select(0, whole(index.iter().map(|&row| row as i32).collect()));
    let sentence = |s: usize| (starts[s]..starts[s + 1]).map(move |_| s as i32);
    let owners = whole((0..sentences).flat_map(sentence).collect());
    sums.select_assign(0, owners, rows, IndexingUpdateOp::Add)
}
