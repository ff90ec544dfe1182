//! Further updates of the router from the decisions of one batch, for algorithms that make some.

use super::optimizer::{self, OptimizerState, Used};
use crate::model::{ImageNetwork, Trunk};
use crate::spec::TrainSpec;
use crate::trajectory::{Rows, Seen, Trajectory};

/// What a step goes back to where a later epoch is not finite.
pub(super) struct Again {
    epochs: u32,
    network: ImageNetwork,
    optimizer: OptimizerState,
}

impl Again {
    /// Of the state before the step; `None` where the router learns once a batch.
    pub(super) fn of(network: &ImageNetwork, optimizer: &OptimizerState) -> Option<Self> {
        let Trunk::Routed(layer) = &network.trunk else { return None };
        let epochs = layer.epochs();
        let keep = || Self { epochs, network: network.clone(), optimizer: optimizer.clone() };
        (epochs > 1).then(keep)
    }

    /// Epochs 2 to k: the router alone, on the decisions as they were made. Modules have no
    /// gradient, so neither they nor their moments move.
    ///
    /// # Errors
    /// A loss that is not finite; network and optimizer are then as they were before the step.
    pub(super) fn learn(
        self,
        network: &mut ImageNetwork,
        optimizer: &mut OptimizerState,
        (trajectory, rows, seen): (&Trajectory, &Rows, &[Seen]),
        train: &TrainSpec,
        decay: f64,
    ) -> Result<(), f32> {
        for _ in 1..self.epochs {
            let Trunk::Routed(layer) = &network.trunk else { break };
            let Some(loss) = layer.router_loss_again(trajectory, rows, seen) else { break };
            let loss = loss.mean();
            let value = loss.clone().into_scalar::<f32>();
            if !value.is_finite() {
                (*network, *optimizer) = (self.network, self.optimizer);
                return Err(value);
            }
            let mut gradients = loss.backward();
            let used = Used::new();
            *network =
                optimizer::step(network.clone(), &mut gradients, train, decay, &used, optimizer);
        }
        Ok(())
    }
}
