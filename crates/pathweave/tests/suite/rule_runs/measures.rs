//! What is measured, against models whose answers are known.

use pathweave::rule::{Unwatched, test_sets};
use pathweave::spec::ModelKind;
use pathweave_data::dataset::RulesSpec;
use pathweave_data::dataset::rules::{Pairs, RuleFamily, RuleTarget, RuleTask};
use pathweave_eval::joint::{JOINT_METRICS, Joint};

use super::model::Bias;
use super::{Seen, finish, finish_bias, rules, spec};

fn metric(joint: &Joint, name: &str) -> f64 {
    let def = JOINT_METRICS.iter().find(|def| def.name == name).expect(name);
    (def.compute)(joint).expect(name)
}

#[test]
fn the_best_model_is_kept_and_tested_beside_the_last() {
    let mut spec = spec();
    (spec.train.epochs, spec.train.learning_rate) = (6, 0.5);
    (spec.train.decay_every, spec.train.decay_factor) = (0, 1.0);
    let data = rules(&mut spec).clone();
    // The scale that answers best is the mean of α or so: from afar it is passed on the way.
    let mut model = Bias::new(&data, -6.0, 1.0);
    let mut seen = Seen { pace: 64, ..Seen::default() };
    let complete = finish_bias(spec, &mut model, &mut seen);
    let losses: Vec<f64> =
        seen.moments.iter().map(|moment| moment.validation.total.mean_loss()).collect();
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let at = losses.iter().position(|&loss| loss == least).expect("one of them");
    assert!(at > 0 && at < 5, "neither the first nor the last: {losses:?}");
    let best = complete.snapshot.counters.best.expect("a finite loss");
    assert_eq!((best.loss, best.epoch), (least, at as u64 + 1));
    assert_eq!((complete.best.epoch, complete.last.epoch), (at as u64 + 1, 6));
    let scale = -6.0 + 2.0 * (at as f32 + 1.0);
    assert_eq!(complete.snapshot.best[0].values, [scale]);
    assert_eq!(complete.snapshot.state.parameters[0].values, [6.0]);
    assert!(complete.best.test.performance() < complete.last.test.performance());
    // Twice the input, twice the loss, but for other samples.
    let (name, ood, scores) = &complete.last.others[0];
    assert_eq!((name.as_str(), *ood), ("scale2", true));
    let ratio = scores.performance() / complete.last.test.performance();
    assert!((ratio - 2.0).abs() < 0.3, "{ratio}");
    assert_eq!(complete.last.out_of_distribution(), scores.performance());
}

#[test]
fn patience_ends_a_run_that_gets_no_better() {
    let mut spec = spec();
    (spec.train.epochs, spec.train.evaluate_every, spec.train.patience) = (40, 2, 5);
    let data = rules(&mut spec).clone();
    let mut model = Bias::new(&data, 100.0, 1.0);
    let mut seen = Seen { pace: 64, ..Seen::default() };
    let complete = finish_bias(spec, &mut model, &mut seen);
    // The first evaluation, after epoch 2, is the best; 8 − 2 is the first multiple from 5 on.
    assert_eq!(complete.snapshot.counters.best.expect("finite").epoch, 2);
    assert_eq!((complete.last.epoch, complete.snapshot.counters.step), (8, 32));
    assert_eq!(seen.moments.len(), 4);
}

#[test]
fn schedules_count_epochs_of_steps() {
    let mut spec = spec();
    (spec.train.decay_every, spec.train.decay_factor) = (1, 0.5);
    let data = rules(&mut spec).clone();
    let mut model = Bias::new(&data, 0.0, 0.0);
    finish_bias(spec, &mut model, &mut Unwatched);
    let wanted = [[0.01; 4], [0.005; 4], [0.0025; 4]].concat();
    assert_eq!(model.rates, wanted);
}

#[test]
fn perfect_and_even_activation_have_the_metrics_of_their_closed_forms() {
    let mut spec = spec();
    rules(&mut spec).rules = 4;
    for (kind, alignment, information) in
        [(ModelKind::GtModular, 0.0, 0.0), (ModelKind::Random, 0.75, 1.0)]
    {
        spec.model.kind = kind;
        let complete = finish(spec.clone(), &mut Unwatched);
        let joint = complete.last.test.joint.as_ref().expect("modules");
        assert!((metric(joint, "alignment") - alignment).abs() < 1e-6, "{kind:?}");
        let found = metric(joint, "inverse_mutual_information");
        // Rules are not quite equally frequent in a sample.
        assert!((found - information).abs() < 0.02, "{kind:?}: {found}");
        let adaptation = complete.last.adaptation.expect("as many modules as rules");
        match kind {
            // What is left is that 200 samples are not quite as frequent as they were drawn.
            ModelKind::GtModular => assert!(adaptation < 0.1, "{adaptation}"),
            _ => assert!(adaptation > 0.1, "{adaptation}"),
        }
        let log = complete.last.log.as_ref().expect("a log");
        assert_eq!((log.rows().len(), log.header().modules.as_slice()), (300, &[4][..]));
    }
    spec.model.kind = ModelKind::Monolithic;
    let complete = finish(spec, &mut Unwatched);
    assert!(complete.last.log.is_none() && complete.last.test.joint.is_none());
    assert!(complete.last.adaptation.is_none());
}

#[test]
fn classification_counts_wrong_signs() {
    let mut spec = spec();
    rules(&mut spec).target = RuleTarget::Classification;
    let data = rules(&mut spec).clone();
    let mut model = Bias::new(&data, 1.0, 0.0);
    let complete = finish_bias(spec, &mut model, &mut Unwatched);
    // The sign of x₁ against that of α x₁ + β x₂: the angle between them over π.
    let task = RuleTask::new(&data);
    let wrong: Vec<f64> = (0..2)
        .map(|rule| {
            let (alpha, beta) = (task.coefficients().alpha[rule], task.coefficients().beta[rule]);
            f64::from(beta).atan2(f64::from(alpha)).abs() / std::f64::consts::PI
        })
        .collect();
    for (score, wrong) in complete.last.test.rules.iter().zip(&wrong) {
        assert!((score.error() - wrong).abs() < 0.12, "{} and {wrong}", score.error());
    }
    let total = &complete.last.test.total;
    assert_eq!(total.rows, 300);
    assert_eq!(complete.last.test.performance(), total.error());
    assert!(total.mean_loss() > 0.0 && total.mean_loss().is_finite());
}

#[test]
fn every_setting_has_its_test_sets() {
    let names = |spec: &RulesSpec| -> Vec<(String, bool)> {
        test_sets(spec).into_iter().map(|set| (set.name, set.ood)).collect()
    };
    let owned = |names: &[(&str, bool)]| -> Vec<(String, bool)> {
        names.iter().map(|&(name, ood)| (name.to_owned(), ood)).collect()
    };
    let mlp = RulesSpec::default();
    assert_eq!(names(&mlp), owned(&[("", false), ("scale2", true)]));
    let mha = RulesSpec { family: RuleFamily::Mha, ..RulesSpec::default() };
    let lengths = ["length_3", "length_5", "length_10", "length_20", "length_30"];
    let mut wanted = vec![("", false), ("scale2", true)];
    wanted.extend(lengths.map(|name| (name, name != "length_10")));
    assert_eq!(names(&mha), owned(&wanted));
    let composed = RulesSpec { depth: 2, held_out: 0.25, ..RulesSpec::default() };
    assert_eq!(names(&composed)[2..], owned(&[("held_out", true)])[..]);
    assert_eq!(test_sets(&composed)[2].draw.pairs, Pairs::HeldOut);
    let noisy = RulesSpec { context_missing: 0.5, ..RulesSpec::default() };
    assert_eq!(names(&noisy)[2..], owned(&[("clean", false)])[..]);
}

#[test]
fn contexts_that_are_missing_or_composed_leave_sound_measures() {
    for kind in [ModelKind::GtModular, ModelKind::ModularOp] {
        let mut noisy = spec();
        noisy.model.kind = kind;
        (rules(&mut noisy).context_missing, rules(&mut noisy).context_noise) = (0.3, 0.2);
        let mut composed = spec();
        composed.model.kind = kind;
        (rules(&mut composed).depth, rules(&mut composed).held_out) = (2, 0.25);
        for (spec, set) in [(noisy, "clean"), (composed, "held_out")] {
            let complete = finish(spec, &mut Unwatched);
            let found = complete.last.others.iter().find(|(name, ..)| name == set);
            assert!(found.expect(set).2.performance().is_finite());
            assert!(complete.last.test.joint.is_some() && complete.last.log.is_some());
            assert!(complete.last.adaptation.expect("defined").is_finite());
        }
    }
}
