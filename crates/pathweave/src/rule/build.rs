//! The engine of a spec.

use burn::tensor::Device;

use super::engine::Engine;
use super::fused::fused_engine;
use super::plain::PlainEngine;
use super::routed::RoutedEngine;
use super::shape::{RuleKind, RuleShape};
use crate::spec::{CheckedSpec, ModelKind};

/// The model and the optimizer that a spec of rule data asks for. `device` without autodiff.
///
/// # Panics
/// Where the spec asks for other data.
pub fn build(spec: &CheckedSpec, device: &Device) -> Box<dyn Engine> {
    let (data, m) = (spec.data.rules().expect("rule data"), &spec.model);
    // The modules of a hard twin score nothing, as those of `GtModular`.
    let kind = m.kind.rule_kind().unwrap_or(RuleKind::GtModular);
    let shape = RuleShape::new(data, kind, m.modules, [m.rules.encoder, m.rules.width]);
    let shape = RuleShape { decoder: m.rules.decoder, ..shape };
    if m.kind == ModelKind::Routed {
        return Box::new(RoutedEngine::new(&shape, spec, device));
    }
    fused_engine(&shape, data, &spec.train, device)
        .unwrap_or_else(|| Box::new(PlainEngine::new(&shape, &spec.train, device)))
}
