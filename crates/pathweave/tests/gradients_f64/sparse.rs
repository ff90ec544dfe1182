//! Sparse mixtures and their balancing losses.

use burn::tensor::{Tensor, activation};
use pathweave::bank::Bank;
use pathweave::block::{Activation, BlockKind};
use pathweave::dispatcher::Dispatcher;
use pathweave::init::Init;
use pathweave::model::{Gating, SparseMixture, Statistics, SwitchSpec, TopKSpec};
use pathweave::noise::Noise;
use pathweave::policy::{Policy, PolicyKind, PolicyShape, TabularPolicy};
use pathweave::router::{Sight, StateShape};
use pathweave::trajectory::{Rows, Site};
use pathweave_data::Streams;

use super::differences::{check, device, leaf, weighed, whole};

fn rows() -> Rows {
    Rows { contexts: vec![0, 1, 1, 0, 1], samples: (0..5).collect() }
}

/// Two depths of four modules; the gates see activations through which their gradient flows.
fn mixture(gating: Gating, blocks: &[BlockKind]) -> SparseMixture {
    let (streams, device) = (Streams::new(8), device());
    let init = Init::new(&streams, &device);
    let state = StateShape { activation: 3, contexts: 2, depths: 2 };
    let sight =
        Sight { dispatcher: Dispatcher::Single, state: Some(state), gradient_to_modules: true };
    let columns = gating.columns(4);
    let shape = PolicyShape {
        kind: PolicyKind::Mlp,
        agents: 1,
        slots: 1,
        state: state.width(),
        hidden: 5,
        actions: columns,
    };
    let gates = (0..2).map(|t| Policy::new(&shape, columns, &init.at("gate").at(t))).collect();
    let bank = |t: usize| Bank::new(4, blocks, 3, 3, Activation::Tanh, &init.at(t));
    SparseMixture::new(gates, (0..2).map(bank).collect(), sight, gating, &init)
}

fn gatings() -> Vec<Gating> {
    let top_k = |k, noise, load| Gating::TopK(TopKSpec { k, noise, importance: 0.6, load });
    let switch = |statistics, jitter| {
        Gating::Switch(SwitchSpec { balance: 0.5, statistics, rate: 0.1, jitter })
    };
    vec![
        top_k(1, true, 0.4),
        top_k(2, true, 0.4),
        top_k(2, false, 0.0),
        top_k(4, true, 0.4),
        switch(Statistics::Batch, 0.0),
        switch(Statistics::Global, 0.2),
    ]
}

#[test]
fn sparse_mixtures_with_their_losses() {
    let (streams, rows) = (Streams::new(3), rows());
    for gating in gatings() {
        for blocks in [&[BlockKind::Linear][..], &[BlockKind::Mlp, BlockKind::Linear]] {
            let module = (leaf("h", [5, 3]), mixture(gating.clone(), blocks));
            check(&module, |(x, mixture)| {
                let out = mixture.forward(x.val(), &rows, true, &Noise::new(&streams, 7));
                weighed(out.h) + out.auxiliary.expect("a loss")
            });
        }
    }
}

/// Every module runs and the others' weights are masked to zero: same numbers, same gradients.
#[test]
fn the_dense_twin_agrees() {
    let (streams, device, rows) = (Streams::new(3), device(), rows());
    let (init, noise) = (Init::new(&streams, &device), Noise::new(&streams, 7));
    let sight = Sight { dispatcher: Dispatcher::Meta, state: None, gradient_to_modules: false };
    for gating in gatings() {
        let columns = gating.columns(4);
        let mut table = TabularPolicy::new(2, 1, columns, &init);
        table.table = leaf("table", [2, columns]);
        let gates = vec![Policy::Tabular(table.clone())];
        let banks = vec![Bank::new(4, &[BlockKind::Linear], 3, 2, Activation::Tanh, &init)];
        let mixture = SparseMixture::new(gates, banks, sight, gating.clone(), &init);
        let x = leaf("h", [5, 3]);
        let sparse = mixture.forward(x.val(), &rows, true, &noise);

        let agents = whole(&[0, 1, 1, 0, 1]);
        let given = table.forward(&Site { depth: 0, agents, state: None, rows: &rows });
        let mut scores = given.clone().narrow(1, 0, 4);
        if columns == 8 {
            let spread = activation::softplus(given.narrow(1, 4, 4), 1.0) + 0.01;
            scores = scores + noise.normal("gate/0/noise", 5, 4, &device) * spread;
        }
        let mask = sparse.weights[0].clone().greater_elem(0.0);
        let weights = match gating {
            Gating::TopK(_) => scores.mask_fill(mask.bool_not(), -1e30),
            Gating::Switch(_) => scores,
        };
        let mask = sparse.weights[0].clone().greater_elem(0.0).float();
        let weights = activation::softmax(weights, 1) * mask;
        let all = mixture.banks[0].apply_all(x.val()) * weights.transpose().unsqueeze_dim::<3>(2);
        let dense = all.sum_dim(0).squeeze_dim::<2>(0);

        assert!(gap(sparse.h.clone(), dense.clone()) < 1e-12, "{gating:?}");
        let (one, two) = (weighed(sparse.h).backward(), weighed(dense).backward());
        let Bank::Linear(bank) = &mixture.banks[0] else { panic!("stacked") };
        let grad = |gradients| {
            let weight = bank.weight.val().grad(gradients).expect("a gradient").reshape([4, 6]);
            let input = x.val().grad(gradients).expect("a gradient");
            (weight, input, table.table.val().grad(gradients).expect("a gradient"))
        };
        let ((w1, x1, t1), (w2, x2, t2)) = (grad(&one), grad(&two));
        assert!(gap(w1, w2) < 1e-12 && gap(x1, x2) < 1e-12 && gap(t1, t2) < 1e-12, "{gating:?}");
    }
}

fn gap(a: Tensor<2>, b: Tensor<2>) -> f64 {
    (a - b).abs().max().into_scalar::<f64>()
}
