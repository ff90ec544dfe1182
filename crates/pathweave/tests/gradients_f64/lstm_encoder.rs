//! LSTM encoders with a routed part.

use std::sync::Arc;

use burn::module::Param;
use burn::tensor::Tensor;
use pathweave::bank::{Bank, GateBank};
use pathweave::decision::{AlgorithmKind, AlgorithmSettings, Decision};
use pathweave::dispatcher::Dispatcher;
use pathweave::init::Init;
use pathweave::model::text::{Looked, Lstm, RoutedPart};
use pathweave::noise::Noise;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::routed_layer::words::Occurrences;
use pathweave::routed_layer::{ExtraActions, RoutedLayer};
use pathweave::router::{Router, Sight};
use pathweave::trajectory::{Drive, Instead, Rows};
use pathweave_data::Streams;

use super::differences::{check, device, leaf, weighed};

/// Two modules, skip, ⊥; three pairs, the last premise empty.
const STARTS: [u32; 7] = [0, 2, 5, 6, 9, 9, 10];

/// Every kind of path: two modules, a skip between, ended at once.
#[derive(Debug)]
struct Told;

impl Instead for Told {
    fn actions(&self, depth: usize, rows: &Rows, _greedy: &[u32]) -> Vec<u32> {
        let of = |&sample: &u64| [[0, 1, 1], [1, 2, 0], [3, 0, 0]][sample as usize % 3][depth];
        rows.samples.iter().map(of).collect()
    }
}

fn layer(input: usize, depths: usize) -> RoutedLayer {
    let (streams, device) = (Streams::new(8), device());
    let init = Init::new(&streams, &device);
    let shape = PolicyShape {
        kind: PolicyKind::Tabular,
        agents: 1,
        slots: depths,
        state: 0,
        hidden: 1,
        actions: 4,
    };
    let settings = AlgorithmSettings::default();
    let decision = Decision::new(AlgorithmKind::Wpl, &settings, &shape, 2, &init);
    let sight = Sight { dispatcher: Dispatcher::Single, state: None, gradient_to_modules: false };
    let bank = Bank::Gates(GateBank::new(2, input, 3, &init.at("bank")));
    let extra = ExtraActions { skip: true, terminate: true };
    RoutedLayer::new(Router::new(vec![decision], sight), vec![bank], depths, extra)
}

/// Last states of six sentences. `x` [4, input]
fn encoded(routed: RoutedPart, x: Tensor<2>, lstm: &Lstm, layer: &RoutedLayer) -> Tensor<2> {
    let starts: Arc<[u32]> = STARTS.into();
    let row_of = vec![2, 0, 1, 2, 2, 3, 0, 0, 1, 2];
    let rows = Rows { contexts: vec![0; 3], samples: vec![0, 1, 2] };
    let streams = Streams::new(0);
    let driven = (Drive::Instead(&Told), &Noise::new(&streams, 0));
    if routed == RoutedPart::HiddenToHidden {
        let decided = layer.decide_ahead(vec![0; 3], &x, &rows, driven);
        let looked = Looked { vectors: x, row_of };
        return lstm.routed_state(looked, &starts, layer, (&[0, 0, 1, 1, 2, 2], &decided));
    }
    let unit_of = vec![0, 0, 0, 0, 0, 1, 1, 1, 1, 2];
    let words = Occurrences { row_of, unit_of, starts: vec![0, 5, 9, 10] };
    let (gates, row_of, _) = layer.forward_words(vec![0; 3], x, &words, &rows, driven);
    lstm.routed_input(gates, row_of, &starts)
}

#[test]
fn routed_gates_by_words_weights_and_modules() {
    let (streams, device) = (Streams::new(2), device());
    let init = Init::new(&streams, &device);
    for (routed, input) in [(RoutedPart::InputToHidden, 3), (RoutedPart::HiddenToHidden, 2)] {
        let x: Param<Tensor<2>> = leaf("x", [4, input]);
        let parts = (x, (Lstm::new(input, 3, routed, &init), layer(3, 3)));
        check(&parts, |(x, (lstm, layer))| weighed(encoded(routed, x.val(), lstm, layer)));
    }
}
