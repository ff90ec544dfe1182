//! Specs as users give them: a preset or a TOML file, and overrides.
//!
//! A file is one spec, or several that share a base:
//!
//! ```toml
//! [base]
//! data.name = "digits-mtl"
//!
//! [[variants]]
//! name = "cross-stitch"
//! model.kind = "cross-stitch"
//!
//! [grid]
//! train.seed = [0, 1, 2]
//! ```
//!
//! Every variant is run at every point of the grid. Overrides come last; one that sweeps is one
//! more axis of the grid. `schema` says to editors what may stand in such a file.

mod leaf;
mod only;
mod overrides;
mod preset;
mod resolve;
mod schema;
mod source;
mod wording;

use leaf::overlay;
pub use leaf::{Leaf, Leaves, Origin};
pub use only::Only;
pub use overrides::Override;
use pathweave::spec::RunSpec;
pub use preset::PRESETS;
pub use resolve::{Fault, table_of};
pub use schema::schema;
pub use source::is_file;
use toml::{Table, Value};
pub use wording::nearest;

use crate::error::CliError;

/// Seeds make runs of one model: they are no part of its name.
const SEEDS: [&str; 2] = ["train.seed", "data.seed"];

/// Everything that a command line asks to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the preset, or of the file without its ending
    pub name: String,
    base: Vec<Leaf>,
    variants: Vec<Variant>,
    grid: Vec<Vec<Leaf>>,
    given: Vec<Leaf>,
}

/// A model beside others.
#[derive(Clone, Debug)]
struct Variant {
    name: String,
    leaves: Vec<Leaf>,
}

impl Plan {
    /// Reads a preset or file and lays the overrides over it; `seed` overrides `train.seed`.
    ///
    /// # Errors
    /// [`CliError::Usage`] where there is no such preset or file; [`CliError::Spec`] with every
    /// syntax fault of file and overrides.
    pub fn new(spec: &str, overrides: &[String], seed: Option<u64>) -> Result<Self, CliError> {
        let mut plan = source::read(spec)?;
        plan.apply(overrides, seed)?;
        Ok(plan)
    }

    /// A plan of one spec, to lay overrides over.
    pub fn of(spec: &RunSpec) -> Self {
        let origin = Origin::Argument("spec".into());
        let mut base = Vec::new();
        leaf::walk(&table_of(spec), "", &mut |key, value| {
            base.push(Leaf::new(key, Some(value.clone()), origin.clone()));
        });
        Self {
            name: spec.name.clone(),
            base,
            variants: Vec::new(),
            grid: Vec::new(),
            given: Vec::new(),
        }
    }

    /// Lays overrides over the plan.
    ///
    /// # Errors
    /// [`CliError::Spec`] with every fault of the overrides.
    pub fn apply(&mut self, overrides: &[String], seed: Option<u64>) -> Result<(), CliError> {
        let mut faults = Vec::new();
        let seed = seed.map(|seed| format!("train.seed={seed}"));
        for text in overrides.iter().chain(&seed) {
            match Override::parse(text) {
                Ok(given) => self.lay(given),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(CliError::Spec(faults)) }
    }

    fn lay(&mut self, mut given: Override) {
        let key = given.leaves[0].key.clone();
        self.given.retain(|leaf| leaf.key != key);
        self.grid.retain(|axis| axis[0].key != key);
        if given.leaves.len() == 1 {
            self.given.append(&mut given.leaves);
        } else {
            self.grid.push(given.leaves);
        }
    }

    /// Every spec, variants first, then the axes of the grid in their order.
    ///
    /// # Errors
    /// [`CliError::Spec`] with every fault of every spec, each once.
    pub fn specs(&self) -> Result<Vec<RunSpec>, CliError> {
        Ok(self.labelled()?.into_iter().map(|(_, spec)| spec).collect())
    }

    /// [`Plan::specs`], each with its model: the variant's name, or the model's kind where that is
    /// an axis of the grid.
    ///
    /// # Errors
    /// As [`Plan::specs`].
    pub fn labelled(&self) -> Result<Vec<(String, RunSpec)>, CliError> {
        let (mut specs, mut faults) = (Vec::new(), Vec::new());
        let points = self.points();
        for variant in self.variants() {
            let common = self.leaves(&variant, &[]);
            for point in &points {
                let mut leaves = common.clone();
                overlay(&mut leaves, point);
                match resolve::resolve(&leaves) {
                    Ok(spec) => {
                        let kind = point.iter().find(|leaf| leaf.key == "model.kind");
                        let kind = kind.and_then(|leaf| leaf.value.as_ref()?.as_str());
                        let model = match (self.variants.is_empty(), kind) {
                            (true, Some(kind)) => kind.to_owned(),
                            (false, Some(kind)) => format!("{} {kind}", variant.name),
                            _ => variant.name.clone(),
                        };
                        specs.push((model, named(spec, &leaves, &variant.name, point)));
                    }
                    Err(found) => faults.extend(found.iter().map(ToString::to_string)),
                }
            }
        }
        // Variants share most of their settings, and so their faults.
        let mut seen = std::collections::BTreeSet::new();
        faults.retain(|fault| seen.insert(fault.clone()));
        if faults.is_empty() { Ok(specs) } else { Err(CliError::Spec(faults)) }
    }

    /// The plan as TOML that can be run: one full spec, or a full base with variants and grid.
    ///
    /// # Errors
    /// As [`Plan::specs`].
    pub fn to_toml(&self) -> Result<String, CliError> {
        let specs = self.specs()?;
        if let [spec] = specs.as_slice() {
            return Ok(text(&table_of(spec)));
        }
        let mut leaves = Leaves::new();
        for layer in [&self.base, &self.given] {
            overlay(&mut leaves, layer);
        }
        let lines =
            |found: Vec<Fault>| CliError::Spec(found.iter().map(Fault::to_string).collect());
        let mut base = table_of(&resolve::resolve(&leaves).map_err(lines)?);
        base.remove("name");
        let mut whole = Table::from_iter([("base".to_owned(), Value::Table(base))]);
        let own = |leaf: &&Leaf| !self.given.iter().any(|given| given.key == leaf.key);
        let variants: Vec<Value> = self
            .variants()
            .iter()
            .map(|variant| {
                let mut table = Table::new();
                table.insert("name".into(), Value::String(variant.name.clone()));
                for leaf in variant.leaves.iter().filter(own) {
                    if let Some(value) = &leaf.value {
                        leaf::put(&mut table, &leaf.key, value.clone());
                    }
                }
                Value::Table(table)
            })
            .collect();
        whole.insert("variants".into(), Value::Array(variants));
        let mut grid = Table::new();
        for axis in &self.grid {
            let values = axis.iter().filter_map(|leaf| leaf.value.clone()).collect();
            leaf::put(&mut grid, &axis[0].key, Value::Array(values));
        }
        if !grid.is_empty() {
            whole.insert("grid".into(), Value::Table(grid));
        }
        Ok(text(&whole))
    }

    /// The variants; of those that the overrides make equal, one. It keeps its name where it is
    /// what the overrides ask for, as cross-stitch is for model=cross-stitch.
    fn variants(&self) -> Vec<Variant> {
        if self.variants.is_empty() {
            return vec![Variant { name: self.name.clone(), leaves: Vec::new() }];
        }
        let points = self.points();
        let mut kept: Vec<(Variant, bool, Option<RunSpec>)> = Vec::new();
        for variant in &self.variants {
            let agrees = self.agrees(variant);
            // Variants that differ at all mostly differ at the first point.
            let first = self.content(variant, &points[..1]).map(|mut specs| specs.swap_remove(0));
            let equal = |(other, kept_agrees, kept): &&mut (Variant, bool, Option<RunSpec>)| {
                let whole = |variant| self.content(variant, &points);
                let same = || whole(other).is_some_and(|specs| whole(variant) == Some(specs));
                first.is_some() && *kept == first && !(*kept_agrees && agrees) && same()
            };
            match kept.iter_mut().find(equal) {
                None => kept.push((variant.clone(), agrees, first)),
                Some((_, true, _)) => {}
                Some(other) if agrees => (other.0, other.1) = (variant.clone(), true),
                Some(other) => other.0.name.clone_from(&self.name),
            }
        }
        kept.into_iter().map(|(variant, ..)| variant).collect()
    }

    /// Whether the overrides leave a variant's own settings as they are.
    fn agrees(&self, variant: &Variant) -> bool {
        let overriding = || self.given.iter().chain(self.grid.iter().flatten());
        let same = |own: &Leaf| overriding().all(|g| g.key != own.key || g.value == own.value);
        variant.leaves.iter().all(same)
    }

    /// A variant's specs at some points without their names; none where one is faulty.
    fn content(&self, variant: &Variant, points: &[Vec<Leaf>]) -> Option<Vec<RunSpec>> {
        let unnamed = |point: &Vec<Leaf>| {
            let spec = resolve::resolve(&self.leaves(variant, point)).ok()?;
            Some(RunSpec { name: String::new(), ..spec })
        };
        points.iter().map(unnamed).collect()
    }

    fn leaves(&self, variant: &Variant, point: &[Leaf]) -> Leaves {
        let mut leaves = Leaves::new();
        for layer in [&self.base, &variant.leaves, &self.given, point] {
            overlay(&mut leaves, layer);
        }
        leaves
    }

    /// The product of the axes; one empty point where there is none.
    fn points(&self) -> Vec<Vec<Leaf>> {
        self.grid.iter().fold(vec![Vec::new()], |points, axis| {
            let longer = |point: &Vec<Leaf>| {
                let with = |leaf: &Leaf| point.iter().chain([leaf]).cloned().collect();
                axis.iter().map(with).collect::<Vec<Vec<Leaf>>>()
            };
            points.iter().flat_map(longer).collect()
        })
    }
}

/// A TOML table as text.
pub fn text(table: &Table) -> String {
    toml::to_string(table).expect("tables of numbers, texts and lists can be written")
}

/// Gives a spec its label: the one asked for, or the variant's; and what a grid changes.
fn named(mut spec: RunSpec, leaves: &Leaves, variant: &str, point: &[Leaf]) -> RunSpec {
    let asked = leaves.get("name").and_then(|leaf| leaf.value.as_ref()).and_then(Value::as_str);
    spec.name = asked.unwrap_or(variant).to_owned();
    for leaf in point.iter().filter(|leaf| !SEEDS.contains(&leaf.key.as_str())) {
        let value = match &leaf.value {
            None => "null".to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        spec.name += &format!(" {}={value}", leaf.key);
    }
    spec
}

#[cfg(test)]
mod tests;
