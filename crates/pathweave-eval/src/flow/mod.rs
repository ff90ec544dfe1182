//! How contexts flow through modules from depth to depth: which share of the samples goes from where
//! to where, and of which context it is.
//!
//! A [`PathFlow`] comes from a routing log and is what [`crate::plot::PathDiagram`] draws. The shares
//! of its ribbons sum to one at each depth, so that nothing that was routed is lost on the way.

mod gather;
mod of_log;
#[cfg(test)]
mod tests;

/// The flow of a log's samples.
#[derive(Debug, Clone, PartialEq)]
pub struct PathFlow {
    /// What the contexts are.
    pub kind: FlowKind,
    /// Where samples come from.
    pub contexts: Vec<FlowContext>,
    /// Where they go, depth by depth.
    pub depths: Vec<FlowDepth>,
    /// The ways between, each share above zero, by depth, context, from and to.
    pub ribbons: Vec<Ribbon>,
    /// Deeper depths than those that are shown.
    pub more_depths: usize,
}

/// What tells samples apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowKind {
    /// The rows' contexts, such as tasks.
    Context,
    /// The rows' conditions, the rules that made the samples, since no row has a context.
    Rule,
    /// Nothing: all samples are one.
    Sample,
}

/// One or several contexts.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowContext {
    /// Its name, or how many are gathered.
    pub name: String,
    /// Its share of the samples.
    pub share: f64,
}

/// What there is at one depth.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowDepth {
    /// Modules there are.
    pub modules: usize,
    /// Those that some sample takes.
    pub used: usize,
    /// Where samples go: modules by number, those that are gathered, skip, end.
    pub stations: Vec<Station>,
}

/// Where samples go at one depth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Station {
    /// What it is.
    pub place: Place,
    /// Its share of the samples.
    pub share: f64,
}

/// What a station is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The module of this number.
    Module(usize),
    /// So many modules with small shares.
    Others(usize),
    /// No module; the sample goes on.
    Skip,
    /// The path has ended here or before.
    End,
}

/// The samples of one context that go one way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ribbon {
    /// Their context, by its place among the contexts.
    pub context: usize,
    /// The depth at which they arrive.
    pub depth: usize,
    /// The station they come from, by its place at the depth before; at depth 0 the context.
    pub from: usize,
    /// The station they go to, by its place at the depth.
    pub to: usize,
    /// Their share of all samples.
    pub share: f64,
}

/// How much of a log is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowLimits {
    /// Contexts at most; the rarest are gathered into the last.
    pub contexts: usize,
    /// Modules at most at each depth; the least used are gathered into one.
    pub modules: usize,
    /// Depths at most; deeper ones are left out.
    pub depths: usize,
}

impl Default for FlowLimits {
    /// What can be told apart by eye.
    fn default() -> Self {
        Self { contexts: 20, modules: 14, depths: 8 }
    }
}
