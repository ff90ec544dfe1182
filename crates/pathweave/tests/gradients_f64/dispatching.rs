//! Encodings of premises, and the autoencoders behind them.

use burn::tensor::Tensor;
use pathweave::dispatcher::autoencoder::{Autoencoder, AutoencoderShape};
use pathweave::dispatcher::encoding::{Encoding, EncodingKind, EncodingShape, Premises, Target};
use pathweave::init::Init;
use pathweave::trajectory::{Choice, Heads, Step};
use pathweave_data::Streams;

use super::differences::{check_frozen, device, draws, weighed, whole};

const AGENTS: [i32; 4] = [0, 1, 1, 0];

/// Four premises, one without words; words 1 and 4 of five occur twice or more.
fn premises() -> Premises {
    Premises {
        vectors: draws("vectors", [3, 2]),
        row_of: [0, 1, 0, 2, 1, 0].into(),
        words: [1, 4, 1, 0, 4, 1].into(),
        starts: [0, 3, 3, 5, 6].into(),
    }
}

fn step(state: Tensor<2>) -> Step {
    let agents = whole(&AGENTS);
    Step {
        depth: 0,
        agents: agents.clone(),
        state: Some(state),
        heads: Heads { action: draws("heads", [4, 2]), critic: None },
        choice: Choice::certain(agents),
        actions: AGENTS.iter().map(|&agent| agent as u32).collect(),
        alive: vec![true; 4],
    }
}

#[test]
fn encodings_by_their_own_loss_and_by_reconstruction() {
    let (streams, device, premises) = (Streams::new(6), device(), premises());
    let init = Init::new(&streams, &device);
    for &(kind, name, _) in &EncodingKind::ALL[1..] {
        let shape = EncodingShape { vocabulary: 5, word: 2, hidden: 3 };
        let encoding = Encoding::new(kind, shape, &init.at(name)).expect("an encoder");
        let (width, target) = (encoding.width(), encoding.target());
        let shape = AutoencoderShape { width, target, projected: 3, bottleneck: 2, agents: 2 };
        let autoencoder = Autoencoder::new(shape, 0.5, &init.at(name));
        // What is reconstructed counts as constant.
        let wanted = encoding.state(&premises).detach();
        check_frozen(
            &(encoding, autoencoder),
            |(encoding, autoencoder)| {
                let state = encoding.state(&premises);
                let loss = autoencoder.loss(&step(state.clone()), Some(&premises));
                weighed(loss) + weighed(state)
            },
            |(encoding, autoencoder)| {
                let state = encoding.state(&premises);
                let loss = if target == Target::Seen {
                    let agents = whole(&AGENTS);
                    let p = autoencoder.encoder.forward(state.clone());
                    let code = autoencoder.narrow.apply(p, &agents);
                    let y = autoencoder.decoder.forward(autoencoder.widen.apply(code, &agents));
                    (y - wanted.clone()).square().mean_dim(1).squeeze_dim(1)
                } else {
                    autoencoder.loss(&step(state.clone()), Some(&premises))
                };
                weighed(loss) + weighed(state)
            },
        );
    }
}
