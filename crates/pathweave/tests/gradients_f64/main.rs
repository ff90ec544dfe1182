//! Autograd against central differences in 64-bit floats. A binary of its own: the default float
//! type is set once a process.

mod blocks;
mod differences;
mod dispatching;
mod lstm_encoder;
mod routing;
mod semi_gradients;
mod sparse;
mod text;
mod transformer;
