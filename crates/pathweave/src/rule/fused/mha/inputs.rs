//! Passes between the projections of tokens and the inputs of the groups.

use crate::kernel::functions::Pass;

/// The groups' inputs: heads with the values' bias, and own projections
/// with theirs.
pub struct Inputs<'a> {
    /// [T, P]
    pub projections: &'a mut [f32],
    /// [P]
    pub bias: &'a [f32],
    /// [T, G · K]
    pub inputs: &'a mut [f32],
    pub places: InputPlaces,
}

/// Where [`Inputs`] finds things in its rows.
#[derive(Clone, Copy, Debug)]
pub struct InputPlaces {
    /// Numbers of a row of projections
    pub row: usize,
    /// The values' first column
    pub values: usize,
    /// The own projections' first column
    pub own: usize,
    /// Width of a group's heads
    pub heads: usize,
    /// Width of a head
    pub head: usize,
    /// Whether heads attend to anything; without, they are 0
    pub attend: bool,
}

impl Pass for Inputs<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let InputPlaces { row, values, own, heads, head, attend } = self.places;
        let columns = self.inputs.len() / (self.projections.len() / row).max(1);
        let rows = self.projections.chunks_exact(row);
        for (token, inputs) in rows.zip(self.inputs.chunks_exact_mut(columns.max(1))) {
            for (group, inputs) in inputs.chunks_exact_mut(heads + head).enumerate() {
                let (inputs, mine) = inputs.split_at_mut(heads);
                if attend {
                    let bias = &self.bias[values + group * heads..][..heads];
                    inputs.iter_mut().zip(bias).for_each(|(input, bias)| *input += bias);
                }
                let at = own + group * head..own + (group + 1) * head;
                let from = token[at.clone()].iter().zip(&self.bias[at]);
                mine.iter_mut().zip(from).for_each(|(mine, (own, bias))| *mine = own + bias);
            }
        }
    }
}

/// Back through [`Inputs`]: own projections' gradients to their place, and the biases'.
pub struct InputsBackward<'a> {
    /// ∂ of the inputs. [T, G · K]
    pub inputs: &'a [f32],
    /// ∂ of the projections: queries' there, own to come. [T, P]
    pub projections: &'a mut [f32],
    /// ∂ of the biases, added to. [P]
    pub bias: &'a mut [f32],
    pub places: InputPlaces,
}

impl Pass for InputsBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let InputPlaces { row, values, own, heads, head, attend } = self.places;
        let columns = self.inputs.len() / (self.projections.len() / row).max(1);
        let width = values / 2;
        let rows = self.projections.chunks_exact_mut(row);
        for (token, inputs) in rows.zip(self.inputs.chunks_exact(columns.max(1))) {
            let queries = self.bias[..width].iter_mut().zip(&token[..width]);
            queries.for_each(|(bias, gradient)| *bias += gradient);
            for (group, inputs) in inputs.chunks_exact(heads + head).enumerate() {
                let (inputs, mine) = inputs.split_at(heads);
                if attend {
                    let bias = &mut self.bias[values + group * heads..][..heads];
                    bias.iter_mut().zip(inputs).for_each(|(bias, gradient)| *bias += gradient);
                }
                let at = own + group * head..own + (group + 1) * head;
                token[at.clone()].copy_from_slice(mine);
                let bias = &mut self.bias[at];
                bias.iter_mut().zip(mine).for_each(|(bias, gradient)| *bias += gradient);
            }
        }
    }
}
