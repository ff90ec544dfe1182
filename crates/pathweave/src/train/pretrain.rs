//! Before the first step: the transformer as a language model of the training sentences (T 5.3.1.4),
//! and blocks from elsewhere.
//!
//! # Deviations
//! - Radford et al. 2018 pretrain on a corpus of books, which T 5.3.1.4 notes "is not available". Here
//!   it is the distinct sentences of the training samples, those of the phase before included, that
//!   the language model learns: next word, full sentences, Adam at a constant rate with the global norm
//!   of gradients clipped at 1, no dropout.
//! - Everything random in it is named by the seed alone: runs that differ in their routing start from
//!   the same pretrained blocks.

use std::collections::BTreeSet;

use pathweave_data::TaskSet;
use pathweave_data::text::{Part, Texts};

use super::optimizer::{self, OptimizerState, Used};
use super::run::{Control, Observe};
use super::run_error::RunError;
use super::{NamedArray, Trainer};
use crate::init::Init;
use crate::model::text::EncoderKind;
use crate::model::text::transformer::{
    Joined, Transformer, TransformerSpec, WeightsError, language_loss, place,
};
use crate::spec::{CheckedSpec, OptimizerKind, TrainSpec};

/// Sentences a step of pretraining.
const SENTENCES: usize = 64;

/// What [`begin`] did.
pub(super) enum Began {
    /// Nothing: nothing was asked for
    Plain,
    /// The encoder is not as it was drawn
    Pretrained,
    /// The observer asked to stop
    Stopped,
}

/// Gives a fresh network what its encoder is to start from.
///
/// # Errors
/// Arrays that do not fit, or a loss that is not finite.
pub(super) fn begin(
    trainer: &mut Trainer,
    spec: &CheckedSpec,
    data: &TaskSet,
    weights: Option<&[NamedArray]>,
    watch: &mut dyn Observe,
) -> Result<Began, RunError> {
    let settings = &spec.model.text.transformer;
    let Some(texts) = &data.texts else { return Ok(Began::Plain) };
    let asked = settings.pretrain_epochs > 0 || !settings.weights.is_empty();
    if spec.model.text.encoder != EncoderKind::Transformer || !asked {
        return Ok(Began::Plain);
    }
    let (streams, device) = (*trainer.streams(), trainer.device().clone());
    let init = Init::new(&streams, &device);
    let mut model = Transformer::new(settings, texts, &place(&init));
    if !settings.weights.is_empty() {
        let arrays = weights.ok_or(WeightsError::NotGiven)?;
        model = model.with_weights(arrays, &settings.weights, &device)?;
    }
    let Some(model) = pretrained(model, settings, texts, &init, watch)? else {
        return Ok(Began::Stopped);
    };
    trainer.network.start_from(model, spec, &init);
    Ok(Began::Pretrained)
}

/// The model after `pretrain_epochs` passes over the training sentences; `None` where the observer
/// asked to stop.
///
/// # Errors
/// Where a loss is not finite.
pub fn pretrained(
    mut model: Transformer,
    settings: &TransformerSpec,
    texts: &Texts,
    init: &Init,
    watch: &mut dyn Observe,
) -> Result<Option<Transformer>, RunError> {
    let mut order = sentences(texts);
    let per_epoch = order.len().div_ceil(SENTENCES) as u64;
    let total = per_epoch * u64::from(settings.pretrain_epochs);
    let train = TrainSpec {
        optimizer: OptimizerKind::Adam,
        learning_rate: settings.pretrain_rate,
        clip_norm: 1.0,
        ..TrainSpec::default()
    };
    let mut state = OptimizerState::default();
    let mut step = 0;
    for epoch in 0..u64::from(settings.pretrain_epochs) {
        init.streams().stream("pretrain-order", epoch).shuffle(&mut order);
        for batch in order.chunks(SENTENCES) {
            let batch = batch.iter().map(|&sentence| texts.sentence(sentence));
            let (joined, next) = Joined::to_be_continued(batch, model.words(), model.longest());
            let mut draw = init.streams().stream("pretrain-candidates", step);
            let loss = language_loss(&model, &joined, &next, &mut draw).mean();
            let value = loss.clone().into_scalar::<f32>();
            if !value.is_finite() {
                return Err(RunError::Pretraining { step, value });
            }
            let mut gradients = loss.backward();
            let used = Used::new();
            model = optimizer::step(model, &mut gradients, &train, 1.0, &used, &mut state);
            step += 1;
            if watch.pretraining(step, total, value) == Control::Stop && step < total {
                return Ok(None);
            }
        }
    }
    Ok(Some(model))
}

/// The distinct sentences of the training samples, by number, those without words left out.
pub fn sentences(texts: &Texts) -> Vec<u32> {
    let parts = [Part::Before, Part::Train].map(|part| texts.items_of(part));
    let distinct: BTreeSet<u32> =
        parts.into_iter().flatten().flat_map(|item| texts.pair(item)).collect();
    distinct.into_iter().filter(|&sentence| !texts.sentence(sentence).is_empty()).collect()
}
