//! Settings of the network.

use super::Faults;
use crate::block::BlockKind;
use crate::model::text::EncoderKind;
use crate::policy::PolicyKind;
use crate::spec::{Banks, ModelKind, Output, Place, RunSpec};

impl RunSpec {
    pub(super) fn check_model(&self, faults: &mut Faults) {
        let m = &self.model;
        let hidden = format!("{:?}", m.hidden);
        let widths = !m.hidden.is_empty() && m.hidden.iter().all(|&width| width > 0);
        faults.unless(widths, "model.hidden", &hidden, "at least one width, each at least 1");
        let filters = m.base.filters;
        faults.unless(filters > 0, "model.base.filters", filters, "a whole number of at least 1");
        faults.unless(!m.blocks.is_empty(), "model.blocks", "[]", "linear, mlp, identity");
        let own = m.stitch_own;
        faults.unless((0.0..=1.0).contains(&own), "model.stitch_own", own, "a number from 0 to 1");
        let routed = m.kind == ModelKind::Routed;
        self.check_frozen(faults);
        if m.banks == Banks::Shared {
            let equal = m.hidden.windows(2).all(|pair| pair[0] == pair[1]);
            let allowed = "equal widths where model.banks = \"shared\"";
            faults.unless(equal, "model.hidden", &hidden, allowed);
            let allowed = "\"shared\" where model.banks = \"shared\"";
            faults.unless(m.output == Output::Shared, "model.output", "\"routed\"", allowed);
            let allowed = "\"per-depth\" unless model.kind = \"routed\"";
            faults.unless(routed, "model.banks", "\"shared\"", allowed);
        }
        if m.kind == ModelKind::CrossStitch {
            let linear = m.blocks == [BlockKind::Linear];
            let allowed = "[\"linear\"] where model.kind = \"cross-stitch\"";
            faults.unless(linear, "model.blocks", format!("{:?}", m.blocks), allowed);
        }
        if m.blocks.contains(&BlockKind::Identity) {
            // The first layer's input is known only with the data; a projection makes it equal
            // where banks are shared or rows may pass.
            let passes = self.rows_may_pass() || m.banks == Banks::Shared;
            let equal = m.hidden.windows(2).all(|pair| pair[0] == pair[1]);
            let good = passes && equal && m.output == Output::Shared;
            let allowed = "no \"identity\" unless all hidden widths are equal, model.output = \
                           \"shared\", and router.skip, router.terminate or model.banks = \
                           \"shared\" is set";
            faults.unless(good, "model.blocks", format!("{:?}", m.blocks), allowed);
        }
    }

    pub(super) fn check_sparse(&self, faults: &mut Faults) {
        let m = &self.model;
        for (key, found, allowed) in m.top_k.faults() {
            faults.add(&format!("model.top_k.{key}"), found, allowed);
        }
        for (key, found, allowed) in m.switch.faults() {
            faults.add(&format!("model.switch.{key}"), found, allowed);
        }
        let tabular = self.router.policy == PolicyKind::Tabular;
        if m.kind == ModelKind::Switch && m.switch.jitter > 0.0 && tabular {
            let allowed = "0 unless router.policy = \"mlp\": a table has no input to jitter";
            faults.add("model.switch.jitter", m.switch.jitter, allowed);
        }
    }

    pub(super) fn check_frozen(&self, faults: &mut Faults) {
        let m = &self.model;
        let banks = match (m.banks, m.output) {
            _ if self.routes_encoder() && m.text.encoder == EncoderKind::Transformer => {
                m.text.transformer.layers
            }
            _ if self.routes_encoder() => 1,
            (Banks::Shared, _) => 1,
            (Banks::PerDepth, Output::Routed) => m.hidden.len() + 1,
            (Banks::PerDepth, Output::Shared) => m.hidden.len(),
        };
        let good = |place: &Place| m.kind == ModelKind::Routed && place.depth < banks;
        if let Some(place) = m.frozen.iter().find(|place| !good(place)) {
            let allowed = format!(
                "\"DEPTH:MODULE\" with a depth below {banks}, and only where model.kind = \"routed\""
            );
            faults.add("model.frozen", format!("\"{place}\""), &allowed);
        }
    }
}
