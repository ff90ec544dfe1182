//! A module by depth and number, as specs and command lines write it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A module of a depth's bank, written `DEPTH:MODULE`, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^\s*\d+\s*:\s*\d+\s*$")))]
pub struct Place {
    /// Depth t
    pub depth: usize,
    /// Module m
    pub module: usize,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once(':');
        let place = parts.and_then(|(depth, module)| {
            Some(Self { depth: depth.trim().parse().ok()?, module: module.trim().parse().ok()? })
        });
        place.ok_or_else(|| format!("found {text:?}, allowed: DEPTH:MODULE, such as 0:3"))
    }
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.to_string()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.depth, self.module)
    }
}
