//! Further updates of the router from the decisions of one batch, for algorithms that make some.

use burn::tensor::Tensor;

use super::optimizer::{self, OptimizerState, Used};
use crate::model::{Network, Trunk};
use crate::routed_layer::RoutedLayer;
use crate::spec::TrainSpec;

/// What a step goes back to where a later epoch is not finite.
pub(super) struct Again {
    epochs: u32,
    network: Network,
    optimizer: OptimizerState,
}

impl Again {
    /// Of the state before the step; `None` where the router learns once a batch.
    pub(super) fn of(network: &Network, optimizer: &OptimizerState) -> Option<Self> {
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
        network: &mut Network,
        optimizer: &mut OptimizerState,
        loss: impl Fn(&RoutedLayer) -> Option<Tensor<1>>,
        (train, decay, used): (&TrainSpec, f64, &Used),
    ) -> Result<(), f32> {
        for _ in 1..self.epochs {
            let Trunk::Routed(layer) = &network.trunk else { break };
            let Some(loss) = loss(layer) else { break };
            let value = loss.clone().into_scalar::<f32>();
            if !value.is_finite() {
                (*network, *optimizer) = (self.network, self.optimizer);
                return Err(value);
            }
            let mut gradients = loss.backward();
            *network =
                optimizer::step(network.clone(), &mut gradients, train, decay, used, optimizer);
        }
        Ok(())
    }
}
