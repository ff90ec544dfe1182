//! Dispatchers: clusters of inputs, policies that learn to name agents.

mod autoencoder;
mod encodings;
mod offline;
mod online;
mod phases;
mod settings;
mod texts;

use pathweave::bank::Bank;
use pathweave::block::{Activation, BlockKind};
use pathweave::decision::{AlgorithmKind, AlgorithmSettings, Decision};
use pathweave::dispatcher::Dispatcher;
use pathweave::dispatcher::autoencoder::Autoencoder;
use pathweave::dispatcher::online::Online;
use pathweave::init::Init;
use pathweave::policy::{PolicyKind, PolicyShape};
use pathweave::routed_layer::{ExtraActions, RoutedLayer};
use pathweave::router::{Router, Sight};
use pathweave_data::Streams;

use crate::support::tape;

/// A dispatcher over rows of `width` numbers.
fn online(
    kind: AlgorithmKind,
    width: usize,
    agents: usize,
    autoencoder: Option<Autoencoder>,
) -> Online {
    let (streams, device) = (Streams::new(4), tape());
    let init = Init::new(&streams, &device);
    let shape = PolicyShape {
        kind: PolicyKind::Mlp,
        agents: 1,
        slots: 1,
        state: width,
        hidden: 8,
        actions: agents,
    };
    let settings = AlgorithmSettings::default();
    let decision = Decision::new(kind, &settings, &shape, agents, &init.at("policy"));
    Online::new(decision, autoencoder, agents, true, &init)
}

/// A routed layer of depth 2 behind a dispatcher, its sub-routers tables by agent.
fn layer(dispatcher: Online, width: usize, agents: usize) -> RoutedLayer {
    let (streams, device) = (Streams::new(8), tape());
    let init = Init::new(&streams, &device);
    let table = |_| crate::support::tabular(AlgorithmKind::Reinforce, agents, 3, &device);
    let sight = Sight { dispatcher: Dispatcher::Online, state: None, gradient_to_modules: false };
    let bank = |depth: usize| {
        Bank::new(3, &[BlockKind::Linear], width, width, Activation::Tanh, &init.at(depth))
    };
    let router = Router::new((0..2).map(table).collect(), sight).dispatched_by(dispatcher);
    RoutedLayer::new(router, (0..2).map(bank).collect(), 2, ExtraActions::default())
}
