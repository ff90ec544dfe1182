//! Sentence pairs as a task set: contexts are tasks, labels are classes (T 5.3).

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::{Label, PairSplits, Texts, WordsSpec};
use crate::batch::{Example, TaskSet};
use crate::error::{DataError, DataErrors};
use crate::image_shape::ImageShape;

/// The task of pairs without meta-information.
const ALL: &str = "all";

impl TaskSet {
    /// A set of sentence pairs. Every context is a task, in alphabetical order; all tasks have the
    /// three classes of [`Label`]. `folder` is where a file of word vectors is.
    ///
    /// # Errors
    /// No training or test pair; more contexts than 65,536; faults of the word vectors.
    pub fn of_pairs(
        name: &str,
        splits: PairSplits,
        words: &WordsSpec,
        folder: Option<&Path>,
    ) -> Result<Self, DataErrors> {
        for (what, pairs) in [("train pairs", &splits.train), ("test pairs", &splits.test)] {
            if pairs.is_empty() {
                let (dataset, what) = (name.to_owned(), what.to_owned());
                return Err(DataError::TooFew { dataset, what, found: 0, needed: 1 }.into());
            }
        }
        let parts = [&splits.before, &splits.train, &splits.validation, &splits.test];
        let named = |context: &str| if context.is_empty() { ALL } else { context }.to_owned();
        let pairs = || parts.into_iter().flatten();
        let distinct: BTreeSet<String> = pairs().map(|pair| named(&pair.context)).collect();
        let contexts: Vec<String> = distinct.into_iter().collect();
        if contexts.len() > usize::from(u16::MAX) {
            let found = contexts.len().to_string();
            let (dataset, allowed) = (name.to_owned(), format!("at most {} contexts", u16::MAX));
            return Err(DataError::Setting { dataset, field: "context", found, allowed }.into());
        }
        let texts = Texts::new(&splits, &contexts, words, folder)?;
        let mut item = 0;
        let [before, train, validation, test] = parts.map(|pairs| {
            let examples = pairs.iter().map(|pair| {
                let task = contexts.binary_search(&named(&pair.context)).unwrap_or(0) as u16;
                item += 1;
                Example { item: item - 1, task, label: pair.label.number() }
            });
            examples.collect::<Vec<_>>()
        });
        let classes: Vec<String> = Label::ALL.iter().map(|(_, name)| (*name).into()).collect();
        Ok(Self {
            name: name.into(),
            shape: ImageShape::default(),
            tasks: contexts.len(),
            class_names: vec![classes.clone(); contexts.len()],
            task_names: contexts,
            classes: classes.len(),
            texts: Some(texts),
            source: splits.source,
            pixels: Arc::from([]),
            before,
            train,
            validation,
            test,
            mean: Vec::new(),
            std: Vec::new(),
            tables: Vec::new(),
        })
    }
}
