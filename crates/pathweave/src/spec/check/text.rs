//! Networks for sentence pairs.

use super::Faults;
use crate::block::BlockKind;
use crate::decision::AlgorithmKind;
use crate::model::text::{DecidesFor, EncoderKind, RoutedPart};
use crate::spec::{ModelKind, RunSpec};

impl RunSpec {
    pub(super) fn check_text(&self, faults: &mut Faults) {
        let (text, t) = (&self.model.text, &self.train);
        let is_text = self.data.is_text();
        for (key, found, allowed) in self.data.text_faults() {
            faults.add(&format!("data.{key}"), found, allowed);
        }
        let before = self.data.has_before();
        let allowed = "0 unless data.before is set";
        faults.unless(
            before || t.before_epochs == 0,
            "train.before_epochs",
            t.before_epochs,
            allowed,
        );
        let allowed = "from 1 to below train.epochs where data.before is set";
        let good = !before || (1..t.epochs).contains(&t.before_epochs);
        faults.unless(good, "train.before_epochs", t.before_epochs, allowed);
        let allowed = "false unless the data are texts";
        faults.unless(is_text || !t.record_groups, "train.record_groups", "true", allowed);
        if !is_text {
            let (given, allowed) = (text == &Default::default(), "void unless the data are texts");
            faults.unless(given, "model.text", "settings", allowed);
            return;
        }
        let fits = match text.routed {
            RoutedPart::Classifier => true,
            RoutedPart::Words => text.encoder == EncoderKind::Cbow,
            RoutedPart::InputToHidden | RoutedPart::HiddenToHidden => {
                text.encoder == EncoderKind::Lstm
            }
            RoutedPart::Attention | RoutedPart::Blocks => text.encoder == EncoderKind::Transformer,
        };
        let allowed = "\"words\" of encoder \"cbow\", \"input-to-hidden\" or \"hidden-to-hidden\" of \
                       \"lstm\", \"attention\" or \"blocks\" of \"transformer\", \"classifier\" of any";
        faults.unless(fits, "model.text.routed", text.routed.name(), allowed);
        let routes = self.routes_encoder();
        let allowed = "0 unless model.text.encoder = \"lstm\"";
        let good = text.hidden == 0 || text.encoder == EncoderKind::Lstm;
        faults.unless(good, "model.text.hidden", text.hidden, allowed);
        if routes && text.encoder == EncoderKind::Lstm {
            self.check_gates(faults);
        }
        self.check_transformer(routes, faults);
        let allowed = "\"classifier\" unless model.kind = \"routed\"";
        let plain = self.model.kind == ModelKind::Routed || text.routed == RoutedPart::Classifier;
        faults.unless(plain, "model.text.routed", text.routed.name(), allowed);
        if routes && text.decides_for != DecidesFor::Pair {
            self.check_small_decisions(faults);
        }
    }

    /// Modules drive the gates of a long short-term memory.
    fn check_gates(&self, faults: &mut Faults) {
        let (m, r, text) = (&self.model, &self.router, &self.model.text);
        let linear = m.blocks == [BlockKind::Linear];
        let allowed = "[\"linear\"] where model.text.routed is a part of an LSTM";
        faults.unless(linear, "model.blocks", format!("{:?}", m.blocks), allowed);
        if text.routed == RoutedPart::HiddenToHidden {
            let whole = text.decides_for != DecidesFor::Word;
            let allowed = "\"pair\" or \"sentence\" where model.text.routed = \"hidden-to-hidden\"";
            faults.unless(whole, "model.text.decides_for", "\"word\"", allowed);
            return;
        }
        let word = self.data.words().map_or(0, |words| words.width);
        let again = r.max_depth > 1 || self.rows_may_pass();
        let good = !again || text.hidden == 0 || text.hidden == word;
        let allowed = "0 or data.words.width where model.text.routed = \"input-to-hidden\" and \
                       router.max_depth is above 1 or router.skip or router.terminate is set: \
                       what a module makes of a word enters the next one";
        faults.unless(good, "model.text.hidden", text.hidden, allowed);
    }

    /// The transformer encoder, routed or not.
    fn check_transformer(&self, routes: bool, faults: &mut Faults) {
        let (text, r) = (&self.model.text, &self.router);
        if text.encoder != EncoderKind::Transformer {
            let given = text.transformer == Default::default();
            let allowed = "void unless model.text.encoder = \"transformer\"";
            faults.unless(given, "model.text.transformer", "settings", allowed);
            return;
        }
        for (key, found, allowed) in text.transformer.faults() {
            faults.add(&format!("model.text.transformer.{key}"), found, allowed);
        }
        let allowed =
            "false where model.text.encoder = \"transformer\": its word vectors always learn";
        faults.unless(!text.train_vectors, "model.text.train_vectors", true, allowed);
        if !routes {
            return;
        }
        let found = text.decides_for.name();
        let allowed = "\"pair\" where model.text.encoder = \"transformer\"";
        faults.unless(
            text.decides_for == DecidesFor::Pair,
            "model.text.decides_for",
            found,
            allowed,
        );
        let allowed =
            "false where a transformer is routed: its depth is that of the pretrained blocks";
        faults.unless(!r.skip, "router.skip", r.skip, allowed);
        faults.unless(!r.terminate, "router.terminate", r.terminate, allowed);
    }

    /// A sample has several decisions: what is told or learned by sample does not fit them.
    fn check_small_decisions(&self, faults: &mut Faults) {
        let (r, t) = (&self.router, &self.train);
        let given = !r.dispatcher.is_offline() && !r.dispatcher.is_online();
        let em = r.algorithm == AlgorithmKind::Em;
        let whole = t.squash == 0.0 && t.module_share == 1.0;
        let recorded = t.record_routing || !t.replay.is_empty();
        let allowed = "\"pair\" where router.dispatcher clusters or learns, router.algorithm is \
                       \"em\", train.squash or train.module_share is set, or decisions are recorded \
                       or replayed";
        let found = self.model.text.decides_for.name();
        faults.unless(given && !em && whole && !recorded, "model.text.decides_for", found, allowed);
    }
}
