//! A batch of rule data as the networks see it.

use burn::tensor::{Device, Int, Tensor, TensorData};
use pathweave_data::dataset::rules::RuleBatch;

use super::parts::Weights;
use crate::rule::shape::{RuleKind, RuleShape};

/// Numbers and contexts of a batch, on a device.
pub struct Inputs {
    /// B
    pub samples: usize,
    /// L
    pub length: usize,
    /// [B · L, F]
    pub x: Tensor<2>,
    /// Of each depth. \[B · L\]
    pub contexts: Vec<Contexts>,
}

/// Which rule each row is told.
#[derive(Clone)]
pub struct Contexts {
    /// R where the context is missing
    pub host: Vec<u32>,
    rules: usize,
    device: Device,
}

impl Inputs {
    /// Of a batch. `rules` is R.
    pub fn new(batch: &RuleBatch, rules: usize, device: &Device) -> Self {
        let (rows, depth) = (batch.rows(), batch.depth);
        let x = TensorData::new(batch.x.clone(), [rows, batch.features]);
        let of = |at: usize| Contexts {
            host: batch.context.iter().skip(at).step_by(depth).copied().collect(),
            rules,
            device: device.clone(),
        };
        Self {
            samples: batch.samples,
            length: batch.length,
            x: Tensor::from_data(x, device),
            contexts: (0..depth).map(of).collect(),
        }
    }

    /// x ⧺ one-hot(c) of each row. [B · L, F + R]
    pub fn told(&self) -> Tensor<2> {
        let contexts = &self.contexts[0];
        let mut hot = vec![0.0f32; contexts.host.len() * contexts.rules];
        for (row, &context) in hot.chunks_exact_mut(contexts.rules).zip(&contexts.host) {
            if let Some(entry) = row.get_mut(context as usize) {
                *entry = 1.0;
            }
        }
        let hot = TensorData::new(hot, [contexts.host.len(), contexts.rules]);
        Tensor::cat(vec![self.x.clone(), Tensor::from_data(hot, &contexts.device)], 1)
    }
}

impl Contexts {
    /// Every context as one-hot, the missing one, all zeros, last. [R + 1, R]
    pub fn all(&self) -> Tensor<2> {
        let mut hot = vec![0.0f32; (self.rules + 1) * self.rules];
        (0..self.rules).for_each(|rule| hot[rule * self.rules + rule] = 1.0);
        Tensor::from_data(TensorData::new(hot, [self.rules + 1, self.rules]), &self.device)
    }

    /// What a table over [`Contexts::all`] says of each row. [R + 1, D] → [rows, D]
    pub fn look_up(&self, table: Tensor<2>) -> Tensor<2> {
        table.select(0, self.upload(|context| context))
    }

    /// Those of one token of every sample.
    pub fn at(&self, token: usize, length: usize) -> Self {
        let host = self.host.iter().skip(token).step_by(length).copied().collect();
        Self { host, ..self.clone() }
    }

    /// The weights of kinds that need neither x nor parameters; `None` for the others.
    pub fn weights(&self, shape: &RuleShape) -> Option<Weights> {
        let modules = shape.modules;
        match shape.kind {
            RuleKind::Random => {
                let dims = [self.host.len(), modules];
                Some(Weights::Soft(Tensor::full(dims, 1.0 / modules as f32, &self.device)))
            }
            RuleKind::GtModular => {
                let known = |context: &u32| (*context as usize) < self.rules;
                let factor = (!self.host.iter().all(known)).then(|| {
                    let known: Vec<f32> = self.host.iter().map(|c| f32::from(known(c))).collect();
                    let rows = known.len();
                    Tensor::from_data(TensorData::new(known, [rows]), &self.device)
                });
                let action = self.upload(|context| context % modules as u32);
                Some(Weights::One { action, factor })
            }
            _ => None,
        }
    }

    fn upload(&self, of: impl Fn(u32) -> u32) -> Tensor<1, Int> {
        let numbers: Vec<u32> = self.host.iter().map(|&context| of(context)).collect();
        crate::trajectory::upload(&numbers, &self.device)
    }
}
