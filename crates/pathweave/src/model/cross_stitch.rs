//! Cross-stitch network (Misra et al. 2016; T 5.2.3).

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor, TensorData};

use crate::bank::LinearBank;
use crate::init::Init;
use crate::trajectory::{Rows, upload};

/// One column of layers a module; the input of module i at layer l is Σ_j w_ij v_{l−1,j}.
///
/// Every sample runs through all columns, its answer is read from the column of its context.
#[derive(Module, Debug)]
pub struct CrossStitch {
    /// Stitches before each layer but the first, whose input all columns share. [M, M]
    pub stitches: Vec<Param<Tensor<2>>>,
    /// One a layer
    pub banks: Vec<LinearBank>,
}

impl CrossStitch {
    /// Stitches start with `own` on the diagonal and the rest spread evenly over the others, a
    /// convex combination as Misra et al. advise.
    ///
    /// # Deviations
    /// T does not say how stitches start, only that it left out the pretraining of Misra et al.:
    /// 0.9 for a column's own activation unless the spec says otherwise.
    pub fn new(banks: Vec<LinearBank>, own: f32, init: &Init) -> Self {
        let modules = banks[0].weight.dims()[0];
        let other = (1.0 - own) / (modules.max(2) - 1) as f32;
        let stitches = (1..banks.len()).map(|_| stitch(modules, own, other, init)).collect();
        Self { stitches, banks }
    }

    /// [R, in] → [R, out]
    pub fn forward(&self, h: Tensor<2>, rows: &Rows) -> Tensor<2> {
        let modules = self.banks[0].weight.dims()[0];
        let column = columns(rows, modules, &h);
        let last = self.banks.len() - 1;
        if last == 0 {
            return self.banks[0].apply(h, &column);
        }
        let mut v = self.banks[0].apply_all(h);
        for layer in 1..last {
            let [m, r, d] = v.dims();
            let mixed = self.stitches[layer - 1].val().matmul(v.reshape([m, r * d]));
            v = self.banks[layer].apply_each(mixed.reshape([m, r, d]));
        }
        // Only the column that answers for a row needs the last layer: its stitch row is picked.
        let w = self.stitches[last - 1].val().select(0, column.clone());
        let input = (v * w.transpose().unsqueeze_dim::<3>(2)).sum_dim(0).squeeze_dim::<2>(0);
        self.banks[last].apply(input, &column)
    }

    /// The same columns without their last layers.
    pub(crate) fn first(&self, layers: usize) -> Self {
        let stitches = self.stitches[..layers - 1].to_vec();
        Self { stitches, banks: self.banks[..layers].to_vec() }
    }
}

fn stitch(modules: usize, own: f32, other: f32, init: &Init) -> Param<Tensor<2>> {
    let mut values = vec![other; modules * modules];
    for column in 0..modules {
        values[column * modules + column] = if modules == 1 { 1.0 } else { own };
    }
    let data = TensorData::new(values, [modules, modules]);
    Param::from_tensor(Tensor::from_data(data, init.device()))
}

fn columns(rows: &Rows, modules: usize, h: &Tensor<2>) -> Tensor<1, Int> {
    let columns: Vec<u32> = rows.contexts.iter().map(|context| context % modules as u32).collect();
    upload(&columns, &h.device())
}
