//! Parts of a sweep for several machines.

use std::fmt;
use std::str::FromStr;

/// Part `i` of `n`: which part a run belongs to follows from its id alone, so the parts are
/// disjoint, together they are the sweep, and one run stays in its part whatever else is swept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    part: u64,
    of: u64,
}

impl Shard {
    /// Whether a run belongs to this part; its id is 16 hexadecimal digits of a hash.
    pub fn has(self, id: &str) -> bool {
        let hash = id.bytes().fold(0_u64, |hash, byte| {
            let digit = (byte as char).to_digit(16).unwrap_or(0);
            hash.wrapping_mul(16).wrapping_add(u64::from(digit))
        });
        hash % self.of == self.part - 1
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(part, of)| {
            let (part, of) = (part.trim().parse().ok()?, of.trim().parse().ok()?);
            (1..=of).contains(&part).then_some(Self { part, of })
        });
        numbers.ok_or_else(|| "allowed: I/N with I from 1 to N, such as 1/4".to_owned())
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_part_is_told() {
        for text in ["", "1", "0/2", "3/2", "a/b", "1/0"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        assert_eq!("2/4".parse::<Shard>().expect("a part").to_string(), "2/4");
    }

    #[test]
    fn shards_are_disjoint_and_cover() {
        let hash = |at: u64| at.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(at as u32);
        for id in (0..500).map(|at| format!("{:016x}", hash(at))) {
            for of in [1, 2, 3, 7, 16, 39] {
                let parts = (1..=of).filter(|&part| Shard { part, of }.has(&id));
                assert_eq!(parts.count(), 1, "{id} of {of}");
            }
        }
    }

    #[test]
    fn shards_are_about_equal() {
        let of = 4;
        let ids: Vec<String> = (0..400_u64)
            .map(|at| format!("{:016x}", at.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
            .collect();
        for part in 1..=of {
            let count = ids.iter().filter(|id| Shard { part, of }.has(id)).count();
            assert!((60..=140).contains(&count), "{count}");
        }
    }
}
