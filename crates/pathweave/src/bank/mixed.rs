//! Blocks of different architectures side by side (T 3.4.1, 4.5).

use burn::module::Module;
use burn::tensor::{Int, Tensor};

use crate::block::Block;

/// A list of blocks with equal input and output widths.
#[derive(Module, Debug)]
pub struct MixedBank {
    /// M blocks
    pub blocks: Vec<Block>,
    output: usize,
}

impl MixedBank {
    /// `output` is the width of every block's output.
    pub fn new(blocks: Vec<Block>, output: usize) -> Self {
        Self { blocks, output }
    }

    /// Each row through the block it chose; rows whose action is no block pass.
    /// [R, in] → [R, out]. Blocks without rows are not run and receive no gradient at all.
    pub fn apply(&self, x: Tensor<2>, action: &Tensor<1, Int>) -> Tensor<2> {
        let device = x.device();
        let (modules, rows) = (self.blocks.len(), x.dims()[0]);
        let mut groups = vec![Vec::new(); modules + 1];
        for (row, action) in action.to_data().iter::<i64>().enumerate() {
            groups[usize::try_from(action).unwrap_or(modules).min(modules)].push(row as i32);
        }
        let mut back = vec![0i32; rows];
        let mut parts = Vec::new();
        let mut place = 0;
        for (module, group) in groups.iter().enumerate().filter(|(_, group)| !group.is_empty()) {
            for &row in group {
                back[row as usize] = place;
                place += 1;
            }
            let picked = x.clone().select(0, Tensor::from_data(group.as_slice(), &device));
            parts.push(match self.blocks.get(module) {
                Some(block) => block.forward(picked),
                None => picked,
            });
        }
        if parts.is_empty() {
            return Tensor::zeros([0, self.output], &device);
        }
        Tensor::cat(parts, 0).select(0, Tensor::from_data(back.as_slice(), &device))
    }

    /// Every row through every block. [R, in] → [M, R, out]
    pub fn apply_all(&self, x: Tensor<2>) -> Tensor<3> {
        Tensor::stack(self.blocks.iter().map(|block| block.forward(x.clone())).collect(), 0)
    }
}
