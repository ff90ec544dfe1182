//! Losses, updates and sums restated in a few scalar lines written from the documents' formulas.

mod losses;
mod networks;
mod optimizers;
mod reinforcement;
mod rewards;
mod wpl;
