//! Curricula: which samples an epoch shows, and in which order.

use std::collections::BTreeMap;

use pathweave::spec::TrainSpec;
use pathweave::train::{Curriculum, order};
use pathweave_data::{Split, Streams};
use proptest::prelude::*;

use crate::support::task_set;

#[test]
fn tasks_enter_one_after_another_and_stay() {
    let shown = |epoch| Curriculum::ByTask.tasks(epoch, 3, 20);
    assert_eq!([0, 1, 2, 3, 9].map(shown), [0..5, 0..10, 0..15, 0..20, 0..20]);
    // One epoch for each further task.
    for epoch in 0..20 {
        assert_eq!(Curriculum::ByTask.tasks(epoch, 19, 20), 0..epoch as usize + 1);
    }
}

#[test]
fn tasks_take_turns_before_all_are_shown() {
    let shown = |epoch| Curriculum::TaskAfterTask.tasks(epoch, 3, 7);
    assert_eq!([0, 1, 2, 3].map(shown), [0..2, 2..4, 4..7, 0..7]);
    // More epochs than tasks: a task stays for several.
    let shown = |epoch| Curriculum::TaskAfterTask.tasks(epoch, 4, 2);
    assert_eq!([0, 1, 2, 3, 4].map(shown), [0..1, 0..1, 1..2, 1..2, 0..2]);
}

proptest! {
    #[test]
    fn an_epoch_shows_its_tasks_evenly_and_keeps_its_length(
        tasks in 1usize..6, samples in 6usize..40, epochs in 1u32..8, epoch in 0u64..9,
        after: bool, seed: u64,
    ) {
        let data = task_set(tasks, 2, samples);
        let curriculum = if after { Curriculum::TaskAfterTask } else { Curriculum::ByTask };
        let spec = TrainSpec { curriculum, curriculum_epochs: epochs, ..TrainSpec::default() };
        let streams = Streams::new(seed);
        let got = order(&spec, &data, &streams, epoch);
        prop_assert_eq!(&got, &order(&spec, &data, &streams, epoch));
        prop_assert_eq!(got.len(), samples);
        let shown = curriculum.tasks(epoch, epochs, tasks);
        prop_assert!(!shown.is_empty() && shown.end <= tasks);
        let mut times = BTreeMap::<u32, usize>::new();
        for index in got {
            *times.entry(index).or_default() += 1;
        }
        let examples = data.examples(Split::Train);
        for index in 0..samples as u32 {
            let task = usize::from(examples[index as usize].task);
            prop_assert_eq!(times.contains_key(&index), shown.contains(&task));
        }
        let counts: Vec<usize> = times.into_values().collect();
        prop_assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1);
    }
}

#[test]
fn without_a_curriculum_the_order_is_the_data_sets() {
    let (data, streams) = (task_set(3, 2, 20), Streams::new(4));
    assert_eq!(order(&TrainSpec::default(), &data, &streams, 2), data.epoch_order(&streams, 2));
}
