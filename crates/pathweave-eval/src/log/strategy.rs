//! Random logs for property tests.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Actions, Choice, LogHeader, RoutingLog, RoutingRow};

/// Logs of any kind, without rows too. With `contexts`, every row has one.
pub(crate) fn logs(contexts: bool) -> impl Strategy<Value = RoutingLog> {
    let counts = vec(1_usize..5, 1..4);
    let shape = (counts, 1_u32..4, 0_u32..3, any::<(bool, bool)>(), any::<(Option<u64>, String)>());
    shape.prop_flat_map(move |(modules, context_count, rules, (skip, end), (step, source))| {
        let mut header = LogHeader::new(modules);
        header.contexts = (0..context_count).map(|c| format!("task \"{c}\"")).collect();
        header.conditions = (0..rules).map(|rule| rule.to_string()).collect();
        header.actions = Actions { skip, end };
        header.step = step;
        header.source = source;
        let decision = (any::<u32>(), vec(0.01_f32..1.0, 5), proptest::option::of(0_u32..3));
        let decisions = vec(decision, header.depths());
        let sample = (0..context_count, any::<(bool, u32)>(), decisions);
        vec(sample, 0..12).prop_map(move |samples| {
            let mut rows = Vec::new();
            for (sample, (context, (has_context, rule), decisions)) in
                samples.into_iter().enumerate()
            {
                for (depth, (draw, weights, agent)) in decisions.into_iter().enumerate() {
                    let choice = choice(&header, depth, draw, &weights);
                    let ends = choice == Choice::End;
                    rows.push(RoutingRow {
                        sample: (sample as u64).wrapping_mul(u64::MAX / 7),
                        depth: depth as u32,
                        context: (contexts || has_context).then_some(context),
                        condition: (rules > 0).then(|| rule % rules.max(1)),
                        agent,
                        choice,
                    });
                    if ends {
                        break;
                    }
                }
            }
            rows.reverse();
            RoutingLog::new(header.clone(), rows).unwrap()
        })
    })
}

fn choice(header: &LogHeader, depth: usize, draw: u32, weights: &[f32]) -> Choice {
    let modules = header.modules[depth];
    let pick = draw as usize % (header.choices(depth) + 1);
    if pick < modules {
        Choice::Module(pick as u32)
    } else if pick == modules {
        let sum: f32 = weights[..modules].iter().sum();
        Choice::Weights(weights[..modules].iter().map(|weight| weight / sum).collect())
    } else if pick == modules + 1 && header.actions.skip {
        Choice::Skip
    } else {
        Choice::End
    }
}
