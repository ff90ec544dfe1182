//! The routed LSTM in scalar steps, against ours (T 5.3.1.2, equation 5.1).

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use pathweave::bank::Bank;
use pathweave::decision::GumbelGate;
use pathweave::model::text::{DecidesFor, Lstm, RoutedPart};
use pathweave::model::{Input, Network, Trunk};
use pathweave::noise::Noise;
use pathweave::spec::RunSpec;
use pathweave::train::Trainer;
use pathweave::trajectory::{Drive, Instead, Mode, Rows};
use pathweave_data::{Batch, Split, Streams, TaskSet};

use super::toy::{WIDTH, lstm, pairs};
use crate::support::{assert_close, cpu, numbers, tensor};

/// Three modules, then skip, ⊥.
const MODULES: u32 = 3;
const DEPTHS: usize = 3;

/// Any actions, told by the number of a decision.
#[derive(Debug)]
pub struct Told;

impl Told {
    fn action(sample: u64, depth: usize) -> u32 {
        ((sample * 7 + sample / 5 + depth as u64 * 3) % 5) as u32
    }

    /// Modules of a decision, in order.
    fn path(sample: u64) -> Vec<u32> {
        let actions = (0..DEPTHS).map(|depth| Self::action(sample, depth));
        actions.take_while(|&a| a != MODULES + 1).filter(|&a| a < MODULES).collect()
    }
}

impl Instead for Told {
    fn actions(&self, depth: usize, rows: &Rows, _greedy: &[u32]) -> Vec<u32> {
        rows.samples.iter().map(|&sample| Self::action(sample, depth)).collect()
    }
}

pub fn network(spec: RunSpec, data: &TaskSet, device: &Device) -> Network {
    Trainer::new(&spec.check().expect("good"), data, device).expect("fits").network.valid()
}

pub fn batch(data: &TaskSet, indices: &[u32]) -> (Batch, Rows) {
    let mut batch = Batch::default();
    data.fill(Split::Train, indices, &mut batch);
    let rows = Rows { contexts: batch.tasks.clone(), samples: batch.samples.clone() };
    (batch, rows)
}

/// Logits, row-major.
pub fn logits<'a>(
    network: &Network,
    (batch, rows): &(Batch, Rows),
    drive: impl Into<Drive<'a>>,
) -> Vec<f64> {
    let streams = Streams::new(5);
    let input = Input::of(batch, None, &cpu());
    numbers(&network.forward(input, rows, drive, &Noise::new(&streams, 3)).logits)
}

/// Everything of an LSTM on the host. Matrices are row-major.
struct Host {
    input: Option<Vec<f64>>,
    state: Option<Vec<f64>>,
    bias: Vec<f64>,
    /// [4M, in, H] and [4M, H]
    modules: Option<[Vec<f64>; 2]>,
}

impl Host {
    fn of(network: &Network) -> Self {
        let lstm: &Lstm = network.text.as_ref().and_then(|text| text.lstm.as_ref()).expect("LSTM");
        let modules = match &network.trunk {
            Trunk::Routed(layer) => match layer.bank(0) {
                Bank::Gates(bank) => {
                    Some([numbers(&bank.blocks.weight.val()), numbers(&bank.blocks.bias.val())])
                }
                _ => None,
            },
            _ => None,
        };
        Self {
            input: lstm.input.as_ref().map(|w| numbers(&w.val())),
            state: lstm.state.as_ref().map(|u| numbers(&u.val())),
            bias: numbers(&lstm.bias.val()),
            modules,
        }
    }

    /// Column `to` of gate k of x through `plain`, or x through the modules of a path.
    fn gate(&self, plain: &Option<Vec<f64>>, k: usize, x: &[f64], path: &[u32]) -> Vec<f64> {
        let h = self.bias.len() / 4;
        if let Some(plain) = plain {
            let column = |to: usize| {
                x.iter().zip(plain.chunks(4 * h)).map(move |(x, w)| x * w[k * h + to]).sum()
            };
            return (0..h).map(column).collect();
        }
        let [weight, bias] = self.modules.as_ref().expect("what is not plain is routed");
        path.iter().fold(x.to_vec(), |x, &module| {
            let block = 4 * module as usize + k;
            let weight = &weight[block * x.len() * h..][..x.len() * h];
            let out = |to: usize| {
                let sum: f64 = x.iter().zip(weight.chunks(h)).map(|(x, w)| x * w[to]).sum();
                sum + bias[block * h + to]
            };
            (0..h).map(out).collect()
        })
    }

    /// The last state of a sentence of word vectors, whose words have these paths.
    fn encode(&self, sentence: &[Vec<f64>], paths: &[Vec<u32>]) -> Vec<f64> {
        let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
        let width = self.bias.len() / 4;
        let (mut h, mut c) = (vec![0.0; width], vec![0.0; width]);
        for (x, path) in sentence.iter().zip(paths) {
            let z: Vec<Vec<f64>> = (0..4)
                .map(|k| {
                    let (of_x, of_h) =
                        (self.gate(&self.input, k, x, path), self.gate(&self.state, k, &h, path));
                    (0..width).map(|j| of_x[j] + of_h[j] + self.bias[k * width + j]).collect()
                })
                .collect();
            for j in 0..width {
                c[j] = sigmoid(z[1][j]) * c[j] + sigmoid(z[0][j]) * z[2][j].tanh();
                h[j] = sigmoid(z[3][j]) * c[j].tanh();
            }
        }
        h
    }
}

/// Encoded pairs, side by side.
fn oracle(
    network: &Network,
    data: &TaskSet,
    (batch, _): &(Batch, Rows),
    by: DecidesFor,
) -> Tensor<2> {
    let (host, texts) = (Host::of(network), data.texts.as_ref().expect("texts"));
    let mut encoded = Vec::new();
    for (pair, &sample) in batch.samples.iter().enumerate() {
        let mut words = 0;
        for side in 0..2u64 {
            let sentence = batch.sentences.sentence(2 * pair + side as usize);
            let vector = |&word: &u32| texts.vector(word).iter().map(|&x| f64::from(x)).collect();
            let path = |at: usize| {
                Told::path(match by {
                    DecidesFor::Pair => sample,
                    DecidesFor::Sentence => (sample << 16) | side,
                    DecidesFor::Word => (sample << 16) | (words + at) as u64,
                })
            };
            let paths: Vec<Vec<u32>> = (0..sentence.len()).map(path).collect();
            words += sentence.len();
            encoded.extend(host.encode(&sentence.iter().map(vector).collect::<Vec<_>>(), &paths));
        }
    }
    let width = encoded.len() / batch.samples.len();
    tensor(&encoded, [batch.samples.len(), width], &cpu())
}

#[test]
fn values_of_every_place_and_kind_of_decision() {
    let data = pairs();
    let batch = batch(&data, &[0, 7, 3, 12, 4, 59, 8, 21, 30, 1]);
    let mut cases = vec![(RoutedPart::Classifier, DecidesFor::Pair, 7)];
    for by in [DecidesFor::Pair, DecidesFor::Sentence, DecidesFor::Word] {
        cases.push((RoutedPart::InputToHidden, by, WIDTH));
        if by != DecidesFor::Word {
            cases.push((RoutedPart::HiddenToHidden, by, 7));
        }
    }
    for (routed, by, hidden) in cases {
        for policy in ["tabular", "mlp"] {
            let mut spec = lstm(routed);
            spec.router.policy = serde_json::from_value(policy.into()).expect("a policy");
            (spec.model.text.decides_for, spec.model.text.hidden) = (by, hidden);
            let network = network(spec, &data, &cpu());
            let encoded = oracle(&network, &data, &batch, by);
            let wanted = if routed == RoutedPart::Classifier {
                let h = network.text.as_ref().expect("text").encode(&batch.0.sentences, &cpu());
                assert_close(&numbers(&h), &numbers(&encoded), 1e-5);
                continue;
            } else {
                let h = network.head.iter().fold(encoded, |h, layer| layer.forward(h));
                numbers(&network.output.as_ref().expect("an output").forward(h))
            };
            assert_close(&logits(&network, &batch, Drive::Instead(&Told)), &wanted, 1e-5);
        }
    }
}

/// Of a reparameterised algorithm the output of a module is multiplied with a gate of 1.
#[test]
fn a_gate_of_one_changes_nothing() {
    #[derive(Debug)]
    struct Same(Vec<Vec<u32>>);
    impl Instead for Same {
        fn actions(&self, depth: usize, rows: &Rows, _greedy: &[u32]) -> Vec<u32> {
            self.0.get(depth).cloned().unwrap_or_else(|| vec![0; rows.len()])
        }
    }
    let data = pairs();
    let batch = batch(&data, &[0, 7, 3, 12, 4, 59]);
    let streams = Streams::new(5);
    for routed in [RoutedPart::InputToHidden, RoutedPart::HiddenToHidden] {
        for (algorithm, gate) in [
            ("gumbel", GumbelGate::Chosen),
            ("gumbel", GumbelGate::All),
            ("rebar", GumbelGate::All),
        ] {
            let mut spec = lstm(routed);
            spec.router.algorithm = serde_json::from_value(algorithm.into()).expect("known");
            spec.router.gumbel.gate = gate;
            let network = network(spec, &data, &cpu());
            let train = Mode::Train { exploration: 0.5 };
            let input = Input::of(&batch.0, None, &cpu());
            let out = network.forward(input, &batch.1, train, &Noise::new(&streams, 3));
            let steps = out.trajectory.expect("decisions").steps;
            let same = Same(steps.into_iter().map(|step| step.actions).collect());
            let wanted = logits(&network, &batch, Drive::Instead(&same));
            assert_close(&numbers(&out.logits), &wanted, 1e-5);
        }
    }
}
