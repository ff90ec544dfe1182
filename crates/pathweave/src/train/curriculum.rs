//! The order in which samples are shown (T 4.2, 7.1.3).

use pathweave_data::{Split, Stream, Streams, TaskSet};
use serde::{Deserialize, Serialize};

use crate::spec::TrainSpec;

/// Which tasks are shown in the first epochs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Curriculum {
    /// All of them throughout
    #[default]
    None,
    /// Tasks enter one after another and stay
    ByTask,
    /// Tasks take turns, each shown alone, before all are shown together
    TaskAfterTask,
}

impl Curriculum {
    /// Numbers of the tasks that are shown in an epoch (from 0) of a curriculum of `epochs` epochs.
    ///
    /// # Deviations
    /// - T 4.2 and 7.1.3 recommend that "only similar samples are shown at any given time" and
    ///   leave the order to the domain. Here samples of one task count as similar, and tasks come
    ///   in the order of their numbers. `train.curriculum = "by-task"`: in epoch e of E the first
    ///   ⌈T·(e+1)/(E+1)⌉ of T tasks. `"task-after-task"`: the tasks ⌊T·e/E⌋ up to ⌊T·(e+1)/E⌋, at
    ///   least one. From epoch E on all tasks.
    pub fn tasks(self, epoch: u64, epochs: u32, tasks: usize) -> std::ops::Range<usize> {
        let (at, of, all) = (epoch, u64::from(epochs), tasks as u64);
        if at >= of {
            return 0..tasks;
        }
        match self {
            Self::None => 0..tasks,
            Self::ByTask => 0..(all * (at + 1)).div_ceil(of + 1) as usize,
            Self::TaskAfterTask => {
                let first = all * at / of;
                first as usize..(all * (at + 1) / of).max(first + 1) as usize
            }
        }
    }
}

/// The split whose samples an epoch shows.
pub fn split(spec: &TrainSpec, epoch: u64) -> Split {
    if epoch < u64::from(spec.before_epochs) { Split::Before } else { Split::Train }
}

/// Numbers of the samples of an epoch, in order.
///
/// An epoch of the phase before the training proper has as many samples as any other, of the split
/// [`Split::Before`]: a random part of it where it has more, several passes where it has fewer.
///
/// An epoch of a curriculum has as many samples as any other: where fewer are shown, they are gone
/// through again, each time in another order, so that schedules and evaluations keep their places.
/// A task without training samples is shown as all tasks.
pub fn order(spec: &TrainSpec, data: &TaskSet, streams: &Streams, epoch: u64) -> Vec<u32> {
    let examples = data.examples(Split::Train);
    if split(spec, epoch) == Split::Before {
        let mut stream = streams.stream("epoch-order/before", epoch);
        let all = (0..data.examples(Split::Before).len() as u32).collect();
        return passes(all, examples.len(), &mut stream);
    }
    let shown = spec.curriculum.tasks(epoch, spec.curriculum_epochs, data.tasks);
    let at_hand: Vec<u32> = (0..examples.len() as u32)
        .filter(|&index| shown.contains(&usize::from(examples[index as usize].task)))
        .collect();
    if at_hand.len() == examples.len() || at_hand.is_empty() {
        return data.epoch_order(streams, epoch);
    }
    let mut stream = streams.stream("epoch-order/curriculum", epoch);
    passes(at_hand, examples.len(), &mut stream)
}

/// `count` of these numbers: all of them in random order, again and again.
fn passes(mut numbers: Vec<u32>, count: usize, stream: &mut Stream) -> Vec<u32> {
    let mut order = Vec::with_capacity(count + numbers.len());
    while order.len() < count && !numbers.is_empty() {
        stream.shuffle(&mut numbers);
        order.extend_from_slice(&numbers);
    }
    order.truncate(count);
    order
}
