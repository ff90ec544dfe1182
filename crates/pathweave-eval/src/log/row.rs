//! One decision.

/// One decision for one sample at one depth.
#[derive(Debug, Clone, PartialEq)]
pub struct RoutingRow {
    /// What was routed. Where tokens are routed one by one, every token has a number of its own.
    pub sample: u64,
    /// Depth of the decision, from 0.
    pub depth: u32,
    /// The sample's context (task, genre, signature): an index into the header's contexts.
    pub context: Option<u32>,
    /// The rule that made the sample, where it is known: an index into the header's conditions.
    pub condition: Option<u32>,
    /// The sub-router that decided, where there are several.
    pub agent: Option<u32>,
    /// What was decided.
    pub choice: Choice,
}

/// What a router decided.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// Apply this module.
    Module(u32),
    /// Apply none and go on to the next depth.
    Skip,
    /// Apply none and leave: the sample has no deeper row.
    End,
    /// Apply all, weighted: one weight a module of this depth, none negative, summing to one.
    Weights(Vec<f32>),
}
