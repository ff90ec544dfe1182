//! Routed neural networks on Burn: models whose layers are composed per sample, by a router, out of
//! trainable blocks.
//!
//! The library does no IO, prints nothing, reads no environment and no clock; the program
//! `pathweave` (crate `pathweave-cli`) has all of that. Terms are those of Rosenbaum, *Dynamic
//! Composition of Functions for Modular Learning* (cited as T), and of Mittal, Bengio and Lajoie, *Is
//! a Modular Architecture Enough?* (cited as M). A *module* of theirs is a [block](mod@block) here,
//! because Burn owns the word; a set of blocks is a [bank].
//!
//! # Five minutes
//!
//! A run is a [spec](spec::RunSpec): data, network, router, rewards, optimizers, all with defaults.
//! It is checked as a whole, every fault at once, and then trained. Whoever wants to know what
//! happens watches.
//!
//! ```
//! use burn::tensor::Device;
//! use pathweave::spec::RunSpec;
//! use pathweave::train::{Control, Finished, Observe, StepReport, run};
//!
//! struct Watch {
//!     steps: u64,
//! }
//!
//! impl Observe for Watch {
//!     fn step(&mut self, _report: &StepReport) -> Control {
//!         self.steps += 1;
//!         Control::Continue
//!     }
//! }
//!
//! let spec: RunSpec = serde_json::from_value(serde_json::json!({
//!     "data": { "name": "digits-mtl", "train_per_task": 40, "test_per_task": 40 },
//!     "model": { "base": { "blocks": 0 }, "hidden": [16, 16], "modules": 4 },
//!     "router": { "algorithm": "q_learning" },
//!     "train": { "epochs": 2, "batch": 50, "seed": 1 },
//! }))?;
//! let spec = spec.check()?;
//! let data = spec.data.load(None)?;
//! let mut watch = Watch { steps: 0 };
//! let finished = run(&spec, &data, &Device::flex(), None, &mut watch)?;
//! let Finished::Complete(complete) = finished else { panic!("nobody stopped it") };
//! assert_eq!(watch.steps, 16);
//! // The routing log of the test samples, from which every metric is computed.
//! let log = complete.last.test.log.expect("a routed model decides");
//! assert_eq!(log.rows().len(), 10 * 40 * 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The same seed gives the same bits, on any number of threads.
//!
//! # In a model of your own
//!
//! A [`RoutedLayer`](routed_layer::RoutedLayer) is a Burn module like any other: from features to
//! features, with a [trajectory] of what was decided. `examples/routed_layer.rs` puts one between
//! two linear layers and trains them in a loop of its own:
//!
//! 1. `layer.forward(features, &rows, mode, &noise)` composes a function for each row and applies it;
//! 2. [`Rewards::score`](reward::Rewards::score) turns losses into rewards and returns, and
//!    [`Seen::of`](trajectory::Seen::of) tells the decisions of them;
//! 3. `layer.router_loss(..)` joins the model's loss before the backward pass;
//! 4. [`optimizer::step`](train::optimizer::step) updates modules and router with their own rates,
//!    and leaves modules that no row chose as they are.
//!
//! How a layer decides is a type: one of the [algorithms](decision::ALGORITHMS) that a spec can
//! name, or anything else that implements [`DecisionAlgorithm`](decision::DecisionAlgorithm), as
//! `examples/own_decision.rs` does. What a log tells of routing, this library's or any other's, is
//! crate `pathweave-eval`; see its `examples/metrics_from_log.rs`.
//!
//! # Map
//!
//! | modules | what they are |
//! |---|---|
//! | [block](mod@block), [bank] | trainable functions from rows to rows; a set of them, applied row by row |
//! | [policy], [decision], [explore] | what a sub-router computes, how it chooses and learns, how much it explores |
//! | [dispatcher], [router], [routed_layer], [trajectory] | who decides for a row; T algorithm 3.1, forward; what it leaves behind |
//! | [reward], [train] | rewards and returns; T algorithm 3.1, backward, and the loop around it |
//! | [model], [spec] | whole networks, routed and not; what a run is, as data |
//! | [rule] | the benchmark of rule data and its fused training steps |
//! | [intervention], [estimator], [toy] | somebody else decides; estimators of a known gradient; small problems that show one thing |
//! | [kernel], [init], [noise] | operations with a backward pass of their own; initial parameters and random numbers from named streams |
//!
//! Axis letters in doc lines: B samples, R rows, T depth, M modules, A actions, G agents, S state
//! width, C contexts. `ARCHITECTURE.md` walks through one training step.
//!
//! # Features
//!
//! `flex` (default): the CPU backend with kernels of ours. `cuda`, `wgpu`: GPU backends, which run
//! the plain twins of the kernels. `schema`: JSON schema of the specs.

mod shape;

pub mod bank;
pub mod block;
pub mod decision;
pub mod dispatcher;
pub mod estimator;
pub mod explore;
pub mod init;
pub mod intervention;
pub mod kernel;
pub mod model;
pub mod noise;
pub mod policy;
pub mod reward;
pub mod routed_layer;
pub mod router;
pub mod rule;
pub mod spec;
pub mod toy;
pub mod train;
pub mod trajectory;
