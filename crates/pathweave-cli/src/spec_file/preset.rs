//! Specs that ship with the program.

/// A preset.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its name on the command line
    pub name: &'static str,
    /// One line
    pub what: &'static str,
    /// The file
    pub toml: &'static str,
}

/// Every preset.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "digits-mtl",
        what: "routing-all-fc and its baselines on the embedded digits, three seeds, minutes",
        toml: include_str!("../preset/digits-mtl.toml"),
    },
    Preset {
        name: "mnist-mtl",
        what: "routing-all-fc and its baselines on MNIST-MTL, the setting of T 5.2.3",
        toml: include_str!("../preset/mnist-mtl.toml"),
    },
    Preset {
        name: "cifar-mtl",
        what: "routing-all-fc and its baselines on CIFAR-MTL, the setting of T 5.2.3",
        toml: include_str!("../preset/cifar-mtl.toml"),
    },
    Preset {
        name: "min-mtl",
        what: "routing-all-fc and its baselines on MIN-MTL, the setting of T 5.2.3",
        toml: include_str!("../preset/min-mtl.toml"),
    },
    Preset {
        name: "implicatives",
        what: "generated implicatives: bags of words, routed words and classifier, minutes",
        toml: include_str!("../preset/implicatives.toml"),
    },
    Preset {
        name: "rules-mlp",
        what: "rule data: the four models of M and their hard-routed twin on eight MLP rules, seconds",
        toml: include_str!("../preset/rules-mlp.toml"),
    },
    Preset {
        name: "rules-mha",
        what: "rule data: the four models of M on attention rules, a minute",
        toml: include_str!("../preset/rules-mha.toml"),
    },
    Preset {
        name: "rules-rnn",
        what: "rule data: the four models of M on recurrent rules, a minute",
        toml: include_str!("../preset/rules-rnn.toml"),
    },
    Preset {
        name: "rules-modules",
        what: "rule data: fewer and more modules than rules",
        toml: include_str!("../preset/rules-modules.toml"),
    },
    Preset {
        name: "rules-unequal",
        what: "rule data: rules of unequal frequency",
        toml: include_str!("../preset/rules-unequal.toml"),
    },
    Preset {
        name: "rules-limited",
        what: "rule data: a limited training set beside fresh samples",
        toml: include_str!("../preset/rules-limited.toml"),
    },
    Preset {
        name: "rules-noisy",
        what: "rule data: contexts that are missing or wrong",
        toml: include_str!("../preset/rules-noisy.toml"),
    },
    Preset {
        name: "rules-composed",
        what: "rule data: two rules in a row, a quarter of the pairs never shown",
        toml: include_str!("../preset/rules-composed.toml"),
    },
    Preset {
        name: "rules-hard",
        what: "rule data: modules chosen by decision algorithms beside softly weighted ones",
        toml: include_str!("../preset/rules-hard.toml"),
    },
];
