//! The same questions asked once, of the modules' shares in a finished log.

use std::fmt;

use super::detector::BACK_IN_USE;

/// Fewer decisions a module than these do not show that a module is dead: with so many, uniform
/// routing leaves a given module out with probability e⁻¹⁰.
const DECISIONS_PER_MODULE: f64 = 10.0;

/// What is wrong with the modules' shares at one depth.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadFinding {
    /// Modules with less than a tenth of an even share.
    Dead {
        /// Their numbers
        modules: Vec<usize>,
    },
    /// One module has nearly all.
    Heavy {
        /// Its number
        module: usize,
        /// Its share
        share: f64,
    },
}

/// Looks at the shares \[M\] of `decisions` decisions, where their number is known: for modules with
/// less than a tenth of an even share, and for one with more than `above`. One module alone gives no
/// finding, nor do fewer than ten decisions a module show that one is dead.
pub fn of_shares(shares: &[f64], decisions: Option<f64>, above: f64) -> Vec<LoadFinding> {
    let modules = shares.len() as f64;
    if shares.len() < 2 {
        return Vec::new();
    }
    let mut findings = Vec::new();
    if decisions.is_none_or(|decisions| decisions >= DECISIONS_PER_MODULE * modules) {
        let idle = |&module: &usize| shares[module] < BACK_IN_USE / modules;
        let dead: Vec<usize> = (0..shares.len()).filter(idle).collect();
        if !dead.is_empty() {
            findings.push(LoadFinding::Dead { modules: dead });
        }
    }
    let heaviest = shares.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    if let Some((module, &share)) = heaviest.filter(|(_, share)| **share > above) {
        findings.push(LoadFinding::Heavy { module, share });
    }
    findings
}

impl fmt::Display for LoadFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dead { modules } => {
                let names: Vec<String> = modules.iter().map(ToString::to_string).collect();
                let (s, is) = if names.len() == 1 { ("", "is") } else { ("s", "are") };
                let names = names.join(", ");
                write!(f, "module{s} {names} {is} dead: less than a tenth of an even share")
            }
            Self::Heavy { module, share } => {
                write!(f, "module {module} takes {:.1} % of the load", 100.0 * share)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_and_heavy_modules_are_found_where_there_is_enough_to_tell() {
        let dead = LoadFinding::Dead { modules: vec![1] };
        let heavy = LoadFinding::Heavy { module: 0, share: 0.99 };
        let shares = [0.99, 0.01];
        assert_eq!(of_shares(&shares, None, 0.9), [dead.clone(), heavy.clone()]);
        assert_eq!(of_shares(&shares, Some(20.0), 0.9), [dead, heavy.clone()]);
        assert_eq!(of_shares(&shares, Some(19.0), 0.9), [heavy]);
        assert_eq!(of_shares(&[0.6, 0.4], Some(1e6), 0.9), []);
        assert_eq!(of_shares(&[1.0], None, 0.9), []);
        assert_eq!(
            LoadFinding::Dead { modules: vec![1, 3] }.to_string(),
            "modules 1, 3 are dead: less than a tenth of an even share"
        );
    }
}
