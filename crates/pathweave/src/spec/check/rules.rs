//! Rule data and the models for them.

use super::Faults;
use crate::spec::{ModelKind, RunSpec};

impl RunSpec {
    pub(super) fn check_rules(&self, faults: &mut Faults) {
        let rules = self.data.rules().is_some();
        let kind = self.model.kind;
        let name = ModelKind::ALL.iter().find(|row| row.0 == kind).map_or("", |row| row.1);
        let name = format!("\"{name}\"");
        match (rules, kind.rule_kind().is_some()) {
            (false, true) => {
                let allowed = "a model for images, or data.name = \"rules\"";
                faults.add("model.kind", name, allowed);
            }
            (true, false) if kind != ModelKind::Routed => {
                let allowed = "\"monolithic\", \"modular\", \"modular-op\", \"gt-modular\", \
                               \"random\", \"routed\" where data.name = \"rules\"";
                faults.add("model.kind", name, allowed);
            }
            _ => {}
        }
    }
}
