//! Where each parameter lies in one flat buffer, under the names of the authors' PyTorch modules.

use pathweave_data::Streams;
use pathweave_data::dataset::rules::RuleFamily;

use super::shape::{HEADS, RuleKind, RuleShape};
use crate::train::NamedArray;

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The authors' name, e.g. `MLP.0.w`
    pub name: &'static str,
    /// Dimensions; `weight`s are [out, in], `w`s [modules, in, out], `b`s [1, modules, out]
    pub shape: Vec<usize>,
    /// Inputs that feed it: initial values are uniform in ±1/√fan_in
    pub fan_in: usize,
    /// Its first number in the flat buffer
    pub start: usize,
}

impl Slot {
    /// Numbers in it.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its place in the flat buffer.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.len()
    }
}

/// Every parameter of a model, in a fixed order without gaps.
///
/// # Deviations
/// - `rnn.scorer.1.b` is allocated by the authors' code and never used; it is kept here so that
///   parameter counts agree, and its gradient is zero.
/// - Without decoder (appendix; the text at hand does not describe it) the last layer of each
///   module gives the answer, and an RNN's state is read out by one linear layer, `readout`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    slots: Vec<Slot>,
    len: usize,
}

impl Layout {
    /// Of a model.
    pub fn new(shape: &RuleShape) -> Self {
        let mut layout = Self { slots: Vec::new(), len: 0 };
        match shape.family {
            RuleFamily::Mlp => layout.mlp(shape),
            RuleFamily::Mha => layout.mha(shape),
            RuleFamily::Rnn => layout.rnn(shape),
        }
        layout
    }

    /// The parameters in their order.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Numbers in all of them.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The parameter of that name, if the model has it.
    pub fn find(&self, name: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.name == name)
    }

    /// Initial values, each parameter from a stream of its own.
    pub fn init(&self, streams: &Streams) -> Vec<f32> {
        let mut values = vec![0.0; self.len];
        for slot in &self.slots {
            let bound = 1.0 / (slot.fan_in.max(1) as f32).sqrt();
            let part = &mut values[slot.range()];
            streams.stream(&format!("init/{}", slot.name), 0).fill_uniform(part);
            part.iter_mut().for_each(|value| *value = (2.0 * *value - 1.0) * bound);
        }
        values
    }

    /// Flat numbers as named arrays.
    pub fn arrays(&self, values: &[f32]) -> Vec<NamedArray> {
        let array = |slot: &Slot| NamedArray {
            name: slot.name.into(),
            shape: slot.shape.clone(),
            values: values[slot.range()].to_vec(),
        };
        self.slots.iter().map(array).collect()
    }

    fn add(&mut self, name: &'static str, shape: &[usize], fan_in: usize) {
        let slot = Slot { name, shape: shape.to_vec(), fan_in, start: self.len };
        self.len += slot.len();
        self.slots.push(slot);
    }

    /// A linear layer with bias, [out, in].
    fn linear(&mut self, names: [&'static str; 2], input: usize, output: usize) {
        self.add(names[0], &[output, input], input);
        self.add(names[1], &[output], input);
    }

    /// A linear layer a module, [modules, in, out].
    fn grouped(&mut self, names: [&'static str; 2], sizes: [usize; 3]) {
        let [modules, input, output] = sizes;
        self.add(names[0], &[modules, input, output], input);
        self.add(names[1], &[1, modules, output], input);
    }

    fn decoder(&mut self, s: &RuleShape, input: usize) {
        self.linear(["decoder.0.weight", "decoder.0.bias"], input, s.encoder_of_decoder(input));
        self.linear(["decoder.2.weight", "decoder.2.bias"], s.encoder_of_decoder(input), s.outputs);
    }

    fn mlp(&mut self, s: &RuleShape) {
        let (e, d) = (s.encoder, s.width);
        self.linear(["encoder_digit.0.weight", "encoder_digit.0.bias"], 1, e);
        self.linear(["encoder_digit.2.weight", "encoder_digit.2.bias"], e, e);
        self.linear(["encoder_operation.0.weight", "encoder_operation.0.bias"], s.rules, e);
        self.linear(["encoder_operation.2.weight", "encoder_operation.2.bias"], e, e);
        let inner = if s.decoder { d } else { s.outputs };
        if s.kind == RuleKind::Monolithic {
            self.linear(["MLP.0.weight", "MLP.0.bias"], 3 * e, d);
            self.linear(["MLP.2.weight", "MLP.2.bias"], d, inner);
        } else {
            let (m, hidden) = (s.modules, s.module_width());
            self.grouped(["MLP.0.w", "MLP.0.b"], [m, 3 * e, hidden]);
            self.grouped(["MLP.2.w", "MLP.2.b"], [m, hidden, inner + s.score_column()]);
        }
        if s.kind == RuleKind::ModularOp {
            self.linear(["scorer.weight", "scorer.bias"], e, s.modules);
        }
        if s.decoder {
            self.decoder(s, d);
        }
    }

    fn mha(&mut self, s: &RuleShape) {
        let (dim, d, m) = (s.encoder, s.width, s.modules);
        self.linear(["encoder.0.weight", "encoder.0.bias"], s.features + s.rules, dim);
        self.linear(["encoder.2.weight", "encoder.2.bias"], dim, dim);
        for names in [
            ["model.query_net.weight", "model.query_net.bias"],
            ["model.key_net.weight", "model.key_net.bias"],
            ["model.value_net.weight", "model.value_net.bias"],
        ] {
            self.linear(names, dim, d);
        }
        let head = s.head_width();
        let inner = if s.decoder { dim } else { s.outputs };
        let own = ["model.in_.weight", "model.in_.bias"];
        if s.kind == RuleKind::Monolithic {
            self.linear(own, dim, head);
            self.linear(["model.out_proj.0.weight", "model.out_proj.0.bias"], d + head, 2 * dim);
            self.linear(["model.out_proj.2.weight", "model.out_proj.2.bias"], 2 * dim, inner);
        } else {
            self.linear(own, dim, m * head);
            let i = s.inner_width();
            self.grouped(["model.out_proj.0.w", "model.out_proj.0.b"], [m, head * (HEADS + 1), i]);
            let outputs = inner + s.score_column();
            self.grouped(["model.out_proj.2.w", "model.out_proj.2.b"], [m, i, outputs]);
        }
        if s.kind == RuleKind::ModularOp {
            self.linear(["model.scorer.0.weight", "model.scorer.0.bias"], s.rules, head);
            self.linear(["model.scorer.2.weight", "model.scorer.2.bias"], head, m);
        }
        if s.decoder {
            self.decoder(s, dim);
        }
    }

    fn rnn(&mut self, s: &RuleShape) {
        let (e, h, m) = (s.encoder, s.state_width(), s.modules);
        self.linear(["encoder.0.weight", "encoder.0.bias"], s.features + s.rules, e);
        self.linear(["encoder.2.weight", "encoder.2.bias"], e, e);
        if s.kind == RuleKind::Monolithic {
            // An LSTM cell draws everything by the width of its state.
            self.add("rnn.weight_ih", &[4 * h, e], h);
            self.add("rnn.weight_hh", &[4 * h, h], h);
            self.add("rnn.bias_ih", &[4 * h], h);
            self.add("rnn.bias_hh", &[4 * h], h);
        } else {
            self.add("rnn.i2h.weight", &[m * 4 * h, e], e);
            self.add("rnn.h2h.weight", &[m * 4 * h, h], h);
        }
        match s.kind {
            RuleKind::Modular => self.grouped(["rnn.scorer.1.w", "rnn.scorer.1.b"], [m, 8 * h, 1]),
            RuleKind::ModularOp => {
                self.add("rnn.scorer.0.weight", &[h, s.rules], s.rules);
                self.add("rnn.scorer.2.weight", &[m, h], h);
            }
            _ => {}
        }
        if s.decoder {
            self.decoder(s, h);
        } else {
            self.linear(["readout.weight", "readout.bias"], h, s.outputs);
        }
    }
}

impl RuleShape {
    /// Hidden width of the decoder: E behind an MLP's D, dim for MHA, the state's width for RNN.
    pub(crate) fn encoder_of_decoder(&self, input: usize) -> usize {
        if self.family == RuleFamily::Rnn { input } else { self.encoder }
    }

    /// 1 where the modules' last layer gives a score beside its output.
    pub(crate) fn score_column(&self) -> usize {
        usize::from(self.kind == RuleKind::Modular)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(family: RuleFamily, kind: RuleKind, rules: usize, sizes: [usize; 2]) -> RuleShape {
        let data = pathweave_data::dataset::RulesSpec { family, rules, ..Default::default() };
        RuleShape::new(&data, kind, 0, sizes)
    }

    #[test]
    fn published_widths_come_out() {
        let mha = shape(RuleFamily::Mha, RuleKind::Modular, 2, [16, 32]);
        assert_eq!((mha.head_width(), mha.inner_width()), (8, 22));
        let rnn = shape(RuleFamily::Rnn, RuleKind::Modular, 2, [12, 16]);
        assert_eq!(rnn.state_width(), 10);
    }

    #[test]
    fn slots_follow_each_other_without_gaps() {
        for family in [RuleFamily::Mlp, RuleFamily::Mha, RuleFamily::Rnn] {
            for kind in [
                RuleKind::Monolithic,
                RuleKind::Modular,
                RuleKind::ModularOp,
                RuleKind::GtModular,
                RuleKind::Random,
            ] {
                for decoder in [false, true] {
                    let shape = RuleShape { decoder, ..shape(family, kind, 4, [16, 32]) };
                    let layout = Layout::new(&shape);
                    let mut end = 0;
                    for slot in layout.slots() {
                        assert_eq!(slot.start, end, "{family:?} {kind:?} {}", slot.name);
                        end += slot.len();
                    }
                    assert_eq!(end, layout.len());
                    let values = layout.init(&Streams::new(3));
                    assert!(values.iter().all(|value| value.is_finite() && value.abs() <= 1.0));
                }
            }
        }
    }
}
