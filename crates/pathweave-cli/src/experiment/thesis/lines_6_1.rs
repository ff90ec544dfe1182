//! The lines of T table 6.1 and its numbers.

use super::language::{LSTM, UNROUTED, WORDS};
use super::pair_tables::{Line, Paper, given};
use crate::experiment::ablation::Overrides;

/// Names of the dispatchers that learn.
pub const BASIC: &str = "Basic";
/// Sum of the premise's words.
pub const AE: &str = "AE";
/// Words weighted by attention.
pub const AE_ATTENTION: &str = "AE Attn";
/// Counts of words.
pub const AE_ONE_HOT: &str = "AE OH";
/// The sequence.
pub const AE_SEQUENCE: &str = "AE Seq";
/// All of them.
pub const ONLINE: [&str; 5] = [BASIC, AE, AE_ATTENTION, AE_ONE_HOT, AE_SEQUENCE];

const fn line(
    group: &'static str,
    label: &'static str,
    set: Overrides,
    paper: &'static [Option<Paper>],
    entropies: &'static [f64],
) -> Line {
    Line { entropies, ..Line::new(group, label, set, paper) }
}

/// Five means of the pairs' words.
const K_MEANS: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=k-means",
    "router.dispatch.agents=5",
];
/// Five clusters of the pairs' words, merged bottom up.
const AGGLOMERATIVE: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=agglomerative",
    "router.dispatch.agents=5",
];
/// Learned from rewards alone, by the premise as a sequence (T 6.3.1).
const ONLINE_BASIC: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=online",
    "router.dispatch.agents=20",
    "router.dispatch.encoding=sequence",
    "router.dispatch.algorithm=q_learning",
    "train.router_optimizer=adam",
    "train.router_learning_rate=0.01",
];
/// As bottleneck of an autoencoder of summed words (T 6.2.4).
const ONLINE_AE: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=autoencoder",
    "router.dispatch.agents=20",
    "router.dispatch.encoding=cbow",
    "router.dispatch.algorithm=q_learning",
    "train.router_optimizer=adam",
    "train.router_learning_rate=0.01",
];
/// Of words weighted by attention (T 6.2.5).
const ONLINE_ATTENTION: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=autoencoder",
    "router.dispatch.agents=20",
    "router.dispatch.encoding=attention",
    "router.dispatch.algorithm=q_learning",
    "train.router_optimizer=adam",
    "train.router_learning_rate=0.01",
];
/// Of counts of words (T 6.2.6).
const ONLINE_ONE_HOT: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=autoencoder",
    "router.dispatch.agents=20",
    "router.dispatch.encoding=one-hot",
    "router.dispatch.algorithm=q_learning",
    "train.router_optimizer=adam",
    "train.router_learning_rate=0.01",
];
/// Of the sequence (T 6.2.7).
const ONLINE_SEQUENCE: Overrides = &[
    "model.kind=routed",
    "model.text.routed=words",
    "router.dispatcher=autoencoder",
    "router.dispatch.agents=20",
    "router.dispatch.encoding=sequence",
    "router.dispatch.algorithm=q_learning",
    "train.router_optimizer=adam",
    "train.router_learning_rate=0.01",
];

/// The lines of T; numbers are of joint, disjoint, mismatch, nested.
pub const LINES: &[Line] = &[
    line(
        "Seq",
        "not routed",
        LSTM,
        &[given(67.04, 2.36), given(63.52, 2.00), given(59.32, 2.87), given(57.69, 2.75)],
        &[],
    ),
    line(
        "CBOW",
        "not routed",
        UNROUTED,
        &[given(57.26, 0.18), given(55.68, 0.47), given(53.41, 0.86), given(50.98, 0.92)],
        &[],
    ),
    line(
        "Offline",
        "Signatures",
        WORDS,
        &[given(74.95, 0.64), given(73.91, 0.54), given(71.08, 0.52), given(75.43, 0.29)],
        &[1.82, 1.8, 1.82, 0.46],
    ),
    line(
        "Offline",
        "K-Means",
        K_MEANS,
        &[given(62.26, 2.79), given(61.68, 1.40), given(59.29, 0.59), given(71.67, 4.03)],
        &[0.45, 0.35, 0.42, 0.39],
    ),
    line(
        "Offline",
        "Aggl",
        AGGLOMERATIVE,
        &[given(64.63, 0.62), given(60.86, 0.75), given(61.56, 0.55), given(72.45, 1.79)],
        &[0.44, 0.46, 0.43, 0.59],
    ),
    line(
        "Online",
        "Basic",
        ONLINE_BASIC,
        &[given(71.40, 1.39), given(64.13, 0.30), given(67.77, 0.61), given(83.24, 0.58)],
        &[0.56, 0.45, 0.45, 0.62],
    ),
    line(
        "Online",
        "AE",
        ONLINE_AE,
        &[given(70.42, 0.83), given(61.31, 0.97), given(63.08, 0.94), given(79.38, 0.99)],
        &[2.58, 0.84, 0.59, 0.31],
    ),
    line(
        "Online",
        "AE Attn",
        ONLINE_ATTENTION,
        &[given(72.70, 0.21), given(65.05, 0.78), given(67.74, 0.23), given(80.35, 1.42)],
        &[0.46, 0.45, 0.44, 0.41],
    ),
    line(
        "Online",
        "AE OH",
        ONLINE_ONE_HOT,
        &[given(70.89, 0.98), given(61.94, 1.12), given(64.01, 0.53), given(79.77, 2.87)],
        &[0.71, 0.49, 0.68, 0.4],
    ),
    line(
        "Online",
        "AE Seq",
        ONLINE_SEQUENCE,
        &[given(70.49, 0.70), given(63.30, 1.12), given(65.43, 0.53), given(82.37, 2.60)],
        &[0.45, 0.55, 0.45, 0.41],
    ),
];
