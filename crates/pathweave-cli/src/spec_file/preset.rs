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
];
