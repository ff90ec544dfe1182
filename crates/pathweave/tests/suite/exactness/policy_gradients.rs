//! Every policy gradient, as a table: what its loss's gradient must be on average.

use pathweave::decision::{
    AdvantageActorCriticSpec, AlgorithmSettings, Baseline, EpsilonReinforceSpec, RebarSpec,
    ReinforceSpec, RelaxSpec,
};

use super::twins::{self, Shows, Twins};
use super::{Trial, WRONG, z};

/// An algorithm with its settings, and losses that look like its own and are wrong.
struct Case {
    name: &'static str,
    settings: AlgorithmSettings,
    twins: Twins,
}

fn reinforce(baseline: Baseline, twins: Twins) -> Case {
    let reinforce = ReinforceSpec { baseline, ..ReinforceSpec::default() };
    let settings = AlgorithmSettings { reinforce, ..AlgorithmSettings::default() };
    Case { name: "reinforce", settings, twins }
}

fn epsilon_reinforce(baseline: Baseline, twins: Twins) -> Case {
    let epsilon_reinforce = EpsilonReinforceSpec { baseline, ..EpsilonReinforceSpec::default() };
    let settings = AlgorithmSettings { epsilon_reinforce, ..AlgorithmSettings::default() };
    Case { name: "epsilon_reinforce", settings, twins }
}

fn cases() -> Vec<Case> {
    let critic = AdvantageActorCriticSpec::default();
    let actor_critic =
        AlgorithmSettings { advantage_actor_critic: critic, ..AlgorithmSettings::default() };
    let rebar = |scale, temperature| AlgorithmSettings {
        rebar: RebarSpec { scale, temperature, ..RebarSpec::default() },
        ..AlgorithmSettings::default()
    };
    let relax = |entropy_coefficient| AlgorithmSettings {
        relax: RelaxSpec { entropy_coefficient, ..RelaxSpec::default() },
        ..AlgorithmSettings::default()
    };
    let plain = AlgorithmSettings::default;
    vec![
        reinforce(Baseline::None, twins::PLAIN),
        reinforce(Baseline::RunningMean, twins::PLAIN),
        reinforce(Baseline::Value, twins::CRITIC),
        epsilon_reinforce(Baseline::None, twins::WEIGHTED),
        epsilon_reinforce(Baseline::RunningMean, twins::WEIGHTED),
        Case { name: "advantage_actor_critic", settings: actor_critic, twins: twins::CRITIC },
        Case { name: "ppo", settings: plain(), twins: twins::CRITIC },
        Case { name: "rebar", settings: plain(), twins: twins::RELAXED },
        Case { name: "rebar", settings: rebar(0.6, 0.8), twins: &[] },
        Case { name: "relax", settings: plain(), twins: twins::RELAXED },
        Case { name: "relax", settings: relax(0.5), twins: &[] },
    ]
}

/// What the mean gradient must be: −∇J by the logits, less the entropy's part; by values and critic
/// where squares are regressed; `None` where nothing is said.
fn expectation(case: &Case, trial: &Trial) -> Vec<Option<f64>> {
    let (bandit, settings) = (&trial.bandit, &case.settings);
    let entropy = match case.name {
        "rebar" => f64::from(settings.rebar.entropy_coefficient),
        "relax" => f64::from(settings.relax.entropy_coefficient),
        _ => 0.0,
    };
    let pairs = bandit.descent().into_iter().zip(bandit.entropy_descent());
    let mut wanted: Vec<_> = pairs.map(|(task, bonus)| Some(task + entropy * bonus)).collect();
    // 2 c π_a (Q_a − G_a), c = 0.5
    let regressed =
        |a: usize| bandit.policy()[a] * (bandit.columns[bandit.actions() + a] - bandit.returns[a]);
    match case.name {
        "rebar" => wanted.extend((0..bandit.actions()).map(|a| Some(regressed(a)))),
        "relax" => wanted.extend(vec![None; bandit.actions()]),
        _ => {}
    }
    // 2 c (V − J), c = 0.5
    if trial.heads.critic.is_some() {
        wanted.push(Some(bandit.critic - bandit.value()));
    }
    wanted
}

#[test]
fn every_loss_is_right_on_average() {
    for case in cases() {
        for actions in [2, 3, 5] {
            let trial = Trial::new(case.name, &case.settings, actions);
            let z = z(&trial.gradients(trial.loss()), &expectation(&case, &trial));
            assert!(z < WRONG, "{} {:?}, {actions} actions: z = {z}", case.name, case.settings);
        }
    }
}

#[test]
fn every_broken_twin_is_found_out() {
    for case in cases() {
        for actions in [2, 3, 5] {
            let trial = Trial::new(case.name, &case.settings, actions);
            let wanted = expectation(&case, &trial);
            for (what, shows, twin) in case.twins {
                let trial = trial.anew();
                let shown = |at: usize| (at < actions) == (*shows == Shows::InPolicy);
                let part = wanted.iter().enumerate();
                let wanted: Vec<_> = part.map(|(at, g)| g.filter(|_| shown(at))).collect();
                let z = z(&trial.gradients(twin(&trial)), &wanted);
                assert!(z > 2.0 * WRONG, "{}, {what}, {actions} actions: z = {z}", case.name);
            }
        }
    }
}

#[test]
fn the_restated_relaxed_loss_is_right_where_nothing_is_left_out() {
    // So that the relaxed twins fail for what they leave out, not for how they are written.
    for name in ["rebar", "relax"] {
        let settings = AlgorithmSettings {
            rebar: RebarSpec { entropy_coefficient: 0.0, ..RebarSpec::default() },
            relax: RelaxSpec { entropy_coefficient: 0.0, ..RelaxSpec::default() },
            ..AlgorithmSettings::default()
        };
        let trial = Trial::new(name, &settings, 3);
        let mut wanted: Vec<_> = trial.bandit.descent().into_iter().map(Some).collect();
        wanted.extend([None; 3]);
        let loss = twins::relaxed(&trial, [1.0, 1.0, 1.0]);
        let z = z(&trial.gradients(loss), &wanted);
        assert!(z < WRONG, "{name}: z = {z}");
    }
}
