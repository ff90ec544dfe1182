//! Path diagrams: widths of ribbons, and what is gathered.

use roxmltree::{Document, Node};

use super::super::samples::paths;
use super::{check, texts};

/// The two heights of a ribbon, at its left and its right end.
fn heights(node: Node<'_, '_>) -> (f64, f64) {
    let d = node.attribute("d").unwrap_or_default().replace(|c: char| "MCVZ".contains(c), " ");
    let n: Vec<f64> = d.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    // M x y C m y m y x y V y C m y m y x y Z
    (n[14] - n[1], n[8] - n[7])
}

#[test]
fn ribbons_fill_each_depth_and_carry_their_contexts_name() {
    let picture = paths(3, 4, 3);
    let svg = picture.to_svg();
    let document = Document::parse(&svg).expect("well-formed");
    let ribbons: Vec<_> =
        document.descendants().filter(|n| n.attribute("class") == Some("pw-flow")).collect();
    assert_eq!(ribbons.len(), picture.flow.ribbons.len());
    let mut sums = [0.0; 3];
    for node in ribbons {
        let (left, right) = heights(node);
        assert!((left - right).abs() < 0.03, "{left} {right}");
        let tip = node.children().find_map(|n| n.text()).unwrap_or_default();
        let at = tip.split("at depth ").nth(1).and_then(|rest| rest[..1].parse::<usize>().ok());
        sums[at.expect("a depth") - 1] += left;
        assert!(picture.flow.contexts.iter().any(|c| tip.starts_with(&c.name)), "{tip}");
    }
    assert!(sums.iter().all(|sum| (sum - 380.0).abs() < 1.0), "{sums:?}");
}

#[test]
fn a_hundred_modules_and_contexts_stay_readable() {
    let svg = paths(100, 100, 3).to_svg();
    check(&svg);
    let document = Document::parse(&svg).expect("well-formed");
    let texts = texts(&document);
    for want in ["81 others", "100 of 100 used", "+87", "depth 3"] {
        assert!(texts.contains(&want), "{want} in {texts:?}");
    }
    assert!(svg.len() < 2_000_000, "{}", svg.len());
}
