//! Faults and fingerprints.

use std::collections::BTreeSet;

use pathweave_data::dataset::rules::{
    Coefficients, Regressed, RuleFamily, RuleTarget, RuleTask, RulesSpec, Search,
};

use super::kinds;

fn keys(spec: &RulesSpec) -> Vec<&'static str> {
    spec.faults().iter().map(|fault| fault.0).collect()
}

#[test]
fn faults_are_found_together() {
    assert!(kinds(1).iter().chain(&kinds(32)).all(|spec| spec.faults().is_empty()));
    let wrong = RulesSpec {
        family: RuleFamily::Rnn,
        rules: 0,
        length: 0,
        frequencies: vec![1.0, f64::NAN],
        skew: -1.0,
        context_noise: 1.5,
        context_missing: f64::NAN,
        depth: 2,
        held_out: 1.0,
        steps_per_epoch: 0,
        eval_samples: 0,
        adaptation_samples: 0,
        ..RulesSpec::default()
    };
    let wanted = [
        "rules",
        "length",
        "frequencies",
        "frequencies",
        "skew",
        "context_noise",
        "context_missing",
        "depth",
        "held_out",
        "steps_per_epoch",
        "eval_samples",
        "adaptation_samples",
    ];
    assert_eq!(keys(&wrong), wanted);
}

#[test]
fn each_fault_is_found_alone() {
    let spec = RulesSpec::default;
    let mha = |length| RulesSpec { family: RuleFamily::Mha, length, ..spec() };
    assert_eq!(keys(&mha(1)), ["length"]);
    assert!(keys(&mha(2)).is_empty());
    assert!(keys(&RulesSpec { length: 0, ..spec() }).is_empty());
    let listed = |frequencies| RulesSpec { rules: 2, frequencies, ..spec() };
    assert_eq!(keys(&listed(vec![0.0, 0.0])), ["frequencies"]);
    assert_eq!(keys(&listed(vec![2.0, -1.0])), ["frequencies"]);
    assert!(keys(&listed(vec![2.0, 0.0])).is_empty());
    assert_eq!(keys(&RulesSpec { held_out: 0.1, ..spec() }), ["held_out"]);
    assert_eq!(keys(&RulesSpec { depth: 3, ..spec() }), ["depth"]);
    assert_eq!(keys(&RulesSpec { depth: 2, rules: 257, ..spec() }), ["rules"]);
    assert!(keys(&RulesSpec { depth: 2, held_out: 0.5, ..spec() }).is_empty());
    // Three of four pairs go, and the one with a weight may be among them.
    let lost = |task| RulesSpec { task, depth: 2, held_out: 0.75, ..listed(vec![1.0, 0.0]) };
    let found: BTreeSet<bool> = (0..20).map(|task| keys(&lost(task)).is_empty()).collect();
    assert_eq!(found.len(), 2);
    assert!(keys(&RulesSpec { adaptation_draws: 0, adaptation_samples: 0, ..spec() }).is_empty());
}

#[test]
fn fingerprints_tell_data_apart_and_nothing_else() {
    let of = |spec: &RulesSpec| RuleTask::new(spec).fingerprint();
    let base = RulesSpec::default();
    let others = [
        base.clone(),
        RulesSpec { rules: 4, ..base.clone() },
        RulesSpec { task: 1, ..base.clone() },
        RulesSpec { target: RuleTarget::Classification, ..base.clone() },
        RulesSpec { skew: 0.5, ..base.clone() },
        RulesSpec { context_noise: 0.5, ..base.clone() },
        RulesSpec { context_missing: 0.5, ..base.clone() },
        RulesSpec { samples: 9, ..base.clone() },
        RulesSpec { depth: 2, ..base.clone() },
        RulesSpec { depth: 2, held_out: 0.5, ..base.clone() },
        RulesSpec { family: RuleFamily::Mha, ..base.clone() },
        RulesSpec { family: RuleFamily::Mha, search: Search::Vector, ..base.clone() },
        RulesSpec { family: RuleFamily::Rnn, ..base.clone() },
        RulesSpec { family: RuleFamily::Rnn, length: 5, ..base.clone() },
        RulesSpec { family: RuleFamily::Rnn, regressed: Regressed::Projection, ..base.clone() },
    ];
    let found: BTreeSet<String> = others.iter().map(of).collect();
    assert_eq!(found.len(), others.len());
    assert!(found.iter().all(|hash| hash.len() == 64));
    for same in [
        RulesSpec { steps_per_epoch: 7, eval_samples: 3, adaptation_draws: 0, ..base.clone() },
        RulesSpec { search: Search::Vector, length: 3, ..base.clone() },
        RulesSpec { frequencies: vec![3.0; 8], ..base.clone() },
    ] {
        assert_eq!(of(&same), of(&base));
    }
}

#[test]
fn the_first_rules_of_a_task_are_the_same_however_many_there_are() {
    for (few, many) in kinds(2).iter().zip(&kinds(5)) {
        let (few, many) = (Coefficients::new(few), Coefficients::new(many));
        assert_eq!(few.alpha, many.alpha[..few.alpha.len()]);
        assert_eq!(few.b, many.b[..few.b.len()]);
        assert_eq!(few.w, many.w);
    }
}

#[test]
#[should_panic(expected = "lengths of alpha, beta, a, b, w")]
fn coefficients_of_another_size_are_refused() {
    RuleTask::with_coefficients(&RulesSpec::default(), Coefficients::default());
}

#[test]
fn matrices_are_scaled_by_their_width() {
    let of = Coefficients::new(&kinds(8)[3]);
    for matrices in [&of.a, &of.b] {
        let squares: f32 = matrices.iter().map(|value| value * value).sum();
        assert!((squares / 256.0 - 1.0).abs() < 0.1, "{}", squares / 256.0);
    }
}
