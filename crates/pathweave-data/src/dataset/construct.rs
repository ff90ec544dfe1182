//! How tasks are made of labelled images: shares, random choices, the validation samples. Every
//! choice is a prefix of a random order that only the data seed fixes, so that a smaller set is a
//! part of the larger one.

use crate::batch::{Example, TaskSet};
use crate::error::{DataError, DataErrors, Faults};
use crate::parts::Parts;
use crate::source::Pool;
use crate::streams::Streams;

/// Divides `total` in proportion to `weights`, by largest remainder; ties go to the first.
pub(crate) fn apportion(total: usize, weights: &[usize]) -> Vec<usize> {
    let sum: u128 = weights.iter().map(|&weight| weight as u128).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let quota = |weight: usize| total as u128 * weight as u128;
    let mut shares: Vec<usize> = weights.iter().map(|&w| (quota(w) / sum) as usize).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|&at| std::cmp::Reverse(quota(weights[at]) % sum));
    let left = total - shares.iter().sum::<usize>();
    for &at in &by_remainder[..left] {
        shares[at] += 1;
    }
    shares
}

/// Scales `counts` down in proportion where they sum to more than `cap`.
pub(crate) fn capped(counts: Vec<usize>, cap: Option<usize>) -> Vec<usize> {
    match cap {
        Some(cap) if cap < counts.iter().sum() => apportion(cap, &counts),
        _ => counts,
    }
}

/// How many images a choice may take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// As many as named; fewer are a fault.
    Exactly,
    /// As many as named, or all there are (at least one).
    UpTo,
}

/// The samples of one split, chosen group by group. A group is one class in one task.
pub(crate) struct Chooser<'a> {
    pub(crate) dataset: &'a str,
    /// "train" or "test": the name in faults and of the random stream.
    pub(crate) split: &'a str,
    pub(crate) wanted: Wanted,
    pub(crate) class_names: &'a [String],
    /// The split's images by class.
    pub(crate) by_class: Vec<Vec<u32>>,
    pub(crate) streams: Streams,
}

impl Chooser<'_> {
    /// Appends to `out` the samples of `task` for `groups` of (class, label, count), together at
    /// most `cap`.
    pub(crate) fn choose(
        &self,
        task: u16,
        groups: &[(usize, u16, usize)],
        cap: Option<usize>,
        out: &mut Vec<Example>,
    ) -> Result<(), DataErrors> {
        let mut faults = Faults::default();
        let available = groups.iter().map(|&(class, _, count)| {
            let found = self.by_class[class].len();
            let few = match self.wanted {
                Wanted::Exactly => found < count,
                Wanted::UpTo => found == 0,
            };
            (few && count > 0).then(|| {
                faults.push(DataError::TooFew {
                    dataset: self.dataset.to_owned(),
                    what: format!("{} images of class {}", self.split, self.class_names[class]),
                    found,
                    needed: if self.wanted == Wanted::Exactly { count } else { 1 },
                });
            });
            count.min(found)
        });
        let counts = capped(available.collect(), cap);
        faults.finish()?;
        for (&(class, label, _), count) in groups.iter().zip(counts) {
            let mut order = self.by_class[class].clone();
            let step = u64::from(task) << 32 | class as u64;
            self.streams.stream(&format!("{}-images", self.split), step).shuffle(&mut order);
            out.extend(order[..count].iter().map(|&item| Example { item, task, label }));
        }
        Ok(())
    }
}

/// Moves the samples of `share` of the training images of every class from `train` to the result.
/// All samples of an image move together, so that no validation image is trained on.
pub(crate) fn hold_out(
    train: &mut Vec<Example>,
    share: f64,
    pool: &Pool,
    streams: &Streams,
) -> Vec<Example> {
    let mut used: Vec<u32> = train.iter().map(|example| example.item).collect();
    used.sort_unstable();
    used.dedup();
    let mut held = vec![false; pool.labels.len()];
    for (class, mut images) in (0..).zip(pool.by_class(&used)) {
        streams.stream("validation", class).shuffle(&mut images);
        let count = (images.len() as f64 * share).round() as usize;
        for &image in &images[..count] {
            held[image as usize] = true;
        }
    }
    train.extract_if(.., |example| held[example.item as usize]).collect()
}

/// The chosen samples and their names.
pub(crate) struct Chosen {
    pub(crate) task_names: Vec<String>,
    pub(crate) class_names: Vec<Vec<String>>,
    pub(crate) train: Vec<Example>,
    pub(crate) test: Vec<Example>,
}

/// Holds validation samples out and puts the set together.
pub(crate) fn assemble(
    name: &str,
    pool: Pool,
    mut chosen: Chosen,
    validation_share: f64,
    streams: &Streams,
) -> Result<TaskSet, DataErrors> {
    let validation = hold_out(&mut chosen.train, validation_share, &pool, streams);
    let parts = Parts {
        name: name.to_owned(),
        task_names: chosen.task_names,
        class_names: chosen.class_names,
        pixels: pool.pixels,
        train: chosen.train,
        validation,
        test: chosen.test,
    };
    Ok(TaskSet::new(pool.shape, parts)?)
}

/// Faults of settings that several data sets have.
pub(crate) struct Settings {
    pub(crate) dataset: &'static str,
    pub(crate) faults: Faults,
}

impl Settings {
    pub(crate) fn of(dataset: &'static str) -> Self {
        Self { dataset, faults: Faults::default() }
    }

    /// `value` must be at least 1 where it is given.
    pub(crate) fn positive(&mut self, field: &'static str, value: impl Into<Option<usize>>) {
        if value.into() == Some(0) {
            self.fault(field, "0".to_owned(), "1 or more".to_owned());
        }
    }

    /// `value` must be in [0, 1).
    pub(crate) fn share(&mut self, field: &'static str, value: f64) {
        if !(0.0..1.0).contains(&value) {
            self.fault(field, value.to_string(), "0 or more and below 1".to_owned());
        }
    }

    pub(crate) fn fault(&mut self, field: &'static str, found: String, allowed: String) {
        let dataset = self.dataset.to_owned();
        self.faults.push(DataError::Setting { dataset, field, found, allowed });
    }
}
