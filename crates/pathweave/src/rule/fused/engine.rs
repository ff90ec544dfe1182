//! A fused model and Adam, on flat buffers.

use pathweave_data::Streams;
use pathweave_data::dataset::rules::RuleBatch;

use super::FusedModel;
use super::adam::{Moments, adam, clip_factor};
use crate::rule::engine::{Engine, EngineState, Prediction, Update};
use crate::rule::layout::Layout;
use crate::rule::shape::RuleShape;
use crate::train::{NamedArray, RestoreError};

/// Trains a fused model by Adam (β = 0.9, 0.999; ε = 1e-8), the gradient bounded by its global
/// norm where the update says so. A step allocates nothing once a batch of its size was seen.
#[derive(Clone, Debug)]
pub struct FusedEngine<F> {
    shape: RuleShape,
    layout: Layout,
    model: F,
    parameters: Vec<f32>,
    gradient: Vec<f32>,
    moments: Moments,
    updates: u64,
}

impl<F: FusedModel> FusedEngine<F> {
    /// With initial values from the streams `init/NAME`; `None` where the model has no passes for
    /// the shape.
    pub fn new(shape: &RuleShape, streams: &Streams) -> Option<Self> {
        let model = F::new(shape)?;
        let layout = Layout::new(shape);
        let parameters = layout.init(streams);
        let gradient = vec![0.0; layout.len()];
        let moments = Moments::new(layout.len());
        Some(Self {
            shape: shape.clone(),
            layout,
            model,
            parameters,
            gradient,
            moments,
            updates: 0,
        })
    }

    /// The gradient that the last step computed, before any clipping.
    pub fn gradient(&self) -> Vec<NamedArray> {
        self.layout.arrays(&self.gradient)
    }
}

/// Name of a moment.
fn moment(name: &str, slot: usize) -> String {
    format!("{name}#{slot}")
}

impl<F: FusedModel> Engine for FusedEngine<F> {
    fn shape(&self) -> &RuleShape {
        &self.shape
    }

    fn parameters(&self) -> u64 {
        self.layout.len() as u64
    }

    fn step(&mut self, batch: &RuleBatch, update: &Update) -> f64 {
        let loss = self.model.gradient(&self.parameters, batch, &mut self.gradient);
        if !loss.is_finite() {
            return loss;
        }
        let Some(scale) = clip_factor(&self.gradient, update.clip_norm) else {
            return f64::NAN;
        };
        self.updates += 1;
        let (gradient, moments) = (&self.gradient, &mut self.moments);
        adam(&mut self.parameters, gradient, moments, update.rate, scale, self.updates);
        loss
    }

    fn predict(&mut self, batch: &RuleBatch, into: &mut Prediction) {
        self.model.predict(&self.parameters, batch, into);
    }

    fn state(&self) -> EngineState {
        let [first, second] = [&self.moments.first, &self.moments.second]
            .map(|values| self.layout.arrays(values).into_iter());
        let rename = |slot: usize| {
            move |array: NamedArray| NamedArray { name: moment(&array.name, slot), ..array }
        };
        let pairs = first.map(rename(0)).zip(second.map(rename(1)));
        EngineState {
            parameters: self.layout.arrays(&self.parameters),
            moments: pairs.flat_map(|(first, second)| [first, second]).collect(),
            updates: self.updates,
        }
    }

    fn restore(&mut self, state: &EngineState) -> Result<(), RestoreError> {
        let parameters = flat(&self.layout, &state.parameters, str::to_owned)?;
        let first = flat(&self.layout, &state.moments, |name| moment(name, 0))?;
        let second = flat(&self.layout, &state.moments, |name| moment(name, 1))?;
        self.parameters = parameters;
        self.moments = Moments { first, second };
        self.updates = state.updates;
        Ok(())
    }
}

/// The layout's numbers, each part from the array that `name` gives its slot.
fn flat(
    layout: &Layout,
    arrays: &[NamedArray],
    name: impl Fn(&str) -> String,
) -> Result<Vec<f32>, RestoreError> {
    let mut values = vec![0.0; layout.len()];
    for slot in layout.slots() {
        let name = name(slot.name);
        let Some(array) = arrays.iter().find(|array| array.name == name) else {
            return Err(RestoreError::Missing(name));
        };
        if array.shape != slot.shape || array.values.len() != slot.len() {
            let (found, expected) = (array.shape.clone(), slot.shape.clone());
            return Err(RestoreError::Shape { name, found, expected });
        }
        values[slot.range()].copy_from_slice(&array.values);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use pathweave_data::dataset::RulesSpec;

    use super::*;
    use crate::rule::shape::RuleKind;

    /// Loss ½‖p‖², whose gradient is p; the first row's x spoils either.
    struct Bowl;

    impl FusedModel for Bowl {
        fn new(shape: &RuleShape) -> Option<Self> {
            (shape.width > 1).then_some(Self)
        }

        fn gradient(&mut self, parameters: &[f32], batch: &RuleBatch, into: &mut [f32]) -> f64 {
            into.copy_from_slice(parameters);
            into[0] += batch.x[1];
            parameters.iter().map(|p| 0.5 * f64::from(p * p)).sum::<f64>() + f64::from(batch.x[0])
        }

        fn predict(&mut self, parameters: &[f32], _: &RuleBatch, into: &mut Prediction) {
            into.output.clear();
            into.output.extend_from_slice(&parameters[..2]);
        }
    }

    fn engine(width: usize) -> Option<FusedEngine<Bowl>> {
        let data = RulesSpec { rules: 2, ..RulesSpec::default() };
        let shape = RuleShape::new(&data, RuleKind::Modular, 0, [4, width]);
        FusedEngine::new(&shape, &Streams::new(5))
    }

    fn batch(x: [f32; 2]) -> RuleBatch {
        RuleBatch { samples: 1, length: 1, features: 2, x: x.to_vec(), ..RuleBatch::default() }
    }

    const UPDATE: Update = Update { rate: 0.01, clip_norm: 1.0, epoch: 0.0 };

    #[test]
    fn steps_go_down_and_states_come_back_to_the_bit() {
        assert!(engine(1).is_none());
        let mut engine = engine(8).expect("a shape it has");
        let start = engine.step(&batch([0.0; 2]), &UPDATE);
        let state = engine.state();
        let names: Vec<_> = state.moments.iter().map(|moment| moment.name.as_str()).collect();
        assert_eq!(names[..2], ["encoder_digit.0.weight#0", "encoder_digit.0.weight#1"]);
        let losses: Vec<f64> = (0..9).map(|_| engine.step(&batch([0.0; 2]), &UPDATE)).collect();
        assert!(losses[8] < losses[0] && losses[0] < start, "{losses:?}");
        let last = engine.state();
        engine.restore(&state).expect("its own state");
        assert_eq!(engine.state(), state);
        (0..9).for_each(|_| assert!(engine.step(&batch([0.0; 2]), &UPDATE).is_finite()));
        assert_eq!(engine.state(), last);
    }

    #[test]
    fn nothing_moves_where_loss_or_gradient_is_not_finite() {
        let mut engine = engine(8).expect("a shape it has");
        engine.step(&batch([0.0; 2]), &UPDATE);
        let before = engine.state();
        for x in [[f32::NAN, 0.0], [f32::INFINITY, 0.0], [0.0, f32::NAN]] {
            assert!(!engine.step(&batch(x), &UPDATE).is_finite());
            assert!(!engine.step(&batch(x), &Update { clip_norm: 0.0, ..UPDATE }).is_finite());
        }
        assert_eq!(engine.state(), before);
    }

    #[test]
    fn foreign_states_are_refused_and_change_nothing() {
        let mut engine = engine(8).expect("a shape it has");
        let good = engine.state();
        let mut missing = good.clone();
        missing.moments.remove(1);
        let fault = engine.restore(&missing).expect_err("a moment is missing").to_string();
        assert!(fault.contains("encoder_digit.0.weight#1"), "{fault}");
        let mut bent = good.clone();
        bent.parameters[0].shape = vec![1, 4];
        assert!(matches!(engine.restore(&bent), Err(RestoreError::Shape { .. })));
        assert_eq!(engine.state(), good);
    }
}
