//! Files of models: parameters under the authors' names, a batch, and what their code made of it.
//!
//! Output, score and loss must agree to 1e-5, gradients and parameters after one step of Adam (rate
//! 1e-4; RNN after bounding the gradient's norm by 1) to 1e-4, of the largest magnitude of their
//! tensor. Gradients that are zero but for rounding, as that of a key's bias, which softmax does not
//! see, are held to the rounding of the model's largest gradient. The step itself, which is small
//! beside the parameters, must agree to 2 % of the rate wherever the gradient is no such noise.

use pathweave::rule::{
    Engine, EngineState, Layout, Prediction, RuleKind, RuleShape, Update, import,
};
use pathweave::train::NamedArray;
use pathweave_data::dataset::rules::{Regressed, RuleBatch, RuleFamily, RuleTarget, STATE};

use super::engines::engines;
use super::labels::batch;
use super::name::Model;
use super::tensors::{Array, Tensors, compare, largest, one_hot};

const RATE: f64 = 1e-4;

/// A file's contents.
struct Golden {
    shape: RuleShape,
    batch: RuleBatch,
    parameters: Vec<NamedArray>,
    gradient: Vec<NamedArray>,
    after: Vec<NamedArray>,
    output: Vec<f64>,
    score: Option<Vec<f64>>,
    loss: f64,
    clip_norm: f64,
}

/// Checks a file by every engine.
pub fn check(model: &Model, tensors: &mut Tensors) -> Result<(), String> {
    let golden = read(model, tensors)?;
    let mut faults = Vec::new();
    for (name, engine) in engines(&golden.shape)? {
        let found = golden.check(engine).err().unwrap_or_default();
        faults.extend(found.lines().map(|fault| format!("{name}: {fault}")));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

fn read(model: &Model, tensors: &mut Tensors) -> Result<Golden, String> {
    let mut data = model.data.clone();
    let x = tensors.take("input.x")?;
    let mut batch = batch("input.x", &data, &x)?;
    if data.family != RuleFamily::Mlp {
        let op = tensors.take("input.op")?;
        if one_hot("input.op", &op.values, data.rules)? != batch.rule {
            return Err("input.op: not the rules at the end of the inputs".into());
        }
    }
    let target = tensors.take("target")?;
    let rows = &x.shape[..x.shape.len() - 1];
    let state = data.family == RuleFamily::Rnn && data.target == RuleTarget::Regression;
    let projection = [rows, &[1]].concat();
    if target.shape == [rows, &[STATE]].concat() && state {
        data.regressed = Regressed::State;
    } else if target.shape == rows || target.shape == projection {
        data.regressed = Regressed::Projection;
    } else {
        return Err(format!("target: {:?} is not understood", target.shape));
    }
    batch.y = target.values.iter().map(|value| *value as f32).collect();
    let shape = RuleShape::new(&data, model.kind, 0, model.sizes);
    let output = tensors.take_shaped("output", &target.shape)?.values;
    let score = match model.kind {
        RuleKind::Monolithic => None,
        _ => Some(score(tensors.take("score")?, rows, shape.modules)?),
    };
    let loss = tensors.take("loss")?;
    if loss.values.len() != 1 {
        return Err(format!("loss: {:?} is not understood", loss.shape));
    }
    let clip_norm = if data.family == RuleFamily::Rnn { 1.0 } else { 0.0 };
    let parameters = named(tensors, "param.", &shape)?;
    let gradient = named(tensors, "grad.", &shape)?;
    let after = named(tensors, "after_adam.", &shape)?;
    let loss = loss.values[0];
    Ok(Golden { shape, batch, parameters, gradient, after, output, score, loss, clip_norm })
}

/// Scores, with or without an axis of one number at their end.
fn score(score: Array, rows: &[usize], modules: usize) -> Result<Vec<f64>, String> {
    let wanted = [rows, &[modules]].concat();
    if score.shape != wanted && score.shape != [&wanted[..], &[1]].concat() {
        return Err(format!("score: found {:?}, expected {wanted:?}", score.shape));
    }
    Ok(score.values)
}

/// The arrays of a prefix in the order of the layout, which has exactly these.
fn named(
    tensors: &mut Tensors,
    prefix: &str,
    shape: &RuleShape,
) -> Result<Vec<NamedArray>, String> {
    let mut found = tensors.take_prefixed(prefix);
    let (mut ordered, mut faults) = (Vec::new(), Vec::new());
    for slot in Layout::new(shape).slots() {
        match found.iter().position(|array| array.name == slot.name) {
            Some(at) if found[at].shape == slot.shape => ordered.push(found.swap_remove(at)),
            Some(at) => {
                let array = found.swap_remove(at);
                let (name, expected) = (slot.name, &slot.shape);
                faults.push(format!("{prefix}{name}: {:?}, we have {expected:?}", array.shape));
            }
            None => faults.push(format!("{prefix}{}: missing", slot.name)),
        }
    }
    faults.extend(found.iter().map(|array| format!("{prefix}{}: we have none", array.name)));
    if faults.is_empty() { Ok(ordered) } else { Err(faults.join("\n")) }
}

impl Golden {
    fn check(&self, mut engine: Box<dyn Engine>) -> Result<(), String> {
        let count: usize = self.parameters.iter().map(|array| array.values.len()).sum();
        if engine.parameters() != count as u64 {
            return Err(format!("{} parameters, expected {count}", engine.parameters()));
        }
        let start = import(&*engine, &self.parameters).map_err(|error| error.to_string())?;
        let restore = |engine: &mut dyn Engine| engine.restore(&start).map_err(|e| e.to_string());
        restore(&mut *engine)?;
        let mut faults = Vec::new();

        let mut said = Prediction::default();
        engine.predict(&self.batch, &mut said);
        let near = |what: &str, found: &[f32], wanted: &[f64], tolerance: f64| {
            compare(what, found, wanted, tolerance * largest(wanted)).err()
        };
        faults.extend(near("output", &said.output, &self.output, 1e-5));
        let score = self.score.as_deref().unwrap_or_default();
        faults.extend(near("score", &said.activation, score, 1e-5));

        // Unbounded, for the gradient; then as the authors' code steps.
        let update = Update { rate: RATE, clip_norm: 0.0, epoch: 0.0 };
        let loss = engine.step(&self.batch, &update);
        faults.extend(near("loss", &[loss as f32], &[self.loss], 1e-5));
        faults.extend(self.check_gradient(&engine.state()).err());
        restore(&mut *engine)?;
        engine.step(&self.batch, &Update { clip_norm: self.clip_norm, ..update });
        faults.extend(self.check_step(&engine.state()).err());
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
    }

    /// The largest gradient of any parameter.
    fn largest_gradient(&self) -> f64 {
        self.gradient.iter().map(|array| largest(&doubles(array))).fold(0.0, f64::max)
    }

    /// Adam's first moment after a first step is a tenth of the gradient. A parameter without moments
    /// had none.
    fn check_gradient(&self, state: &EngineState) -> Result<(), String> {
        let rounding = self.largest_gradient() * f64::from(f32::EPSILON);
        let mut faults = Vec::new();
        for wanted in &self.gradient {
            let name = format!("{}#0", wanted.name);
            let moment = state.moments.iter().find(|moment| moment.name == name);
            let found: Vec<f32> = match moment {
                Some(moment) => moment.values.iter().map(|value| value * 10.0).collect(),
                None => vec![0.0; wanted.values.len()],
            };
            let wanted = doubles(wanted);
            let bound = 1e-4 * largest(&wanted) + rounding;
            faults.extend(compare(&format!("gradient of {name}"), &found, &wanted, bound).err());
        }
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
    }

    fn check_step(&self, state: &EngineState) -> Result<(), String> {
        let noise = self.largest_gradient() * 2e-6;
        let mut faults = Vec::new();
        let triples = self.parameters.iter().zip(&self.gradient).zip(&self.after);
        for ((before, gradient), after) in triples {
            let found = state.parameters.iter().find(|array| array.name == after.name);
            let found = found.ok_or_else(|| format!("{}: not in the state", after.name))?;
            let what = format!("{} after a step", after.name);
            let wanted = doubles(after);
            let bound = 1e-4 * largest(&wanted);
            faults.extend(compare(&what, &found.values, &wanted, bound).err());
            let certain = 1e-2 * largest(&doubles(gradient)) + noise;
            let numbers = found.values.iter().zip(&wanted).zip(&before.values);
            let moved = numbers
                .zip(&gradient.values)
                .filter(|(_, gradient)| f64::from(gradient.abs()) > certain);
            let (steps, wanted): (Vec<f32>, Vec<f64>) = moved
                .map(|(((found, after), before), _)| (found - before, after - f64::from(*before)))
                .unzip();
            faults.extend(compare(&format!("{what}: step"), &steps, &wanted, 0.02 * RATE).err());
        }
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
    }
}

fn doubles(array: &NamedArray) -> Vec<f64> {
    array.values.iter().map(|value| f64::from(*value)).collect()
}
