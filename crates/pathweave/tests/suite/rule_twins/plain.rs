//! Networks in ordinary tensors against scalar restatements, and their engine.

use burn::tensor::Device;
use pathweave::rule::{Engine, PlainEngine, Prediction, RuleKind, RuleShape, Update};
use pathweave::spec::{OptimizerKind, TrainSpec};
use pathweave_data::dataset::RulesSpec;
use pathweave_data::dataset::rules::{RuleBatch, RuleFamily, RuleTarget};

use super::{FAMILIES, KINDS, batch, rules, shape};

const UPDATE: Update = Update { rate: 1e-3, clip_norm: 1.0, epoch: 0.0 };

fn engine(shape: &RuleShape, optimizer: OptimizerKind) -> PlainEngine {
    PlainEngine::new(shape, &TrainSpec { optimizer, ..TrainSpec::default() }, &Device::flex())
}

fn predict(engine: &mut PlainEngine, batch: &RuleBatch) -> Prediction {
    let mut prediction = Prediction::default();
    engine.predict(batch, &mut prediction);
    prediction
}

/// The mean loss of predictions, from its definition.
fn loss(shape: &RuleShape, prediction: &Prediction, batch: &RuleBatch) -> f64 {
    let pairs = prediction.output.iter().zip(&batch.y);
    let each = pairs.map(|(&z, &y)| {
        let (z, y) = (f64::from(z), f64::from(y));
        let p = 1.0 / (1.0 + (-z).exp());
        if shape.classification {
            -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
        } else {
            (z - y).abs()
        }
    });
    each.sum::<f64>() / batch.y.len() as f64
}

#[test]
fn every_model_learns_its_batch_and_reports_weights() {
    for family in FAMILIES {
        for (kind, decoder) in KINDS.into_iter().flat_map(|kind| [(kind, true), (kind, false)]) {
            for target in [RuleTarget::Regression, RuleTarget::Classification] {
                let rules = rules(family, target);
                let shape = RuleShape { decoder, ..shape(&rules, kind) };
                let batch = batch(&rules, 6, 0);
                let mut engine = engine(&shape, OptimizerKind::Adam);
                let before = predict(&mut engine, &batch);
                let first = engine.step(&batch, &UPDATE);
                let wanted = loss(&shape, &before, &batch);
                let at = format!("{family:?} {kind:?} {decoder} {target:?}");
                assert!((first - wanted).abs() < 1e-5 * (1.0 + wanted), "{at}: {first}, {wanted}");
                let last = (0..10).map(|_| engine.step(&batch, &UPDATE)).last();
                assert!(last.is_some_and(|last| last < first), "{at}: {first} to {last:?}");
                let modules = if kind.is_modular() { shape.modules } else { 0 };
                assert_eq!(before.activation.len(), batch.rows() * modules, "{at}");
                for row in before.activation.chunks_exact(modules.max(1)) {
                    assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{at}: {row:?}");
                }
            }
        }
    }
}

#[test]
fn a_missing_context_activates_no_module_of_gt_modular() {
    for family in FAMILIES {
        let rules = RulesSpec { context_missing: 0.5, ..rules(family, RuleTarget::Regression) };
        let batch = batch(&rules, 8, 0);
        assert!(batch.context.contains(&2), "no context is missing");
        for kind in KINDS {
            let mut engine = engine(&shape(&rules, kind), OptimizerKind::Sgd);
            let prediction = predict(&mut engine, &batch);
            assert!(engine.step(&batch, &UPDATE).is_finite(), "{family:?} {kind:?}");
            if kind != RuleKind::GtModular {
                continue;
            }
            for (row, &context) in prediction.activation.chunks_exact(2).zip(&batch.context) {
                let wanted = [context == 0, context == 1].map(f32::from);
                assert_eq!(row, wanted, "{family:?}");
            }
        }
    }
}

/// One row through `MLP` without decoder, from its definition: ŷ = Σ_m p_m relu(x W_m + b_m) V_m.
fn scalar_mlp(engine: &PlainEngine, x: [f32; 2], context: usize) -> f64 {
    let state = engine.state();
    let get = |name: &str| {
        let array = state.parameters.iter().find(|array| array.name == name).expect("a parameter");
        array.values.iter().map(|&value| f64::from(value)).collect::<Vec<f64>>()
    };
    let linear = |name: &str, x: &[f64]| -> Vec<f64> {
        let (w, b) = (get(&format!("{name}.weight")), get(&format!("{name}.bias")));
        let dot = |row: &[f64]| row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
        w.chunks_exact(x.len()).zip(b).map(|(row, b)| dot(row) + b).collect()
    };
    let relu = |x: Vec<f64>| x.into_iter().map(|x| x.max(0.0)).collect::<Vec<f64>>();
    let coder = |name: &str, x: &[f64]| {
        linear(&format!("{name}.2"), &relu(linear(&format!("{name}.0"), x)))
    };
    let hot = [f64::from(u8::from(context == 0)), f64::from(u8::from(context == 1))];
    let seen = [
        coder("encoder_digit", &[f64::from(x[0])]),
        coder("encoder_digit", &[f64::from(x[1])]),
        coder("encoder_operation", &hot),
    ]
    .concat();
    let grouped = |name: &str, module: usize, x: &[f64]| -> Vec<f64> {
        let (w, b) = (get(&format!("{name}.w")), get(&format!("{name}.b")));
        let (outputs, inputs) = (b.len() / 2, x.len());
        let w = &w[module * inputs * outputs..][..inputs * outputs];
        let b = &b[module * outputs..][..outputs];
        let one = |out: usize| (0..inputs).map(|at| x[at] * w[at * outputs + out]).sum::<f64>();
        (0..outputs).map(|out| one(out) + b[out]).collect()
    };
    let answers =
        [0, 1].map(|module| grouped("MLP.2", module, &relu(grouped("MLP.0", module, &seen))));
    let weights = [0, 1].map(|module| answers[module][1].exp());
    let sum: f64 = weights.iter().sum();
    (0..2).map(|module| weights[module] / sum * answers[module][0]).sum()
}

#[test]
fn composed_rules_apply_the_whole_model_twice() {
    for depth in [1, 2] {
        let rules = RulesSpec { depth, ..rules(RuleFamily::Mlp, RuleTarget::Regression) };
        let shape = RuleShape { decoder: false, ..shape(&rules, RuleKind::Modular) };
        let batch = batch(&rules, 5, 0);
        let mut engine = engine(&shape, OptimizerKind::Sgd);
        let prediction = predict(&mut engine, &batch);
        assert_eq!(prediction.activation.len(), 5 * depth * 2);
        for row in 0..5 {
            let (x1, x2) = (batch.x[2 * row], batch.x[2 * row + 1]);
            let contexts = &batch.context[row * depth..][..depth];
            let apply = |y: f32, &c: &u32| scalar_mlp(&engine, [y, x2], c as usize) as f32;
            let wanted = contexts.iter().fold(x1, apply);
            let got = prediction.output[row];
            assert!((got - wanted).abs() < 1e-5, "depth {depth}: {got}, {wanted}");
        }
        assert!(engine.step(&batch, &UPDATE).is_finite());
    }
}

#[test]
fn states_come_back_to_the_bit_under_every_optimizer() {
    let rules = rules(RuleFamily::Rnn, RuleTarget::Regression);
    for &(optimizer, name, _) in OptimizerKind::ALL {
        let shape = shape(&rules, RuleKind::Modular);
        let mut first = engine(&shape, optimizer);
        (0..2).for_each(|step| assert!(first.step(&batch(&rules, 3, step), &UPDATE).is_finite()));
        let mut second = engine(&shape, optimizer);
        second.restore(&first.state()).expect("its own state");
        assert_eq!(second.state(), first.state(), "{name}");
        for engine in [&mut first, &mut second] {
            engine.step(&batch(&rules, 3, 2), &UPDATE);
        }
        assert_eq!(second.state(), first.state(), "{name}");
    }
}

#[test]
fn nothing_moves_where_a_number_is_not_finite_or_no_row_is_there() {
    for family in FAMILIES {
        let rules = rules(family, RuleTarget::Regression);
        let mut engine = engine(&shape(&rules, RuleKind::Modular), OptimizerKind::Adam);
        let before = engine.state();
        let mut bad = batch(&rules, 3, 0);
        bad.x[0] = f32::NAN;
        assert!(!engine.step(&bad, &UPDATE).is_finite());
        let none = RuleBatch { samples: 0, x: Vec::new(), ..bad };
        assert!(!engine.step(&none, &UPDATE).is_finite());
        assert_eq!(predict(&mut engine, &none), Prediction::default());
        assert_eq!(engine.state(), before);
    }
}

#[test]
fn foreign_states_are_refused() {
    let rules = rules(RuleFamily::Mlp, RuleTarget::Regression);
    let mut engine = engine(&shape(&rules, RuleKind::Modular), OptimizerKind::Adam);
    let mut foreign = engine.state();
    foreign.parameters.retain(|array| array.name != "MLP.2.w");
    let fault = engine.restore(&foreign).expect_err("a parameter is missing").to_string();
    assert!(fault.contains("MLP.2.w"), "{fault}");
}
