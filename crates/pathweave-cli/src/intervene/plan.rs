//! Which interventions there are for a network.

use std::str::FromStr;

use pathweave::intervention::{
    Ablate, Average, ByContext, Constant, Force, Hashed, Swap, Uniform, Variant, averaged,
};
use pathweave::model::Network;
use pathweave::spec::Place;
use pathweave::trajectory::Instead;

use crate::error::CliError;

/// What a line of the table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The router as it was trained
    Learned,
    /// Modules by chance or by a hash
    Random,
    /// Modules by task
    Task,
    /// No choice at all: one path, or averaged modules
    Fixed,
    /// A module taken away, forced, or exchanged
    Module,
}

/// One line of the table: a way to decide, several times where it is drawn.
pub struct Asked {
    /// Its name
    pub name: String,
    /// What it is, in a few words
    pub note: String,
    /// What it is about
    pub kind: Kind,
    /// One, or one a draw
    pub variants: Vec<Variant<'static>>,
}

/// An intervention that somebody names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// All rows take the module at its depth
    Force(Place),
    /// Nobody takes it
    Ablate(Place),
    /// Two modules of a depth change places
    Swap(Exchange),
}

/// Two modules of a depth, written `DEPTH:A,B`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Depth t
    pub depth: usize,
    /// Modules a and b
    pub modules: [usize; 2],
}

impl FromStr for Exchange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (depth, modules) = text.split_once(':')?;
            let (a, b) = modules.split_once(',')?;
            let number = |text: &str| text.trim().parse().ok();
            Some(Self { depth: number(depth)?, modules: [number(a)?, number(b)?] })
        };
        read().ok_or_else(|| format!("found {text:?}, allowed: DEPTH:A,B, such as 0:1,2"))
    }
}

fn line(
    name: impl Into<String>,
    note: impl Into<String>,
    kind: Kind,
    network: &Network,
    instead: impl IntoIterator<Item = Box<dyn Instead>>,
) -> Asked {
    let variant = |instead| Variant { network: network.clone(), instead: Some(instead) };
    let variants = instead.into_iter().map(variant).collect();
    Asked { name: name.into(), note: note.into(), kind, variants }
}

fn learned(network: &Network) -> Asked {
    Asked {
        name: "learned router".into(),
        note: "greedy, as evaluated in training".into(),
        kind: Kind::Learned,
        variants: vec![Variant { network: network.clone(), instead: None }],
    }
}

/// The standard table. `used[t][m]` rows of the split take module m at depth t; `draws` is the
/// number of draws of uniform routing.
pub fn standard(network: &Network, used: &[Vec<u64>], draws: u32) -> Vec<Asked> {
    let modules: Vec<usize> = used.iter().map(Vec::len).collect();
    let uniform = |seed: u32| -> Box<dyn Instead> {
        Box::new(Uniform { modules: modules.clone(), seed: u64::from(seed) })
    };
    let one = |instead: Box<dyn Instead>| [instead];
    let of = modules.clone();
    let mut lines = vec![
        learned(network),
        line(
            "uniform",
            format!("every module with the same probability; {draws} draws"),
            Kind::Random,
            network,
            (0..draws).map(uniform),
        ),
        line(
            "hashed",
            "module by a hash of the sample",
            Kind::Random,
            network,
            one(Box::new(Hashed { modules: of.clone() })),
        ),
        line(
            "task label",
            "module = task modulo modules",
            Kind::Task,
            network,
            one(Box::new(ByContext { modules: of })),
        ),
        line(
            "most used module",
            "the same path for all",
            Kind::Fixed,
            network,
            one(Box::new(Constant::most_used(used))),
        ),
    ];
    for (how, name, note) in [
        (Average::Even, "averaged modules", "every module is its bank's mean"),
        (Average::ByUse, "averaged by use", "the same, weighted by the rows that use each"),
    ] {
        if let Some(network) = averaged(network, how, used) {
            let variants = vec![Variant { network, instead: None }];
            lines.push(Asked { name: name.into(), note: note.into(), kind: Kind::Fixed, variants });
        }
    }
    lines.extend(of_modules(used).into_iter().map(|wish| wished(wish, network, used)));
    lines
}

/// Every module that is used taken away, and the two most used of each depth exchanged.
fn of_modules(used: &[Vec<u64>]) -> Vec<Wish> {
    let mut wishes = Vec::new();
    for (depth, of_depth) in used.iter().enumerate() {
        let mut modules: Vec<usize> = (0..of_depth.len()).filter(|&m| of_depth[m] > 0).collect();
        let alone = of_depth.len() < 2;
        let ablate = |&module: &usize| Wish::Ablate(Place { depth, module });
        wishes.extend(modules.iter().filter(|_| !alone).map(ablate));
        modules.sort_by_key(|&module| std::cmp::Reverse(of_depth[module]));
        if let [a, b, ..] = modules[..] {
            wishes.push(Wish::Swap(Exchange { depth, modules: [a, b] }));
        }
    }
    wishes
}

/// The learned router and the interventions that somebody named, each by itself.
///
/// # Errors
/// [`CliError::Usage`] where a depth or module does not exist.
pub fn asked(
    wishes: &[Wish],
    network: &Network,
    used: &[Vec<u64>],
) -> Result<Vec<Asked>, CliError> {
    let mut lines = vec![learned(network)];
    for &wish in wishes {
        let (depth, modules) = match wish {
            Wish::Force(place) | Wish::Ablate(place) => (place.depth, vec![place.module]),
            Wish::Swap(Exchange { depth, modules }) => (depth, modules.into()),
        };
        let Some(of_depth) = used.get(depth) else {
            let text = format!("depth {depth}: allowed: 0 to {}", used.len() - 1);
            return Err(CliError::Usage(text));
        };
        if let Some(module) = modules.into_iter().find(|&module| module >= of_depth.len()) {
            let most = of_depth.len() - 1;
            let text = format!("module {module} of depth {depth}: allowed: 0 to {most}");
            return Err(CliError::Usage(text));
        }
        lines.push(wished(wish, network, used));
    }
    Ok(lines)
}

fn wished(wish: Wish, network: &Network, used: &[Vec<u64>]) -> Asked {
    let share = |depth: usize, module: usize| {
        let all: u64 = used[depth].iter().sum();
        100.0 * used[depth][module] as f64 / all.max(1) as f64
    };
    let (name, note, instead): (String, String, Box<dyn Instead>) = match wish {
        Wish::Force(place) => {
            let note = format!("all rows take it at depth {}", place.depth);
            (format!("force {place}"), note, Box::new(Force(place)))
        }
        Wish::Ablate(place) => {
            let ablate = Ablate::new(place, used);
            let percent = share(place.depth, place.module);
            let note = format!("{percent:.1} % of the rows take module {}", ablate.instead);
            (format!("ablate {place}"), note, Box::new(ablate))
        }
        Wish::Swap(Exchange { depth, modules }) => {
            let [a, b] = modules;
            let percent = modules.iter().map(|&module| share(depth, module)).sum::<f64>();
            let swap = Box::new(Swap { depth, modules });
            let note = format!("{percent:.1} % of the rows take the other one");
            (format!("swap {depth}:{a},{b}"), note, swap)
        }
    };
    line(name, note, Kind::Module, network, [instead])
}
