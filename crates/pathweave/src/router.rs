//! Routers: a dispatcher and the sub-routers behind it (T 3.4.2, figure 3.4).

use burn::module::Module;
use burn::tensor::{Int, Tensor, TensorData};

use crate::decision::{Decision, DecisionAlgorithm};
use crate::dispatcher::Dispatcher;
use crate::dispatcher::online::Online;
use crate::noise::Noise;
use crate::trajectory::{Drive, Rows, Site, Step};

/// What an approximated sub-router is told besides the activation (T 5.2.2).
#[derive(Clone, Copy, Debug)]
pub struct StateShape {
    /// Width that activations are padded to with zeros, so that one sub-router can serve layers
    /// of different widths
    pub activation: usize,
    /// C, contexts in the one-hot; 0 where the router must not see them (T 7.1.3)
    pub contexts: usize,
    /// T, depths in the one-hot
    pub depths: usize,
}

impl StateShape {
    /// S = activation + contexts + depths
    pub fn width(&self) -> usize {
        self.activation + self.contexts + self.depths
    }
}

/// What sub-routers are shown: whose turn it is and, if they are approximated, the state.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    /// Names the agent of each row
    pub dispatcher: Dispatcher,
    /// `None` for tables, which see no state
    pub state: Option<StateShape>,
    /// Whether the router's loss reaches the activations it saw, and so the modules before it
    /// (T 7.4.5)
    pub gradient_to_modules: bool,
}

impl Sight {
    /// Where the decision at `depth` is made, for activations `h` [R, D].
    pub fn site<'a>(
        &self,
        depth: usize,
        agents: Tensor<1, Int>,
        rows: &'a Rows,
        h: &Tensor<2>,
    ) -> Site<'a> {
        let state = self.state.as_ref().map(|shape| {
            let h = if self.gradient_to_modules { h.clone() } else { h.clone().detach() };
            state_of(shape, depth, rows, h)
        });
        Site { depth, agents, state, rows }
    }
}

/// Figure 3.4 in settings: one sub-router is (a), one a depth is (b), a dispatcher with several
/// agents is (c). The agents of a sub-router share nothing but the tensor they are stacked in.
///
/// `D` is how they decide: one of the algorithms that a spec can name, or one of your own.
#[derive(Module, Debug)]
pub struct Router<D = Decision> {
    /// One for all depths, or one a depth
    pub sub_routers: Vec<D>,
    /// Names the agents, where that is learned
    pub dispatcher: Option<Online>,
    /// What they are shown
    #[module(skip)]
    pub sight: Sight,
}

impl<D: DecisionAlgorithm> Router<D> {
    /// Of one sub-router for all depths, or of one a depth.
    pub fn new(sub_routers: Vec<D>, sight: Sight) -> Self {
        assert!(!sub_routers.is_empty(), "a router has at least one sub-router");
        Self { sub_routers, dispatcher: None, sight }
    }

    /// With a dispatcher that learns.
    pub fn dispatched_by(self, dispatcher: Online) -> Self {
        Self { dispatcher: Some(dispatcher), ..self }
    }

    /// The agent of each row of `h` [R, D], and the decision behind it where one was made.
    /// `depths` is the number of depths.
    ///
    /// # Panics
    /// If the sight names an offline dispatcher: whoever clustered the inputs knows their agents. A
    /// dispatcher with an encoder of its own must be asked by whoever has the words.
    pub fn dispatch(
        &self,
        h: &Tensor<2>,
        rows: &Rows,
        drive: Drive<'_>,
        noise: &Noise,
        depths: usize,
    ) -> (Vec<u32>, Option<Step>) {
        match &self.dispatcher {
            Some(online) => online.dispatch(h, rows, drive.dispatcher(), noise, depths),
            None => {
                let given = self.sight.dispatcher.assign(rows);
                (given.expect("agents of clusters are given with the rows"), None)
            }
        }
    }

    /// The sub-router of a depth.
    pub fn at(&self, depth: usize) -> &D {
        &self.sub_routers[self.index(depth)]
    }

    /// The sub-router of a depth, to be changed.
    pub fn at_mut(&mut self, depth: usize) -> &mut D {
        let index = self.index(depth);
        &mut self.sub_routers[index]
    }

    /// Which of the sub-routers serves a depth.
    pub fn index(&self, depth: usize) -> usize {
        if self.sub_routers.len() == 1 { 0 } else { depth }
    }
}

/// h, padded, ⧺ one-hot(m) ⧺ one-hot(t). [R, D] → [R, S]
fn state_of(shape: &StateShape, depth: usize, rows: &Rows, h: Tensor<2>) -> Tensor<2> {
    let [count, width] = h.dims();
    let tail = shape.width() - width;
    let first_hot = shape.activation - width;
    let mut hot = vec![0.0f32; count * tail];
    for (row, &context) in hot.chunks_exact_mut(tail.max(1)).zip(&rows.contexts) {
        if shape.contexts > 0 {
            row[first_hot + context as usize] = 1.0;
        }
        row[first_hot + shape.contexts + depth] = 1.0;
    }
    let hot = Tensor::from_data(TensorData::new(hot, [count, tail]), &h.device());
    Tensor::cat(vec![h, hot], 1)
}
