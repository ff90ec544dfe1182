//! What the check must not let pass.

use std::collections::BTreeMap;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::{check, files, fixtures};

const MODEL: &str = "mlp-regression-Modular-r4-e16-d32.safetensors";
const RULES: &str = "rules-r2.safetensors";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(name)).expect("a fixture")
}

type Changed = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

/// The file with its tensors changed.
fn changed(name: &str, change: impl FnOnce(&mut Changed)) -> Vec<u8> {
    let bytes = fixture(name);
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let part = |view: &TensorView| (view.dtype(), view.shape().to_vec(), view.data().to_vec());
    let mut tensors: Changed =
        file.iter().map(|(name, view)| (name.to_owned(), part(&view))).collect();
    change(&mut tensors);
    let views = tensors.iter().map(|(name, (dtype, shape, data))| {
        (name, TensorView::new(*dtype, shape.clone(), data).expect("a tensor"))
    });
    safetensors::serialize(views, None).expect("a file")
}

/// Adds to the first number of a tensor.
fn add(tensors: &mut Changed, name: &str, amount: f64) {
    let (dtype, _, data) = tensors.get_mut(name).expect("a tensor");
    if *dtype == Dtype::F32 {
        let number = f32::from_le_bytes(data[..4].try_into().expect("four")) + amount as f32;
        data[..4].copy_from_slice(&number.to_le_bytes());
    } else {
        let number = f64::from_le_bytes(data[..8].try_into().expect("eight")) + amount;
        data[..8].copy_from_slice(&number.to_le_bytes());
    }
}

fn fault(name: &str, bytes: &[u8], part: &str) {
    let faults = check(name, bytes);
    assert!(faults.iter().any(|fault| fault.contains(part)), "{part}: {faults:?}");
}

#[test]
fn unknown_names_and_damaged_files_fail() {
    fault("notes.txt", b"", "header too small");
    fault(MODEL, &fixture(MODEL)[..1000], "");
    fault("metrics.json", b"{", "expected a sequence");
    fault("metrics.json", b"[]", "no cases");
    for name in [
        "mlp-regression-Modular-r4-e16.safetensors",
        "mlp-regression-Other-r4-e16-d32.safetensors",
        "mha3-regression-Modular-r4-e16-d32.safetensors",
        "rules-rx.safetensors",
    ] {
        fault(name, &fixture(MODEL), "the name is not understood");
    }
}

#[test]
fn sizes_of_the_name_are_those_of_the_tensors() {
    for wrong in ["r2-e16-d32", "r4-e12-d32", "r4-e16-d64"] {
        let name = MODEL.replace("r4-e16-d32", wrong);
        assert!(!check(&name, &fixture(MODEL)).is_empty(), "{wrong}");
    }
    assert!(!check("rules-r4.safetensors", &fixture(RULES)).is_empty());
}

#[test]
fn other_numbers_fail() {
    for name in ["output", "score", "loss", "grad.MLP.2.w", "grad.decoder.0.bias"] {
        let bytes = changed(MODEL, |tensors| add(tensors, name, 1e-3));
        fault(MODEL, &bytes, name.trim_start_matches("grad."));
    }
    // A step that was not made passes for a parameter, but not for a step.
    let bytes = changed(MODEL, |tensors| {
        let before = tensors["param.MLP.2.w"].clone();
        tensors.insert("after_adam.MLP.2.w".into(), before);
    });
    fault(MODEL, &bytes, "MLP.2.w after a step: step");
    for name in ["y", "mha1.y", "mha2.y", "rnn.y", "rnn.A"] {
        let bytes = changed(RULES, |tensors| add(tensors, name, 1e-2));
        fault(RULES, &bytes, "y: number");
    }
    let text = String::from_utf8(fixture("metrics.json")).expect("text");
    for key in ["collapse_avg", "score", "alignment"] {
        let found = text.replacen(&format!("\"{key}\": 0."), &format!("\"{key}\": 0.01"), 1);
        assert!(!check("metrics.json", found.as_bytes()).is_empty(), "{key}");
    }
}

#[test]
fn tensors_that_are_missing_or_not_understood_fail() {
    for name in ["output", "score", "loss", "target", "param.scorer.bias", "grad.MLP.0.w"] {
        let model = MODEL.replace("Modular", "ModularOp");
        let bytes = changed(&model, |tensors| drop(tensors.remove(name)));
        fault(&model, &bytes, &format!("{name}: missing"));
    }
    let more = |name: &str| {
        changed(MODEL, |tensors| {
            let copy = tensors["output"].clone();
            tensors.insert(name.into(), copy);
        })
    };
    fault(MODEL, &more("extra"), "not understood: extra");
    fault(MODEL, &more("param.extra"), "param.extra: we have none");
    let metrics = String::from_utf8(fixture("metrics.json")).expect("text");
    let more = metrics.replacen("\"kind\"", "\"other\": 1, \"kind\"", 1);
    fault("metrics.json", more.as_bytes(), "not understood");
}

#[test]
fn fixtures_hold_every_family_and_kind() {
    let names: Vec<String> = files(&fixtures()).into_iter().map(|file| file.0).collect();
    for family in ["mlp", "mha1", "rnn"] {
        for kind in ["Monolithic", "Modular", "ModularOp", "GtModular"] {
            let start = format!("{family}-regression-{kind}-");
            assert!(names.iter().any(|name| name.starts_with(&start)), "{start}");
        }
    }
}
