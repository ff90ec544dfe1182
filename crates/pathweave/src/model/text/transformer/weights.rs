//! Pretrained blocks from elsewhere: arrays with the names of the published language model.
//!
//! # Deviations
//! - T 5.3.1.4 takes the parameter files of Radford et al. 2018, their word vectors among them, which
//!   are of parts of words. The data here are whole words: blocks and positions are taken from the
//!   file, word vectors stay those of the data.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use thiserror::Error;

use super::Transformer;
use crate::train::NamedArray;

/// Arrays that do not fit the encoder.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WeightsError {
    /// The program handed none over.
    #[error("model.text.transformer.weights names a file, but no arrays were given")]
    NotGiven,
    /// An array is missing.
    #[error("{file}: there is no array {name:?}, with or without \"transformer.\" before it")]
    Missing {
        /// Where the arrays are from
        file: String,
        /// Its name
        name: String,
    },
    /// An array has another shape.
    #[error("{file}: array {name:?}: found shape {found:?}, expected {expected:?}")]
    Shape {
        /// Where the arrays are from
        file: String,
        /// Its name
        name: String,
        /// In the file
        found: Vec<usize>,
        /// In the encoder
        expected: Vec<usize>,
    },
    /// There are more blocks than the encoder has.
    #[error(
        "{file}: holds blocks from number {blocks} on, but model.text.transformer.layers is {blocks}"
    )]
    Layers {
        /// Where the arrays are from
        file: String,
        /// Blocks of the encoder
        blocks: usize,
    },
}

impl Transformer {
    /// The encoder with the blocks and positions of a file, whose arrays are named as PyTorch's
    /// `openai-gpt` names them: `positions_embed.weight`, then for each block l `h.l.attn.c_attn`,
    /// `h.l.attn.c_proj`, `h.l.ln_1`, `h.l.mlp.c_fc`, `h.l.mlp.c_proj`, `h.l.ln_2`, each with `weight`
    /// [in, out] and `bias`. More positions than the encoder has are cut; other arrays are ignored.
    /// `file` is named in errors.
    ///
    /// # Errors
    /// The first array that is missing or has another shape.
    pub fn with_weights(
        mut self,
        arrays: &[NamedArray],
        file: &str,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let from = Arrays { arrays, file, device };
        let (longest, width) = (self.longest(), self.width());
        self.positions = from.positions(longest, width)?;
        for (layer, block) in self.blocks.iter_mut().enumerate() {
            let name = |part: &str| format!("h.{layer}.{part}");
            let (attention, rest) = (&mut block.attention, &mut block.rest);
            let linear = [
                ("attn.c_attn", &mut attention.input),
                ("attn.c_proj", &mut attention.output),
                ("mlp.c_fc", &mut rest.up),
                ("mlp.c_proj", &mut rest.down),
            ];
            for (part, bank) in linear {
                let [_, input, output] = bank.weight.dims();
                bank.weight = from.take(&name(&format!("{part}.weight")), [1, input, output])?;
                bank.bias = from.take(&name(&format!("{part}.bias")), [1, output])?;
            }
            for (part, bank) in [("ln_1", &mut rest.first), ("ln_2", &mut rest.second)] {
                bank.gain = from.take(&name(&format!("{part}.weight")), [1, width])?;
                bank.bias = from.take(&name(&format!("{part}.bias")), [1, width])?;
            }
        }
        let blocks = self.blocks.len();
        match from.find(&format!("h.{blocks}.attn.c_attn.weight")) {
            Some(_) => Err(WeightsError::Layers { file: file.into(), blocks }),
            None => Ok(self),
        }
    }
}

/// Named arrays and where they are from.
struct Arrays<'a> {
    arrays: &'a [NamedArray],
    file: &'a str,
    device: &'a Device,
}

impl Arrays<'_> {
    fn find(&self, name: &str) -> Option<&NamedArray> {
        let named = |array: &&NamedArray| {
            array.name.strip_prefix("transformer.").unwrap_or(&array.name) == name
        };
        self.arrays.iter().find(named)
    }

    fn array(&self, name: &str) -> Result<&NamedArray, WeightsError> {
        let missing = || WeightsError::Missing { file: self.file.into(), name: name.into() };
        self.find(name).ok_or_else(missing)
    }

    fn shape(&self, array: &NamedArray, expected: &[usize]) -> WeightsError {
        let (file, name, found) = (self.file.into(), array.name.clone(), array.shape.clone());
        WeightsError::Shape { file, name, found, expected: expected.to_vec() }
    }

    /// One module, stacked: the file's shape lacks the leading 1.
    fn take<const D: usize>(
        &self,
        name: &str,
        shape: [usize; D],
    ) -> Result<Param<Tensor<D>>, WeightsError> {
        let array = self.array(name)?;
        if array.shape != shape[1..] {
            return Err(self.shape(array, &shape[1..]));
        }
        Ok(self.param(array.values.clone(), shape))
    }

    /// The first positions.
    fn positions(&self, longest: usize, width: usize) -> Result<Param<Tensor<2>>, WeightsError> {
        let array = self.array("positions_embed.weight")?;
        match array.shape[..] {
            [rows, columns] if rows >= longest && columns == width => {
                Ok(self.param(array.values[..longest * width].to_vec(), [longest, width]))
            }
            _ => Err(self.shape(array, &[longest, width])),
        }
    }

    fn param<const D: usize>(&self, values: Vec<f32>, shape: [usize; D]) -> Param<Tensor<D>> {
        Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), self.device))
    }
}
