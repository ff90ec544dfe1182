use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::log::strategy::logs;
use crate::log::{Actions, Choice, LogHeader, RoutingLog, RoutingRow};
use crate::metric::MetricError;

const ALL: FlowLimits = FlowLimits { contexts: 99, modules: 99, depths: 99 };

fn row(sample: u64, depth: u32, context: u32, choice: Choice) -> RoutingRow {
    RoutingRow { sample, depth, context: Some(context), condition: None, agent: None, choice }
}

fn log(modules: Vec<usize>, contexts: usize, rows: Vec<RoutingRow>) -> RoutingLog {
    let mut header = LogHeader::new(modules);
    header.contexts = (0..contexts).map(|at| format!("task {at}")).collect();
    header.actions = Actions { skip: true, end: true };
    RoutingLog::new(header, rows).expect("a log")
}

fn places(depth: &FlowDepth) -> Vec<Place> {
    depth.stations.iter().map(|station| station.place).collect()
}

#[test]
fn a_small_log_flows_as_drawn_by_hand() {
    use Choice::{End, Module, Skip};
    let rows = vec![
        row(0, 0, 0, Module(0)),
        row(0, 1, 0, Module(1)),
        row(1, 0, 0, Module(0)),
        row(1, 1, 0, End),
        row(2, 0, 1, Module(2)),
        row(2, 1, 1, Skip),
        row(3, 0, 1, End),
    ];
    let flow = PathFlow::of_log(&log(vec![3, 2], 2, rows), ALL).expect("a flow");
    assert_eq!(places(&flow.depths[0]), [Place::Module(0), Place::Module(2), Place::End]);
    assert_eq!(places(&flow.depths[1]), [Place::Module(1), Place::Skip, Place::End]);
    let ways: Vec<_> =
        flow.ribbons.iter().map(|r| (r.depth, r.context, r.from, r.to, r.share)).collect();
    let want = [
        (0, 0, 0, 0, 0.5),
        (0, 1, 1, 1, 0.25),
        (0, 1, 1, 2, 0.25),
        (1, 0, 0, 0, 0.25),
        (1, 0, 0, 2, 0.25),
        (1, 1, 1, 1, 0.25),
        (1, 1, 2, 2, 0.25),
    ];
    assert_eq!(ways, want);
}

#[test]
fn weights_split_a_sample() {
    let weights = |w: &[f32]| Choice::Weights(w.to_vec());
    let rows = vec![row(0, 0, 0, weights(&[0.75, 0.25])), row(0, 1, 0, weights(&[0.5, 0.5]))];
    let flow = PathFlow::of_log(&log(vec![2, 2], 1, rows), ALL).expect("a flow");
    let second: Vec<f64> =
        flow.ribbons.iter().filter(|r| r.depth == 1).map(|ribbon| ribbon.share).collect();
    assert_eq!(second, [0.375, 0.375, 0.125, 0.125]);
}

#[test]
fn a_missing_row_is_a_skip_before_a_deeper_one_and_an_end_after_the_last() {
    let rows = vec![row(0, 1, 0, Choice::Module(0))];
    let flow = PathFlow::of_log(&log(vec![1, 1, 1], 1, rows), ALL).expect("a flow");
    let places: Vec<_> = flow.depths.iter().map(|depth| depth.stations[0].place).collect();
    assert_eq!(places, [Place::Skip, Place::Module(0), Place::End]);
}

#[test]
fn the_rare_are_gathered_and_counted() {
    // Sample s takes module s mod 30 and is of context s mod 25; the first of each come twice.
    let of = |s: u64| row(s, 0, (s % 25) as u32, Choice::Module((s % 30) as u32));
    let log = log(vec![100], 25, (0..30).map(of).collect());
    let limits = FlowLimits { contexts: 5, modules: 4, depths: 1 };
    let flow = PathFlow::of_log(&log, limits).expect("a flow");
    let names: Vec<&str> = flow.contexts.iter().map(|context| context.name.as_str()).collect();
    assert_eq!(names, ["task 0", "task 1", "task 2", "task 3", "21 others"]);
    let kept = [Place::Module(0), Place::Module(1), Place::Module(2), Place::Others(27)];
    assert_eq!(places(&flow.depths[0]), kept);
    assert_eq!((flow.depths[0].modules, flow.depths[0].used), (100, 30));
    assert!((flow.depths[0].stations[3].share - 0.9).abs() < 1e-12);
}

#[test]
fn one_more_than_the_limit_is_still_a_gathering_of_two() {
    let rows = (0..5).map(|s| row(s, 0, 0, Choice::Module(s as u32))).collect();
    let log = log(vec![5], 1, rows);
    let stations = |modules| {
        let limits = FlowLimits { modules, ..ALL };
        places(&PathFlow::of_log(&log, limits).expect("a flow").depths[0])
    };
    assert_eq!(stations(5).len(), 5);
    assert_eq!(stations(4)[3], Place::Others(2));
}

#[test]
fn rules_stand_in_for_contexts_and_a_log_without_rows_is_an_error() {
    let rule = |sample, condition| RoutingRow {
        context: None,
        condition,
        ..row(sample, 0, 0, Choice::Module(0))
    };
    let mut header = LogHeader::new(vec![1]);
    let bare = RoutingLog::new(header.clone(), vec![rule(0, None)]).expect("a log");
    let flow = PathFlow::of_log(&bare, ALL).expect("a flow");
    assert_eq!((flow.kind, flow.contexts[0].name.as_str()), (FlowKind::Sample, "all samples"));
    header.conditions = vec!["a".into(), "b".into()];
    let mixed = vec![rule(0, Some(1)), rule(1, None)];
    let flow = PathFlow::of_log(&RoutingLog::new(header, mixed).expect("a log"), ALL);
    let flow = flow.expect("a flow");
    let names: Vec<&str> = flow.contexts.iter().map(|context| context.name.as_str()).collect();
    assert_eq!((flow.kind, names), (FlowKind::Rule, vec!["b", "no rule"]));
    let empty = log(vec![1], 1, vec![]);
    assert_eq!(PathFlow::of_log(&empty, ALL), Err(MetricError::Empty));
}

/// Sums of what passes each station, by depth.
fn through(flow: &PathFlow, end: fn(&Ribbon) -> (usize, usize)) -> BTreeMap<(usize, usize), f64> {
    let mut sums = BTreeMap::new();
    for ribbon in &flow.ribbons {
        *sums.entry(end(ribbon)).or_default() += ribbon.share;
    }
    sums
}

proptest! {
    #[test]
    fn nothing_is_lost_on_the_way(
        log in logs(false),
        contexts in 1_usize..4,
        modules in 1_usize..4,
        depths in 1_usize..4,
    ) {
        prop_assume!(!log.rows().is_empty());
        let flow = PathFlow::of_log(&log, FlowLimits { contexts, modules, depths }).expect("a flow");
        prop_assert_eq!(flow.depths.len() + flow.more_depths, log.header().depths());
        prop_assert!(flow.contexts.len() <= contexts);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        for (depth, level) in flow.depths.iter().enumerate() {
            let of_depth = flow.ribbons.iter().filter(|ribbon| ribbon.depth == depth);
            prop_assert!(near(of_depth.map(|ribbon| ribbon.share).sum(), 1.0));
            let named = level.stations.iter().filter(|s| matches!(s.place, Place::Module(_)));
            prop_assert!(named.count() <= modules);
        }
        // What comes into a station is its share, and what goes on from it too.
        for ((depth, at), sum) in through(&flow, |ribbon| (ribbon.depth, ribbon.to)) {
            prop_assert!(near(sum, flow.depths[depth].stations[at].share));
        }
        for ((depth, at), sum) in through(&flow, |ribbon| (ribbon.depth, ribbon.from)) {
            let share = match depth {
                0 => flow.contexts[at].share,
                _ => flow.depths[depth - 1].stations[at].share,
            };
            prop_assert!(near(sum, share));
        }
    }

    #[test]
    fn choices_flow_as_a_count_of_pairs(log in logs(true)) {
        prop_assume!(!log.rows().is_empty());
        let (header, mut rows) = log.into_parts();
        for row in &mut rows {
            if let Choice::Weights(_) = row.choice {
                row.choice = Choice::Module(0);
            }
        }
        let log = RoutingLog::new(header, rows).expect("a log");
        let flow = PathFlow::of_log(&log, ALL).expect("a flow");
        // The first depth, counted in one pass over the rows.
        let first: Vec<&RoutingRow> = log.rows().iter().filter(|row| row.depth == 0).collect();
        for ribbon in flow.ribbons.iter().filter(|ribbon| ribbon.depth == 0) {
            let name = &flow.contexts[ribbon.context].name;
            let place = flow.depths[0].stations[ribbon.to].place;
            let counted = first.iter().filter(|row| {
                let named = row.context.map(|at| &log.header().contexts[at as usize]);
                let went = match row.choice {
                    Choice::Module(module) => Place::Module(module as usize),
                    Choice::Skip => Place::Skip,
                    _ => Place::End,
                };
                named == Some(name) && went == place
            });
            let share = counted.count() as f64 / first.len() as f64;
            prop_assert!((share - ribbon.share).abs() < 1e-9);
        }
    }
}
