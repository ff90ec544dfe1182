//! What the columns of a CSV file stand for.

use super::super::fault::Faults;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Step,
    Sample,
    Depth,
    Layer,
    Context,
    Condition,
    Agent,
    Choice,
    /// The weight of a module
    Weight(usize),
}

/// The names of a role, lower case, with `_` for blanks, hyphens and dots.
const NAMES: [(Role, &[&str]); 8] = [
    (Role::Step, &["step", "global_step", "iteration"]),
    (Role::Sample, &["sample", "sample_id", "token", "token_id", "id", "index"]),
    (Role::Depth, &["depth"]),
    (Role::Layer, &["layer", "layer_id", "layer_idx", "layer_index", "layer_number"]),
    (Role::Context, &["context", "task", "domain"]),
    (Role::Condition, &["condition", "rule", "label"]),
    (Role::Agent, &["agent", "router"]),
    (Role::Choice, &["module", "module_id", "expert", "expert_id", "choice"]),
];

/// What may stand before a module's number in the name of a column of weights.
const PREFIXES: [&str; 7] = ["w", "p", "weight", "prob", "probability", "module", "expert"];

/// The names that are known, for an error.
pub(super) fn known() -> String {
    let of_role = |(_, names): &(Role, &[&str])| names.join(", ");
    let names: Vec<String> = NAMES.iter().map(of_role).collect();
    format!("{}; or weights w0, w1, … (also {})", names.join("; "), PREFIXES[1..].join(", "))
}

pub(super) fn role(name: &str) -> Option<Role> {
    let name = name.trim().trim_matches('"').trim_start_matches('\u{feff}').to_lowercase();
    let name = name.trim().replace(['-', ' ', '.'], "_");
    if let Some((role, _)) = NAMES.iter().find(|(_, names)| names.contains(&&*name)) {
        return Some(*role);
    }
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    let prefix = name[..name.len() - digits.len()].trim_end_matches('_');
    let number = digits.parse().ok().filter(|_| PREFIXES.contains(&prefix))?;
    Some(Role::Weight(number))
}

/// Whether a line is the head of a table of decisions: a column of it says what was chosen.
pub(super) fn is_header<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    cells.filter_map(role).any(|role| role != Role::Agent)
}

/// Which column holds what.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub step: Option<usize>,
    pub sample: Option<usize>,
    /// And whether it is a layer, whose numbers may begin anywhere
    pub depth: Option<(usize, bool)>,
    /// Context, condition, agent
    pub optional: [Option<usize>; 3],
    pub choice: Option<usize>,
    /// By module \[M\]
    pub weights: Vec<usize>,
}

impl Columns {
    /// Of the head's cells; other columns are passed over.
    pub fn of(head: &[&str], faults: &mut Faults) -> Self {
        let mut columns = Self::default();
        let mut weights: Vec<(usize, usize)> = Vec::new();
        for (at, name) in head.iter().enumerate() {
            let slot = match role(name) {
                None => continue,
                Some(Role::Weight(module)) => {
                    weights.push((module, at));
                    continue;
                }
                Some(Role::Depth | Role::Layer) => {
                    if columns.depth.is_some() {
                        faults.add(1, name, "a second column for the depth", "one");
                    }
                    columns.depth = Some((at, role(name) == Some(Role::Layer)));
                    continue;
                }
                Some(Role::Step) => &mut columns.step,
                Some(Role::Sample) => &mut columns.sample,
                Some(Role::Context) => &mut columns.optional[0],
                Some(Role::Condition) => &mut columns.optional[1],
                Some(Role::Agent) => &mut columns.optional[2],
                Some(Role::Choice) => &mut columns.choice,
            };
            if let Some(first) = slot.replace(at) {
                let found = format!("a second column for the same, beside {}", head[first]);
                faults.add(1, name, found, "one");
            }
        }
        weights.sort_unstable();
        for (expected, &(module, at)) in weights.iter().enumerate() {
            if module != expected {
                let allowed = format!("modules 0 to {}, each once", weights.len() - 1);
                faults.add(1, head[at], "a gap in the numbers of modules", allowed);
                break;
            }
        }
        columns.weights = weights.into_iter().map(|(_, at)| at).collect();
        if columns.choice.is_none() == columns.weights.is_empty() {
            let found = match columns.choice {
                None => format!("neither among {}", head.join(", ")),
                Some(_) => "both".to_owned(),
            };
            faults.add(1, "choice or weights", found, format!("one of them; known: {}", known()));
        }
        if columns.sample.is_none() && columns.depth.is_some() {
            let found = format!("nothing among {}", head.join(", "));
            faults.add(
                1,
                "sample",
                found,
                format!("a column beside the depth; known: {}", known()),
            );
        }
        columns
    }
}
