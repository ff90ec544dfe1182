//! Pretrained blocks from elsewhere.

use pathweave::model::text::transformer::WeightsError;
use pathweave::model::text::{RoutedPart, TransformerSpec};
use pathweave::model::{Network, Trunk};
use pathweave::train::{
    Control, Finished, NamedArray, Observe, RunError, Snapshot, Start, StepReport, run_from,
};

use super::{data, encoder, settings, spec};
use crate::support::{cpu, numbers, tape};

/// A file's arrays: distinct numbers, PyTorch's names.
fn file(settings: &TransformerSpec) -> Vec<NamedArray> {
    let (d, f) = (settings.width, settings.feed_forward);
    let mut shapes = vec![
        ("positions_embed.weight".to_owned(), vec![32, d]),
        ("tokens_embed.weight".to_owned(), vec![99, d]),
    ];
    for layer in 0..settings.layers {
        let parts = [
            ("attn.bias", vec![1, 1, 32, 32]),
            ("attn.c_attn.weight", vec![d, 3 * d]),
            ("attn.c_attn.bias", vec![3 * d]),
            ("attn.c_proj.weight", vec![d, d]),
            ("attn.c_proj.bias", vec![d]),
            ("ln_1.weight", vec![d]),
            ("ln_1.bias", vec![d]),
            ("mlp.c_fc.weight", vec![d, f]),
            ("mlp.c_fc.bias", vec![f]),
            ("mlp.c_proj.weight", vec![f, d]),
            ("mlp.c_proj.bias", vec![d]),
            ("ln_2.weight", vec![d]),
            ("ln_2.bias", vec![d]),
        ];
        shapes.extend(parts.map(|(part, shape)| (format!("h.{layer}.{part}"), shape)));
    }
    let array = |(at, (name, shape)): (usize, (String, Vec<usize>))| {
        let count: usize = shape.iter().product();
        let values = (0..count).map(|i| ((at * 1000 + i) as f32 * 0.7).sin()).collect();
        NamedArray { name, shape, values }
    };
    shapes.into_iter().enumerate().map(array).collect()
}

fn values(file: &[NamedArray], name: &str) -> Vec<f64> {
    let array = file.iter().find(|array| array.name == name).expect(name);
    array.values.iter().map(|&value| f64::from(value)).collect()
}

#[test]
fn arrays_go_where_their_names_say() {
    let (settings, plain) = (settings(), encoder(&settings(), 0));
    let file = file(&settings);
    let model = plain.clone().with_weights(&file, "some file", &tape()).expect("shapes that agree");
    assert_eq!(numbers(&model.tokens.val()), numbers(&plain.tokens.val()));
    assert_eq!(numbers(&model.positions.val()), values(&file, "positions_embed.weight")[..16 * 4]);
    let block = &model.blocks[1];
    let linear = [
        ("attn.c_attn", &block.attention.input),
        ("attn.c_proj", &block.attention.output),
        ("mlp.c_fc", &block.rest.up),
        ("mlp.c_proj", &block.rest.down),
    ];
    for (name, bank) in linear {
        assert_eq!(numbers(&bank.weight.val()), values(&file, &format!("h.1.{name}.weight")));
        assert_eq!(numbers(&bank.bias.val()), values(&file, &format!("h.1.{name}.bias")));
    }
    for (name, bank) in [("ln_1", &block.rest.first), ("ln_2", &block.rest.second)] {
        assert_eq!(numbers(&bank.gain.val()), values(&file, &format!("h.1.{name}.weight")));
        assert_eq!(numbers(&bank.bias.val()), values(&file, &format!("h.1.{name}.bias")));
    }
    // Another way to name them.
    let prefixed: Vec<NamedArray> = file
        .iter()
        .map(|array| NamedArray { name: format!("transformer.{}", array.name), ..array.clone() })
        .collect();
    let same = plain.with_weights(&prefixed, "some file", &tape()).expect("shapes that agree");
    let of = |model: &pathweave::model::text::Transformer| pathweave::train::arrays(model);
    assert_eq!(of(&same), of(&model));
}

#[test]
fn arrays_that_do_not_fit_are_named() {
    let settings = settings();
    let with = |change: &dyn Fn(&mut Vec<NamedArray>)| {
        let mut file = file(&settings);
        change(&mut file);
        encoder(&settings, 0)
            .with_weights(&file, "some file", &tape())
            .map(|_| ())
            .expect_err("a fault")
    };
    let missing = with(&|file| file.retain(|array| array.name != "h.1.mlp.c_fc.bias"));
    let wanted =
        WeightsError::Missing { file: "some file".into(), name: "h.1.mlp.c_fc.bias".into() };
    assert_eq!(missing, wanted);
    let shape = with(&|file| {
        let array = file.iter_mut().find(|array| array.name == "h.0.ln_2.weight").expect("there");
        array.shape = vec![5];
    });
    let told = shape.to_string();
    assert_eq!(told, "some file: array \"h.0.ln_2.weight\": found shape [5], expected [4]");
    let short = with(&|file| file[0] = NamedArray { shape: vec![8, 4], ..file[0].clone() });
    assert!(short.to_string().contains("positions_embed.weight"), "{short}");
    let deeper = TransformerSpec { layers: 3, ..settings.clone() };
    let more = with(&|file| *file = self::file(&deeper));
    assert_eq!(more, WeightsError::Layers { file: "some file".into(), blocks: 2 });
}

/// Keeps the first snapshot.
#[derive(Default)]
struct First(Option<Snapshot>);

impl Observe for First {
    fn step(&mut self, _report: &StepReport) -> Control {
        Control::Stop
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        self.0.get_or_insert(snapshot.clone());
    }
}

#[test]
fn a_run_starts_from_them() {
    let mut spec = spec(RoutedPart::Blocks);
    let settings = &mut spec.model.text.transformer;
    (settings.weights, settings.noise) = ("some file".into(), 0.0);
    let file = file(settings);
    let checked = spec.check().expect("a good spec");
    let mut first = First::default();
    let start = Start { weights: Some(&file), ..Start::default() };
    let ended = run_from(&checked, &data(), &cpu(), start, &mut first).expect("a run");
    assert!(matches!(ended, Finished::Stopped { step: 1 }));
    let snapshot = first.0.expect("a snapshot before the first step");
    assert_eq!(snapshot.counters.step, 0);
    let name = "trunk.Routed.banks.1.Block.rest.up.weight";
    let found =
        snapshot.network.iter().find(|array| array.name.ends_with("banks.1.Block.rest.up.weight"));
    let found = found.unwrap_or_else(|| panic!("{name} is not there"));
    let got: Vec<f64> = found.values.iter().map(|&value| f64::from(value)).collect();
    assert_eq!(got, values(&file, "h.1.mlp.c_fc.weight").repeat(3));

    let none = run_from(&checked, &data(), &cpu(), Start::default(), &mut First::default());
    assert!(matches!(none, Err(RunError::Weights(WeightsError::NotGiven))));
}

#[test]
fn a_network_that_is_not_routed_takes_them_whole() {
    let mut spec = spec(RoutedPart::Classifier);
    spec.model.text.transformer.weights = "some file".into();
    let file = file(&spec.model.text.transformer);
    let checked = spec.check().expect("a good spec");
    let mut first = First::default();
    let start = Start { weights: Some(&file), ..Start::default() };
    run_from(&checked, &data(), &cpu(), start, &mut first).expect("a run");
    let snapshot = first.0.expect("a snapshot");
    let trainer = pathweave::train::Trainer::new(&checked, &data(), &cpu()).expect("a trainer");
    let trainer = trainer.restore(&snapshot, &cpu()).expect("the same shapes");
    let Network { text, trunk: Trunk::Routed(_), .. } = &trainer.network else { panic!("routed") };
    let block = &text.as_ref().and_then(|text| text.transformer.as_ref()).expect("one").blocks[0];
    assert_eq!(numbers(&block.rest.up.weight.val()), values(&file, "h.0.mlp.c_fc.weight"));
}
