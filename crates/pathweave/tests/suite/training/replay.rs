//! A run that follows what another decided.

use std::collections::BTreeMap;

use pathweave::decision::AlgorithmKind;
use pathweave::spec::{Output, RunSpec};
use pathweave::train::{
    Complete, Control, Decided, Finished, Observe, Paths, Replay, ReplayError, Routes, RunError,
    Snapshot, StepReport, run, run_driven,
};
use pathweave_data::{Split, TaskSet};

use crate::support::{all_bits, cpu, spec, task_set};

/// Keeps decisions in memory, and gives them back.
#[derive(Clone, Debug, Default)]
struct Tape {
    routes: Option<Routes>,
    /// By split (its debug name) and step
    paths: BTreeMap<(String, u64), Paths>,
    cut: Option<u64>,
    kept: Option<Snapshot>,
}

impl Observe for Tape {
    fn records(&mut self, routes: &Routes) {
        self.routes = Some(routes.clone());
    }

    fn decided(&mut self, split: Split, step: u64, decided: &[Decided]) {
        let paths = self.paths.entry((format!("{split:?}"), step)).or_default();
        for (depth, decided) in decided.iter().enumerate() {
            assert_eq!(decided.depth, depth);
            for (&sample, &action) in decided.samples.iter().zip(&decided.actions) {
                let path = paths.0.entry(sample).or_default();
                assert_eq!(path.len(), depth, "one decision a depth");
                path.push(action);
            }
        }
    }

    fn step(&mut self, report: &StepReport) -> Control {
        if self.cut == Some(report.step + 1) { Control::Stop } else { Control::Continue }
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        self.kept = Some(snapshot.clone());
    }
}

impl Replay for Tape {
    fn name(&self) -> String {
        "a tape".into()
    }

    fn routes(&self) -> &Routes {
        self.routes.as_ref().expect("recorded")
    }

    fn paths(&mut self, split: Split, step: u64) -> Result<Option<Paths>, String> {
        Ok(self.paths.get(&(format!("{split:?}"), step)).cloned())
    }
}

fn data() -> TaskSet {
    task_set(3, 3, 22)
}

fn complete(finished: Finished) -> Complete {
    match finished {
        Finished::Complete(complete) => *complete,
        Finished::Stopped { step } => panic!("stopped at {step}"),
    }
}

fn record(spec: &RunSpec) -> (Complete, Tape) {
    let mut spec = spec.clone();
    spec.train.record_routing = true;
    let mut tape = Tape::default();
    let ended = run(&spec.check().expect("good"), &data(), &cpu(), None, &mut tape);
    (complete(ended.expect("a run")), tape)
}

fn replay(spec: &RunSpec, tape: &Tape) -> Result<Complete, RunError> {
    let mut spec = spec.clone();
    spec.train.replay = "tape".into();
    let mut source = tape.clone();
    let spec = spec.check().expect("good");
    let mut watch = Tape::default();
    run_driven(&spec, &data(), &cpu(), None, Some(&mut source), &mut watch).map(complete)
}

fn specs() -> Vec<RunSpec> {
    let mut list = Vec::new();
    for kind in [AlgorithmKind::Wpl, AlgorithmKind::QLearning, AlgorithmKind::Em] {
        let mut spec = spec();
        spec.router.algorithm = kind;
        spec.reward.collaboration = 0.3;
        list.push(spec.clone());
        spec.model.output = Output::Shared;
        (spec.router.skip, spec.router.terminate) = (true, true);
        list.push(spec);
    }
    list
}

#[test]
fn a_run_that_follows_itself_comes_to_the_same_bits() {
    for spec in specs() {
        let (first, tape) = record(&spec);
        assert_eq!(tape.paths.keys().filter(|(split, _)| split == "Train").count(), 18);
        let again = replay(&spec, &tape).expect("a run");
        assert_eq!(all_bits(&first.snapshot.network), all_bits(&again.snapshot.network));
        assert_eq!(first.last.test.log, again.last.test.log);
    }
}

#[test]
fn recording_changes_nothing() {
    let spec = spec();
    let ended =
        run(&spec.clone().check().expect("good"), &data(), &cpu(), None, &mut Tape::default());
    let plain = complete(ended.expect("a run"));
    assert_eq!(all_bits(&plain.snapshot.network), all_bits(&record(&spec).0.snapshot.network));
}

#[test]
fn other_modules_follow_the_same_routes_in_training_and_evaluation() {
    let (first, tape) = record(&spec());
    let mut other = spec();
    other.model.hidden = vec![5, 4];
    other.model.blocks = vec![pathweave::block::BlockKind::Mlp];
    // A router of another kind learns from what it is made to do.
    other.router.algorithm = AlgorithmKind::Uniform;
    let again = replay(&other, &tape).expect("a run");
    assert_eq!(first.last.test.log, again.last.test.log);
}

#[test]
fn evaluations_without_a_record_are_the_routers_own() {
    let (_, mut tape) = record(&spec());
    tape.paths.retain(|(split, _), _| split == "Train");
    let mut hashed = spec();
    hashed.router.algorithm = AlgorithmKind::Hashed;
    let followed = replay(&hashed, &tape).expect("a run");
    let ended = run(&hashed.check().expect("good"), &data(), &cpu(), None, &mut Tape::default());
    let own = complete(ended.expect("a run"));
    assert_eq!(followed.last.test.log, own.last.test.log);
}

#[test]
fn a_run_cut_anywhere_follows_to_the_same_bits() {
    let (whole, tape) = record(&spec());
    let mut again = spec();
    again.train.replay = "tape".into();
    let again = again.check().expect("good");
    for cut in [1, 6, 18] {
        let (mut source, mut watch) = (tape.clone(), Tape { cut: Some(cut), ..Tape::default() });
        run_driven(&again, &data(), &cpu(), None, Some(&mut source), &mut watch).expect("a run");
        let (kept, mut rest) = (watch.kept.expect("a snapshot"), Tape::default());
        let ended = run_driven(&again, &data(), &cpu(), Some(&kept), Some(&mut source), &mut rest);
        let ended = complete(ended.expect("a run"));
        assert_eq!(all_bits(&whole.snapshot.network), all_bits(&ended.snapshot.network));
    }
}

#[test]
fn a_record_that_does_not_fit_is_told() {
    let (_, tape) = record(&spec());
    let error = |spec: &RunSpec, tape: &Tape| match replay(spec, tape) {
        Err(RunError::Replay(error)) => error,
        other => panic!("{other:?}"),
    };
    let train = |step| ("Train".to_owned(), step);

    let mut fewer = spec();
    fewer.model.modules = 2;
    let told = error(&fewer, &tape);
    assert!(matches!(told, ReplayError::Routes { .. }), "{told}");

    let mut short = tape.clone();
    short.paths.remove(&train(7));
    let source_name = "a tape".to_owned();
    assert_eq!(error(&spec(), &short), ReplayError::Step { source_name, step: 7 });

    let mut hole = tape.clone();
    let (&sample, _) = hole.paths[&train(2)].0.iter().next().expect("a sample");
    hole.paths.get_mut(&train(2)).expect("a step").0.remove(&sample);
    let told = error(&spec(), &hole).to_string();
    assert_eq!(told, format!("a tape: step 2: no decision for sample {sample}"));

    for (path, depth) in [(vec![0, 0], 2), (vec![0, 3, 0], 1), (vec![0, 0, 0, 0], 3)] {
        let mut broken = tape.clone();
        broken.paths.get_mut(&train(2)).expect("a step").0.insert(sample, path);
        let told = error(&spec(), &broken).to_string();
        assert!(told.contains(&format!("sample {sample}")), "{told}");
        assert!(told.ends_with(&format!("at depth {depth}")), "{told}");
    }

    let mut unseen = spec();
    unseen.train.replay = "tape".into();
    let unseen = unseen.check().expect("good");
    let ended = run(&unseen, &data(), &cpu(), None, &mut Tape::default());
    assert_eq!(ended.err(), Some(RunError::Replay(ReplayError::NoSource)));
}
