//! What every picture promises: well-formed, deterministic, named, no text over another.

mod flow;

use super::samples::{bars, by_x, curves, dots, heat, intervals, log, map, paths, pies, scatter};
use super::*;
use crate::flow::{FlowKind, PathFlow};
use proptest::prelude::*;
use roxmltree::{Document, Node};

fn number(node: Node<'_, '_>, key: &str) -> f64 {
    node.attribute(key).and_then(|v| v.parse().ok()).unwrap_or(0.0)
}

fn texts<'a>(document: &'a Document<'_>) -> Vec<&'a str> {
    let nodes = document.descendants().filter(|n| n.has_tag_name("text"));
    nodes.filter_map(|n| n.text()).collect()
}

/// Left, right, top and bottom of every text that is not turned, by the estimate of its width.
fn boxes(document: &Document<'_>) -> Vec<([f64; 4], String)> {
    document
        .descendants()
        .filter(|n| n.has_tag_name("text") && !n.has_attribute("transform"))
        .map(|node| {
            let (x, y, size) = (number(node, "x"), number(node, "y"), number(node, "font-size"));
            let content = node.text().unwrap_or_default();
            let w = text::width(content, size);
            let left = match node.attribute("text-anchor") {
                Some("middle") => x - w / 2.0,
                Some("end") => x - w,
                _ => x,
            };
            ([left, left + w, y - 0.75 * size, y + 0.2 * size], content.to_owned())
        })
        .collect()
}

fn check(svg: &str) {
    let document = Document::parse(svg).expect("well-formed");
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let title = root.children().find(|n| n.has_tag_name("title")).expect("title");
    assert_eq!(root.attribute("aria-label"), Some(title.text().unwrap_or_default()));
    assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{svg}");
    let (width, height) = (number(root, "width"), number(root, "height"));
    let boxes = boxes(&document);
    for (index, (a, text)) in boxes.iter().enumerate() {
        assert!(a[0] >= -1.0 && a[1] <= width + 1.0, "{text:?} leaves the picture: {a:?}");
        assert!(a[2] >= -1.0 && a[3] <= height + 1.0, "{text:?} leaves the picture: {a:?}");
        for (b, other) in &boxes[..index] {
            let apart = a[1] <= b[0] || b[1] <= a[0] || a[3] <= b[2] || b[3] <= a[2];
            assert!(apart, "{text:?} {a:?} covers {other:?} {b:?}");
        }
    }
}

#[test]
fn every_picture_is_sound_at_every_size() {
    for n in [1, 3, 6, 20] {
        check(&bars(n, 1).to_svg());
        check(&bars(n, 3).to_svg());
        check(&curves(n.min(5), n, 30).to_svg());
        check(&curves(n.min(5), n, 30).to_compact_svg());
        check(&log(n.min(5), n, 8).to_svg());
        check(&LogLines { linear: true, ..log(n.min(5), n, 8) }.to_svg());
        check(&pies(n.min(5), n).to_svg());
        check(&curves(1, n, 1).to_svg());
        check(&dots(n, n.min(5), 3).to_svg());
        check(&by_x(n, 4).to_svg());
        check(&scatter(n.min(5), n, 30).to_svg());
        check(&scatter(1, n, 1).to_svg());
        check(&heat(n, n).to_svg());
        check(&intervals(n.min(3), n).to_svg());
        for tasks in [1, 3, 10, 20] {
            check(&map(tasks, n).to_svg());
            check(&paths(tasks, n, 1 + n % 10).to_svg());
        }
    }
}

#[test]
fn equal_input_gives_equal_bytes() {
    assert_eq!(bars(6, 2).to_svg(), bars(6, 2).to_svg());
    assert_eq!(map(20, 20).to_svg(), map(20, 20).to_svg());
}

fn no_flow() -> PathFlow {
    let (contexts, depths, ribbons) = (vec![], vec![], vec![]);
    PathFlow { kind: FlowKind::Context, contexts, depths, ribbons, more_depths: 0 }
}

#[test]
fn nothing_to_show_says_so() {
    let nan = |mut b: Bars| {
        b.groups.iter_mut().flat_map(|g| &mut g.bars).for_each(|b| b.value = f64::NAN);
        b
    };
    let pictures = [
        bars(0, 0).to_svg(),
        bars(0, 2).to_svg(),
        nan(bars(2, 1)).to_svg(),
        curves(0, 0, 0).to_svg(),
        curves(2, 2, 0).to_svg(),
        by_x(0, 0).to_svg(),
        dots(0, 2, 3).to_svg(),
        dots(2, 0, 3).to_svg(),
        dots(2, 2, 0).to_svg(),
        pies(0, 0).to_svg(),
        pies(2, 0).to_svg(),
        scatter(0, 0, 0).to_svg(),
        scatter(2, 2, 0).to_svg(),
        map(0, 3).to_svg(),
        RoutingMap { rows: vec![], ..map(3, 3) }.to_svg(),
        heat(0, 3).to_svg(),
        heat(3, 0).to_svg(),
        PathDiagram { flow: no_flow(), ..paths(1, 1, 1) }.to_svg(),
        intervals(0, 3).to_svg(),
        intervals(2, 0).to_svg(),
    ];
    for svg in pictures {
        check(&svg);
        assert!(texts(&Document::parse(&svg).expect("well-formed")).contains(&"no data"));
    }
}

#[test]
fn bars_show_values_intervals_and_the_paper() {
    let mut picture = bars(3, 1);
    picture.groups[0].bars[1].value = f64::NAN;
    let svg = picture.to_svg();
    let document = Document::parse(&svg).expect("well-formed");
    let texts = texts(&document);
    for want in ["70.0 ± 1.0%", "no data", "64.0%", "60.0%", "value in the paper"] {
        assert!(texts.contains(&want), "{want} in {texts:?}");
    }
    let lengths: Vec<_> = document
        .descendants()
        .filter(|n| n.has_tag_name("rect") && n.has_attribute("fill"))
        .map(|n| number(n, "width"))
        .collect();
    assert_eq!(lengths.len(), 2);
    assert!((lengths[1] / lengths[0] - 0.64 / 0.70).abs() < 1e-3, "{lengths:?}");
}

#[test]
fn intervals_show_points_bars_and_the_reference() {
    let svg = intervals(2, 6).to_svg();
    let document = Document::parse(&svg).expect("well-formed");
    let rects: Vec<_> =
        document.descendants().filter(|n| n.has_attribute("fill-opacity")).collect();
    // Of six marks, one is absent and two have no interval, in two panels.
    assert_eq!(rects.len(), 6);
    let (width, left) = (number(rects[0], "width"), number(rects[0], "x"));
    let point = document.descendants().find(|n| n.attribute("stroke-width") == Some("2"));
    let share = (number(point.expect("a point"), "x1") - left) / width;
    assert!((share - 5.0 / 7.0).abs() < 1e-2, "{share}");
    assert_eq!(document.descendants().filter(|n| n.has_attribute("stroke-dasharray")).count(), 1);
    assert!(svg.contains("0.500 [0.450, 0.520]"), "{svg}");
}

#[test]
fn an_error_bar_stays_beside_names_and_values() {
    let mut picture = bars(1, 1);
    picture.groups[0].bars[0].error = Some(50.0);
    let svg = picture.to_svg();
    let document = Document::parse(&svg).expect("well-formed");
    let (value, _) = boxes(&document).into_iter().find(|(_, text)| text.contains('±')).expect("it");
    let whisker = document.descendants().filter(|n| n.attribute("class") == Some("pw-whisker"));
    for line in whisker.filter(|line| number(*line, "y1") < value[3]) {
        assert!(number(line, "x2") < value[0], "{line:?} runs into {value:?}");
    }
}

#[test]
fn an_interval_of_shares_does_not_open_the_axis_beyond_one() {
    let mut picture = bars(1, 1);
    picture.groups[0].bars[0].error = Some(0.5);
    let svg = picture.to_svg();
    check(&svg);
    let document = Document::parse(&svg).expect("well-formed");
    let ticks = texts(&document);
    assert!(ticks.contains(&"100%") && !ticks.contains(&"120%"), "{ticks:?}");
}

#[test]
fn a_value_that_is_not_finite_breaks_its_line() {
    let mut picture = curves(1, 1, 9);
    picture.panels[0].lines[0].points[4].y = f64::NAN;
    let svg = picture.to_svg();
    check(&svg);
    let document = Document::parse(&svg).expect("well-formed");
    let strokes = document.descendants().filter(|n| {
        n.has_tag_name("path") && n.has_attribute("stroke") && n.attribute("fill") == Some("none")
    });
    assert_eq!(strokes.count(), 2);
}

#[test]
fn a_long_curve_is_thinned_and_keeps_its_end() {
    let svg = curves(1, 1, 100_000).to_svg();
    assert!(svg.len() < 60_000, "{}", svg.len());
    assert!(svg.contains("at 99999"));
}

#[test]
fn a_map_draws_one_line_a_task_and_depth_and_stops_at_the_end() {
    let path = |task: &str, stops: &[Stop]| Path {
        task: task.into(),
        stops: stops.iter().map(|s| (*s, 1.0)).collect(),
    };
    let picture = RoutingMap {
        paths: vec![
            path("a", &[Stop::Module(0), Stop::Module(1), Stop::Module(9)]),
            path("b", &[Stop::Module(0), Stop::End, Stop::Module(1)]),
            path("c", &[]),
        ],
        ..map(0, 2)
    };
    let svg = picture.to_svg();
    check(&svg);
    let document = Document::parse(&svg).expect("well-formed");
    let coloured = document.descendants().filter(|n| n.has_attribute("stroke-dasharray")).count();
    // Three for a, one for b before its end; the end is a stub without a dash.
    assert_eq!(coloured, 4);
    let boxes = document.descendants().filter(|n| {
        matches!(n.attribute("class"), Some("pw-box" | "pw-idle")) && n.has_tag_name("rect")
    });
    assert_eq!(boxes.count(), 2 + 2 + 10);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_numbers_and_names_make_a_sound_picture(
        values in prop::collection::vec(
            (prop::num::f64::ANY, prop::option::of(prop::num::f64::ANY), "\\PC{0,40}"), 0..6),
    ) {
        let bar = |(value, error, label): &(f64, Option<f64>, String)| Bar {
            label: label.clone(), value: *value, error: *error, paper: *error };
        let group = BarGroup { label: String::new(), bars: values.iter().map(bar).collect() };
        let picture = Bars { groups: vec![group], unit: Unit::Number { digits: 0 }, ..bars(0, 0) };
        prop_assert!(Document::parse(&picture.to_svg()).is_ok());
        let line = |(y, error, label): &(f64, Option<f64>, String)| Line {
            label: label.clone(), points: vec![Point { x: error.unwrap_or(0.0), y: *y, error: *error }] };
        let lines: Vec<_> = values.iter().map(line).collect();
        let panel = Panel { lines: lines.clone(), ..curves(1, 0, 0).panels.remove(0) };
        let picture = CurvePlot { panels: vec![panel], ..curves(0, 0, 0) };
        prop_assert!(Document::parse(&picture.to_svg()).is_ok());
        let picture = LinesByX { lines, ..by_x(0, 0) };
        prop_assert!(Document::parse(&picture.to_svg()).is_ok());
    }
}

#[test]
fn every_finite_point_has_its_marker_and_a_line_breaks_where_it_must() {
    let mut picture = scatter(2, 1, 4);
    let cloud = &mut picture.panels[1].clouds[0];
    cloud.points[0].1 = f64::NAN;
    cloud.line = vec![(0.0, 0.0), (1.0, 1.0), (f64::NAN, 0.0), (2.0, 0.0), (3.0, 1.0)];
    let svg = picture.to_svg();
    check(&svg);
    let document = Document::parse(&svg).expect("well-formed");
    let count = |tag: &str| document.descendants().filter(|n| n.has_tag_name(tag)).count();
    // Seven points and the legend's marker; one line in the first panel, two in the second.
    assert_eq!((count("circle"), count("polyline")), (8, 3));
}

#[test]
fn dots_show_every_run_and_cut_wide_intervals() {
    let mut picture = dots(2, 1, 3);
    picture.panels[0].rows[0].error = Some(1e9);
    picture.panels[0].rows[1].values[0] = f64::NAN;
    let svg = picture.to_svg();
    check(&svg);
    let document = Document::parse(&svg).expect("well-formed");
    let count = document.descendants().filter(|n| n.attribute("fill-opacity").is_some()).count();
    // Five values that are finite, and the one of the key.
    assert_eq!(count, 6);
    let ticks = texts(&document);
    assert!(ticks.iter().any(|t| t.ends_with('%')), "{ticks:?}");
    assert!(!ticks.iter().any(|t| t.contains("e9%")), "{ticks:?}");
}

#[test]
fn a_wide_heat_map_leaves_numbers_and_empty_cells_out() {
    let numbers = |svg: &str| {
        let document = Document::parse(svg).expect("well-formed");
        let of = |text: &&&str| ["100", "50", "1"].contains(*text);
        let numbers = texts(&document).iter().filter(of).count();
        let titles = document.descendants().filter(|n| n.has_tag_name("title")).count();
        (numbers, titles)
    };
    // Column headings bear no percent: 1 is one of them. The picture itself has a title.
    let narrow = heat(4, 16);
    assert_eq!(numbers(&narrow.to_svg()), (3 * 4 + 3, 3 * 4 * 16 + 1));
    let mut wide = heat(4, 17);
    wide.panels[0].shares[0] = vec![f64::NAN; 17];
    wide.panels[0].shares[0][8..].fill(0.5);
    assert_eq!(numbers(&wide.to_svg()), (3, 3 * 4 - 1 + 9 + 1));
    check(&wide.to_svg());
    assert!(wide.to_svg().contains("Shares in percent."));
    let big = heat(32, 32).to_svg();
    assert!(big.len() < 60_000, "{} bytes", big.len());
}
