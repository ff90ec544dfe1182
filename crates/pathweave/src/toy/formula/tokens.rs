//! A batch of formulas as a tensor, and how a window of three tokens is replaced by one.

use burn::tensor::{Device, Tensor, TensorData};
use pathweave_data::dataset::formula::{Formula, TOKENS};

use crate::trajectory::upload;

/// Formulas that are being reduced: a distribution over tokens at each place.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Zero behind a formula's end. [R, L, V]
    pub values: Tensor<3>,
    /// Operators left in each formula. \[R\]
    pub operators: Vec<usize>,
}

/// Which window a row replaces: the operator's number and the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// Row
    pub row: usize,
    /// Number of the operator in the middle of the window, from the left
    pub place: usize,
    /// Module that computes the new token
    pub module: u32,
}

impl Tokens {
    /// One-hot tokens. L is that of the longest formula.
    pub fn new(formulas: &[Formula], device: &Device) -> Self {
        let length = formulas.iter().map(|formula| formula.tokens.len()).max().unwrap_or(1);
        let mut hot = vec![0.0f32; formulas.len() * length * TOKENS];
        for (row, formula) in hot.chunks_exact_mut(length * TOKENS).zip(formulas) {
            for (place, &token) in row.chunks_exact_mut(TOKENS).zip(&formula.tokens) {
                place[usize::from(token)] = 1.0;
            }
        }
        let shape = [formulas.len(), length, TOKENS];
        Self {
            values: Tensor::from_data(TensorData::new(hot, shape), device),
            operators: formulas.iter().map(|formula| formula.length() - 1).collect(),
        }
    }

    /// P, windows of the longest row at the start.
    pub fn windows(&self) -> usize {
        self.values.dims()[1] / 2
    }

    /// What surrounds each operator: the tokens of its window and one more on both sides, zero
    /// where there is none. [R · P, 5 · V]
    pub fn surroundings(&self) -> Tensor<2> {
        let [rows, length, width] = self.values.dims();
        let windows = self.windows();
        let blank = (rows * length) as u32;
        let mut index = Vec::with_capacity(rows * windows * 5);
        for row in 0..rows {
            for window in 0..windows {
                // The operator stands at 2w + 1; two places to its left there may be none.
                index.extend((0..5).map(|offset| match (2 * window + offset).checked_sub(1) {
                    Some(place) if place < length => (row * length + place) as u32,
                    _ => blank,
                }));
            }
        }
        let flat = self.values.clone().reshape([rows * length, width]);
        let device = flat.device();
        let flat = Tensor::cat(vec![flat, Tensor::zeros([1, width], &device)], 0);
        flat.select(0, upload(&index, &device)).reshape([rows * windows, 5 * width])
    }

    /// The three tokens of each window to be replaced. [N, 3 · V]
    pub fn chosen(&self, reductions: &[Reduction]) -> Tensor<2> {
        let [rows, length, width] = self.values.dims();
        let flat = self.values.clone().reshape([rows * length, width]);
        let first = |reduction: &Reduction| reduction.row * length + 2 * reduction.place;
        let index: Vec<u32> = reductions
            .iter()
            .flat_map(|reduction| (0..3).map(move |offset| (first(reduction) + offset) as u32))
            .collect();
        let device = flat.device();
        flat.select(0, upload(&index, &device)).reshape([reductions.len(), 3 * width])
    }

    /// Each chosen window replaced by its new token; what follows moves up. `new` [N, V]
    pub fn replace(&mut self, reductions: &[Reduction], new: Tensor<2>) {
        let [rows, length, width] = self.values.dims();
        let mut index: Vec<u32> = (0..(rows * length) as u32).collect();
        let blank = (rows * length + reductions.len()) as u32;
        for (number, reduction) in reductions.iter().enumerate() {
            let row = &mut index[reduction.row * length..(reduction.row + 1) * length];
            let at = 2 * reduction.place;
            row.copy_within(at + 3.., at + 1);
            row[at] = (rows * length + number) as u32;
            row[length - 2..].fill(blank);
            self.operators[reduction.row] -= 1;
        }
        let device = new.device();
        let flat = self.values.clone().reshape([rows * length, width]);
        let all = Tensor::cat(vec![flat, new, Tensor::zeros([1, width], &device)], 0);
        self.values = all.select(0, upload(&index, &device)).reshape([rows, length, width]);
    }
}
