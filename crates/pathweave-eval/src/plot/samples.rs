//! Pictures of any size for the tests, with long names and every kind of value.

use super::*;
use crate::flow::{FlowLimits, PathFlow};
use crate::log::{Actions, Choice, LogHeader, RoutingLog, RoutingRow};

const NAMES: [&str; 6] = [
    "routing-all-fc",
    "routing-all-fc recurrent + pass",
    "task-specific-all-fc",
    "soft mixture-all-fc <&>",
    "a name much longer than any column of any picture has room for, and then some more",
    "x",
];

fn name(index: usize) -> String {
    NAMES.get(index).map_or_else(|| format!("model {index}"), |n| (*n).to_owned())
}

pub(super) fn bars(count: usize, groups: usize) -> Bars {
    let bar = |i: usize| Bar {
        label: name(i),
        value: 0.7 - 0.03 * i as f64,
        error: (i % 3 != 2).then_some(0.01),
        paper: i.is_multiple_of(2).then_some(0.6),
    };
    let group =
        |g| BarGroup { label: format!("group {g}"), bars: (0..count).map(bar).collect::<Vec<_>>() };
    Bars {
        title: "Accuracy of <every> model & more".into(),
        value_label: "accuracy".into(),
        unit: Unit::Percent { digits: 1 },
        groups: (0..groups).map(group).collect(),
    }
}

fn lines(count: usize, points: usize) -> Vec<Line> {
    let point = |i: usize, k: usize| Point {
        x: k as f64,
        y: (i + k) as f64 / (1.0 + points as f64),
        error: k.is_multiple_of(2).then_some(0.05),
    };
    (0..count)
        .map(|i| Line { label: name(i), points: (0..points).map(|k| point(i, k)).collect() })
        .collect()
}

pub(super) fn curves(panels: usize, count: usize, points: usize) -> CurvePlot {
    let panel = |p: usize| Panel {
        title: name(p),
        x_label: "step".into(),
        y_label: "loss".into(),
        unit: Unit::Number { digits: 3 },
        lines: lines(count, points),
    };
    CurvePlot { title: "Curves".into(), panels: (0..panels).map(panel).collect() }
}

pub(super) fn by_x(count: usize, points: usize) -> LinesByX {
    LinesByX {
        title: "Cost".into(),
        x_label: "modules".into(),
        y_label: "seconds".into(),
        unit: Unit::Number { digits: 1 },
        lines: lines(count, points),
    }
}

pub(super) fn log(panels: usize, count: usize, points: usize) -> LogLines {
    let CurvePlot { panels, .. } = curves(panels, count, points);
    LogLines { title: "Variance".into(), panels, linear: false }
}

pub(super) fn pies(count: usize, slices: usize) -> Pies {
    let slice = |i: usize| Slice { label: name(i), value: 1.0 + i as f64 };
    let pie = |p: usize| Pie { title: name(p), slices: (0..slices).map(slice).collect() };
    Pies { title: "Settings <won>".into(), pies: (0..count).map(pie).collect() }
}

pub(super) fn map(tasks: usize, modules: usize) -> RoutingMap {
    let stop = |t: usize, d: usize| match (t + d) % 7 {
        5 => Stop::Skip,
        6 => Stop::End,
        _ => Stop::Module((t * 3 + d) % modules),
    };
    let path =
        |t| Path { task: name(t), stops: (0..3).map(|d| (stop(t, d), 0.75)).collect::<Vec<_>>() };
    RoutingMap {
        title: "Map".into(),
        rows: (1..=3).map(|d| Row { label: format!("depth {d}"), modules }).collect(),
        paths: (0..tasks).map(path).collect(),
    }
}

pub(super) fn heat(contexts: usize, modules: usize) -> HeatMap {
    let shares = |c: usize| (0..modules).map(|m| f64::from(u8::from(m == c % modules))).collect();
    let panel = |d| HeatPanel {
        label: format!("depth {d}"),
        columns: (0..modules).map(|m| m.to_string()).collect(),
        shares: (0..contexts).map(shares).collect(),
    };
    HeatMap {
        title: "Shares".into(),
        contexts: (0..contexts).map(name).collect(),
        panels: (1..=3).map(panel).collect(),
    }
}

pub(super) fn intervals(panels: usize, count: usize) -> Intervals {
    let mark = |i: usize| {
        let value = 0.5 + 0.01 * i as f64;
        let interval = (i % 3 != 2).then_some((value - 0.05, value + 0.02));
        (i % 5 != 4).then_some(Mark { value, interval })
    };
    let panel = |p: usize| IntervalPanel {
        title: name(p),
        unit: Unit::Number { digits: 3 },
        reference: (p == 1).then_some(0.5),
        marks: (0..count).map(mark).collect(),
    };
    Intervals {
        title: "Means <&> intervals".into(),
        labels: (0..count).map(name).collect(),
        panels: (0..panels).map(panel).collect(),
    }
}

pub(super) fn scatter(panels: usize, clouds: usize, points: usize) -> Scatter {
    let place = |i: usize, k: usize| (k as f64 - 2.0, (i + k) as f64 / 3.0);
    let cloud = |i: usize| Cloud {
        label: name(i),
        points: (0..points).map(|k| place(i, k)).collect(),
        line: if points > 0 { vec![(-1.0, i as f64), (1.0, -(i as f64))] } else { Vec::new() },
    };
    let panel =
        |p: usize| ScatterPanel { title: name(p), clouds: (0..clouds).map(cloud).collect() };
    Scatter {
        title: "Points <&> lines".into(),
        x_label: "x".into(),
        y_label: "y".into(),
        panels: (0..panels).map(panel).collect(),
    }
}

/// Samples that each wander by their number, some skipping, some ending.
pub(super) fn wandering(contexts: usize, modules: usize, depths: usize) -> RoutingLog {
    let mut header = LogHeader::new(vec![modules; depths]);
    header.contexts = (0..contexts).map(name).collect();
    header.actions = Actions { skip: true, end: true };
    let mut rows = Vec::new();
    for sample in 0..5 * contexts.max(modules) {
        for depth in 0..depths {
            let choice = match (sample * 31 + depth * 17) % 23 {
                21 => Choice::Skip,
                22 => Choice::End,
                draw => Choice::Module(((sample + draw * draw) % modules) as u32),
            };
            let ends = choice == Choice::End;
            let (sample, depth) = (sample as u64, depth as u32);
            let context = Some((sample % contexts as u64) as u32);
            rows.push(RoutingRow { sample, depth, context, condition: None, agent: None, choice });
            if ends {
                break;
            }
        }
    }
    RoutingLog::new(header, rows).expect("a log")
}

pub(super) fn paths(contexts: usize, modules: usize, depths: usize) -> PathDiagram {
    let log = wandering(contexts, modules, depths);
    let flow = PathFlow::of_log(&log, FlowLimits::default()).expect("rows");
    PathDiagram { title: "Paths of <tasks> & more".into(), flow }
}

pub(super) fn dots(rows: usize, panels: usize, values: usize) -> Dots {
    let row = |at: usize| DotRow {
        values: (0..values).map(|k| 0.5 + (at + k) as f64 / 40.0).collect(),
        mean: (values > 0).then_some(0.5 + at as f64 / 40.0),
        error: (values > 1).then_some(0.3),
    };
    let panel = |p: usize| DotPanel {
        label: name(p),
        unit: if p == 0 { Unit::Percent { digits: 1 } } else { Unit::Number { digits: 3 } },
        rows: (0..rows).map(row).collect(),
    };
    let panels = (0..panels).map(panel).collect();
    Dots { title: "Groups <side> by side".into(), rows: (0..rows).map(name).collect(), panels }
}
