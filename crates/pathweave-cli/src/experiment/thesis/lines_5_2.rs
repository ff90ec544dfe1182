//! The lines of T table 5.2 and its numbers.

use super::language::{self, CLASSIFIER, UNROUTED, WORDS};
use super::pair_tables::{Line, alone, given};

/// The lines of T; accuracies are of joint, disjoint, mismatch, nested, MultiNLI.
pub const LINES: &[Line] = &[
    Line::new(
        "CBOW",
        "None",
        UNROUTED,
        &[
            given(57.26, 0.18),
            given(55.68, 0.47),
            given(53.41, 0.86),
            given(50.98, 0.92),
            given(61.94, 0.13),
        ],
    ),
    Line::new(
        "CBOW",
        "Classifier",
        CLASSIFIER,
        &[given(62.33, 0.80), given(61.17, 0.28), given(51.55, 1.61), None, given(51.99, 0.17)],
    ),
    Line::new(
        "CBOW",
        "WP",
        WORDS,
        &[given(74.95, 0.64), given(73.91, 0.54), given(68.69, 0.93), None, given(64.38, 0.24)],
    ),
    Line {
        after: true,
        ..Line::new(
            "CBOW",
            "WP+D",
            language::WORDS_DISPATCHED,
            &[
                given(75.56, 0.77),
                given(74.87, 0.49),
                given(71.08, 0.52),
                given(75.43, 0.29),
                given(65.84, 0.12),
            ],
        )
    },
    Line::new(
        "RNN",
        "None",
        language::LSTM,
        &[
            given(67.04, 2.36),
            given(63.52, 2.00),
            given(59.32, 2.87),
            given(57.69, 2.75),
            given(66.53, 0.21),
        ],
    ),
    Line::new(
        "RNN",
        "Classifier",
        language::LSTM_CLASSIFIER,
        &[given(71.02, 0.85), given(67.82, 0.81), given(60.58, 1.35), None, given(65.60, 0.33)],
    ),
    Line::new(
        "RNN",
        "I2H",
        language::INPUT_TO_HIDDEN,
        &[given(53.25, 0.28), given(56.57, 1.83), given(53.99, 0.55), None, given(47.79, 0.47)],
    ),
    Line::new(
        "RNN",
        "H2H",
        language::HIDDEN_TO_HIDDEN,
        &[given(54.89, 0.93), given(53.08, 0.57), None, None, given(62.34, 0.25)],
    ),
];

/// Its further lines, of networks that were pretrained.
pub const TRANSFORMERS: &[Line] = &[
    Line::new(
        "Transformer",
        "None",
        language::TRANSFORMER,
        &[alone(88.12), alone(88.07), alone(85.64), None, alone(76.12)],
    ),
    Line::new(
        "Transformer",
        "Classifier",
        language::TRANSFORMER_CLASSIFIER,
        &[alone(86.05), alone(86.68), alone(73.45), None, alone(76.50)],
    ),
    Line::new(
        "Transformer",
        "Attention",
        language::ATTENTION,
        &[alone(87.91), alone(88.45), alone(85.95), None, alone(76.63)],
    ),
    Line::new(
        "Transformer",
        "Block",
        language::BLOCKS,
        &[alone(88.22), alone(87.88), alone(85.33), None, alone(75.87)],
    ),
];
