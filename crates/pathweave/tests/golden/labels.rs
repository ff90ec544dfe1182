//! Files of labels: coefficients of a task and, for each family of rules, inputs with the one-hot
//! rule at the end of each row, and labels. Ours are computed in 32 bits and must agree to 1e-5.

use pathweave_data::dataset::rules::{
    Coefficients, RuleBatch, RuleFamily, RuleTask, RulesSpec, STATE, Search,
};

use super::tensors::{Array, Tensors, compare, largest, one_hot};

/// Checks a file of R rules.
pub fn check(rules: usize, tensors: &mut Tensors) -> Result<(), String> {
    let single = |array: Array| array.values.iter().map(|value| *value as f32).collect();
    let alpha: Vec<f32> = single(tensors.take_shaped("alpha", &[rules])?);
    let beta: Vec<f32> = single(tensors.take_shaped("beta", &[rules])?);
    let linear = Coefficients { alpha, beta, ..Coefficients::default() };
    let square = [rules, STATE, STATE];
    let switching = Coefficients {
        a: single(tensors.take_shaped("rnn.A", &square)?),
        b: single(tensors.take_shaped("rnn.B", &square)?),
        w: vec![0.0; STATE],
        ..Coefficients::default()
    };
    let mut faults = Vec::new();
    for (prefix, family, search, coefficients) in [
        ("", RuleFamily::Mlp, Search::Scalar, &linear),
        ("mha1.", RuleFamily::Mha, Search::Scalar, &linear),
        ("mha2.", RuleFamily::Mha, Search::Vector, &linear),
        ("rnn.", RuleFamily::Rnn, Search::Scalar, &switching),
    ] {
        let spec = RulesSpec { family, search, rules, ..RulesSpec::default() };
        let task = RuleTask::with_coefficients(&spec, coefficients.clone());
        let x = tensors.take(&format!("{prefix}x"))?;
        let y = tensors.take(&format!("{prefix}y"))?;
        let mut batch = batch(&format!("{prefix}x"), &spec, &x)?;
        if family != RuleFamily::Mlp {
            let op = tensors.take(&format!("{prefix}op"))?;
            if one_hot(&format!("{prefix}op"), &op.values, rules)? != batch.rule {
                faults.push(format!("{prefix}op: not the rules at the end of the inputs"));
            }
        }
        task.label(&mut batch);
        let bound = 1e-5 * largest(&y.values);
        faults.extend(compare(&format!("{prefix}y"), &batch.y, &y.values, bound).err());
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

/// The batch of inputs that end with a one-hot rule: [B, F + R] or [B, L, F + R].
pub fn batch(what: &str, spec: &RulesSpec, x: &Array) -> Result<RuleBatch, String> {
    let (features, rules) = (spec.features(), spec.rules);
    let (samples, length) = match (spec.family, &x.shape[..]) {
        (RuleFamily::Mlp, &[samples, width]) if width == features + rules => (samples, 1),
        (RuleFamily::Mha | RuleFamily::Rnn, &[samples, length, width])
            if width == features + rules =>
        {
            (samples, length)
        }
        _ => return Err(format!("{what}: {:?} is not understood", x.shape)),
    };
    let rows = || x.values.chunks_exact(features + rules);
    let hot: Vec<f64> = rows().flat_map(|row| row[features..].to_vec()).collect();
    let rule = one_hot(what, &hot, rules)?;
    Ok(RuleBatch {
        samples,
        length,
        features,
        depth: 1,
        x: rows().flat_map(|row| row[..features].iter().map(|value| *value as f32)).collect(),
        context: rule.clone(),
        rule,
        y: Vec::new(),
    })
}
