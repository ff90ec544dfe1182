//! The same bits again, whole or in pieces.

use pathweave::rule::{RuleFinished, Unwatched, Watch, run};
use pathweave::spec::ModelKind;
use pathweave_data::dataset::rules::RuleFamily;

use super::{Seen, complete, finish, rules, spec, told};
use crate::support::cpu;

#[test]
fn a_seed_gives_the_same_bits_at_any_pace() {
    let first = finish(spec(), &mut Unwatched);
    for pace in [1, 3, 1000] {
        let again = finish(spec(), &mut Seen { pace, ..Seen::default() });
        assert_eq!(told(&first), told(&again), "pace {pace}");
    }
    let mut other = spec();
    other.train.seed = 1;
    assert_ne!(told(&first), told(&finish(other, &mut Unwatched)));
}

#[test]
fn a_run_in_pieces_comes_to_the_bits_of_a_whole_one() {
    for (family, kind) in [
        (RuleFamily::Mlp, ModelKind::Modular),
        (RuleFamily::Mha, ModelKind::ModularOp),
        (RuleFamily::Rnn, ModelKind::Monolithic),
    ] {
        let mut spec = spec();
        (rules(&mut spec).family, spec.model.kind) = (family, kind);
        let mut seen = Seen { pace: 1, ..Seen::default() };
        let whole = finish(spec.clone(), &mut seen);
        let spec = spec.check().expect("a good spec");
        // Within an epoch, between two, and before the last step.
        for stop in [3, 8, 10] {
            let mut watch = Seen { pace: 2, stop: Some(stop), ..Seen::default() };
            let stopped = run(&spec, &cpu(), None, &mut watch).expect("it runs");
            let RuleFinished::Stopped { step } = stopped else { panic!("it was to stop") };
            let snapshot = watch.snapshots.last().expect("a snapshot");
            assert_eq!(snapshot.counters.step, step);
            let mut rest = Seen { pace: 64, ..Seen::default() };
            let end = run(&spec, &cpu(), Some(snapshot), &mut rest).expect("it goes on");
            assert_eq!(told(&complete(end)), told(&whole), "{family:?} after step {step}");
            let losses: Vec<f64> = watch
                .moments
                .iter()
                .chain(&rest.moments)
                .flat_map(|moment| [moment.train_loss, moment.validation.total.mean_loss()])
                .collect();
            let wanted: Vec<f64> = seen
                .moments
                .iter()
                .flat_map(|moment| [moment.train_loss, moment.validation.total.mean_loss()])
                .collect();
            assert_eq!(losses, wanted);
        }
    }
}

#[test]
fn a_run_that_is_stopped_in_its_last_evaluation_has_its_last_snapshot() {
    let whole = finish(spec(), &mut Unwatched);
    let checked = spec().check().expect("a good spec");
    let mut watch = Seen { pace: 64, stop_in_finals: true, ..Seen::default() };
    let stopped = run(&checked, &cpu(), None, &mut watch).expect("it runs");
    assert!(matches!(stopped, RuleFinished::Stopped { step: 12 }));
    let snapshot = watch.snapshots.last().expect("a snapshot");
    let end = run(&checked, &cpu(), Some(snapshot), &mut Unwatched).expect("it goes on");
    assert_eq!(told(&complete(end)), told(&whole));
}

#[test]
fn the_observer_hears_of_steps_and_parameters() {
    struct Start(Option<(u64, u64, u64)>);
    impl Watch for Start {
        fn start(&mut self, steps: u64, done: u64, parameters: u64) {
            self.0 = Some((steps, done, parameters));
        }
    }
    let mut start = Start(None);
    let whole = finish(spec(), &mut start);
    assert_eq!(start.0, Some((12, 0, whole.parameters)));
}
