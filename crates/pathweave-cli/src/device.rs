//! Devices by name.

use std::fmt;
use std::str::FromStr;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

/// A device that this program was built for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DeviceName {
    /// The processor
    #[default]
    Cpu,
    /// An NVIDIA GPU by its number
    #[cfg(feature = "cuda")]
    Cuda(usize),
    /// The default GPU of the graphics system
    #[cfg(feature = "wgpu")]
    Wgpu,
}

impl DeviceName {
    /// The device.
    pub fn open(self) -> Device {
        match self {
            Self::Cpu => Device::flex(),
            #[cfg(feature = "cuda")]
            Self::Cuda(index) => Device::cuda(index),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => Device::wgpu(Default::default()),
        }
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            #[cfg(feature = "cuda")]
            Self::Cuda(index) => write!(f, "cuda:{index}"),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => f.write_str("wgpu"),
        }
    }
}

impl From<DeviceName> for String {
    fn from(name: DeviceName) -> Self {
        name.to_string()
    }
}

impl TryFrom<String> for DeviceName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}

impl FromStr for DeviceName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let (kind, index) = name.split_once(':').map_or((name, None), |(k, i)| (k, Some(i)));
        match (kind, index) {
            ("cpu", None) => Ok(Self::Cpu),
            #[cfg(feature = "cuda")]
            ("cuda", index) => match index.unwrap_or("0").parse() {
                Ok(index) => Ok(Self::Cuda(index)),
                Err(_) => Err(format!("found {name}, allowed: cuda:N with a whole number N")),
            },
            #[cfg(not(feature = "cuda"))]
            ("cuda", _) => Err(not_built("cuda")),
            #[cfg(feature = "wgpu")]
            ("wgpu", None) => Ok(Self::Wgpu),
            #[cfg(not(feature = "wgpu"))]
            ("wgpu", _) => Err(not_built("wgpu")),
            _ => Err("allowed: cpu, cuda:N, wgpu".into()),
        }
    }
}

/// Says how to get a device that the program lacks.
#[cfg(not(all(feature = "cuda", feature = "wgpu")))]
fn not_built(feature: &str) -> String {
    format!(
        "this program was built without the cargo feature {feature}; build it with \
         cargo build --release --features {feature}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_explained() {
        assert_eq!("cpu".parse::<DeviceName>().map(|name| name.to_string()), Ok("cpu".into()));
        assert!("tpu".parse::<DeviceName>().is_err_and(|error| error.contains("allowed: cpu")));
        #[cfg(not(feature = "cuda"))]
        assert!("cuda:0".parse::<DeviceName>().is_err_and(|e| e.contains("--features cuda")));
    }
}
