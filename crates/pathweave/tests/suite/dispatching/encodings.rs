//! What dispatchers read of premises, against numbers worked out one by one.

use pathweave::decision::AlgorithmKind;
use pathweave::dispatcher::autoencoder::{Autoencoder, AutoencoderShape};
use pathweave::dispatcher::encoding::{Encoding, EncodingKind, EncodingShape, Premises};
use pathweave::init::Init;
use pathweave::noise::Noise;
use pathweave::train::optimizer::Used;
use pathweave::train::{NamedArray, arrays};
use pathweave::trajectory::{Mode, Step};
use pathweave_data::Streams;

use super::online;
use crate::support::{Draw, assert_close, numbers, rows, tape, tensor};

const SHAPE: EncodingShape = EncodingShape { vocabulary: 6, word: 3, hidden: 2 };
/// Words of each premise by number; each number's vector is a row of its own.
const WORDS: [&[u32]; 4] = [&[2, 0, 2, 5], &[], &[5], &[0, 1]];

/// Numbers of the words, and the vectors of those that occur.
struct Case {
    premises: Premises,
    vectors: Vec<Vec<f64>>,
}

fn case() -> Case {
    let distinct = [2u32, 0, 5, 1];
    let values = Draw::new(5).signed(12);
    let words: Vec<u32> = WORDS.concat();
    let row = |word: &u32| distinct.iter().position(|of| of == word).expect("occurs") as u32;
    let mut starts = vec![0];
    WORDS.iter().for_each(|premise| starts.push(starts[starts.len() - 1] + premise.len() as u32));
    let premises = Premises {
        vectors: tensor(&values, [4, 3], &tape()),
        row_of: words.iter().map(row).collect(),
        words: words.into(),
        starts: starts.into(),
    };
    let of = |word: u32| values[row(&word) as usize * 3..][..3].to_vec();
    let vectors = (0..6).map(|word| if distinct.contains(&word) { of(word) } else { vec![] });
    Case { premises, vectors: vectors.collect() }
}

fn encoding(kind: EncodingKind) -> Encoding {
    let (streams, device) = (Streams::new(2), tape());
    Encoding::new(kind, SHAPE, &Init::new(&streams, &device)).expect("an encoder")
}

fn of<'a>(arrays: &'a [NamedArray], name: &str) -> &'a [f32] {
    let found = arrays.iter().find(|array| array.name.ends_with(name));
    &found.unwrap_or_else(|| panic!("{name} of {:?}", arrays.len())).values
}

/// x · W, W row-major [in, out].
fn product(x: &[f64], weight: &[f32], out: usize) -> Vec<f64> {
    let column =
        |o: usize| x.iter().enumerate().map(move |(i, x)| x * f64::from(weight[i * out + o]));
    (0..out).map(|o| column(o).sum()).collect()
}

fn add(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// One step of an LSTM: gates i, f, g, o to (h, c).
fn cell(gates: &[f64], c: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let width = c.len();
    let gate = |k: usize, at: usize| gates[k * width + at];
    let kept = |at| sigmoid(gate(1, at)) * c[at] + sigmoid(gate(0, at)) * gate(2, at).tanh();
    let c: Vec<f64> = (0..width).map(kept).collect();
    let h = (0..width).map(|at| sigmoid(gate(3, at)) * c[at].tanh()).collect();
    (h, c)
}

#[test]
fn states_are_those_of_equations_6_4_to_6_7() {
    let Case { premises, vectors } = case();
    for kind in [EncodingKind::Cbow, EncodingKind::Attention, EncodingKind::OneHot] {
        let encoding = encoding(kind);
        let arrays = arrays(&encoding);
        let word = |word: u32| -> Vec<f64> {
            let vector = &vectors[word as usize];
            match kind {
                EncodingKind::Cbow => vector.clone(),
                EncodingKind::Attention => {
                    let score = product(vector, of(&arrays, "weight"), 1)[0];
                    let weight = sigmoid(score + f64::from(of(&arrays, "bias")[0]));
                    vector.iter().map(|value| value * weight).collect()
                }
                _ => wide(&of(&arrays, "table")[word as usize * 2..][..2]),
            }
        };
        let sum = |words: &[u32]| {
            let zeros = vec![0.0; encoding.width()];
            words.iter().fold(zeros, |sum, &at| add(&sum, &word(at)))
        };
        let wanted: Vec<f64> = WORDS.iter().flat_map(|words| sum(words)).collect();
        assert_close(&numbers(&encoding.state(&premises)), &wanted, 1e-5);
    }
    let encoding = encoding(EncodingKind::Sequence);
    let arrays = arrays(&encoding);
    let last = |words: &[u32]| {
        let (mut h, mut c) = (vec![0.0; 2], vec![0.0; 2]);
        for &word in words {
            let given = product(&vectors[word as usize], of(&arrays, "input"), 8);
            let own = product(&h, of(&arrays, "recurrent"), 8);
            (h, c) = cell(&add(&add(&given, &own), &wide(of(&arrays, "bias"))), &c);
        }
        h
    };
    let wanted: Vec<f64> = WORDS.iter().flat_map(|words| last(words)).collect();
    assert_close(&numbers(&encoding.state(&premises)), &wanted, 1e-5);
}

/// What a dispatcher with this encoding decides on the premises, and what it is built of.
fn decided(kind: EncodingKind, autoencoder: bool) -> (pathweave::dispatcher::online::Online, Step) {
    let (streams, device) = (Streams::new(6), tape());
    let encoding = encoding(kind);
    let (width, target) = (encoding.width(), encoding.target());
    let shape = AutoencoderShape { width, target, projected: 4, bottleneck: 2, agents: 2 };
    let init = Init::new(&streams, &device);
    let autoencoder = autoencoder.then(|| Autoencoder::new(shape, 0.25, &init));
    let dispatcher =
        online(AlgorithmKind::QLearning, width, 2, autoencoder).reading(Some(encoding));
    let (place, streams) = (rows(&[0; 4]), Streams::new(3));
    let how = (Mode::Train { exploration: 0.5 }, &Noise::new(&streams, 0));
    let (_, step) = dispatcher.dispatch_premises(&case().premises, &place, how, 1);
    (dispatcher, step.expect("a decision"))
}

/// The reconstruction's beginning: through the bottleneck of an agent to the decoder's output.
fn reconstructed(x: &[f64], agent: usize, arrays: &[NamedArray], out: usize) -> Vec<f64> {
    let linear = |x: &[f64], name: &str, which: usize, out: usize| {
        let weight = &of(arrays, &format!("{name}.weight"))[which * x.len() * out..];
        let bias = wide(&of(arrays, &format!("{name}.bias"))[which * out..][..out]);
        add(&product(x, weight, out), &bias)
    };
    let p: Vec<f64> = linear(x, "autoencoder.encoder", 0, 4).iter().map(|p| p.max(0.0)).collect();
    let code = linear(&p, "autoencoder.narrow", agent, 2);
    linear(&linear(&code, "autoencoder.widen", agent, 4), "autoencoder.decoder", 0, out)
}

fn mean_square(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / a.len() as f64
}

#[test]
fn rewards_mix_returns_with_each_encodings_own_error() {
    let Case { premises, vectors } = case();
    for &(kind, _, _) in &EncodingKind::ALL[1..] {
        let (dispatcher, step) = decided(kind, true);
        let arrays = arrays(&dispatcher);
        let state = numbers(step.state.as_ref().expect("a state"));
        let width = state.len() / 4;
        let error = |at: usize| {
            let (x, agent) = (&state[at * width..][..width], step.actions[at] as usize);
            match kind {
                EncodingKind::OneHot => {
                    let mut counts = vec![0.0; 6];
                    WORDS[at].iter().for_each(|&word| counts[word as usize] += 1.0);
                    mean_square(&reconstructed(x, agent, &arrays, 6), &counts)
                }
                EncodingKind::Sequence => {
                    let bias = wide(of(&arrays, "words.bias"));
                    let mut gates = add(&reconstructed(x, agent, &arrays, 8), &bias);
                    let (mut c, mut sum) = (vec![0.0; 2], 0.0);
                    for &word in WORDS[at] {
                        let vector = &vectors[word as usize];
                        let h;
                        (h, c) = cell(&gates, &c);
                        let said = product(&h, of(&arrays, "words.output.weight"), 3);
                        let said = add(&said, &wide(of(&arrays, "words.output.bias")));
                        sum += mean_square(&said, vector);
                        let given = product(vector, of(&arrays, "words.input"), 8);
                        let own = product(&h, of(&arrays, "words.recurrent"), 8);
                        gates = add(&add(&given, &own), &bias);
                    }
                    sum / WORDS[at].len().max(1) as f64
                }
                _ => mean_square(&reconstructed(x, agent, &arrays, 3), x),
            }
        };
        let returns = [1.0, -1.0, 0.5, 2.0];
        let lesson = dispatcher.lesson(&step, Some(&premises), &returns, 1.0);
        let errors: Vec<f64> = (0..4).map(error).collect();
        let mixed = |at: usize| 0.25 * f64::from(returns[at]) + 0.75 * -errors[at];
        let rewards: Vec<f64> = (0..4).map(mixed).collect();
        assert_close(&numbers(&lesson.seen.reward), &rewards, 1e-5);
        let q = numbers(&step.heads.action);
        let own = |at: usize| (q[at * 2 + step.actions[at] as usize] - rewards[at]).powi(2);
        let losses: Vec<f64> = (0..4).map(|at| own(at) + errors[at]).collect();
        assert_close(&numbers(&lesson.loss.expect("a loss")), &losses, 1e-5);
    }
}

#[test]
fn encoders_learn_from_the_return_too() {
    for kind in [EncodingKind::Attention, EncodingKind::OneHot, EncodingKind::Sequence] {
        let (dispatcher, step) = decided(kind, false);
        let lesson = dispatcher.lesson(&step, None, &[1.0, -1.0, 0.5, 2.0], 1.0);
        let gradients = lesson.loss.expect("a loss").mean().backward();
        let moved = match dispatcher.encoding.as_ref().expect("an encoder") {
            Encoding::Cbow(_) => continue,
            Encoding::Attention(of) => of.weight.val().grad(&gradients),
            Encoding::OneHot(of) => of.table.val().grad(&gradients),
            Encoding::Sequence(of) => of.input.val().grad(&gradients),
        };
        let moved = moved.expect("a gradient").abs().sum().into_scalar::<f32>();
        assert!(moved > 0.0, "{kind:?}");
    }
}

#[test]
fn words_that_nobody_read_stay() {
    let (dispatcher, step) = decided(EncodingKind::OneHot, true);
    let mut used = Used::new();
    dispatcher.mark(&step, Some(&case().premises), &mut used);
    let Some(Encoding::OneHot(encoding)) = &dispatcher.encoding else { panic!("one-hot") };
    assert_eq!(used[&encoding.table.id], [true, true, true, false, false, true]);
}

#[test]
fn no_premises_and_premises_without_words() {
    for starts in [vec![0u32], vec![0, 0, 0]] {
        let count = starts.len() - 1;
        let premises = Premises {
            vectors: tensor(&[], [0, 3], &tape()),
            row_of: [].into(),
            words: [].into(),
            starts: starts.into(),
        };
        for &(kind, _, _) in &EncodingKind::ALL[1..] {
            let encoding = encoding(kind);
            let state = encoding.state(&premises);
            assert_eq!(numbers(&state), vec![0.0; count * encoding.width()], "{kind:?}");
        }
    }
}
