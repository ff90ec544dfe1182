//! Losses, updates and sums restated in a few scalar lines written from the documents' formulas.

mod expected_gradients;
mod losses;
mod networks;
mod optimizers;
mod reinforcement;
mod relaxed;
mod rewards;
mod sparse;
mod wpl;
