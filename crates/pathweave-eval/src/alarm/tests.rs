//! Alarms ring where a router collapses, and where it does not they do not.

use super::*;

/// A small generator of its own, so that the draws of a test never change (SplitMix64).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

/// Every alarm of a run of `steps` steps with `batch` rows at one depth.
fn run(
    spec: &AlarmSpec,
    modules: usize,
    (steps, batch): (u64, usize),
    mut choose: impl FnMut(u64) -> usize,
) -> Vec<Alarm> {
    let mut detector = Detector::new(spec.clone(), vec![modules], 0);
    let mut alarms = Vec::new();
    for step in 1..=steps {
        let mut counts = vec![0; modules];
        (0..batch).for_each(|_| counts[choose(step)] += 1);
        alarms.extend(detector.see(step, &[counts]));
    }
    alarms
}

#[test]
fn uniform_routing_rings_nothing() {
    // The smallest windows that the defaults allow, so that there are many.
    let spec = AlarmSpec { window: 1, ..AlarmSpec::default() };
    for modules in [2, 3, 5, 20] {
        for seed in 0..20 {
            let mut draws = Draws(seed);
            let alarms = run(&spec, modules, (4000, 25), |_| draws.below(modules));
            assert!(alarms.is_empty(), "{modules} modules, seed {seed}: {}", alarms[0]);
        }
    }
}

#[test]
fn routing_by_task_rings_nothing() {
    let spec = AlarmSpec { window: 1, ..AlarmSpec::default() };
    // The third has the largest share there can be, the fourth nearly the smallest for its modules.
    for (tasks, modules) in [(2, 2), (20, 20), (3, 2), (9, 5), (10, 3)] {
        for seed in 0..20 {
            let mut draws = Draws(seed);
            let alarms = run(&spec, modules, (4000, 25), |_| draws.below(tasks) % modules);
            assert!(alarms.is_empty(), "{tasks} tasks, {modules} modules: {}", alarms[0]);
        }
    }
}

#[test]
fn the_bounds_in_the_documentation_hold() {
    // Kullback-Leibler divergence of two coins.
    let kl = |a: f64, b: f64| a * (a / b).ln() + (1.0 - a) * ((1.0 - a) / (1.0 - b)).ln();
    assert!((-200.0 * kl(0.9, 2.0 / 3.0)).exp() < 2e-13);
    assert!((-200.0 * kl(0.9, 0.5)).exp() < 1e-31);
    for choices in 2_u32..1000 {
        let (a, n) = (f64::from(choices), 100.0 * f64::from(choices));
        assert!((1.0 - 1.0 / a).powf(n) <= (-100.0_f64).exp());
        assert!((1.0 - 1.0 / (2.0 * a - 1.0)).powf(n) <= (-50.0_f64).exp() * 1.01);
        assert!(a * (n + 1.0).ln() - n * 0.5 * a.ln() < -25.0 * 10.0_f64.ln());
        // Tasks spread over modules as evenly as context mod M does: the largest share.
        let tasks = 2 * choices - 1;
        assert!(f64::from(tasks.div_ceil(choices)) / f64::from(tasks) <= 2.0 / 3.0);
    }
}

#[test]
fn a_router_that_collapses_rings_all_three() {
    let mut draws = Draws(1);
    // Uniform for 500 steps, then one module but for one decision in a hundred.
    let alarms = run(&AlarmSpec::default(), 5, (1000, 20), |step| match step {
        ..=500 => draws.below(5),
        _ => 3 * usize::from(draws.below(100) > 0),
    });
    let names: Vec<&str> = alarms.iter().map(|alarm| alarm.cause.name()).collect();
    assert_eq!(names, ["unused", "share", "entropy"]);
    assert!(alarms.iter().all(|alarm| alarm.step == 600 && alarm.steps == 100));
    assert_eq!(alarms[0].cause, Cause::Unused { modules: vec![1, 2, 4] });
    let text = alarms[0].to_string();
    let wanted = "step 600, depth 0: modules 1, 2, 4 were chosen by no row (window of 100 steps)";
    assert_eq!(text, wanted);
    assert!(alarms[1].to_string().contains("module 3 took 9"), "{}", alarms[1]);
    assert!(alarms[2].to_string().contains("fell from 1.6"), "{}", alarms[2]);
}

#[test]
fn collapse_from_the_start_rings_without_a_peak() {
    let alarms = run(&AlarmSpec::default(), 3, (200, 10), |_| 0);
    let names: Vec<&str> = alarms.iter().map(|alarm| alarm.cause.name()).collect();
    assert_eq!(names, ["unused", "share"]);
}

#[test]
fn an_alarm_rings_again_after_its_cause_came_back() {
    let mut draws = Draws(2);
    let alarms = run(&AlarmSpec::default(), 2, (800, 10), |step| match (step - 1) / 200 % 2 {
        0 => 0,
        _ => draws.below(2),
    });
    let steps = |name: &str| -> Vec<u64> {
        let named = alarms.iter().filter(|alarm| alarm.cause.name() == name);
        named.map(|alarm| alarm.step).collect()
    };
    assert_eq!(steps("unused"), [100, 500]);
    assert_eq!(steps("share"), [100, 500]);
    assert_eq!(steps("entropy"), [500]);
}

#[test]
fn stray_rows_do_not_make_an_unused_module_ring_again() {
    // Module 1 has one row in every second window, of 1000 decisions each.
    let stray = |step: u64| usize::from(step % 200 == 150);
    let mut drawn = 0;
    let alarms = run(&AlarmSpec::default(), 2, (1000, 10), |step| {
        drawn += 1;
        if drawn % 10 == 0 { stray(step) } else { 0 }
    });
    let unused = alarms.iter().filter(|alarm| alarm.cause.name() == "unused");
    assert_eq!(unused.map(|alarm| alarm.step).collect::<Vec<_>>(), [100]);
}

#[test]
fn a_window_waits_for_enough_decisions() {
    // 2 rows a step and 3 choices: 300 decisions take 150 steps.
    let alarms = run(&AlarmSpec::default(), 3, (149, 2), |_| 0);
    assert!(alarms.is_empty());
    let alarms = run(&AlarmSpec::default(), 3, (150, 2), |_| 0);
    assert!(!alarms.is_empty() && alarms.iter().all(|alarm| alarm.steps == 150));
}

#[test]
fn alarms_that_are_off_and_depths_with_one_choice_are_silent() {
    let mut off = AlarmSpec::default();
    off.unused.action = Action::Off;
    off.share.action = Action::Off;
    assert!(!off.is_off());
    off.entropy.action = Action::Off;
    assert!(off.is_off() && run(&off, 3, (300, 10), |_| 0).is_empty());
    assert!(run(&AlarmSpec::default(), 1, (1000, 10), |_| 0).is_empty());
}

#[test]
fn skip_is_a_choice_and_no_module() {
    let mut detector = Detector::new(AlarmSpec::default(), vec![1, 1], 1);
    let mut alarms = Vec::new();
    for step in 1..=200 {
        // Nobody reaches the second depth.
        alarms.extend(detector.see(step, &[vec![0, 10]]));
    }
    let causes: Vec<&Cause> = alarms.iter().map(|alarm| &alarm.cause).collect();
    let share = Cause::Share { choice: 1, module: false, share: 1.0 };
    assert_eq!(causes, [&Cause::Unused { modules: vec![0] }, &share]);
    assert!(alarms[1].to_string().contains("applied no module"), "{}", alarms[1]);
}

#[test]
fn a_state_that_was_written_goes_on_to_the_same_alarms() {
    let spec = AlarmSpec { window: 7, ..AlarmSpec::default() };
    let mut whole = Detector::new(spec.clone(), vec![2], 0);
    let mut cut = whole.clone();
    for step in 1..=200 {
        let counts = [vec![if step < 100 { 20 } else { 0 }, 20]];
        let alarms = whole.see(step, &counts);
        assert_eq!(cut.see(step, &counts), alarms);
        let text = serde_json::to_string(cut.state()).unwrap();
        cut = Detector::new(spec.clone(), vec![2], 0);
        cut.restore(&serde_json::from_str(&text).unwrap());
        assert_eq!(cut, whole);
        for alarm in alarms {
            let text = serde_json::to_string(&alarm).unwrap();
            assert_eq!(serde_json::from_str::<Alarm>(&text).unwrap(), alarm);
        }
    }
    let fresh = Detector::new(spec.clone(), vec![2], 0);
    let mut other = fresh.clone();
    other.restore(&DetectorState::default());
    assert_eq!(other, fresh, "a checkpoint from before there were alarms");
}

#[test]
fn settings_out_of_range_are_named() {
    let mut spec = AlarmSpec { window: 0, ..AlarmSpec::default() };
    spec.share.above = 1.0;
    spec.entropy.drop = f64::NAN;
    let keys: Vec<&str> = spec.faults().into_iter().map(|(key, ..)| key).collect();
    assert_eq!(keys, ["window", "share.above", "entropy.drop"]);
    assert!(AlarmSpec::default().faults().is_empty());
}
