//! Banks: the set of blocks from which a routed layer chooses (T 3, "the set of modules").

mod attention;
mod copies;
mod gates;
mod linear;
mod mixed;
mod mlp;
mod norm;
mod sequences;
mod transformer;

pub use attention::AttentionBank;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Int, Tensor};
pub use copies::copies;
pub use gates::{GATES, GateBank};
pub use linear::LinearBank;
pub use mixed::MixedBank;
pub use mlp::MlpBank;
pub use norm::NormBank;
pub use sequences::{RowActions, Sequences};
pub use transformer::{BlockBank, RestBank};

use crate::block::{Activation, Block, BlockKind};
use crate::init::Init;
use crate::train::optimizer::Used;

/// M blocks with equal input and output widths. Equal blocks are stacked and run as one grouped
/// product; different ones are run one by one on the rows that chose them.
#[derive(Module, Debug)]
pub enum Bank {
    /// Stacked linear blocks
    Linear(LinearBank),
    /// Stacked two-layer blocks
    Mlp(MlpBank),
    /// Blocks of different architectures
    Mixed(MixedBank),
    /// Stacked linear blocks, four to a module: the gates of a long short-term memory
    Gates(GateBank),
    /// Stacked attentions of words in sequences
    Attention(AttentionBank),
    /// Stacked transformer blocks
    Block(BlockBank),
}

impl Bank {
    /// `modules` blocks whose kinds repeat `kinds` in turn.
    pub fn new(
        modules: usize,
        kinds: &[BlockKind],
        input: usize,
        output: usize,
        f: Activation,
        init: &Init,
    ) -> Self {
        match kinds {
            [BlockKind::Linear] => Self::Linear(LinearBank::new(modules, input, output, f, init)),
            [BlockKind::Mlp] => {
                let widths = [input, input.max(output), output];
                Self::Mlp(MlpBank::new(modules, widths, f, init))
            }
            _ => {
                let build = |(module, kind): (usize, &BlockKind)| {
                    kind.build(input, output, f, &init.at(module))
                };
                let blocks: Vec<Block> =
                    kinds.iter().cycle().take(modules).enumerate().map(build).collect();
                Self::Mixed(MixedBank::new(blocks, output))
            }
        }
    }

    /// M
    pub fn modules(&self) -> usize {
        match self {
            Self::Linear(bank) => bank.weight.dims()[0],
            Self::Mlp(bank) => bank.first.weight.dims()[0],
            Self::Mixed(bank) => bank.blocks.len(),
            Self::Gates(bank) => bank.modules(),
            Self::Attention(bank) => bank.input.weight.dims()[0],
            Self::Block(bank) => bank.attention.input.weight.dims()[0],
        }
    }

    /// Each row through the block it chose; a row whose action is not in 0..M passes unchanged.
    /// [R, in], \[R\] → [R, out]. Rows are sequences of one word where the blocks are of sequences.
    pub fn apply(&self, x: Tensor<2>, action: &Tensor<1, Int>) -> Tensor<2> {
        match self {
            Self::Linear(bank) => bank.apply(x, action),
            Self::Mlp(bank) => bank.apply(x, action),
            Self::Mixed(bank) => bank.apply(x, action),
            Self::Gates(bank) => bank.apply(x, action),
            Self::Attention(_) | Self::Block(_) => {
                let data = action.to_data();
                let host =
                    data.iter::<i64>().map(|action| u32::try_from(action).unwrap_or(u32::MAX));
                let words = Sequences::single(x.dims()[0]);
                self.apply_sequences(x, &words, &host.collect::<Vec<u32>>())
            }
        }
    }

    /// What becomes of rows that pass: themselves; where modules drive four gates, each gate's copy.
    /// [R, in] → [R, out]
    pub(crate) fn pass(&self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Gates(bank) => bank.spread(x),
            _ => x,
        }
    }

    /// All rows of a sequence through the block that it chose; a sequence whose action is not in 0..M
    /// passes unchanged. `actions` \[S\]; [N, D] → [N, D]
    pub fn apply_sequences(&self, x: Tensor<2>, words: &Sequences, actions: &[u32]) -> Tensor<2> {
        let (modules, device) = (self.modules() as u32, x.device());
        let chosen: Vec<u32> = actions.iter().map(|&action| action.min(modules - 1)).collect();
        let each = RowActions::of(words, &chosen, &device);
        let y = match self {
            Self::Attention(bank) => bank.apply(x.clone(), words, &each),
            Self::Block(bank) => bank.apply(x.clone(), words, &each),
            _ => return self.apply(x, &RowActions::of(words, actions, &device).rows),
        };
        words.keep_where(x, y, |sequence| actions[sequence] >= modules)
    }

    /// Every row through every block: what soft mixtures need. [R, in] → [M, R, out]
    pub fn apply_all(&self, x: Tensor<2>) -> Tensor<3> {
        match self {
            Self::Linear(bank) => bank.apply_all(x),
            Self::Mlp(bank) => bank.apply_all(x),
            Self::Mixed(bank) => bank.apply_all(x),
            Self::Gates(bank) => bank.apply_all(x),
            Self::Attention(_) | Self::Block(_) => {
                self.apply_all_sequences(x.clone(), &Sequences::single(x.dims()[0]))
            }
        }
    }

    /// Every sequence through every block. [N, D] → [M, N, D]
    pub fn apply_all_sequences(&self, x: Tensor<2>, words: &Sequences) -> Tensor<3> {
        let (modules, [rows, width]) = (self.modules(), x.dims());
        let actions: Vec<u32> =
            (0..modules as u32).flat_map(|m| std::iter::repeat_n(m, words.len())).collect();
        let y = self.apply_sequences(x.repeat_dim(0, modules), &words.repeated(modules), &actions);
        y.reshape([modules, rows, width])
    }

    /// Notes which modules were chosen, for the optimizer. Blocks of a mixed bank have parameters of
    /// their own, one module each.
    pub fn mark(&self, chosen: &[bool], used: &mut Used) {
        let mut mark = |bank: &LinearBank| {
            for id in [bank.weight.id, bank.bias.id] {
                let flags = used.entry(id).or_insert_with(|| vec![false; chosen.len()]);
                flags.iter_mut().zip(chosen).for_each(|(flag, chosen)| *flag |= chosen);
            }
        };
        match self {
            Self::Linear(bank) => mark(bank),
            Self::Gates(bank) => mark(&bank.blocks),
            Self::Mlp(bank) => {
                mark(&bank.first);
                mark(&bank.second);
            }
            Self::Mixed(bank) => {
                for (block, &chosen) in bank.blocks.iter().zip(chosen) {
                    block.visit(&mut Whole { chosen, used });
                }
            }
            Self::Attention(bank) => bank.visit(&mut Stacked { chosen, used }),
            Self::Block(bank) => bank.visit(&mut Stacked { chosen, used }),
        }
    }
}

/// Marks the chosen modules of stacked parameters.
struct Stacked<'a> {
    chosen: &'a [bool],
    used: &'a mut Used,
}

impl ModuleVisitor for Stacked<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let flags = self.used.entry(param.id).or_insert_with(|| vec![false; self.chosen.len()]);
        flags.iter_mut().zip(self.chosen).for_each(|(flag, chosen)| *flag |= chosen);
    }
}

/// Marks parameters that belong to one module as a whole.
struct Whole<'a> {
    chosen: bool,
    used: &'a mut Used,
}

impl ModuleVisitor for Whole<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.used.entry(param.id).or_insert_with(|| vec![false])[0] |= self.chosen;
    }
}
