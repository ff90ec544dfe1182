//! The activation map: rules by modules (M figure 2), or layers by modules where no rule is known.

use pathweave_eval::joint::Joint;
use pathweave_eval::plot::{HeatMap, HeatPanel};

use super::snapshot::{Snapshot, Subject};

/// Most rows and columns of a map in the terminal.
const ROWS: usize = 40;
const COLUMNS: usize = 64;
/// Up to so many columns, cells are numbers.
const NUMBERS: usize = 16;
/// Shades from none to all.
const SHADES: [char; 5] = ['·', '░', '▒', '▓', '█'];

/// One table of shares.
pub struct Map {
    /// Heading; empty where there is one
    pub label: String,
    pub rows: Vec<String>,
    /// \[rows\]\[modules\]; NaN where nothing is known
    pub shares: Vec<Vec<f64>>,
}

/// p(m | r) at each depth, or p(m) by depth.
pub fn maps(subject: &Subject) -> Vec<Map> {
    let snapshot = subject.last();
    match &snapshot.rules {
        Some((_, names)) => of_rules(snapshot, names, &subject.layers),
        None => {
            let row = |joint: &Option<Joint>| joint.as_ref().map_or(Vec::new(), Joint::marginal);
            let shares: Vec<Vec<f64>> = snapshot.joints.iter().map(row).collect();
            let rows = subject.layers.iter().take(shares.len());
            let rows = rows.map(|layer| format!("layer {layer}")).collect();
            vec![Map { label: "share of the decisions".to_owned(), rows, shares }]
        }
    }
}

fn of_rules(snapshot: &Snapshot, names: &[String], layers: &[String]) -> Vec<Map> {
    let of_depth = |(depth, joint): (usize, &Option<Joint>)| {
        let joint = joint.as_ref()?;
        let mut shares = vec![vec![f64::NAN; joint.modules()]; names.len()];
        for (rule, row) in joint.seen().into_iter().zip(joint.conditional()) {
            shares[rule] = row;
        }
        let label = format!("layer {}", layers.get(depth).map_or("", String::as_str));
        Some(Map { label, rows: names.to_vec(), shares })
    };
    snapshot.joints.iter().enumerate().filter_map(of_depth).collect()
}

/// As SVG.
pub fn figure(subject: &Subject) -> String {
    let maps = maps(subject);
    let what = match subject.last().rules {
        Some(_) => "activation of modules by rule",
        None => "activation of modules by layer",
    };
    let title = format!("{}: {what}", subject.name);
    let contexts = maps.first().map_or(Vec::new(), |map| map.rows.clone());
    let panel = |map: Map| {
        let modules = map.shares.iter().map(Vec::len).max().unwrap_or(0);
        let columns = (0..modules).map(|module| module.to_string()).collect();
        HeatPanel { label: map.label, columns, shares: map.shares }
    };
    HeatMap { title, contexts, panels: maps.into_iter().map(panel).collect() }.to_svg()
}

/// As text: shares in percent, or shades where there are many modules.
pub fn text(subject: &Subject) -> String {
    let one = |map: &Map| {
        let modules = map.shares.iter().map(Vec::len).max().unwrap_or(0);
        let numbers = modules <= NUMBERS;
        let label = |name: &String| name.chars().take(24).collect::<String>();
        let width = map.rows.iter().map(|name| label(name).chars().count()).max().unwrap_or(0);
        let unit = match numbers {
            true => "percent",
            false => "· 0–5, ░ to 25, ▒ to 50, ▓ to 75, █ to 100 percent",
        };
        let mut text = format!("{} ({unit}), module across\n", map.label);
        if numbers {
            let heads: String = (0..modules).map(|module| format!("{module:>4}")).collect();
            text += &format!("{:<width$} {heads}\n", "");
        }
        for (name, shares) in map.rows.iter().zip(&map.shares).take(ROWS) {
            let cells: String = shares.iter().take(COLUMNS).map(|&s| cell(s, numbers)).collect();
            text += format!("{:<width$} {cells}", label(name)).trim_end();
            text.push('\n');
        }
        for (left, what) in [
            (map.rows.len().saturating_sub(ROWS), "rows"),
            (modules.saturating_sub(COLUMNS), "modules"),
        ] {
            if left > 0 {
                text += &format!("and {left} more {what}\n");
            }
        }
        text
    };
    maps(subject).iter().map(one).collect::<Vec<_>>().join("\n")
}

fn cell(share: f64, number: bool) -> String {
    if number {
        return match share.is_finite() {
            true => format!("{:>4.0}", 100.0 * share),
            false => "   –".to_owned(),
        };
    }
    let shade = match share {
        share if !share.is_finite() => ' ',
        share if share < 0.05 => SHADES[0],
        share if share < 0.25 => SHADES[1],
        share if share < 0.5 => SHADES[2],
        share if share < 0.75 => SHADES[3],
        _ => SHADES[4],
    };
    shade.to_string()
}
