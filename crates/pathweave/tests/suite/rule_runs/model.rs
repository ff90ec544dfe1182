//! A model of one number, whose loss is known.

use pathweave::rule::{Engine, EngineState, Prediction, RuleKind, RuleShape, Update};
use pathweave::train::{NamedArray, RestoreError};
use pathweave_data::dataset::RulesSpec;
use pathweave_data::dataset::rules::RuleBatch;

/// Answers x₁'s multiple `scale`, which every step moves by the rate; the module is the rule's.
pub struct Bias {
    shape: RuleShape,
    pub scale: f32,
    /// Added to the scale by a step, times the rate
    pub drift: f32,
    pub updates: u64,
    /// Loss of the step with this number
    pub breaks: Option<(u64, f64)>,
    pub rates: Vec<f64>,
}

impl Bias {
    pub fn new(data: &RulesSpec, scale: f32, drift: f32) -> Self {
        let shape = RuleShape::new(data, RuleKind::GtModular, 0, [1, data.rules]);
        Self { shape, scale, drift, updates: 0, breaks: None, rates: Vec::new() }
    }
}

impl Engine for Bias {
    fn shape(&self) -> &RuleShape {
        &self.shape
    }

    fn parameters(&self) -> u64 {
        1
    }

    fn step(&mut self, _batch: &RuleBatch, update: &Update) -> f64 {
        if let Some((at, loss)) = self.breaks
            && at == self.updates
        {
            return loss;
        }
        self.updates += 1;
        self.scale += self.drift * update.rate as f32;
        self.rates.push(update.rate);
        f64::from(self.scale.abs())
    }

    fn predict(&mut self, batch: &RuleBatch, into: &mut Prediction) {
        let rows = batch.x.chunks_exact(batch.features);
        into.output = rows.map(|row| self.scale * row[0]).collect();
        into.activation.clear();
        for &context in &batch.context {
            let hot = |module| f32::from(u8::from(module == context as usize));
            into.activation.extend((0..self.shape.modules).map(hot));
        }
    }

    fn state(&self) -> EngineState {
        let array = NamedArray { name: "scale".into(), shape: vec![1], values: vec![self.scale] };
        EngineState { parameters: vec![array], moments: Vec::new(), updates: self.updates }
    }

    fn restore(&mut self, state: &EngineState) -> Result<(), RestoreError> {
        let array = state.parameters.first().ok_or(RestoreError::Missing("scale".into()))?;
        (self.scale, self.updates) = (array.values[0], state.updates);
        Ok(())
    }
}
